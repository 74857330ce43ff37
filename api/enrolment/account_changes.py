"""« Droits et comptes »: what is done to the rights and accounts of those who may open a mark."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import fields

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, one_of, represents
from api.http.session import now, reader
from portfolio.boards import account_log
from portfolio.documents import AccountChange
from portfolio.documents.account_changes import WHAT, Resemblance
from portfolio.documents.people import ROLES
from portfolio.documents.rows import Row
from portfolio.enrolment import account_changes
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

routes = Routes("account_changes", __name__, description="Droits et comptes : qui a fait quoi, et ce qui attend")


def _sentence(change: AccountChange | Row) -> str:
    """Returns the French sentence of a change. A row of a list has its own already, drawn for the whole list."""
    return str(change["sentence"]) if isinstance(change, Row) else account_log.sentences([change])[0]


@represents(AccountChange)
class AccountChangeOut(ThingOut):
    what = one_of(*WHAT, required=True)
    sentence = fields.Function(_sentence, required=True, metadata={"type": "string", "description": "en une phrase"})
    person = Id(required=True)
    by = fields.String(required=True, metadata={"description": "identifiant de qui l'a demandé, ou « system »"})
    role = one_of(*ROLES, allow_none=True, metadata={"description": "absent si la personne ne lit aucune note"})
    grant = Id(allow_none=True)
    academies = fields.List(fields.String(), required=True)
    schools = fields.List(Id(), required=True)
    email = fields.Function(
        lambda change: account_log.email_for(reader(), change, now()),
        metadata={"type": ["string", "null"], "description": "la nouvelle adresse, pour qui peut la confirmer"},
    )
    state = one_of("waiting", "done", "refused", required=True)
    counts_from = Instant(
        allow_none=True, metadata={"description": "quand cela compte sans personne ; absent s'il faut confirmer"}
    )
    settled_by = fields.String(allow_none=True)
    settled_at = Instant(allow_none=True)
    alike = fields.List(
        one_of(*Resemblance),
        required=True,
        metadata={"description": "à la confirmation : qui avait le même nom ou une adresse proche"},
    )
    created_at = Instant(required=True)


@routes.reads(
    "/account-changes",
    Action.READ_ACCOUNT_CHANGE,
    page_of(AccountChangeOut),
    query=PageQuery,
    title="Liste ce qui a été fait aux droits et comptes de ceux qui peuvent lire des notes.",
)
def list_account_changes(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    changes = page(AccountChange, scope(by, Action.READ_ACCOUNT_CHANGE, AccountChange), asked)
    for row, sentence in zip(changes["items"], account_log.sentences(changes["items"]), strict=True):
        row["sentence"] = sentence
    return changes


@routes.acts(
    "/account-changes/<oid:account_change_id>/confirm",
    Action.CONFIRM_ACCOUNT_CHANGE,
    AccountChangeOut,
    title="Confirme, comme deuxième personne, un droit ou un changement qui attend : il compte aussitôt.",
)
def confirm(by: Actor, at: datetime, expected: int, account_change_id: ObjectId) -> AccountChange:
    return account_changes.confirm(by, find(AccountChange, account_change_id, expected), at)


@routes.acts(
    "/account-changes/<oid:account_change_id>/refuse",
    Action.REFUSE_ACCOUNT_CHANGE,
    AccountChangeOut,
    title="Refuse un droit ou un changement qui attend : il ne comptera pas.",
)
def refuse(by: Actor, at: datetime, expected: int, account_change_id: ObjectId) -> AccountChange:
    return account_changes.refuse(by, find(AccountChange, account_change_id, expected), at)

"""What support reads of a person who calls, and who looked up whom."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, one_of, text
from portfolio.boards import look_ups
from portfolio.boards.support import support_shown, support_states
from portfolio.documents import Academy
from portfolio.documents.people import ROLES, PersonState
from portfolio.documents.portfolios import PortfolioState
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat

routes = Routes("look_ups", __name__, description="Assistance : des états, aucun contenu, et qui les a consultés")


class LookUpAsked(Schema):
    email = text(254, metadata={"description": "l'adresse entière"})
    candidate_number = text(20, metadata={"description": "le numéro entier"})
    session = text(5, metadata={"description": "si ce numéro a servi à plusieurs sessions"})


class AccountStatesOut(Schema):
    state = one_of(
        *PersonState,
        allow_none=True,
        required=True,
        metadata={"description": "absent pour qui n'est que tuteur, sauf s'il est suspendu"},
    )
    last_sign_in_on = fields.Date(allow_none=True, required=True)
    address_failed_on = fields.Date(
        allow_none=True, required=True, metadata={"description": "depuis quand aucun courriel ne part à son adresse"}
    )
    address_delayed_on = fields.Date(allow_none=True, required=True)
    authenticator = fields.Boolean(
        allow_none=True, required=True, metadata={"description": "absent pour qui n'est que tuteur"}
    )


class MailStateOut(Schema):
    kind = one_of(*support_states.MAILS, required=True)
    state = one_of("waiting", "late", "overdue", "failed", required=True)
    on = fields.Date(required=True)


class SeatCountsOut(Schema):
    seat = one_of(*SignOffSeat, required=True)
    waiting = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    stale = fields.Integer(required=True)


class RefusedUploadsOut(Schema):
    code = fields.String(required=True)
    count = fields.Integer(required=True)


class CandidacyStatesOut(Schema):
    session = fields.String(required=True)
    school_name = fields.String(required=True)
    school_city = fields.String(required=True)
    division = fields.String(allow_none=True, required=True)
    portfolio = one_of(*PortfolioState, required=True)
    pieces_draft = fields.Integer(required=True)
    pieces_ready = fields.Integer(required=True)
    pieces_withdrawn = fields.Integer(required=True)
    sign_offs = fields.List(fields.Nested(SeatCountsOut), required=True)
    uploads_pending = fields.Integer(required=True)
    uploads_refused = fields.List(fields.Nested(RefusedUploadsOut), required=True)


class AskedOfThemOut(Schema):
    waiting = fields.Integer(required=True)
    answered = fields.Integer(required=True)


class PersonStatesOut(Schema):
    family_name = fields.String(required=True)
    given_names = fields.String(required=True)
    roles = fields.List(one_of(*ROLES), required=True)
    account = fields.Nested(AccountStatesOut, required=True)
    mails = fields.List(fields.Nested(MailStateOut), required=True)
    candidacies = fields.List(fields.Nested(CandidacyStatesOut), required=True)
    asked_of_them = fields.Nested(AskedOfThemOut, required=True)


class LookUpOut(Schema):
    id = Id(required=True)
    at = Instant(required=True)
    by = fields.String(required=True, metadata={"description": "le nom de qui a consulté"})
    person = fields.String(required=True, metadata={"description": "le nom de la personne"})
    sought_by = one_of(*look_ups.SOUGHT_BY, required=True)


class PageOfLookUps(Schema):
    items = fields.List(fields.Nested(LookUpOut), required=True)
    next = Id(allow_none=True, required=True)


class LookUpsQuery(Schema):
    after = Id(metadata={"description": "le `next` de la page précédente"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


@routes.asks(
    "/academies/<oid:academy_id>/look-ups",
    Action.LOOK_UP_STATES,
    PersonStatesOut,
    takes=LookUpAsked,
    title="Montre où en sont le compte et la candidature d'une personne, sans aucun contenu ; c'est écrit au journal.",
)
def look_up(by: Actor, at: datetime, values: dict[str, str], academy_id: ObjectId) -> support_shown.PersonStates:
    """Returns the states of one person of the academy. Repeating it is one more look-up, written down too. values: of
    LookUpAsked. Raises NotFound, Forbidden, Invalid, TooMany.
    """
    return look_ups.look_up(by, find(Academy, academy_id), values, at)


@routes.reads(
    "/academies/<oid:academy_id>/look-ups",
    Action.READ_LOOK_UPS,
    PageOfLookUps,
    query=LookUpsQuery,
    title="Liste qui, de l'assistance, a consulté l'état de qui, le plus récent d'abord.",
)
def list_look_ups(by: Actor, at: datetime, asked: dict[str, object], academy_id: ObjectId) -> dict[str, object]:
    after, limit = asked.get("after"), asked["limit"]
    assert isinstance(limit, int) and (after is None or isinstance(after, ObjectId))
    items, following = look_ups.look_ups(by, find(Academy, academy_id), after, limit)
    return {"items": items, "next": following}

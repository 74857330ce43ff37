"""Transfers of candidates: the office of one school proposes, that of the other one answers."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, date_confirmed, one_of, represents, text
from portfolio.documents import Candidacy, Transfer
from portfolio.documents.candidacies import STATUSES
from portfolio.enrolment.moves import arrivals, transfers
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

routes = Routes("transfers", __name__, description="Candidatures : transferts")


class NewTransfer(Schema):
    uai = text(8, required=True, metadata={"description": "de l'établissement d'accueil"})
    on = text(10, required=True, metadata={"format": "date"})
    reason = text(1000, required=True)
    confirmed = date_confirmed()


class Arrival(Schema):
    followers = fields.List(Id(), load_default=list, validate=validate.Length(max=10))
    division = text(50)
    status = one_of(*STATUSES)
    candidate_number = text(20, metadata={"description": "quand le service des examens l'a confirmé"})


@represents(Transfer)
class TransferOut(ThingOut):
    candidacy = Id(required=True)
    exam = fields.String(required=True)
    session = fields.String(required=True)
    school = Id(required=True)
    to_school = Id(required=True)
    candidate_name = fields.String(required=True)
    candidate_number = fields.String(allow_none=True)
    division = fields.String(allow_none=True)
    on = fields.String(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True)
    created_at = Instant(required=True)
    settled_at = Instant(allow_none=True)
    answer = fields.String(allow_none=True)


class TransferQuery(PageQuery):
    candidacy = Id()


@routes.creates(
    "/candidacies/<oid:candidacy_id>/transfers",
    Action.PROPOSE_TRANSFER,
    TransferOut,
    takes=NewTransfer,
    title="Propose le transfert d'un candidat : rien ne change avant que l'autre établissement l'accepte.",
)
def propose_transfer(by: Actor, at: datetime, candidacy_id: ObjectId, values: transfers.TransferValues) -> Transfer:
    return transfers.propose(by, find(Candidacy, candidacy_id), values, at)


@routes.reads(
    "/transfers",
    Action.READ_TRANSFER,
    page_of(TransferOut),
    query=TransferQuery,
    title="Liste les transferts que l'on peut voir.",
)
def list_transfers(by: Actor, at: datetime, asked: dict[str, object]) -> dict[str, object]:
    filters = {name: asked[name] for name in ("candidacy",) if name in asked}
    return page(Transfer, {"$and": [scope(by, Action.READ_TRANSFER, Transfer), filters]}, asked)


@routes.acts(
    "/transfers/<oid:transfer_id>/accept",
    Action.ANSWER_TRANSFER,
    TransferOut,
    takes=Arrival,
    title="Accueille le candidat : son portfolio, ses confirmations et son historique sont remis à l'établissement.",
)
def accept_transfer(
    by: Actor, at: datetime, expected: int, transfer_id: ObjectId, values: arrivals.ArrivalValues
) -> Transfer:
    return arrivals.accept(by, find(Transfer, transfer_id, expected), values, at)


@routes.acts(
    "/transfers/<oid:transfer_id>/decline",
    Action.ANSWER_TRANSFER,
    TransferOut,
    takes=Reason,
    title="Décline un transfert, avec son motif : le candidat reste où il est.",
)
def decline_transfer(by: Actor, at: datetime, expected: int, transfer_id: ObjectId, values: dict[str, str]) -> Transfer:
    return transfers.decline(by, find(Transfer, transfer_id, expected), values["reason"], at)


@routes.acts(
    "/transfers/<oid:transfer_id>/withdraw",
    Action.WITHDRAW_TRANSFER,
    TransferOut,
    takes=Reason,
    title="Retire un transfert que l'on avait proposé, avec son motif.",
)
def withdraw_transfer(
    by: Actor, at: datetime, expected: int, transfer_id: ObjectId, values: dict[str, str]
) -> Transfer:
    return transfers.withdraw(by, find(Transfer, transfer_id, expected), values["reason"], at)

"""Reserves on a result, where fraud is suspected: placed, read, lifted."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, represents, text
from portfolio.documents import Candidacy, Reserve
from portfolio.jury import reserves
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

routes = Routes("reserves", __name__, description="Réserves sur un résultat : soupçon de fraude (D643-32-2)")


class NewReserve(Reason):
    reference = text(200, allow_none=True, metadata={"description": "du procès-verbal, s'il y en a un"})


class Lifting(Schema):
    reference = text(200, required=True, metadata={"description": "de la décision qui lève la réserve"})


@represents(Reserve)
class ReserveOut(ThingOut):
    candidacy = Id(required=True)
    school = Id(required=True)
    academy = fields.String(required=True)
    session = fields.String(required=True)
    reason = fields.String(required=True)
    reference = fields.String(allow_none=True)
    placed_by_name = fields.String(required=True)
    state = fields.String(required=True)
    lifted_reference = fields.String(allow_none=True)
    lifted_by_name = fields.String(allow_none=True)
    lifted_at = Instant(allow_none=True)


class ReservesOut(Schema):
    items = fields.List(fields.Nested(ReserveOut), required=True)


@routes.reads(
    "/candidacies/<oid:candidacy_id>/reserves",
    Action.READ_RESERVE,
    ReservesOut,
    title="Liste les réserves sur le résultat d'un candidat, la dernière d'abord.",
)
def list_reserves(by: Actor, at: datetime, candidacy_id: ObjectId) -> dict[str, object]:
    candidacy = find(Candidacy, candidacy_id)
    written = reserves.reserves_of(by, candidacy)
    if not written:
        require(by, Action.PLACE_RESERVE, candidacy)
    return {"items": written}


@routes.creates(
    "/candidacies/<oid:candidacy_id>/reserves",
    Action.PLACE_RESERVE,
    ReserveOut,
    takes=NewReserve,
    title="Réserve le résultat d'un candidat : il n'est pas publié avant qu'une décision ne lève la réserve.",
)
def place(by: Actor, at: datetime, candidacy_id: ObjectId, values: dict[str, str | None]) -> Reserve:
    return reserves.place(by, find(Candidacy, candidacy_id), values, at)


@routes.acts(
    "/reserves/<oid:reserve_id>/lift",
    Action.LIFT_RESERVE,
    ReserveOut,
    takes=Lifting,
    title="Lève une réserve, par une décision nommée.",
)
def lift(by: Actor, at: datetime, expected: int, reserve_id: ObjectId, values: dict[str, str]) -> Reserve:
    return reserves.lift(by, find(Reserve, reserve_id, expected), values["reference"], at)

"""Many pieces sorted at once: those of an archive, mostly."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.evidence.deadlines import know_pieces
from api.evidence.pieces import EvidenceOut
from api.http.routing import Routes, find
from api.http.schemas import Id, one_of, text
from portfolio.documents import Evidence, Portfolio
from portfolio.documents.portfolios import SITUATIONS
from portfolio.evidence.many_at_once import sorting
from portfolio.evidence.many_at_once.sorting import MOST_AT_ONCE, SortedValues
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("sorting", __name__, description="Tri de plusieurs preuves à la fois")


class SortedPiece(Schema):
    piece = Id(required=True)
    revision = fields.Integer(required=True, metadata={"description": "celle qui a été lue"})
    type_code = text(10)
    situation = one_of(*SITUATIONS)
    activity = Id(allow_none=True)
    competences = fields.List(text(4), validate=validate.Length(max=11))


class Sorting(Schema):
    pieces = fields.List(fields.Nested(SortedPiece), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))


class SortedOut(Schema):
    items = fields.List(fields.Nested(EvidenceOut), required=True)


class SortingValues(TypedDict):
    """What Sorting loads."""

    pieces: list[SortedValues]


@routes.asks(
    "/portfolios/<oid:portfolio_id>/sorting",
    Action.DEPOSIT,
    SortedOut,
    takes=Sorting,
    title="Trie plusieurs preuves à la fois : type, situation, activité, compétences ; tout ou rien.",
)
def sort(by: Actor, at: datetime, portfolio_id: ObjectId, values: SortingValues) -> dict[str, list[Evidence]]:
    """Changes the pieces named in the body, all or none, and returns them. Asking again is refused piece by piece, by
    the revision of each. Raises what `sorting.sort` raises.
    """
    pieces = sorting.sort(by, find(Portfolio, portfolio_id), values["pieces"], at)
    know_pieces(pieces)
    return {"items": pieces}

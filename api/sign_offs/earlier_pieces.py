"""Pieces of earlier sessions, which a candidate who is enrolled again takes into the new one."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.evidence.deadlines import know_pieces
from api.evidence.pieces import EvidenceOut
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant
from portfolio.documents import Evidence, Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.sign_offs.reuse import earlier, taking
from portfolio.sign_offs.reuse.earlier import EarlierSession
from portfolio.sign_offs.reuse.taking import MOST_AT_ONCE

routes = Routes("earlier_pieces", __name__, description="Preuves reprises d'une session antérieure")


class EarlierAnswerOut(Schema):
    seat = fields.String(required=True)
    state = fields.String(required=True)
    signer_name = fields.String(allow_none=True)
    answered_at = Instant(required=True)


class EarlierPieceOut(Schema):
    id = Id(required=True, attribute="piece.id")
    title = fields.String(required=True, attribute="piece.title")
    type_code = fields.String(required=True, attribute="piece.type_code")
    produced_on = fields.String(attribute="piece.produced_on", allow_none=True)
    files = fields.Function(
        lambda shown: [file.name for file in shown.files],
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )
    taken_as = fields.Function(
        lambda shown: str(shown.here.id) if shown.here else None,
        required=True,
        metadata={"type": ["string", "null"], "description": "la preuve de ce portfolio, si elle est déjà reprise"},
    )


class EarlierActivityOut(Schema):
    title = fields.Function(
        lambda shown: shown.activity.title if shown.activity else None,
        required=True,
        metadata={"type": ["string", "null"], "description": "nul : preuves d'aucune activité"},
    )
    pieces = fields.List(fields.Nested(EarlierPieceOut), required=True)
    answers = fields.List(fields.Nested(EarlierAnswerOut), required=True)


class EarlierSessionOut(Schema):
    session = fields.String(required=True)
    school = fields.String(required=True)
    left = fields.Integer(required=True, metadata={"description": "combien de preuves ne sont pas reprises"})
    activities = fields.List(fields.Nested(EarlierActivityOut), required=True)


class EarlierSessionsOut(Schema):
    items = fields.List(fields.Nested(EarlierSessionOut), required=True)


class Reuse(Schema):
    pieces = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))


class ReuseValues(TypedDict):
    """What Reuse loads."""

    pieces: list[ObjectId]


class ReusedOut(Schema):
    items = fields.List(fields.Nested(EvidenceOut), required=True)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/earlier-pieces",
    Action.DEPOSIT,
    EarlierSessionsOut,
    title="Liste les preuves de ses sessions antérieures, à reprendre.",
)
def list_earlier(by: Actor, at: datetime, portfolio_id: ObjectId) -> dict[str, list[EarlierSession]]:
    return {"items": earlier.earlier_sessions(by, find(Portfolio, portfolio_id))}


@routes.asks(
    "/portfolios/<oid:portfolio_id>/earlier-pieces",
    Action.DEPOSIT,
    ReusedOut,
    takes=Reuse,
    title="Reprend des preuves d'une session antérieure, avec leurs fichiers et les réponses données.",
)
def reuse(by: Actor, at: datetime, portfolio_id: ObjectId, values: ReuseValues) -> dict[str, list[Evidence]]:
    """Takes the pieces named in the body, all or none, and returns those of this portfolio that stand for them. Asking
    again changes nothing: each is taken once. Raises what `taking.reuse` raises.
    """
    pieces = taking.reuse(by, find(Portfolio, portfolio_id), values["pieces"], at)
    know_pieces(pieces)
    return {"items": pieces}

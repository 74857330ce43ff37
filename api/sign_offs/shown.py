"""What is shown of an activity before it is confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.evidence.deadlines import SINCE
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, one_of
from api.sign_offs.attestations import PieceSignedOut
from portfolio.documents import Activity
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering import content
from portfolio.sign_offs.answering.status import SEATS

routes = Routes("shown", __name__, description="Ce que l'on confirme d'une activité")


class ActivityShownOut(Schema):
    title = fields.String(required=True)
    mission = fields.String(allow_none=True)
    context = fields.String(required=True)
    placement = Id(allow_none=True)
    starts_on = fields.String(allow_none=True)
    ends_on = fields.String(allow_none=True)


class LinkShownOut(Schema):
    url = fields.String(required=True)
    captured_on = fields.String(allow_none=True)
    label = fields.String(allow_none=True)


class FileShownOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    kind = fields.String(required=True)
    media_type = fields.String(required=True)
    alternative = fields.String(allow_none=True)


class PieceContentOut(Schema):
    type_code = fields.String(required=True)
    title = fields.String(required=True)
    nature = fields.String(required=True)
    situation = fields.String(allow_none=True)
    context = fields.String(allow_none=True)
    produced_on = fields.String(allow_none=True)
    collective = fields.Boolean(allow_none=True)
    description = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    details = fields.Dict(keys=fields.String(), required=True)
    links = fields.List(fields.Nested(LinkShownOut), required=True)
    files = fields.List(fields.Nested(FileShownOut), required=True)


class PieceShownOut(PieceSignedOut):
    content = fields.Nested(PieceContentOut, required=True)
    late_since = Instant(allow_none=True, required=True, metadata=SINCE)


class StatementOut(Schema):
    id = fields.String(required=True)
    version = fields.String(required=True)
    text = fields.String(required=True)


class ShownOut(Schema):
    activity = fields.Nested(ActivityShownOut, required=True)
    activity_digest = fields.String(required=True)
    pieces = fields.List(fields.Nested(PieceShownOut), required=True)
    statement = fields.Nested(StatementOut, required=True)
    digest = fields.String(required=True, metadata={"description": "à renvoyer avec la réponse : `shown_digest`"})


class ShownQuery(Schema):
    seat = one_of(*SEATS, required=True)


@routes.reads(
    "/activities/<oid:activity_id>/shown",
    Action.READ_ACTIVITY,
    ShownOut,
    query=ShownQuery,
    title="Montre ce que l'on confirme, avec l'empreinte à renvoyer.",
)
def show_what_is_signed(by: Actor, at: datetime, activity_id: ObjectId, asked: dict[str, Any]) -> content.Shown:
    return content.content_for(by, find(Activity, activity_id), SignOffSeat(asked["seat"]))

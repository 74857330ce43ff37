"""The evaluation of the reality of activities: per placement with the tutor, and of class and ateliers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, represents, text
from portfolio.documents import Placement, Portfolio, RealityEvaluation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.sign_offs import reality

routes = Routes("reality", __name__, description="Évaluation de la réalité des activités : par période, et en classe")


class NewText(Schema):
    text = text(20000, required=True)


class Agreement(Schema):
    digest = text(64, minimum=64, required=True, metadata={"description": "l'empreinte du texte affiché"})


class AloneReason(Schema):
    reason = text(2000, required=True)


class ConcurrenceOut(Schema):
    person = Id(required=True)
    seat = fields.String(required=True)
    name = fields.String(required=True)
    digest = fields.String(required=True)
    at = Instant(required=True)
    channel = fields.String(allow_none=True)


class EarlierOut(Schema):
    text = fields.String(required=True)
    digest = fields.String(required=True)
    state = fields.String(required=True)
    alone_reason = fields.String(allow_none=True)
    concurrences = fields.List(fields.Nested(ConcurrenceOut), required=True)
    until = Instant(required=True)


@represents(RealityEvaluation)
class RealityOut(ThingOut):
    candidacy = Id(required=True)
    placement = Id(required=True, allow_none=True, metadata={"description": "null : en classe et en ateliers"})
    text = fields.String(required=True)
    digest = fields.String(required=True)
    state = fields.String(required=True)
    alone_reason = fields.String(allow_none=True)
    concurrences = fields.List(fields.Nested(ConcurrenceOut), required=True)
    earlier = fields.List(fields.Nested(EarlierOut), required=True)
    created_at = Instant(required=True)


@routes.creates(
    "/placements/<oid:placement_id>/reality",
    Action.WRITE_REALITY,
    RealityOut,
    takes=NewText,
    title="Écrit l'évaluation de la réalité des activités d'une période en entreprise.",
)
def write_reality(by: Actor, at: datetime, placement_id: ObjectId, values: dict[str, Any]) -> RealityEvaluation:
    return reality.write(by, find(Placement, placement_id), values["text"], at)


@routes.creates(
    "/portfolios/<oid:portfolio_id>/reality",
    Action.WRITE_CLASS_REALITY,
    RealityOut,
    takes=NewText,
    title="Écrit l'évaluation de la réalité de ce qui est fait en classe et en ateliers.",
)
def write_class_reality(by: Actor, at: datetime, portfolio_id: ObjectId, values: dict[str, str]) -> RealityEvaluation:
    return reality.write_for_class(by, find(Portfolio, portfolio_id), values["text"], at)


@routes.reads(
    "/reality-evaluations/<oid:evaluation_id>",
    Action.READ_REALITY,
    RealityOut,
    title="Montre une évaluation, et ses textes d'avant.",
)
def show_reality(by: Actor, at: datetime, evaluation_id: ObjectId) -> RealityEvaluation:
    evaluation = find(RealityEvaluation, evaluation_id)
    require(by, Action.READ_REALITY, evaluation)
    return evaluation


@routes.changes(
    "/reality-evaluations/<oid:evaluation_id>",
    Action.WRITE_REALITY,
    RealityOut,
    takes=NewText,
    title="Réécrit l'évaluation : les accords donnés sur le texte d'avant tombent.",
)
def rewrite_reality(
    by: Actor, at: datetime, expected: int, evaluation_id: ObjectId, values: dict[str, Any]
) -> RealityEvaluation:
    return reality.rewrite(by, find(RealityEvaluation, evaluation_id, expected), values["text"], at)


@routes.acts(
    "/reality-evaluations/<oid:evaluation_id>/concur",
    Action.CONCUR_REALITY,
    RealityOut,
    takes=Agreement,
    title="Donne l'accord du tuteur sur le texte affiché.",
)
def concur(
    by: Actor, at: datetime, expected: int, evaluation_id: ObjectId, values: dict[str, Any]
) -> RealityEvaluation:
    return reality.concur(by, find(RealityEvaluation, evaluation_id, expected), values["digest"], at)


@routes.acts(
    "/reality-evaluations/<oid:evaluation_id>/conclude-alone",
    Action.WRITE_REALITY,
    RealityOut,
    takes=AloneReason,
    title="Conclut sans le tuteur, avec un motif.",
)
def conclude_alone(
    by: Actor, at: datetime, expected: int, evaluation_id: ObjectId, values: dict[str, Any]
) -> RealityEvaluation:
    return reality.conclude_alone(by, find(RealityEvaluation, evaluation_id, expected), values["reason"], at)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/reality",
    Action.READ_REALITY,
    page_of(RealityOut),
    query=PageQuery,
    title="Liste les évaluations de la réalité du portfolio.",
)
def list_reality(by: Actor, at: datetime, portfolio_id: ObjectId, asked: dict[str, Any]) -> dict[str, Any]:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_PORTFOLIO, portfolio)
    readable = scope(by, Action.READ_REALITY, RealityEvaluation)
    return page(RealityEvaluation, {"$and": [{"candidacy": portfolio.candidacy}, readable]}, asked)

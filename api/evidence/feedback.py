"""Formative feedback on pieces, apart from certification."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, represents, text
from portfolio.documents import Evidence, Feedback
from portfolio.evidence import feedback
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor

routes = Routes("feedback", __name__, description="Conseils sur les preuves, hors certification")


class NewFeedback(Schema):
    revision = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "révision de la preuve, telle que lue"},
    )
    text = text(3000, required=True)


class NewAcknowledgement(Schema):
    reply = text(500, minimum=0, allow_none=True, load_default=None)


@represents(Feedback)
class FeedbackOut(ThingOut):
    candidacy = Id(required=True)
    evidence = Id(required=True)
    evidence_revision = fields.Integer(required=True)
    author_name = fields.String(required=True)
    text = fields.String(required=True)
    created_at = Instant(required=True)
    seen_at = Instant(allow_none=True)
    reply = fields.String(allow_none=True)


class FeedbackQuery(PageQuery):
    candidacy = Id()
    evidence = Id()


@routes.creates(
    "/evidence/<oid:evidence_id>/feedback",
    Action.GIVE_FEEDBACK,
    FeedbackOut,
    takes=NewFeedback,
    title="Donne un conseil sur une preuve, hors certification.",
)
def give_feedback(by: Actor, at: datetime, evidence_id: ObjectId, values: dict[str, Any]) -> Feedback:
    return feedback.give(by, find(Evidence, evidence_id), values["revision"], values["text"], at)


@routes.reads(
    "/feedback",
    Action.READ_FEEDBACK,
    page_of(FeedbackOut),
    query=FeedbackQuery,
    title="Liste les conseils que l'on peut lire.",
)
def list_feedback(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("candidacy", "evidence") if name in asked}
    return page(Feedback, {"$and": [scope(by, Action.READ_FEEDBACK, Feedback), filters]}, asked)


@routes.reads("/feedback/<oid:feedback_id>", Action.READ_FEEDBACK, FeedbackOut, title="Montre un conseil.")
def show_feedback(by: Actor, at: datetime, feedback_id: ObjectId) -> Feedback:
    given = find(Feedback, feedback_id)
    require(by, Action.READ_FEEDBACK, given)
    return given


@routes.acts(
    "/feedback/<oid:feedback_id>/acknowledge",
    Action.ACKNOWLEDGE_FEEDBACK,
    FeedbackOut,
    takes=NewAcknowledgement,
    title="Dit qu'un conseil est lu, et y répond en une ligne.",
)
def acknowledge(by: Actor, at: datetime, expected: int, feedback_id: ObjectId, values: dict[str, Any]) -> Feedback:
    return feedback.acknowledge(by, find(Feedback, feedback_id, expected), values["reply"], at)

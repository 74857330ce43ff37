"""Formative feedback on pieces, apart from certification."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.doors import Doors, find
from api.wire import Id, Instant, PageQuery, ThingOut, page, page_of, represents, text
from portfolio.documents import Evidence, Feedback
from portfolio.evidence import feedback
from portfolio.policy.permissions import Action, require, scope
from portfolio.policy.relations import Actor

doors = Doors("feedback", __name__, description="Conseils sur les preuves, hors certification")


class NewFeedback(Schema):
    revision = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "révision de la preuve, telle que lue"},
    )
    text = text(3000, required=True)


class Acknowledgement(Schema):
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


@doors.creates("/evidence/<oid:evidence_id>/feedback", Action.GIVE_FEEDBACK, FeedbackOut, takes=NewFeedback)
def give_feedback(by: Actor, at: Any, evidence_id: Any, values: dict[str, Any]) -> Feedback:
    return feedback.give(by, find(Evidence, evidence_id), values["revision"], values["text"], at)


@doors.reads("/feedback", Action.READ_FEEDBACK, page_of(FeedbackOut), query=FeedbackQuery)
def list_feedback(by: Actor, at: Any, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("candidacy", "evidence") if name in asked}
    return page(Feedback, {"$and": [scope(by, Action.READ_FEEDBACK, Feedback), filters]}, asked)


@doors.reads("/feedback/<oid:feedback_id>", Action.READ_FEEDBACK, FeedbackOut)
def show_feedback(by: Actor, at: Any, feedback_id: Any) -> Feedback:
    given = find(Feedback, feedback_id)
    require(by, Action.READ_FEEDBACK, given)
    return given


@doors.acts("/feedback/<oid:feedback_id>/acknowledge", Action.ACKNOWLEDGE_FEEDBACK, FeedbackOut, takes=Acknowledgement)
def acknowledge(by: Actor, at: Any, expected: int, feedback_id: Any, values: dict[str, Any]) -> Feedback:
    return feedback.acknowledge(by, find(Feedback, feedback_id, expected), values["reply"], at)

"""Activities: what groups pieces, and what sign-offs are about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, date_confirmed, one_of, represents, reused_field, text
from portfolio.documents import Activity, Portfolio
from portfolio.documents.portfolios import CONTEXTS
from portfolio.evidence import deposit
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor

routes = Routes("activities", __name__, description="Activités et missions")


class ActivityChange(Schema):
    title = text(200)
    mission = text(5000, allow_none=True)
    context = one_of(*CONTEXTS)
    placement = Id(allow_none=True)
    starts_on = text(10, allow_none=True, metadata={"format": "date"})
    ends_on = text(10, allow_none=True, metadata={"format": "date"})
    confirmed = date_confirmed()


class NewActivity(ActivityChange):
    title = text(200, required=True)
    context = one_of(*CONTEXTS, required=True)


@represents(Activity)
class ActivityOut(ThingOut):
    candidacy = Id(required=True)
    title = fields.String(required=True)
    mission = fields.String(allow_none=True)
    context = fields.String(required=True)
    placement = Id(allow_none=True)
    starts_on = fields.String(allow_none=True)
    ends_on = fields.String(allow_none=True)
    withdrawn_at = Instant(allow_none=True)
    reused_from = reused_field()


class ActivityQuery(PageQuery):
    candidacy = Id()


@routes.creates(
    "/portfolios/<oid:portfolio_id>/activities",
    Action.DEPOSIT,
    ActivityOut,
    takes=NewActivity,
    title="Ajoute une activité ou une mission au portfolio.",
)
def add_activity(by: Actor, at: datetime, portfolio_id: ObjectId, values: dict[str, Any]) -> Activity:
    return deposit.add_activity(by, find(Portfolio, portfolio_id), values, at)


@routes.reads(
    "/activities",
    Action.READ_ACTIVITY,
    page_of(ActivityOut),
    query=ActivityQuery,
    title="Liste les activités que l'on peut voir.",
)
def list_activities(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("candidacy",) if name in asked}
    return page(Activity, {"$and": [scope(by, Action.READ_ACTIVITY, Activity), filters]}, asked)


@routes.reads("/activities/<oid:activity_id>", Action.READ_ACTIVITY, ActivityOut, title="Montre une activité.")
def show_activity(by: Actor, at: datetime, activity_id: ObjectId) -> Activity:
    activity = find(Activity, activity_id)
    require(by, Action.READ_ACTIVITY, activity)
    return activity


@routes.changes(
    "/activities/<oid:activity_id>",
    Action.AMEND_ACTIVITY,
    ActivityOut,
    takes=ActivityChange,
    title="Modifie une activité.",
)
def amend_activity(by: Actor, at: datetime, expected: int, activity_id: ObjectId, values: dict[str, Any]) -> Activity:
    return deposit.amend_activity(by, find(Activity, activity_id, expected), values, at)


@routes.changes(
    "/activities/<oid:activity_id>",
    Action.AMEND_ACTIVITY,
    ActivityOut,
    method="DELETE",
    title="Retire une activité du portfolio.",
)
def withdraw_activity(by: Actor, at: datetime, expected: int, activity_id: ObjectId) -> Activity:
    return deposit.withdraw_activity(by, find(Activity, activity_id, expected), at)

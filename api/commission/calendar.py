"""When commissions meet, and how far the portfolios of a school are: what an inspector watches. No mark, no piece."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, SessionQuery
from portfolio.commission import calendar
from portfolio.documents import School
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("calendar", __name__, description="Calendrier des commissions, avancement des portfolios")


class MeetingDayOut(Schema):
    day = fields.String(required=True, metadata={"description": "AAAA-MM-JJ, dans le fuseau de l'académie"})
    academy = fields.String(required=True)
    exam = fields.String(required=True)
    school = Id(required=True)
    school_name = fields.String(required=True)
    city = fields.String(required=True)
    commissions = fields.Integer(required=True)
    with_tutor = fields.Integer(required=True, metadata={"description": "dont siégeant avec le tuteur"})
    first_at = Instant(required=True)
    last_at = Instant(required=True)


class CalendarOut(Schema):
    items = fields.List(fields.Nested(MeetingDayOut), required=True)


class PortfolioLineOut(Schema):
    candidacy = Id(required=True)
    name = fields.String(required=True)
    exam = fields.String(required=True)
    circular = fields.String(required=True, metadata={"description": "version de la circulaire suivie"})
    state = fields.String(required=True)
    submissions = fields.Integer(required=True)
    submitted_at = Instant(allow_none=True, required=True)
    placements = fields.Integer(required=True)
    reality_missing = fields.Integer(
        required=True, metadata={"description": "périodes dont la réalité n'est pas encore évaluée"}
    )
    convened = fields.Boolean(required=True)


class SchoolConformityOut(Schema):
    school = Id(required=True)
    session = fields.String(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    lines = fields.List(fields.Nested(PortfolioLineOut), required=True)


@routes.reads(
    "/calendar",
    Action.READ_CALENDAR,
    CalendarOut,
    query=SessionQuery,
    title="Montre quand les commissions se réunissent, par jour, établissement et épreuve.",
)
def show_calendar(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return {"items": calendar.calendar(by, asked["session"])}


@routes.reads(
    "/schools/<oid:school_id>/conformity",
    Action.READ_CALENDAR,
    SchoolConformityOut,
    query=SessionQuery,
    title="Montre où en est chaque portfolio de l'établissement.",
)
def show_school_conformity(
    by: Actor, at: datetime, school_id: ObjectId, asked: dict[str, Any]
) -> calendar.SchoolConformity:
    return calendar.school_conformity(by, find(School, school_id), asked["session"])

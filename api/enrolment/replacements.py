"""Teachers who are replaced by another one of the school, from one day to another."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, date_confirmed, text
from portfolio.documents import School
from portfolio.enrolment.moves import replacements
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

routes = Routes("replacements", __name__, description="Établissements : remplacements de professeurs")


class NewReplacement(Schema):
    absent = Id(required=True)
    substitute = Id(required=True)
    division = text(50, allow_none=True, metadata={"description": "la classe ; sans elle, tous les candidats suivis"})
    starts_on = text(10, required=True, metadata={"format": "date"})
    ends_on = text(10, allow_none=True, metadata={"format": "date", "description": "sans elle : définitif"})
    confirmed = date_confirmed()


class ReplacementEnd(Schema):
    replacement = Id(required=True)
    ends_on = text(10, allow_none=True, metadata={"format": "date", "description": "sans elle : aussitôt"})
    confirmed = date_confirmed()


class ReplacementOut(Schema):
    id = Id(required=True)
    absent = Id(required=True)
    substitute = Id(required=True)
    division = fields.String(allow_none=True)
    starts_on = fields.String(required=True)
    ends_on = fields.String(allow_none=True)
    recorded_at = Instant(required=True)
    began_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    taken = fields.List(Id(), required=True, metadata={"description": "les candidatures qui ont changé de main"})


class ReplacementsOut(ThingOut):
    replacements = fields.Function(
        lambda thing: ReplacementOut(many=True).dump(thing.replacements or ()),
        metadata={"description": "le plus ancien d'abord", "type": "array", "items": {"type": "object"}},
    )


@routes.reads(
    "/schools/<oid:school_id>/replacements",
    Action.REPLACE_TEACHER,
    ReplacementsOut,
    title="Liste les remplacements de professeurs d'un établissement.",
)
def list_replacements(by: Actor, at: datetime, school_id: ObjectId) -> School:
    school = find(School, school_id)
    require(by, Action.REPLACE_TEACHER, school)
    return school


@routes.acts(
    "/schools/<oid:school_id>/replacements",
    Action.REPLACE_TEACHER,
    ReplacementsOut,
    takes=NewReplacement,
    title="Enregistre le remplacement d'un professeur : il commence et finit de lui-même à ses dates.",
)
def replace_teacher(
    by: Actor, at: datetime, expected: int, school_id: ObjectId, values: replacements.ReplacementValues
) -> School:
    return replacements.replace_teacher(by, find(School, school_id, expected), values, at)


@routes.acts(
    "/schools/<oid:school_id>/replacements/end",
    Action.REPLACE_TEACHER,
    ReplacementsOut,
    takes=ReplacementEnd,
    title="Change le dernier jour d'un remplacement, ou y met fin aussitôt.",
)
def end_replacement(
    by: Actor, at: datetime, expected: int, school_id: ObjectId, values: replacements.ReplacementEndValues
) -> School:
    return replacements.end_replacement(by, find(School, school_id, expected), values, at)

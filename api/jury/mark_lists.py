"""Proposed marks to key into the national system, and what was keyed read back against them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields

from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import SessionQuery, text
from portfolio.documents import Jury, School
from portfolio.jury import reconcile_marks
from portfolio.jury import sheets as jury_sheets
from portfolio.jury.mark_list import MarkListRow, mark_list_csv, mark_list_name
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("mark_lists", __name__, description="Bordereaux des notes proposées")


class KeyedJuryMarks(Schema):
    keyed = text(
        reconcile_marks.MAX_CHARACTERS,
        required=True,
        metadata={"description": "ce qui a été saisi : une ligne par candidat, numéro puis note, séparés par ; ou tab"},
    )


class KeyedMarks(KeyedJuryMarks):
    session = text(5, required=True)


class KeyedDifferenceOut(Schema):
    kind = fields.String(required=True, metadata={"description": ", ".join(reconcile_marks.KINDS)})
    candidate_number = fields.String(required=True)
    name = fields.String(required=True)
    expected = fields.String(required=True)
    keyed = fields.String(required=True)
    lines = fields.List(fields.Integer(), required=True)


class KeyedMarksOut(Schema):
    expected = fields.Integer(required=True)
    keyed = fields.Integer(required=True)
    equal = fields.Integer(required=True)
    differences = fields.List(fields.Nested(KeyedDifferenceOut), required=True)


@routes.files(
    "/schools/<oid:school_id>/mark-list.csv",
    Action.LIST_MARK,
    "text/csv",
    query=SessionQuery,
    title="Télécharge le bordereau des notes proposées de l'établissement.",
)
def school_mark_list(by: Actor, at: datetime, school_id: ObjectId, asked: dict[str, Any]) -> Response:
    """Returns the CSV of the school's proposed marks, to key into the national system. asked: of SessionQuery. Raises
    NotFound, Forbidden; Invalid on `session`.
    """
    school = find(School, school_id)
    return _mark_list(jury_sheets.school_mark_rows(by, school, asked["session"]), asked["session"], school.uai)


@routes.asks(
    "/schools/<oid:school_id>/mark-list/compare",
    Action.RECONCILE_MARKS,
    KeyedMarksOut,
    takes=KeyedMarks,
    title="Compare ce qui a été saisi dans l'application nationale au bordereau.",
)
def compare_marks(
    by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]
) -> reconcile_marks.MarksComparison:
    """Compares what was keyed, line by line, with the list, records it, and returns the differences. Repeating it does
    so again. values: of KeyedMarks. Raises NotFound, Forbidden; Invalid (on `keyed`, `session`).
    """
    return reconcile_marks.reconcile(by, find(School, school_id), values["session"], values["keyed"], at)


@routes.files(
    "/juries/<oid:jury_id>/mark-list.csv",
    Action.LIST_SHEETS,
    "text/csv",
    title="Télécharge le bordereau des notes proposées de l'académie.",
)
def jury_mark_list(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    """Returns the CSV of the academy's proposed marks, to key into the national system. Raises NotFound, Forbidden."""
    jury = find(Jury, jury_id)
    return _mark_list(jury_sheets.jury_mark_rows(by, jury), jury.session, f"academie-{'-'.join(jury.academies)}")


@routes.asks(
    "/juries/<oid:jury_id>/mark-list/compare",
    Action.RECONCILE_JURY_MARKS,
    KeyedMarksOut,
    takes=KeyedJuryMarks,
    title="Compare ce qui a été saisi dans l'application nationale au bordereau de l'académie.",
)
def compare_jury_marks(
    by: Actor, at: datetime, jury_id: ObjectId, values: dict[str, str]
) -> reconcile_marks.MarksComparison:
    """Does as `compare_marks`, for the academy. values: of KeyedJuryMarks. Raises NotFound, Forbidden; Invalid on
    `keyed`.
    """
    return reconcile_marks.reconcile_jury(by, find(Jury, jury_id), values["keyed"], at)


def _mark_list(rows: list[MarkListRow], session: str, of: str) -> Response:
    return attached(mark_list_csv(rows), "text/csv; charset=utf-8", mark_list_name(session, of))

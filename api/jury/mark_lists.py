"""Proposed marks to key into the national system, and what was keyed read back against them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields

from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import SessionQuery, text
from portfolio.documents import Jury, School
from portfolio.jury import reconcile_marks
from portfolio.jury import sheets as jury_sheets
from portfolio.jury.mark_list import MarkListRow, mark_list_csv, mark_list_name, mark_list_xlsx
from portfolio.papers.xlsx_writer import XLSX
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("mark_lists", __name__, description="Bordereaux des notes proposées")


class KeyedJuryMarks(Schema):
    keyed = text(
        reconcile_marks.MAX_CHARACTERS,
        required=True,
        metadata={"description": "ce qui a été saisi : une ligne par candidat, numéro puis note, séparés par ; ou tab"},
    )


OF_SEVERAL = {"description": "code de l'épreuve ; inutile si l'établissement n'a de fiches que d'une"}


class MarkListQuery(SessionQuery):
    exam = text(60, load_default=None, metadata=OF_SEVERAL)


class MarkListValues(TypedDict):
    """The values of `MarkListQuery`."""

    session: str
    exam: str | None


class KeyedMarks(KeyedJuryMarks):
    session = text(5, required=True)
    exam = text(60, load_default=None, metadata=OF_SEVERAL)


class KeyedDifferenceOut(Schema):
    kind = fields.String(required=True, metadata={"description": ", ".join(reconcile_marks.KINDS)})
    candidate_number = fields.String(required=True)
    name = fields.String(required=True)
    expected = fields.String(required=True)
    keyed = fields.String(required=True)
    lines = fields.List(fields.Integer(), required=True)


class KeyedMarksOut(Schema):
    exam = fields.String(required=True, metadata={"description": "code de l'épreuve"})
    expected = fields.Integer(required=True)
    keyed = fields.Integer(required=True)
    equal = fields.Integer(required=True)
    differences = fields.List(fields.Nested(KeyedDifferenceOut), required=True)


@routes.files(
    "/schools/<oid:school_id>/mark-list.csv",
    Action.LIST_MARK,
    "text/csv",
    query=MarkListQuery,
    title="Télécharge le bordereau des notes proposées de l'établissement, d'une épreuve et d'une session.",
)
def school_mark_list(by: Actor, at: datetime, school_id: ObjectId, asked: MarkListValues) -> Response:
    """Returns the CSV of the school's proposed marks, to key into the national system. asked: of MarkListQuery.
    Raises NotFound, Forbidden; Invalid on `session` or `exam`.
    """
    return _of_school(by, school_id, asked, workbook=False)


@routes.files(
    "/schools/<oid:school_id>/mark-list.xlsx",
    Action.LIST_MARK,
    XLSX,
    query=MarkListQuery,
    title="Télécharge le même bordereau en classeur XLSX, dont les cellules sont du texte.",
)
def school_mark_workbook(by: Actor, at: datetime, school_id: ObjectId, asked: MarkListValues) -> Response:
    """Does as `school_mark_list`, as a workbook."""
    return _of_school(by, school_id, asked, workbook=True)


def _of_school(by: Actor, school_id: ObjectId, asked: MarkListValues, *, workbook: bool) -> Response:
    school = find(School, school_id)
    listed = jury_sheets.school_mark_list(by, school, asked["session"], asked["exam"])
    return mark_list_file(listed.rows, listed.session, school.uai, listed.exam, workbook=workbook)


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
    so again. values: of KeyedMarks. Raises NotFound, Forbidden; Invalid (on `keyed`, `session`, `exam`).
    """
    school = find(School, school_id)
    return reconcile_marks.reconcile(by, school, values["session"], values["keyed"], at, values["exam"])


@routes.files(
    "/juries/<oid:jury_id>/mark-list.csv",
    Action.LIST_SHEETS,
    "text/csv",
    title="Télécharge le bordereau des notes proposées de l'académie.",
)
def jury_mark_list(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    """Returns the CSV of the academy's proposed marks, to key into the national system. Raises NotFound, Forbidden."""
    return _of_jury(by, jury_id, workbook=False)


@routes.files(
    "/juries/<oid:jury_id>/mark-list.xlsx",
    Action.LIST_SHEETS,
    XLSX,
    title="Télécharge le bordereau de l'académie en classeur XLSX, dont les cellules sont du texte.",
)
def jury_mark_workbook(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    """Does as `jury_mark_list`, as a workbook."""
    return _of_jury(by, jury_id, workbook=True)


def _of_jury(by: Actor, jury_id: ObjectId, *, workbook: bool) -> Response:
    jury = find(Jury, jury_id)
    of = f"academie-{'-'.join(jury.academies)}"
    return mark_list_file(jury_sheets.jury_mark_rows(by, jury), jury.session, of, jury.exam, workbook=workbook)


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


def mark_list_file(rows: list[MarkListRow], session: str, of: str, code: str, *, workbook: bool = False) -> Response:
    """Returns the rows as a CSV file, or as an XLSX. of, code: see `mark_list_name`."""
    if workbook:
        return attached(mark_list_xlsx(rows), XLSX, mark_list_name(session, of, code, "xlsx"))
    return attached(mark_list_csv(rows), "text/csv; charset=utf-8", mark_list_name(session, of, code))

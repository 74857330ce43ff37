"""Sheets as the office has them: transmitted to the jury, the bordereau, and what was keyed from it read back."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.routing import find
from api.jury.mark_lists import mark_list_file
from portfolio.documents import Candidacy, School, Sheet
from portfolio.documents.fields import by_id
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.training import told_to_jury
from portfolio.jury import reconcile_marks
from portfolio.jury.reconcile_marks import MarksComparison
from portfolio.jury.sheets import school_mark_list
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet import remarks, transmit
from portfolio.sheet.exams_there import exams_there
from portfolio.sheet.training_lacks import training_lacks
from web.office.first_page import framed, selection_of
from web.office.keyed_marks import keyed_text
from web.pages import Pages, find_unchanged

pages = Pages("office_sheets", __name__, "office")

ORDER = ("proposed", "transmitted", "final", "voided")


@pages.shows("/etablissement/<oid:school_id>/fiches", Action.TRANSMIT_SCHOOL)
def sheets(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return _drawn(by, at, school_id)


def _drawn(by: Actor, at: datetime, school_id: ObjectId, comparison: MarksComparison | None = None) -> Response:
    selection = selection_of(by, school_id, at, Action.TRANSMIT_SCHOOL)
    codes = exams_there(selection.school, selection.session or "")
    asked = request.values.get("epreuve")
    code = asked if asked in codes else next(iter(codes), None)
    there = {"school": selection.school.id, "session": selection.session, "exam": code}
    mine = {"$and": [scope(by, Action.READ_SHEET, Sheet), there]}
    listed = list(Sheet.objects(__raw__=mine).exclude("content"))
    people = by_id(Candidacy, (sheet.candidacy for sheet in listed))
    listed.sort(key=lambda sheet: (ORDER.index(sheet.state), people[sheet.candidacy].name_key, sheet.number))
    facts = remarks.of_sheets(by, listed)
    return framed(
        "sheets.html",
        selection,
        "sheets",
        sheets=listed,
        codes=codes,
        code=code,
        people=people,
        waiting=sum(sheet.state == "proposed" for sheet in listed),
        unnumbered=sum(sheet.state == "proposed" and not people[sheet.candidacy].candidate_number for sheet in listed),
        in_mark_list=sum(sheet.state in ("transmitted", "final") for sheet in listed),
        comparison=comparison,
        remarks=facts,
        lacks=training_lacks(listed, at.date()),
        stages={sheet.id: told_to_jury(people[sheet.candidacy]) for sheet in listed},
        to_read=sum(sheet.state == "proposed" and bool(facts[sheet.id]) for sheet in listed),
        outcomes={sheet.id: _label(sheet, people[sheet.candidacy]) for sheet in listed if sheet.outcome},
    )


def _label(sheet: Sheet, candidacy: Candidacy) -> str:
    """Returns the sheet's outcome, in the words of the circular it was decided under. Raises KeyError for a sheet
    without one.
    """
    return circular_of(candidacy).outcomes[sheet.outcome].label


@pages.acts("/etablissement/<oid:school_id>/fiches", Action.TRANSMIT_SCHOOL, back=sheets)
def transmit_all(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school, session = find(School, school_id), request.form.get("session", "")
    code = request.form.get("epreuve")
    sent = transmit.transmit_all(by, school, session, at, code)
    flash(f"Fiches transmises au jury : {len(sent)}.", "ok")
    return url_for("office_sheets.sheets", school_id=school_id, session=session, epreuve=code)


def _of_sheet(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    return _drawn(by, at, find(Sheet, sheet_id).school)


@pages.acts("/etablissement/fiches/<oid:sheet_id>/transmission", Action.TRANSMIT, back=_of_sheet)
def transmit_one(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    require(by, Action.TRANSMIT, find(Sheet, sheet_id))
    sent = transmit.transmit(by, find_unchanged(Sheet, sheet_id), at)
    flash(f"La fiche n° {sent.number} est transmise au jury.", "ok")
    return url_for("office_sheets.sheets", school_id=sent.school, session=sent.session, epreuve=sent.exam)


# --- the bordereau --------------------------------------------------------------------------------


@pages.shows("/etablissement/<oid:school_id>/bordereau.csv", Action.TRANSMIT_SCHOOL)
def mark_list(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return _mark_list(by, at, school_id, workbook=False)


@pages.shows("/etablissement/<oid:school_id>/bordereau.xlsx", Action.TRANSMIT_SCHOOL)
def mark_workbook(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return _mark_list(by, at, school_id, workbook=True)


def _mark_list(by: Actor, at: datetime, school_id: ObjectId, *, workbook: bool) -> Response:
    selection = selection_of(by, school_id, at, Action.TRANSMIT_SCHOOL)
    school, session = selection.school, selection.session or ""
    listed = school_mark_list(by, school, session, request.args.get("epreuve"))
    return mark_list_file(listed.rows, listed.session, school.uai, listed.exam, workbook=workbook)


@pages.acts("/etablissement/<oid:school_id>/relecture", Action.RECONCILE_MARKS, back=sheets)
def read_back(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Compares what was keyed (form: file or keyed) with the bordereau. Keeps nothing of it: the page that answers
    shows the differences. Raises NotFound, Forbidden; Invalid (on `keyed`, `session`, `exam`).
    """
    school = find(School, school_id)
    require(by, Action.RECONCILE_MARKS, school)
    session, code = request.form.get("session", ""), request.form.get("epreuve")
    comparison = reconcile_marks.reconcile(by, school, session, keyed_text(), at, code)
    return _drawn(by, at, school_id, comparison)

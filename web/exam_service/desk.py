"""The exam service at its desk: the sheets of a session, the marks that were keyed, the sheets asked for."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, redirect, request, url_for

from api.http.paging import page as page_of_list
from api.http.routing import find
from api.jury.mark_lists import jury_mark_list, jury_mark_workbook
from api.jury.results import Release
from portfolio.documents import Candidacy, Jury, Sheet
from portfolio.jury import jury as deciding
from portfolio.jury import reconcile_marks, releases
from portfolio.jury import sheets as jury_sheets
from portfolio.jury.reconcile_marks import MarksComparison
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.jury.first_pages import about
from web.jury.sheets import give_proposal
from web.layout import page
from web.office import labels
from web.office.keyed_marks import keyed_text
from web.pages import Pages, find_unchanged

pages = Pages("exam_service", __name__, "exam_service")

PER_PAGE = 50


@pages.shows("/examens", Action.LIST_SHEETS)
def home(by: Actor, at: datetime) -> Response:
    """Redirects to the reader's only jury, or lists several."""
    juries = list(Jury.objects(__raw__=scope(by, Action.RECONCILE_JURY_MARKS, Jury)).order_by("-session", "academy"))
    if len(juries) == 1:
        return redirect(url_for("exam_service.sheets", jury_id=juries[0].id))  # type: ignore[return-value]
    return page("exam_service/home.html", juries=juries)


@pages.shows("/examens/<oid:jury_id>", Action.RECONCILE_JURY_MARKS)
def sheets(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    return _drawn(by, find(Jury, jury_id))


def _drawn(by: Actor, jury: Jury, comparison: MarksComparison | None = None) -> Response:
    require(by, Action.RECONCILE_JURY_MARKS, jury)
    query = jury_sheets.candidates(by, jury)
    asked = {"limit": PER_PAGE, "after": request.args.get("suite")}
    candidates = page_of_list(Candidacy, query, asked, ("name_key", "_id"))
    return page(
        "exam_service/sheets.html",
        **about(jury),
        lines=jury_sheets.lines(by, candidates["items"]),
        next=candidates["next"],
        count=len(query["_id"]["$in"]),
        comparison=comparison,
        words=labels,
    )


@pages.shows("/examens/<oid:jury_id>/bordereau.csv", Action.RECONCILE_JURY_MARKS)
def mark_list(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    return jury_mark_list(by, at, jury_id)


@pages.shows("/examens/<oid:jury_id>/bordereau.xlsx", Action.RECONCILE_JURY_MARKS)
def mark_workbook(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    return jury_mark_workbook(by, at, jury_id)


@pages.acts("/examens/<oid:jury_id>/relecture", Action.RECONCILE_JURY_MARKS, back=sheets)
def read_back(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    """Compares what was keyed with the bordereau of the academy, keeps nothing of it, and shows the differences.
    Raises NotFound, Forbidden; Invalid on `keyed`.
    """
    jury = find(Jury, jury_id)
    require(by, Action.RECONCILE_JURY_MARKS, jury)
    return _drawn(by, jury, reconcile_marks.reconcile_jury(by, jury, keyed_text(), at))


# --- one sheet ------------------------------------------------------------------------------------


@pages.shows("/examens/fiches/<oid:sheet_id>", Action.RELEASE_SHEET)
def sheet(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    sheet = find(Sheet, sheet_id)
    require(by, Action.RELEASE_SHEET, sheet)
    line = jury_sheets.line(by, sheet)
    return page("exam_service/sheet.html", **about(deciding.jury_of(sheet)), sheet=sheet, line=line)


@pages.acts("/examens/fiches/<oid:sheet_id>/communication", Action.RELEASE_SHEET, back=sheet)
def release(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    require(by, Action.RELEASE_SHEET, find(Sheet, sheet_id))
    releases.release_sheet(by, find_unchanged(Sheet, sheet_id), read_form(Release)["request_reference"], at)
    flash("La fiche est communiquée à son candidat, et à lui seul ; la note proposée y est masquée.", "ok")
    return url_for("exam_service.sheet", sheet_id=sheet_id)


@pages.acts("/examens/fiches/<oid:sheet_id>/note-proposee", Action.UNMASK_PROPOSAL, back=sheet)
def unmask(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    give_proposal(by, at, sheet_id)
    return url_for("exam_service.sheet", sheet_id=sheet_id)

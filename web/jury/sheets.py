"""The jury's list, and one sheet: harmonised with a reason, released to its candidate, put right after publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import Decimal128, ObjectId
from flask import Response, flash, request, url_for

from api.http.paging import page as page_of_list
from api.http.routing import find
from api.jury.mark_lists import jury_mark_list, jury_mark_workbook
from api.jury.results import Corrected, FinalMark, NewUnmasking, Release
from portfolio.documents import Candidacy, Jury, Result, School, Sheet
from portfolio.documents.places import by_place
from portfolio.enrolment.pinned import circular_of
from portfolio.jury import jury as deciding
from portfolio.jury import outcomes, releases, statistics
from portfolio.jury import sheets as jury_sheets
from portfolio.jury.decisions import decisions_on
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular import circular_for
from portfolio.sheet import forms
from portfolio.sheet.papers.wording import put_in_words
from portfolio.sheet.remarks import corrected_since
from portfolio.store.together import read_several
from web import charts
from web.forms import read_form
from web.jury.first_pages import framed, require_confirmation
from web.pages import Pages, find_unchanged

pages = Pages("jury_sheets", __name__, "jury")

PER_PAGE = 50
FILTERS = ("etat", "etablissement", "membres")
# (code, words, what the sheet must be)
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "a-decider": ("À décider", {"state": "transmitted"}),
    "decidees": ("Décidées", {"state": "final"}),
    "sans-note": ("Sans note proposée", {"outcome": {"$ne": None}}),
    "note-donnee": ("Note proposée donnée au candidat", {"unmasked": True}),
    "ecartees": ("Très éloignées des autres", {}),
}


@pages.shows("/jury/<oid:jury_id>/fiches", Action.LIST_SHEETS)
def sheets(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    jury = find(Jury, jury_id)
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    query = jury_sheets.candidates(by, jury, _narrowed(by, jury, asked))
    wanted = {"limit": PER_PAGE, "after": request.args.get("suite")}
    candidates = page_of_list(Candidacy, query, wanted, ("name_key", "_id"))
    there = Sheet.objects(__raw__=jury.candidates | {"live": True})
    schools = sorted(School.objects(pk__in=there.distinct("school")), key=by_place)
    return framed(
        by,
        "sheets.html",
        jury,
        "sheets",
        lines=jury_sheets.lines(by, candidates["items"]),
        next=candidates["next"],
        count=len(query["_id"]["$in"]),
        asked=asked,
        states=STATES,
        schools=list(schools),
    )


def _narrowed(by: Actor, jury: Jury, asked: dict[str, str]) -> dict[str, Any]:
    """Returns the MongoDB query of the sheets asked for, of FILTERS; leaves out filters that mean nothing."""
    narrowed = dict(STATES.get(asked.get("etat", ""), ("", {}))[1])
    if ObjectId.is_valid(asked.get("etablissement", "")):
        narrowed["school"] = ObjectId(asked["etablissement"])
    members = asked.get("membres", "").split("+")
    if all(ObjectId.is_valid(member) for member in members):
        narrowed["signatures.person"] = {"$all": [ObjectId(member) for member in members]}
    if asked.get("etat") == "ecartees":
        everyone = statistics.of_jury(by, jury).everyone.proposed
        if everyone is None:
            return narrowed | {"_id": None}
        low, high = charts.fences(everyone, circular_for(jury.session, jury.exam).mark)
        outside = [("$lt", low), ("$gt", high)]
        beyond = [{"proposed_mark": {side: Decimal128(mark)}} for side, mark in outside if mark is not None]
        narrowed |= {"$or": beyond} if beyond else {"_id": None}
    return narrowed


@pages.shows("/jury/<oid:jury_id>/bordereau.csv", Action.LIST_SHEETS)
def mark_list(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    return jury_mark_list(by, at, jury_id)


@pages.shows("/jury/<oid:jury_id>/bordereau.xlsx", Action.LIST_SHEETS)
def mark_workbook(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    return jury_mark_workbook(by, at, jury_id)


# --- one sheet ------------------------------------------------------------------------------------


@pages.shows("/jury/fiches/<oid:sheet_id>", Action.READ_DECISION)
def sheet(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    sheet = find(Sheet, sheet_id)
    require(by, Action.READ_DECISION, sheet)
    read_several((Candidacy, [sheet.candidacy]), (School, [sheet.school]))
    outcomes.require_reading(by, Action.SET_FINAL_MARK, sheet)
    jury, candidacy = deciding.jury_of(sheet), find(Candidacy, sheet.candidacy)
    return framed(
        by,
        "sheet.html",
        jury,
        "sheets",
        sheet=sheet,
        line=jury_sheets.line(by, sheet),
        result=Result.objects(sheet=sheet.id).first(),
        decisions=decisions_on(by, sheet),
        corrected=corrected_since([sheet]).get(sheet.id),
        wording=put_in_words(forms.content(by, sheet), forms.signatures(sheet), forms.banner(sheet)),
        rule=circular_of(candidacy).mark,
        following=_following(by, jury, candidacy),
    )


def _following(by: Actor, jury: Jury, candidacy: Candidacy) -> ObjectId | None:
    """Returns the id of the next sheet to decide, in the order of names; None after the last. Nobody goes back to the
    list each time.
    """
    beyond = [{"name_key": {"$gt": candidacy.name_key}}, {"name_key": candidacy.name_key, "_id": {"$gt": candidacy.id}}]
    waiting = jury_sheets.candidates(by, jury, {"state": "transmitted"})
    candidate = Candidacy.objects(__raw__={"$and": [waiting, {"$or": beyond}]}).order_by("name_key", "id").first()
    return Sheet.objects(candidacy=candidate.id, live=True).scalar("id").first() if candidate else None


def _open(sheet_id: ObjectId) -> str:
    return url_for("jury_sheets.sheet", sheet_id=sheet_id)


@pages.acts("/jury/fiches/<oid:sheet_id>/note", Action.SET_FINAL_MARK, back=sheet)
def set_final_mark(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    require(by, Action.SET_FINAL_MARK, find(Sheet, sheet_id))
    values = read_form(FinalMark(), "mark", "reason")
    deciding.set_final_mark(by, find_unchanged(Sheet, sheet_id), values["mark"], values["reason"], at)
    flash("La décision est enregistrée.", "ok")
    return _open(sheet_id)


@pages.acts("/jury/fiches/<oid:sheet_id>/communication", Action.RELEASE_SHEET, back=sheet)
def release(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    require(by, Action.RELEASE_SHEET, find(Sheet, sheet_id))
    releases.release_sheet(by, find_unchanged(Sheet, sheet_id), read_form(Release)["request_reference"], at)
    flash("La fiche est communiquée à son candidat, et à lui seul.", "ok")
    return _open(sheet_id)


@pages.acts("/jury/fiches/<oid:sheet_id>/note-proposee", Action.UNMASK_PROPOSAL, back=sheet)
def unmask(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    give_proposal(by, at, sheet_id)
    return _open(sheet_id)


def give_proposal(by: Actor, at: datetime, sheet_id: ObjectId) -> None:
    """Gives the candidate the proposed mark by the decision of the form (law, reference), and says so. Raises NotFound,
    Forbidden, Stale, Invalid by field, and what `releases.unmask_proposal` raises.
    """
    require(by, Action.UNMASK_PROPOSAL, find(Sheet, sheet_id))
    sheet = find_unchanged(Sheet, sheet_id)
    values = read_form(NewUnmasking(), "law", "reference")
    releases.unmask_proposal(by, sheet, values["law"], values["reference"], at)
    flash("La décision est enregistrée : le candidat lit maintenant la note proposée sur sa fiche.", "ok")


@pages.acts("/jury/fiches/<oid:sheet_id>/rectification", Action.CORRECT_FINAL_MARK, back=sheet)
def correct(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    require(by, Action.CORRECT_FINAL_MARK, find(Sheet, sheet_id))
    sheet = find_unchanged(Sheet, sheet_id)
    require_confirmation("Cochez la case : la note publiée change pour le candidat.")
    values = read_form(Corrected(), "mark", "reason")
    deciding.correct(by, sheet, values["mark"], values["reason"], at)
    flash("La note publiée est rectifiée ; l'ancienne est conservée avec le motif, et le candidat est averti.", "ok")
    return _open(sheet_id)

"""Sheets as the office has them: transmitted to the jury, the bordereau, and what was keyed from it read back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.downloads import attached
from api.http.routing import find
from portfolio.documents import Candidacy, School, Sheet
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid
from portfolio.jury import reconcile_marks
from portfolio.jury.mark_list import mark_list_csv, mark_list_name
from portfolio.jury.sheets import school_mark_rows
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet import remarks, transmit
from web.office.first_page import framed, here_of
from web.pages import Pages, find_unchanged

pages = Pages("office_sheets", __name__, "office")

ORDER = ("proposed", "transmitted", "final", "voided")


@pages.shows("/etablissement/<oid:school_id>/fiches", Action.TRANSMIT_SCHOOL)
def sheets(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return _shown(by, at, school_id)


def _shown(by: Actor, at: datetime, school_id: ObjectId, comparison: Any = None) -> Response:
    here = here_of(by, school_id, at, Action.TRANSMIT_SCHOOL)
    mine = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"school": here.school.id, "session": here.session}]}
    found = list(Sheet.objects(__raw__=mine).exclude("content"))
    people = {one.id: one for one in Candidacy.objects(pk__in={one.candidacy for one in found})}
    found.sort(key=lambda one: (ORDER.index(one.state), people[one.candidacy].name_key, one.number))
    facts = remarks.of_sheets(by, found)
    return framed(
        "sheets.html",
        here,
        "sheets",
        sheets=found,
        people=people,
        waiting=sum(one.state == "proposed" for one in found),
        listed=sum(one.state in ("transmitted", "final") for one in found),
        comparison=comparison,
        remarks=facts,
        to_read=sum(one.state == "proposed" and bool(facts[one.id]) for one in found),
        outcomes={one.id: _label(one, people[one.candidacy]) for one in found if one.outcome},
    )


def _label(sheet: Sheet, candidacy: Candidacy) -> str:
    """The outcome's, in the words of the circular it was decided under."""
    return circular_of(candidacy).outcomes[sheet.outcome].label


@pages.acts("/etablissement/<oid:school_id>/fiches", Action.TRANSMIT_SCHOOL, back=sheets)
def transmit_all(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school, session = find(School, school_id), request.form.get("session", "")
    sent = transmit.transmit_all(by, school, session, at)
    flash(f"Fiches transmises au jury : {len(sent)}.", "ok")
    return url_for("office_sheets.sheets", school_id=school_id, session=session)


def _of_sheet(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    return _shown(by, at, find(Sheet, sheet_id).school)


@pages.acts("/etablissement/fiches/<oid:sheet_id>/transmission", Action.TRANSMIT, back=_of_sheet)
def transmit_one(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    require(by, Action.TRANSMIT, find(Sheet, sheet_id))
    sent = transmit.transmit(by, find_unchanged(Sheet, sheet_id), at)
    flash(f"La fiche n° {sent.number} est transmise au jury.", "ok")
    return url_for("office_sheets.sheets", school_id=sent.school, session=sent.session)


# --- the bordereau --------------------------------------------------------------------------------


@pages.shows("/etablissement/<oid:school_id>/bordereau.csv", Action.TRANSMIT_SCHOOL)
def mark_list(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    here = here_of(by, school_id, at, Action.TRANSMIT_SCHOOL)
    session = here.session or ""
    rows = school_mark_rows(by, here.school, session)
    name = mark_list_name(session, here.school.uai)
    return attached(mark_list_csv(rows), "text/csv; charset=utf-8", name)


@pages.acts("/etablissement/<oid:school_id>/relecture", Action.RECONCILE_MARKS, back=sheets)
def read_back(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Nothing of what was pasted is kept: the differences are shown once, on the page that answers."""
    school = find(School, school_id)
    require(by, Action.RECONCILE_MARKS, school)
    file = request.files.get("file")
    data = file.read(reconcile_marks.MAX_CHARACTERS + 1) if file else b""
    text = _decoded(data) if data else request.form.get("keyed", "")
    comparison = reconcile_marks.reconcile(by, school, request.form.get("session", ""), text, at)
    return _shown(by, at, school_id, comparison)


def _decoded(data: bytes) -> str:
    """Raises Invalid for what is no text."""
    if b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid({"keyed": ["Ce fichier n'est pas du texte : enregistrez-le en CSV depuis votre tableur."]})
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid({"keyed": ["Ce fichier n'est pas lisible : enregistrez-le en CSV UTF-8."]})

"""The office's page of a session's circular: which version each candidacy is on, what the newest changes for whom."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.commission.circulars import ReadVersion
from api.http.routing import find
from portfolio.commission import circular_moves
from portfolio.counting import many
from portfolio.documents import Candidacy, School
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.first_page import exam_choices, framed, selection_of
from web.pages import Pages, find_unchanged

NAMED = 10  # people named in the message; the page lists everybody
pages = Pages("office_circulars", __name__, "office")


@pages.shows("/etablissement/<oid:school_id>/circulaire", Action.ENROL)
def show(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    choices, planned = exam_choices(selection.school), None
    exam = request.values.get("exam") or next((code for code, _ in choices), None)
    if selection.session:
        planned = circular_moves.plan(by, selection.school, selection.session, selection.division, exam)
    return framed("circular.html", selection, "candidates", plan=planned, exams=choices, exam=exam)


@pages.acts("/etablissement/<oid:school_id>/circulaire", Action.ENROL, back=show)
def move_all(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    version = read_form(ReadVersion, "version")["version"]
    session, division, exam = (request.form.get(name) or None for name in ("session", "classe", "exam"))
    moves = circular_moves.move_all_to_newest(by, school, session or "", division, version, at, exam)
    flash(f"Candidatures passées à la version {version} : {len(moves.moved)}.", "ok")
    by_reason = sorted(moves.left, key=lambda pair: pair[1])
    for why, pairs in groupby(by_reason, key=lambda pair: pair[1]):
        names = [candidacy.display_name for candidacy, _ in pairs]
        more = f" et {many(len(names) - NAMED, 'autre', 'autres')}" if len(names) > NAMED else ""
        stay = many(len(names), "candidature reste", "candidatures restent")
        flash(f"{stay} : {', '.join(names[:NAMED])}{more}. {why}", "warn")
    return url_for("office_circulars.show", school_id=school_id, session=session, classe=division, exam=exam)


def _of_candidacy(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    return show(by, at, find(Candidacy, candidacy_id).school)


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/circulaire", Action.MOVE_CIRCULAR, back=_of_candidacy)
def move_one(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.MOVE_CIRCULAR, find(Candidacy, candidacy_id))
    version = read_form(ReadVersion, "version")["version"]
    moved = circular_moves.move_to_newest(by, find_unchanged(Candidacy, candidacy_id), version, at)
    flash(f"La candidature de {moved.display_name} est passée à la version {version}.", "ok")
    return url_for("office_circulars.show", school_id=moved.school, session=moved.session, exam=moved.exam)

"""A class's results of a check, entered at once: a row per candidate, with its faults beside it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.evidence.pieces import NewCheck
from api.http.routing import find
from portfolio.boards.class_board import current_session
from portfolio.documents import Candidacy, Portfolio, School
from portfolio.enrolment.pinned import referential_of
from portfolio.errors import Invalid
from portfolio.evidence import class_results
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.pages import Pages, made_once
from web.teacher.first_pages import exam_asked, framed, schools_of

pages = Pages("teacher_checks", __name__, "teacher")

SCORE = "score-"


@pages.shows("/classe/etablissements/<oid:school_id>/controles/nouveau", Action.RECORD_CHECK)
def new_check(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Shows a row for everybody of one session, exam and class (query: session, by default the current one; epreuve, by
    default the first; classe, by default all) who has a portfolio here. Raises NotFound, Forbidden.
    """
    school = find(School, school_id)
    require(by, Action.RECORD_CHECK, school)
    here = {"$and": [scope(by, Action.READ_CANDIDACY, Candidacy), {"school": school.id, "ccf.form": "ccf"}]}
    sessions = sorted(Candidacy.objects(__raw__=here).distinct("session"))
    asked = request.values.get("session")
    session = asked if asked in sessions else current_session(sessions, at)
    of_session = Candidacy.objects(__raw__=here, session=session, abandoned=None).order_by("name_key", "id")
    exams = sorted(of_session.distinct("exam"))
    exam = exam_asked(exams)
    candidacies = list(of_session.filter(exam=exam))
    divisions = sorted({candidacy.division for candidacy in candidacies if candidacy.division})
    division = request.values.get("classe")
    rows = [candidacy for candidacy in candidacies if not division or candidacy.division == division]
    submitted = Portfolio.objects(pk__in=[candidacy.id for candidacy in rows], state="submitted").scalar("id")
    return framed(
        "check.html",
        candidacies[0] if candidacies else school,
        session=session,
        sessions=sessions,
        exams=exams,
        exam=exam,
        divisions=divisions,
        division=division or "",
        school=school,
        rows=rows,
        submitted=set(submitted),
        referential=referential_of((rows or candidacies)[0]) if candidacies else None,
        schools=schools_of(by),
    )


@pages.acts("/classe/etablissements/<oid:school_id>/controles/nouveau", Action.RECORD_CHECK, back=new_check)
def record(by: Actor, at: datetime, school_id: ObjectId) -> str:
    """Records the scores that are filled in, and returns where to go: an empty one is somebody who was absent. Raises
    NotFound, Forbidden, Invalid (at the fields of this form), SubmittedMeanwhile.
    """
    school = find(School, school_id)
    require(by, Action.RECORD_CHECK, school)
    typed = {name[len(SCORE) :]: score.strip() for name, score in request.form.items() if name.startswith(SCORE)}
    scored = [name for name, score in typed.items() if score and ObjectId.is_valid(name)]
    results = [{"candidacy": name, "score": typed[name]} for name in scored]
    fields = ("title", "produced_on", "confirmed", "maximum", "competences", "criteria", "results")
    if not results:
        raise Invalid({"title": ["Saisissez le résultat d'un candidat au moins."]})
    try:
        _refuse_empty()
        values = read_form(NewCheck, *fields, results=results)
        recorded = made_once(by, lambda: class_results.record_check(by, school, values, at))
    except Invalid as refusal:
        raise Invalid(dict(_at_its_row(path, lines, scored) for path, lines in refusal.errors.items())) from refusal
    flash(f"Résultats enregistrés : {len(recorded.pieces)}. Chacun est une preuve du portfolio, déjà confirmée.", "ok")
    return url_for("teacher.home")


def _refuse_empty() -> None:
    """Raises Invalid, by field, for what is empty, in the words of this form rather than those of the schema."""
    named = {"title": "un titre", "produced_on": "la date", "maximum": "le barème", "competences": "une compétence"}
    errors = {name: [f"Indiquez {words}."] for name, words in named.items() if not request.form.get(name, "").strip()}
    if errors:
        raise Invalid(errors)


def _at_its_row(path: str, lines: list[str], scored: list[str]) -> tuple[str, list[str]]:
    """Returns (field of the form, errors): `results.3.score` is renamed to the field of that row. scored: candidacy ids
    as text, in the order of the results.
    """
    parts = path.split(".")
    if parts[0] == "results" and len(parts) > 1 and parts[1].isdecimal():
        return f"{SCORE}{scored[int(parts[1])]}", lines
    return path, lines

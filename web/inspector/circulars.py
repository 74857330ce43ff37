"""Pages on which an inspector, or an administrator, makes a version of a circular from the one before."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment import made_circulars as doors
from api.enrolment.made_circulars import CircularTerms, NewCircular
from api.http.routing import find
from portfolio.documents import MadeCircular
from portfolio.documents.made_circulars import MadeCircularState
from portfolio.documents.people import Role
from portfolio.enrolment.circulars import annex, made, screen_terms
from portfolio.enrolment.circulars.differences import differences
from portfolio.errors import Invalid
from portfolio.files.previews.places import TooManyViews
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular import circulars, rank
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.exam import Exam, exams
from portfolio.rules.texts.referential import exam_of, referential
from web.forms import read_file, read_form
from web.layout import page
from web.pages import Pages, find_unchanged, made_once

pages = Pages("making_circulars", __name__, "inspector", "administrator")
BLANK_DEGREES = 2
STEPS = [("0.5", "demi-points"), ("1", "points entiers")]


@pages.shows("/circulaires", Action.READ_CIRCULAR)
def home(by: Actor, at: datetime) -> Response:
    visible = scope(by, Action.READ_CIRCULAR, MadeCircular)
    published = MadeCircular.objects(__raw__=visible | {"state": MadeCircularState.PUBLISHED})
    known = sorted(circulars().values(), key=lambda version: (version.id, rank(version)))
    reach = _reach(by, known)
    sessions = sorted({session for _, session in reach})
    return page(
        "inspector/circulars.html",
        known=[version for version in known if (_exam(version).code, version.id) in reach],
        sessions=[(session, session) for session in sessions],
        exams=[(exam.code, exam.with_diploma) for exam in exams().values() if exam.code in {code for code, _ in reach}],
        exam_of=_exam,
        drafts=list(MadeCircular.objects(__raw__=visible | {"state": MadeCircularState.DRAFT}).order_by("session")),
        made={version.sha256: version for version in published},
    )


def _reach(by: Actor, known: list[Circular]) -> set[tuple[str, str]]:
    """Returns the (exam, session) of the circulars that this person makes: of their inspections or, for an
    administrator, of every session that is known, of every exam.
    """
    inspected = {(grant.exam, grant.session) for grant in by.grants if grant.role == Role.INSPECTOR}
    if not by.has(Role.ADMINISTRATOR):
        return inspected
    return inspected | {(code, version.id) for version in known for code in exams()}


def _exam(version: Circular) -> Exam:
    return exam_of(version.referential.id)


@pages.acts("/circulaires", Action.MAKE_CIRCULAR, back=home)
def begin(by: Actor, at: datetime) -> str:
    values = read_form(NewCircular)
    begun = made_once(by, lambda: made.begin(by, values["session"], at, values.get("exam")))
    flash("Une version est en préparation : changez ce que la circulaire publiée change.", "ok")
    return url_for("making_circulars.show", circular_id=begun.id)


@pages.shows("/circulaires/<oid:circular_id>", Action.READ_CIRCULAR)
def show(by: Actor, at: datetime, circular_id: ObjectId) -> Response:
    draft = find(MadeCircular, circular_id)
    require(by, Action.READ_CIRCULAR, draft)
    terms = made.read(draft)
    before = made.before_of(draft)
    official = referential(*terms.referential)
    rows = [(code, words) for code, words in (*official.competences.items(), *official.criteria.items())]
    return page(
        "inspector/circular.html",
        draft=draft,
        terms=terms,
        before=before,
        changes=differences(before, terms),
        values=screen_terms.values_of(draft.text),
        rows=rows,
        outcomes=[(outcome.code, outcome.label) for outcome in terms.outcomes.values()],
        degrees=[(degree.code, degree.label) for degree in terms.grid.scale],
        steps=STEPS,
        blanks=range(BLANK_DEGREES),
        annex=made.annex_of(draft),
        compared=made.is_compared(draft),
        awaits_another=made.awaits_another(by, draft),
        official=official,
        editable=draft.state == MadeCircularState.DRAFT,
    )


@pages.acts("/circulaires/<oid:circular_id>", Action.MAKE_CIRCULAR, back=show)
def amend(by: Actor, at: datetime, circular_id: ObjectId) -> str:
    draft = find_unchanged(MadeCircular, circular_id)
    values = read_form(CircularTerms)
    values.setdefault("confirmed_outcomes", [])
    if values.get("comment_below"):
        values["comment_below"] = values["comment_below"].replace(",", ".")
    made.amend(by, draft, values, at)
    flash("Les termes sont enregistrés.", "ok")
    return url_for("making_circulars.show", circular_id=circular_id, _anchor="apercu")


@pages.acts("/circulaires/<oid:circular_id>/annexe", Action.MAKE_CIRCULAR, back=show, carries=annex.LARGEST_ANNEX)
def deposit(by: Actor, at: datetime, circular_id: ObjectId) -> str:
    draft = find_unchanged(MadeCircular, circular_id)
    annex.deposit(by, draft, *read_file("annex", "Choisissez le PDF de l'annexe."), at)
    flash("L'annexe est déposée. Comparez maintenant la grille avec elle.", "ok")
    return url_for("making_circulars.compare", circular_id=circular_id)


@pages.shows("/circulaires/<oid:circular_id>/comparer", Action.READ_CIRCULAR)
def compare(by: Actor, at: datetime, circular_id: ObjectId) -> Response:
    draft = find(MadeCircular, circular_id)
    require(by, Action.READ_CIRCULAR, draft)
    terms = made.read(draft)
    return page(
        "inspector/circular_compare.html",
        draft=draft,
        terms=terms,
        official=referential(*terms.referential),
        annex=made.annex_of(draft),
        annex_pages=_pages_of_annex(by, draft),
        compared=made.is_compared(draft),
        editable=draft.state == MadeCircularState.DRAFT,
    )


def _pages_of_annex(by: Actor, draft: MadeCircular) -> int:
    """Returns the number of pages that can be shown; 0 without an annex, where it cannot be shown, or not now."""
    try:
        return annex.page_count(by, draft) if draft.annex else 0
    except TooManyViews:
        return 0


@pages.acts("/circulaires/<oid:circular_id>/comparer", Action.MAKE_CIRCULAR, back=compare)
def declare_compared(by: Actor, at: datetime, circular_id: ObjectId) -> str:
    draft = find_unchanged(MadeCircular, circular_id)
    if request.form.get("declared") != "on":
        raise Invalid({"declared": ["Cochez la déclaration, une fois la comparaison faite ligne par ligne."]})
    made.declare_compared(by, draft, at)
    flash("La comparaison est déclarée, à votre nom et à ce jour. Une autre personne publie la version.", "ok")
    return url_for("making_circulars.show", circular_id=circular_id, _anchor="publier")


@pages.shows("/circulaires/<oid:circular_id>/annexe/<int:number>.webp", Action.READ_CIRCULAR)
def annex_page(by: Actor, at: datetime, circular_id: ObjectId, number: int) -> Response:
    picture = annex.page_picture(by, find(MadeCircular, circular_id), number)
    return Response(picture, content_type="image/webp")


@pages.shows("/circulaires/<oid:circular_id>/annexe.pdf", Action.READ_CIRCULAR)
def annex_file(by: Actor, at: datetime, circular_id: ObjectId) -> Response:
    return doors.annex_file(by, at, circular_id)


@pages.shows("/circulaires/<oid:circular_id>/fiche.pdf", Action.READ_CIRCULAR)
def fictional(by: Actor, at: datetime, circular_id: ObjectId) -> Response:
    return doors.fictional(by, at, circular_id)


@pages.acts("/circulaires/<oid:circular_id>/publier", Action.MAKE_CIRCULAR, back=show)
def publish(by: Actor, at: datetime, circular_id: ObjectId) -> str:
    published = made.publish(by, find_unchanged(MadeCircular, circular_id), at)
    flash(
        f"La version {published.version} de la circulaire {published.session} est publiée : elle ne change plus. "
        "Chaque secrétariat y fait passer ses candidats.",
        "ok",
    )
    return url_for("making_circulars.show", circular_id=circular_id)


@pages.acts("/circulaires/<oid:circular_id>/abandonner", Action.MAKE_CIRCULAR, back=show)
def abandon(by: Actor, at: datetime, circular_id: ObjectId) -> str:
    made.abandon(by, find_unchanged(MadeCircular, circular_id), at)
    flash("Cette préparation est abandonnée.", "ok")
    return url_for("making_circulars.home")

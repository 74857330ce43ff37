"""One candidate as their teachers see them: what is proved, who signed what, what is owed; feedback on a piece."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.evidence.feedback import NewFeedback
from api.http.routing import find
from api.http.schemas import Reason
from api.sign_offs.attestations import NewWaiver
from portfolio.documents import Activity, Candidacy, Commission, Evidence, Person, Placement, Portfolio
from portfolio.enrolment import pinned
from portfolio.enrolment.deadline import known_deadline
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.training import training_of
from portfolio.evidence import feedback
from portfolio.evidence.feedback_pages import of_pieces
from portfolio.evidence.piece_fields import missing_of, readable
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.conformity import is_provisional
from portfolio.rules.texts.catalogue import catalogue
from portfolio.sign_offs.answering import waivers
from portfolio.sign_offs.answering.signals import signals_on
from portfolio.sign_offs.asking.deliveries import advice_mails
from portfolio.store.digests import files_of
from portfolio.submission import submit
from portfolio.submission.kept_words import kept_since
from portfolio.submission.overview import conformity_of, coverage_of, overview
from web.forms import read_form
from web.pages import Pages, find_unchanged, made_once
from web.proposed import proposed_of
from web.teacher.first_pages import framed
from web.teacher.labels import OWED_BY

pages = Pages("teacher_candidate", __name__, "teacher")


@pages.shows("/classe/candidats/<oid:candidacy_id>", Action.READ_SIGN_OFFS)
def show(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    portfolio = find(Portfolio, candidacy_id)
    require(by, Action.READ_SIGN_OFFS, portfolio)
    summary = overview(portfolio)
    sign_offs = summary.sign_offs
    answers = [
        seat.attestation
        for activity in sign_offs.activities
        for seat in (activity.tutor, activity.teacher)
        if seat.attestation
    ]
    commissions = {"$and": [{"candidacy": candidacy_id}, scope(by, Action.READ_COMMISSION, Commission)]}
    return framed(
        "candidate.html",
        summary.candidacy,
        summary=summary,
        candidacy=summary.candidacy,
        portfolio=portfolio,
        deadline=known_deadline(by, summary.candidacy, academy_of(summary.candidacy.academy).timezone),
        lacks=[
            (
                check.text,
                is_provisional(summary.circular, check),
                " et ".join(OWED_BY[who] for who in check.owed_by),
            )
            for check in conformity_of(summary).checks
            if not check.passed
        ],
        lines=coverage_of(summary).competences,
        sign_offs=sign_offs,
        activities={activity.id: activity for activity in summary.activities},
        signals=signals_on(by, answers),
        advice=of_pieces(by, [piece.id for piece in summary.pieces]),
        training=training_of(summary.candidacy, summary.placements, at.date()),
        evaluations={evaluation.placement: evaluation for evaluation in summary.evaluations},
        unreachable=_unreachable_tutors(summary.placements),
        proposed=proposed_of(by, candidacy_id, waiting=True),
        commission=Commission.objects(__raw__=commissions).order_by("-id").first(),
        catalogue=catalogue(portfolio.exam),
        at=at,
        follows=may(by, Action.PLACE, summary.candidacy),
        may_evaluate=may(by, Action.WRITE_CLASS_REALITY, portfolio),
        may_reopen=may(by, Action.REOPEN, portfolio),
        kept=kept_since(summary.candidacy, portfolio, may_reopen=may(by, Action.REOPEN, portfolio)),
        may_convene=may(by, Action.CONVENE, summary.candidacy),
        may_attest={activity.id for activity in summary.activities if may(by, Action.ATTEST_AS_TEACHER, activity)},
    )


def _unreachable_tutors(placements: list[Placement]) -> set[ObjectId]:
    """Returns the ids of the tutors of these placements whose mail comes back or is delayed."""
    tutors = {placement.tutor for placement in placements if placement.tutor is not None}
    comes_back = {"$or": [{"address_failed_at": {"$ne": None}}, {"address_delayed_at": {"$ne": None}}]}
    return set(Person.objects(__raw__={"_id": {"$in": list(tutors)}, **comes_back}).scalar("id"))


@pages.acts("/classe/candidats/<oid:candidacy_id>/reouverture", Action.REOPEN, back=show)
def reopen(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.REOPEN, find(Portfolio, candidacy_id))
    submit.reopen(by, find_unchanged(Portfolio, candidacy_id), read_form(Reason).get("reason", ""), at)
    flash("Le portfolio est rouvert : le candidat peut le reprendre, puis le remettre de nouveau.", "ok")
    return url_for("teacher_candidate.show", candidacy_id=candidacy_id)


def _of_activity(by: Actor, at: datetime, activity_id: ObjectId) -> Response:
    return show(by, at, find(Activity, activity_id).candidacy)


@pages.acts("/classe/activites/<oid:activity_id>/dispense", Action.WAIVE_TUTOR, back=_of_activity)
def waive(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    activity = find(Activity, activity_id)
    require(by, Action.WAIVE_TUTOR, activity)
    reason = read_form(NewWaiver).get("reason", "")
    made_once(by, lambda: waivers.waive_tutor(by, activity, reason, at))
    flash("Le tuteur est dispensé de répondre sur cette activité ; le motif est conservé.", "ok")
    return url_for("teacher_candidate.show", candidacy_id=activity.candidacy, _anchor=f"activite-{activity_id}")


# --- one piece ------------------------------------------------------------------------------------


@pages.shows("/classe/preuves/<oid:evidence_id>", Action.READ_EVIDENCE)
def show_piece(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    piece = find(Evidence, evidence_id)
    require(by, Action.READ_EVIDENCE, piece)
    candidacy, files = find(Candidacy, piece.candidacy), files_of([piece])[piece.id]
    advice = of_pieces(by, [piece.id])[piece.id]
    return framed(
        "piece.html",
        piece,
        piece=piece,
        files=files,
        missing=missing_of(piece, files),
        unreadable=not readable(piece, files),
        candidacy=candidacy,
        activity=Activity.objects(pk=piece.activity).first(),
        kind=catalogue(piece.exam).types[piece.type_code],
        referential=pinned.referential_of(candidacy),
        advice=advice,
        mails=advice_mails(item.id for item in advice),
        portfolio=find(Portfolio, piece.candidacy),
        may_advise=may(by, Action.GIVE_FEEDBACK, piece),
    )


@pages.acts("/classe/preuves/<oid:evidence_id>/conseil", Action.GIVE_FEEDBACK, back=show_piece)
def advise(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    piece = find(Evidence, evidence_id)
    require(by, Action.GIVE_FEEDBACK, piece)
    revision = request.form.get("revision", "")
    read = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
    words = read_form(NewFeedback, "text").get("text", "")
    made_once(by, lambda: feedback.give(by, piece, read, words, at))
    flash("Votre conseil est enregistré : le candidat le lit sur sa preuve.", "ok")
    return url_for("teacher_candidate.show_piece", evidence_id=evidence_id)

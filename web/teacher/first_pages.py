"""The teacher's first pages: the class board, and the sign-offs that wait for them, answered one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.routing import find
from api.sign_offs.attestations import NewAttestation
from portfolio.boards.class_board import ORDERS, Board, board, ordered
from portfolio.documents import Activity, Attestation, Candidacy, EvidenceFile, Placement, School
from portfolio.documents.fields import by_id
from portfolio.documents.places import by_place
from portfolio.enrolment.institutions import academy_of
from portfolio.identifiers import is_rehearsal, name_key
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.answering.inbox import AwaitedAnswer, Narrowed
from portfolio.sign_offs.answering.inbox import inbox as waiting_for
from portfolio.sign_offs.answering.record import ShownHasChanged
from portfolio.sign_offs.answering.status import sign_offs_on
from web.forms import read_form
from web.layout import page
from web.pages import Pages
from web.teacher import labels

pages = Pages("teacher", __name__, "teacher")


def framed(template: str, thing: Any = None, *, status: int = 200, **values: Any) -> Response:
    """Returns a page about `thing`, of one academy and one session: in its time zone, with FICTIF for a rehearsal.
    template: under teacher/. values: what the template reads besides.
    """
    zone = values.pop("zone", None) or (academy_of(thing.academy).timezone if thing else "Europe/Paris")
    session = getattr(thing, "session", None) or values.get("session")
    fictional = bool(session and is_rehearsal(session))
    return page(f"teacher/{template}", status, zone=zone, fictional=fictional, words=labels, **values)


def exam_asked(codes: Sequence[str]) -> str | None:
    """Returns the code of the exam that the request names (`epreuve`) among these, or the first; None without any."""
    asked = request.values.get("epreuve")
    return asked if asked in codes else next(iter(codes), None)


def schools_of(by: Actor) -> list[School]:
    return sorted(School.objects(pk__in=by.values("teacher", "school")), key=by_place)


def candidate_page(by: Actor, candidacy_id: ObjectId) -> str:
    """Returns the address of the candidate's page for this reader: offices use the same pages of periods and
    commissions.
    """
    endpoint = "teacher_candidate.show" if by.has("teacher") else "office_candidates.candidate"
    return url_for(endpoint, candidacy_id=candidacy_id)


# --- the class ------------------------------------------------------------------------------------


@pages.shows("/classe", Action.READ_SIGN_OFFS)
def home(by: Actor, at: datetime) -> Response:
    asked, order = request.args, request.args.get("ordre", "late")
    wide = asked.get("portee") == "etablissement"
    class_board = board(by, at, asked.get("session"), asked.get("classe") or None, all_of_school=wide)
    lines = ordered(class_board.lines, order if order in ORDERS else "late")
    chosen = {"classe": asked.get("classe"), "ordre": order, "wide": wide}
    zone = next(iter({class_board.zones[line.candidacy.academy] for line in lines}), None)
    usual = _usual_deadline(class_board)
    return framed(
        "board.html",
        session=class_board.session,
        board=class_board,
        lines=lines,
        chosen=chosen,
        usual=usual,
        usual_provisional=any(line.provisional for line in lines if line.deadline == usual),
        zone=zone,
        at=at,
        schools=schools_of(by),
    )


def _usual_deadline(board: Board) -> datetime | None:
    """Returns the deadline of most lines, written once above the table; None without any."""
    deadlines = [line.deadline for line in board.lines]
    return max(set(deadlines), key=deadlines.count, default=None)


# --- sign-offs that wait ---------------------------------------------------------------------------


def _narrowed(at: datetime) -> tuple[Narrowed, dict[str, Any]]:
    """Returns what the address asks for (classe, candidat, depuis in days), and its parameters, to ask for it again."""
    asked = {name: request.args.get(name, "") for name in ("classe", "candidat", "depuis")}
    who, days = asked["candidat"], asked["depuis"]
    since = at - timedelta(days=int(days)) if days.isdecimal() and 0 < int(days) < 1000 else None
    filters = Narrowed(asked["classe"] or None, ObjectId(who) if ObjectId.is_valid(who) else None, since)
    return filters, {name: value for name, value in asked.items() if value}


def _mine(by: Actor, filters: Narrowed) -> list[AwaitedAnswer[Attestation]]:
    return [waiting for waiting in waiting_for(by, filters).sign_offs if waiting.about.seat == "teacher"]


@pages.shows("/confirmations", Action.READ_ATTESTATION)
def inbox(by: Actor, at: datetime) -> Response:
    filters, asked = _narrowed(at)
    everything = _mine(by, Narrowed())
    kept = {waiting.about.id for waiting in (_mine(by, filters) if asked else everything)}
    candidates = {waiting.candidacy.id: waiting.candidacy.display_name for waiting in everything}
    return framed(
        "inbox.html",
        everything[0].candidacy if everything else None,
        listed=[waiting for waiting in everything if waiting.about.id in kept],
        total=len(everything),
        candidates=sorted(candidates.items(), key=lambda candidate: name_key(candidate[1])),
        divisions=sorted({waiting.candidacy.division for waiting in everything if waiting.candidacy.division}),
        asked=asked,
        series=urlencode(asked),
        at=at,
    )


@pages.shows("/confirmations/<oid:activity_id>", Action.ATTEST_AS_TEACHER)
def to_answer(by: Actor, at: datetime, activity_id: ObjectId) -> Response:
    """Shows an activity as the teacher must read it before answering for it, asked for or not. Raises NotFound,
    Forbidden, Withdrawn.
    """
    activity = find(Activity, activity_id)
    require(by, Action.ATTEST_AS_TEACHER, activity)
    content_to_read = content.content_for(by, activity, SignOffSeat.TEACHER)
    filters, asked = _narrowed(at)
    rest = [waiting for waiting in _mine(by, filters) if waiting.activity and waiting.activity.id != activity.id]
    file_ids = [file["id"] for piece in content_to_read.pieces for file in piece.content["files"]]
    return framed(
        "answer.html",
        activity,
        activity=activity,
        candidacy=find(Candidacy, activity.candidacy),
        placement=by_id(Placement, [activity.placement]).get(activity.placement),
        content_to_read=content_to_read,
        files={str(key): file for key, file in by_id(EvidenceFile, map(ObjectId, file_ids)).items()},
        seats=sign_offs_on(activity),
        request_waiting=Attestation.objects(activity=activity.id, person=by.id, state="requested").first(),
        rest=rest,
        series=urlencode(asked),
    )


@pages.acts("/confirmations/<oid:activity_id>", Action.ATTEST_AS_TEACHER, back=to_answer)
def answer(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    values = read_form(NewAttestation, "answer", "comment", "shown_digest")
    given = (values.get("answer", ""), values.get("shown_digest", ""), values.get("comment"))
    activity = find(Activity, activity_id)
    try:
        answers.answer(by, activity, SignOffSeat.TEACHER, *given, None, None, at)
    except ShownHasChanged as refusal:
        raise ShownHasChanged({"answer": refusal.errors["shown_digest"]}) from None
    filters, asked = _narrowed(at)
    rest = _mine(by, filters)
    flash("Votre réponse est enregistrée." + (" Voici la suivante." if rest else " Plus rien n'attend ici."), "ok")
    if rest and rest[0].activity:
        return url_for("teacher.to_answer", activity_id=rest[0].activity.id, **asked)
    return url_for("teacher.inbox", **asked)

"""Works out which activities are signed off, by which seat, on what; which sign-offs went stale; which pieces are
accepted.

Nothing of this is stored: a sign-off is bound to digests, and counts as long as they match the content.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Evidence, EvidenceFile, Submission
from portfolio.documents.attestations import UNANSWERED, SignOffState
from portfolio.documents.portfolios import PieceState
from portfolio.evidence.piece_fields import readable
from portfolio.rules.signatories import signatories
from portfolio.rules.terms import Nature, SignOffSeat, WorkContext
from portfolio.sign_offs.answering.standing import (
    ActivitySeat,
    ActivitySignOffs,
    ActivityToSign,
    PieceToSign,
    SeatStatus,
    SignOffs,
)
from portfolio.store.digests import activity_content, digest, files_of, shown_digest

SEATS = tuple(SignOffSeat)
# « En partie » accepts: what it leaves out is in its comment, which the commission reads.
ACCEPTING = frozenset({SignOffState.CONFIRMED, SignOffState.PARTLY, SignOffState.WAIVED})
DECIDED = frozenset({SignOffState.CONFIRMED, SignOffState.PARTLY, SignOffState.REFUSED})


def sign_offs(candidacy_id: ObjectId) -> SignOffs:
    """Returns the sign-offs as of today, in four queries."""
    pieces = list(Evidence.objects(candidacy=candidacy_id, state__ne=PieceState.WITHDRAWN).order_by("id"))
    activities = Activity.objects(candidacy=candidacy_id, withdrawn_at=None).order_by("id")
    return compute(map(to_sign, activities), pieces_to_sign(pieces, files_of(pieces)), attestations_of(candidacy_id))


def sign_offs_on(activity: Activity) -> ActivitySignOffs:
    """Returns the sign-offs of one activity as of today."""
    pieces = list(Evidence.objects(activity=activity.id, state__ne=PieceState.WITHDRAWN).order_by("id"))
    attestations = list(Attestation.objects(activity=activity.id).order_by("id"))
    return compute([to_sign(activity)], pieces_to_sign(pieces, files_of(pieces)), attestations).activities[0]


def against(submission: Submission) -> SignOffs:
    """Returns the sign-offs on a frozen revision: a later sign-off counts if it is about the very content frozen. Two
    queries.
    """
    entered = set(Evidence.objects(candidacy=submission.candidacy, entered_by__ne=None).scalar("id"))
    return counted_against(submission, entered, attestations_of(submission.candidacy))


def counted_against(
    submission: Submission, entered: Collection[ObjectId], attestations: Collection[Attestation]
) -> SignOffs:
    """Returns as `against`; pure. entered: the pieces that a teacher entered. attestations: all of the candidacy."""
    frozen = json.loads(submission.content)
    activities = [
        ActivityToSign(ObjectId(activity["id"]), activity["title"], activity["context"], activity["digest"])
        for activity in frozen["activities"]
    ]
    pieces = [
        PieceToSign(
            id=ObjectId(piece["id"]),
            activity=ObjectId(piece["activity"]) if piece["activity"] else None,
            title=piece["title"],
            nature=piece["nature"],
            by_teacher=ObjectId(piece["id"]) in entered,
            digest=piece["shown_digest"],
        )
        for piece in frozen["pieces"]
    ]
    return compute(activities, pieces, attestations)


def attestations_of(candidacy_id: ObjectId) -> list[Attestation]:
    return list(Attestation.objects(candidacy=candidacy_id).order_by("id"))


def to_sign(activity: Activity) -> ActivityToSign:
    return ActivityToSign(activity.id, activity.title, activity.context, digest(activity_content(activity)))


def pieces_to_sign(pieces: Iterable[Evidence], files: dict[ObjectId, list[EvidenceFile]]) -> list[PieceToSign]:
    """Returns what a sign-off needs of each piece that can be read, in their order. files: {piece id: its files}, of
    every piece.
    """
    return [
        PieceToSign(
            id=piece.id,
            activity=piece.activity,
            title=piece.title,
            nature=piece.nature,
            by_teacher=piece.entered_by is not None,
            digest=shown_digest(piece, files[piece.id]),
        )
        for piece in pieces
        if readable(piece, files[piece.id])
    ]


# --- pure ---------------------------------------------------------------------------------------

Part = TypeVar("Part", PieceToSign, Attestation)
# {attestation id: {piece id: digest that it was shown}}
DigestsShown = dict[ObjectId, dict[ObjectId, str]]


def seats_of(nature: Nature, by_teacher: bool, context: WorkContext) -> frozenset[str]:
    """Returns the SignOffSeat values that sign a piece, by its nature then its activity's context (arrêté, annex II D,
    E5, B); none if a teacher entered it.
    """
    return frozenset() if by_teacher else signatories(nature, context)


def compute(
    activities: Iterable[ActivityToSign], pieces: Collection[PieceToSign], attestations: Collection[Attestation]
) -> SignOffs:
    """Returns the sign-offs of these activities, from their ready pieces and all their attestations (answers and
    requests). Pure.
    """
    signed: list[ActivitySignOffs] = []
    accepted = {piece.id for piece in pieces if piece.by_teacher}
    pieces_of, attestations_on = _by_activity(pieces), _by_activity(attestations)
    answered_on: DigestsShown = {
        answer.id: {piece.evidence: piece.digest for piece in answer.pieces} for answer in attestations
    }
    for activity in activities:
        inside, about = pieces_of[activity.id], attestations_on[activity.id]
        answers = {seat: _answers(seat, about) for seat in SEATS}
        tutor, teacher = (_seat(seat, activity, inside, about, answers[seat], answered_on) for seat in SEATS)
        signed.append(ActivitySignOffs(activity.id, activity.title, activity.context, tutor, teacher))
        accepted |= {piece.id for piece in inside if _accepted(piece, activity, answers, answered_on)}
    return SignOffs(tuple(signed), frozenset(accepted), tuple(attestations))


def _by_activity(things: Iterable[Part]) -> dict[ObjectId | None, list[Part]]:
    grouped: dict[ObjectId | None, list[Part]] = defaultdict(list)
    for thing in things:
        grouped[thing.activity].append(thing)
    return grouped


def _accepted(
    piece: PieceToSign,
    activity: ActivityToSign,
    answers: dict[SignOffSeat, list[Attestation]],
    answered_on: DigestsShown,
) -> bool:
    """Returns True if every seat that must sign this piece accepts it as it is, regardless of the pieces beside it. A
    piece `autre` needs no seat, and is not accepted by that: the commission admits it.
    """
    seats = [seat for seat in SEATS if seat in seats_of(piece.nature, piece.by_teacher, activity.context)]
    counting = [
        _counting(answer for answer in answers[seat] if _covers(answer, activity, [piece], answered_on))
        for seat in seats
    ]
    return bool(counting) and all(answer is not None and answer.state in ACCEPTING for answer in counting)


def _seat(
    seat: SignOffSeat,
    activity: ActivityToSign,
    inside: list[PieceToSign],
    attestations: Collection[Attestation],
    answers: list[Attestation],
    answered_on: DigestsShown,
) -> ActivitySeat:
    signed_for = [piece for piece in inside if seat in seats_of(piece.nature, piece.by_teacher, activity.context)]
    # With no piece yet, the context tells who will have to sign.
    needed = bool(signed_for) if inside else seat in signatories(Nature.PRODUCTION, activity.context)
    waiting = [
        attestation
        for attestation in attestations
        if attestation.seat == seat and attestation.state == SignOffState.REQUESTED
    ]
    current = _counting(answer for answer in answers if _covers(answer, activity, signed_for, answered_on))
    latest = current or _counting(answers)
    request = waiting[-1] if waiting else None
    changes = _changes(latest, activity, signed_for, answered_on) if latest and not current else ()
    last = max((about for about in attestations if about.seat == seat), key=lambda about: about.id, default=None)
    lapsed = last if last is not None and last.state == SignOffState.LAPSED else None
    return ActivitySeat(_status(needed, current, request, latest, lapsed), latest, request, changes, lapsed)


def _status(
    needed: bool,
    current: Attestation | None,
    request: Attestation | None,
    latest: Attestation | None,
    lapsed: Attestation | None,
) -> SeatStatus:
    """Returns the status of a seat: an accepting answer comes first, then a pending request, then any other answer on
    the same content. needed: whether the seat has to sign. current: the answer on this content. latest: any answer,
    stale if there is no current one. lapsed: the last request, which ended as its addressee left the seat.
    """
    if not needed:
        return SeatStatus.NOT_NEEDED
    if current is not None and (current.state in ACCEPTING or request is None):
        return SeatStatus(current.state)
    if request is not None:
        return SeatStatus.REQUESTED
    if latest is not None:
        return SeatStatus.STALE
    return SeatStatus.LAPSED if lapsed is not None else SeatStatus.MISSING


def _answers(seat: SignOffSeat, attestations: Iterable[Attestation]) -> list[Attestation]:
    """Returns the answers for a seat, without the waivers that a later decision of the tutor overrides."""
    answers = [
        attestation for attestation in attestations if attestation.seat == seat and attestation.state not in UNANSWERED
    ]
    decided = [_when(answer) for answer in answers if answer.state in DECIDED]
    return [
        answer
        for answer in answers
        if answer.state != SignOffState.WAIVED or not any(_when(answer) < moment for moment in decided)
    ]


def _counting(answers: Iterable[Attestation]) -> Attestation | None:
    """Returns the latest of each person's latest answer; « je ne sais pas » counts only if no person decided; None
    without answers.
    """
    latest = {answer.person: answer for answer in sorted(answers, key=_when)}
    return max(
        latest.values(), key=lambda answer: (answer.state != SignOffState.NOT_KNOWN, _when(answer)), default=None
    )


def _when(answer: Attestation) -> tuple[datetime, ObjectId]:
    return answer.answered_at, answer.id


def _covers(
    answer: Attestation, activity: ActivityToSign, pieces: list[PieceToSign], answered_on: DigestsShown
) -> bool:
    return answer.state == SignOffState.WAIVED or not _changes(answer, activity, pieces, answered_on)


def _changes(
    answer: Attestation, activity: ActivityToSign, pieces: list[PieceToSign], answered_on: DigestsShown
) -> tuple[str, ...]:
    """Returns what changed since an answer, in French sentences. A withdrawn piece is no change."""
    digests = answered_on[answer.id]
    changes = []
    # Only present pieces are compared: once a piece is withdrawn, what is left was all answered for.
    if answer.activity_digest != activity.digest:
        changes.append("L'activité a été modifiée.")
    for piece in pieces:
        if piece.id not in digests:
            changes.append(f"La preuve « {piece.title} » a été ajoutée.")
        elif digests[piece.id] != piece.digest:
            changes.append(f"La preuve « {piece.title} » a été modifiée.")
    return tuple(changes)

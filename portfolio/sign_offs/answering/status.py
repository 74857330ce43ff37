"""Which activities are signed off, by whom, on what; which sign-offs went stale; which pieces are accepted.

Nothing is stored of this: a sign-off is bound to digests, and counts as long as they are those of the content.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Evidence, EvidenceFile, Submission
from portfolio.documents.attestations import UNANSWERED
from portfolio.rules.signatories import signatories
from portfolio.store.digests import activity_content, digest, files_of, shown_digest

SEATS = ("tutor", "teacher")
# « En partie » accepts: what it leaves out is in its comment, which the commission reads.
ACCEPTING = frozenset({"confirmed", "partly", "waived"})
DECIDED = frozenset({"confirmed", "partly", "refused"})


@dataclass(frozen=True)
class PieceToSign:
    """digest: of what a signatory is shown. by_teacher: a result of checks that a teacher entered."""

    id: ObjectId
    activity: ObjectId | None
    title: str
    nature: str
    by_teacher: bool
    digest: str


@dataclass(frozen=True)
class ActivityToSign:
    id: ObjectId
    title: str
    context: str
    digest: str


@dataclass(frozen=True)
class Seat:
    """status: confirmed, partly, refused, not_known, waived, requested, missing, stale or not_needed.

    attestation: the answer that counts, else the latest stale one. request: still waiting for an answer.
    changes: French sentences, what changed since a stale answer.
    """

    status: str
    attestation: Attestation | None
    request: Attestation | None
    changes: tuple[str, ...]

    @property
    def stale(self) -> bool:
        return bool(self.changes)


@dataclass(frozen=True)
class ActivitySignOffs:
    id: ObjectId
    title: str
    context: str
    tutor: Seat
    teacher: Seat


@dataclass(frozen=True)
class SignOffs:
    """attestations: all of the candidacy, requests too. accepted_pieces: ids, see `_accepted`."""

    activities: tuple[ActivitySignOffs, ...]
    accepted_pieces: frozenset[ObjectId]
    attestations: tuple[Attestation, ...]

    @cached_property
    def statuses(self) -> dict[ObjectId, dict[str, str]]:
        """{activity id: {seat: status}}"""
        return {one.id: {"tutor": one.tutor.status, "teacher": one.teacher.status} for one in self.activities}


def sign_offs(candidacy_id: ObjectId) -> SignOffs:
    """As of today. Four queries, whatever the number of activities and pieces."""
    pieces = list(Evidence.objects(candidacy=candidacy_id, state="ready").order_by("id"))
    activities = Activity.objects(candidacy=candidacy_id, withdrawn_at=None).order_by("id")
    return compute(map(to_sign, activities), pieces_to_sign(pieces, files_of(pieces)), attestations_of(candidacy_id))


def sign_offs_on(activity: Activity) -> ActivitySignOffs:
    """As of today, one activity alone."""
    pieces = list(Evidence.objects(activity=activity.id, state="ready").order_by("id"))
    said = list(Attestation.objects(activity=activity.id).order_by("id"))
    return compute([to_sign(activity)], pieces_to_sign(pieces, files_of(pieces)), said).activities[0]


def against(submission: Submission) -> SignOffs:
    """As of a frozen revision: a sign-off given after it counts, if it is about the very content that was frozen."""
    frozen = json.loads(submission.content)
    entered = set(Evidence.objects(candidacy=submission.candidacy, entered_by__ne=None).scalar("id"))
    activities = [
        ActivityToSign(ObjectId(one["id"]), one["title"], one["context"], one["digest"]) for one in frozen["activities"]
    ]
    pieces = [
        PieceToSign(
            id=ObjectId(one["id"]),
            activity=ObjectId(one["activity"]) if one["activity"] else None,
            title=one["title"],
            nature=one["nature"],
            by_teacher=ObjectId(one["id"]) in entered,
            digest=one["shown_digest"],
        )
        for one in frozen["pieces"]
    ]
    return compute(activities, pieces, attestations_of(submission.candidacy))


def attestations_of(candidacy_id: ObjectId) -> list[Attestation]:
    return list(Attestation.objects(candidacy=candidacy_id).order_by("id"))


def to_sign(activity: Activity) -> ActivityToSign:
    return ActivityToSign(activity.id, activity.title, activity.context, digest(activity_content(activity)))


def pieces_to_sign(pieces: Iterable[Evidence], files: dict[Any, list[EvidenceFile]]) -> list[PieceToSign]:
    """pieces: ready ones. files: by piece id."""
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
    ]


# --- pure ---------------------------------------------------------------------------------------


def seats_of(nature: str, by_teacher: bool, context: str) -> frozenset[str]:
    """Who signs a piece, by its nature then the activity's context. What a teacher entered is signed already."""
    return frozenset() if by_teacher else signatories(nature, context)


def compute(
    activities: Iterable[ActivityToSign], pieces: Collection[PieceToSign], attestations: Collection[Attestation]
) -> SignOffs:
    found: list[ActivitySignOffs] = []
    accepted = {piece.id for piece in pieces if piece.by_teacher}
    pieces_of, said_of = _by_activity(pieces), _by_activity(attestations)
    for activity in activities:
        inside, said = pieces_of[activity.id], said_of[activity.id]
        answers = {seat: _answers(seat, said) for seat in SEATS}
        tutor, teacher = (_seat(seat, activity, inside, said, answers[seat]) for seat in SEATS)
        found.append(ActivitySignOffs(activity.id, activity.title, activity.context, tutor, teacher))
        accepted |= {piece.id for piece in inside if _accepted(piece, activity, answers)}
    return SignOffs(tuple(found), frozenset(accepted), tuple(attestations))


def _by_activity(things: Iterable[Any]) -> dict[ObjectId, list[Any]]:
    grouped: dict[ObjectId, list[Any]] = defaultdict(list)
    for one in things:
        grouped[one.activity].append(one)
    return grouped


def _accepted(piece: PieceToSign, activity: ActivityToSign, answers: dict[str, list[Attestation]]) -> bool:
    """Every signatory it needs answered for this piece as it is, whatever became of the others beside it.

    `autre` needs none, and is not accepted by that: it is the commission's to admit.
    """
    seats = seats_of(piece.nature, piece.by_teacher, activity.context)
    counting = [_counting(one for one in answers[seat] if _covers(one, activity, [piece])) for seat in seats]
    return bool(counting) and all(answer is not None and answer.state in ACCEPTING for answer in counting)


def _seat(
    seat: str,
    activity: ActivityToSign,
    inside: list[PieceToSign],
    said: Collection[Attestation],
    answers: list[Attestation],
) -> Seat:
    signed_for = [piece for piece in inside if seat in seats_of(piece.nature, piece.by_teacher, activity.context)]
    # With no piece yet, the context tells who will have to sign.
    needed = bool(signed_for) if inside else seat in signatories("production", activity.context)
    waiting = [one for one in said if one.seat == seat and one.state == "requested"]
    current = _counting(one for one in answers if _covers(one, activity, signed_for))
    latest = current or _counting(answers)
    request = waiting[-1] if waiting else None
    changes = _changes(latest, activity, signed_for) if latest and not current else ()
    return Seat(_status(needed, current, request, latest), latest, request, changes)


def _status(needed: bool, current: Attestation | None, request: Attestation | None, latest: Attestation | None) -> str:
    """An answer that accepts ends the matter; otherwise a request that waits says who owes what."""
    if not needed:
        return "not_needed"
    if current is not None and (current.state in ACCEPTING or request is None):
        return str(current.state)
    if request is not None:
        return "requested"
    return "stale" if latest is not None else "missing"


def _answers(seat: str, said: Iterable[Attestation]) -> list[Attestation]:
    """A waiver stands for an absent tutor: it falls when the tutor decides after all."""
    answers = [one for one in said if one.seat == seat and one.state not in UNANSWERED]
    decided = [_when(one) for one in answers if one.state in DECIDED]
    return [one for one in answers if one.state != "waived" or not any(_when(one) < moment for moment in decided)]


def _counting(answers: Iterable[Attestation]) -> Attestation | None:
    """Of each person's latest answer, the latest; « je ne sais pas » says nothing against somebody who knows."""
    latest = {one.person: one for one in sorted(answers, key=_when)}
    return max(latest.values(), key=lambda one: (one.state != "not_known", _when(one)), default=None)


def _when(answer: Attestation) -> tuple[Any, Any]:
    return answer.answered_at, answer.id


def _covers(answer: Attestation, activity: ActivityToSign, pieces: list[PieceToSign]) -> bool:
    return answer.state == "waived" or not _changes(answer, activity, pieces)


def _changes(answer: Attestation, activity: ActivityToSign, pieces: list[PieceToSign]) -> tuple[str, ...]:
    """A withdrawn piece is no change: what is left was all confirmed."""
    shown = {piece.evidence: piece.digest for piece in answer.pieces}
    changes = []
    if answer.activity_digest != activity.digest:
        changes.append("L'activité a été modifiée.")
    for piece in pieces:
        if piece.id not in shown:
            changes.append(f"La preuve « {piece.title} » a été ajoutée.")
        elif shown[piece.id] != piece.digest:
            changes.append(f"La preuve « {piece.title} » a été modifiée.")
    return tuple(changes)

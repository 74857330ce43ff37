"""How sign-offs stand: for each activity, what is to be signed, by which seat, and what each answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from bson import ObjectId

from portfolio.documents import Attestation
from portfolio.rules.terms import Nature, SignOffSeat, WorkContext


class SeatStatus(StrEnum):
    """Where a seat stands for an activity: a SignOffState, or what no attestation stores."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"
    WAIVED = "waived"
    REQUESTED = "requested"
    LAPSED = "lapsed"
    MISSING = "missing"
    STALE = "stale"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class PieceToSign:
    """A readable piece. digest: of what a signatory is shown. by_teacher: a result of checks that a teacher entered."""

    id: ObjectId
    activity: ObjectId | None
    title: str
    nature: Nature
    by_teacher: bool
    digest: str


@dataclass(frozen=True)
class ActivityToSign:
    id: ObjectId
    title: str
    context: WorkContext
    digest: str


@dataclass(frozen=True)
class ActivitySeat:
    """Where one seat stands for one activity.

    attestation: the answer that counts, else the latest stale one. request: still waiting for an answer.
    lapsed: the last request, where whom it was asked of left the seat, and nothing was asked or answered since.
    changes: French sentences that say what changed since a stale answer.
    """

    status: SeatStatus
    attestation: Attestation | None
    request: Attestation | None
    changes: tuple[str, ...]
    lapsed: Attestation | None = None

    @property
    def stale(self) -> bool:
        return bool(self.changes)


@dataclass(frozen=True)
class ActivitySignOffs:
    id: ObjectId
    title: str
    context: WorkContext
    tutor: ActivitySeat
    teacher: ActivitySeat


@dataclass(frozen=True)
class SignOffs:
    """The sign-offs of a candidacy. attestations: all of them, requests too. accepted_pieces: ids, see `_accepted`."""

    activities: tuple[ActivitySignOffs, ...]
    accepted_pieces: frozenset[ObjectId]
    attestations: tuple[Attestation, ...]

    @cached_property
    def statuses(self) -> dict[ObjectId, dict[str, str]]:
        """Returns {activity id: {seat: status}}; seats as in SignOffSeat, statuses as in SeatStatus."""
        return {
            activity.id: {SignOffSeat.TUTOR: activity.tutor.status, SignOffSeat.TEACHER: activity.teacher.status}
            for activity in self.activities
        }

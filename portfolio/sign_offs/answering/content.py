"""Gathers what a signatory reads before answering for an activity, and the digest that binds the answer to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile
from portfolio.documents.fields import by_id
from portfolio.documents.portfolios import PieceState
from portfolio.enrolment.deadline import told_deadlines
from portfolio.enrolment.lateness import piece_late_since
from portfolio.enrolment.pinned import circular_of
from portfolio.evidence.deposit import Withdrawn
from portfolio.evidence.piece_fields import readable
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.texts.circular_terms import Attestations, Statement
from portfolio.sign_offs.answering.status import seats_of
from portfolio.store.digests import activity_content, digest, files_of, shown_content


@dataclass(frozen=True)
class PieceShown:
    """A piece as its signatory reads it.

    content: `digests.shown_content`. revision: of the piece when it was read; late_since: when it was deposited, if
    after the deadline that its reader is told; reused_from: the earlier session that its candidate took it from, if
    any; digest: of the content, which none of these is part of.
    """

    evidence: ObjectId
    revision: int
    content: dict[str, Any]
    digest: str
    late_since: datetime | None
    reused_from: str | None


@dataclass(frozen=True)
class Shown:
    """What a signatory reads before answering. digest: of all of it; the answer echoes it."""

    activity: dict[str, Any]
    activity_digest: str
    pieces: tuple[PieceShown, ...]
    statement: Statement
    digest: str


def content_for(by: Actor, activity: Activity, seat: SignOffSeat) -> Shown:
    """Returns the activity, the readable pieces that this seat answers for, and the circular's statement.

    Raises NotFound, Forbidden, Withdrawn.
    """
    require(by, Action.READ_ACTIVITY, activity)
    refuse_withdrawn(activity)
    return shown_of([activity], seat, by)[activity.id]


def refuse_withdrawn(activity: Activity) -> None:
    """Raises Withdrawn if the activity was withdrawn."""
    if activity.withdrawn_at is not None:
        raise Withdrawn()


def shown_of(activities: Sequence[Activity], seat: SignOffSeat, by: Actor | None = None) -> dict[ObjectId, Shown]:
    """Returns {activity id: what this seat is shown of it} in four queries. The caller checks the rights. by: the
    teacher who reads it, if one does: lateness is told to whoever may know the candidate's deadline, never to a tutor,
    on screen or on paper. Raises UnknownCircular.
    """
    if not activities:
        return {}
    pinned = list(by_id(Candidacy, (activity.candidacy for activity in activities)).values())
    rules = {candidacy.id: circular_of(candidacy).attestations for candidacy in pinned}
    deadlines = told_deadlines(by if seat == SignOffSeat.TEACHER else None, pinned)
    ids = [activity.id for activity in activities]
    kept = Evidence.objects(activity__in=ids, state__ne=PieceState.WITHDRAWN).order_by("id")
    contexts = {activity.id: activity.context for activity in activities}
    owed = [
        piece
        for piece in kept
        if seat in seats_of(piece.nature, piece.entered_by is not None, contexts[piece.activity])
    ]
    files = files_of(owed)
    signed = [piece for piece in owed if readable(piece, files[piece.id])]
    inside: dict[ObjectId, list[PieceShown]] = defaultdict(list)
    for piece in signed:
        inside[piece.activity].append(_piece(piece, files[piece.id], deadlines[piece.candidacy]))
    return {
        activity.id: _shown(activity, seat, rules[activity.candidacy], tuple(inside[activity.id]))
        for activity in activities
    }


def _shown(activity: Activity, seat: SignOffSeat, rules: Attestations, pieces_shown: tuple[PieceShown, ...]) -> Shown:
    statement = (rules.tutor if seat == SignOffSeat.TUTOR else rules.teacher).statement
    about = activity_content(activity)
    everything = {
        "activity": {"id": activity.id, **about},
        "seat": seat,
        "pieces": [[piece.evidence, piece.digest] for piece in pieces_shown],
        "statement": asdict(statement),
    }
    return Shown(about, digest(about), pieces_shown, statement, digest(everything))


def _piece(piece: Evidence, files: list[EvidenceFile], deadline: datetime | None) -> PieceShown:
    content = shown_content(piece, files)
    late_since = piece_late_since(piece, files, deadline)
    reused_from = piece.reused.session if piece.reused else None
    return PieceShown(piece.id, piece.revision, content, digest(content), late_since, reused_from)


def differences(before: Shown, now: Shown) -> list[str]:
    """Returns what differs between two readings of one activity, in French sentences; [] if nothing. Pure."""
    earlier = {piece.evidence: piece for piece in before.pieces}
    sentences = [] if before.activity_digest == now.activity_digest else ["L'activité a été modifiée."]
    for piece in now.pieces:
        known = earlier.pop(piece.evidence, None)
        if known is None:
            sentences.append(f"La preuve « {piece.content['title']} » a été ajoutée.")
        elif known.digest != piece.digest:
            sentences.append(f"La preuve « {piece.content['title']} » a été modifiée.")
    return sentences + [f"La preuve « {piece.content['title']} » n'y est plus." for piece in earlier.values()]

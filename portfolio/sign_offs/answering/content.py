"""What a signatory reads before answering for an activity, and the digest that binds the answer to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile
from portfolio.evidence.deposit import Withdrawn
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.circular import circular
from portfolio.rules.circular_terms import Attestations, Statement
from portfolio.sign_offs.answering.status import seats_of
from portfolio.store.digests import activity_content, digest, files_of, shown_content


@dataclass(frozen=True)
class PieceShown:
    """content: `digests.shown_content`. revision: of the piece when it was read; digest: of the content."""

    evidence: ObjectId
    revision: int
    content: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class Shown:
    """What a signatory reads before answering. digest: of all of it, to be echoed by the answer."""

    activity: dict[str, Any]
    activity_digest: str
    pieces: tuple[PieceShown, ...]
    statement: Statement
    digest: str


def shown(by: Actor, activity: Activity, seat: str) -> Shown:
    """The activity, the ready pieces that this seat answers for, and the circular's statement."""
    require(by, Action.READ_ACTIVITY, activity)
    refuse_withdrawn(activity)
    return shown_of([activity], seat)[activity.id]


def refuse_withdrawn(activity: Activity) -> None:
    if activity.withdrawn_at is not None:
        raise Withdrawn()


def shown_of(activities: Sequence[Activity], seat: str) -> dict[ObjectId, Shown]:
    """{activity id: what this seat is shown of it}: three queries, however many. Rights are the caller's to check."""
    rules = _rules({one.candidacy for one in activities})
    ready = list(Evidence.objects(activity__in=[one.id for one in activities], state="ready").order_by("id"))
    contexts = {one.id: one.context for one in activities}
    signed = [one for one in ready if seat in seats_of(one.nature, one.entered_by is not None, contexts[one.activity])]
    files = files_of(signed)
    inside: dict[ObjectId, list[Evidence]] = defaultdict(list)
    for piece in signed:
        inside[piece.activity].append(piece)
    return {one.id: _shown(one, seat, rules[one.candidacy], inside[one.id], files) for one in activities}


def _rules(candidacies: Iterable[ObjectId]) -> dict[ObjectId, Attestations]:
    """What each candidate's circular says of sign-offs."""
    pins = {one.id: one.circular for one in Candidacy.objects(pk__in=candidacies).only("circular")}
    return {key: circular(pin.id, pin.version, pin.sha256).attestations for key, pin in pins.items()}


def _shown(
    activity: Activity, seat: str, rules: Attestations, pieces: list[Evidence], files: dict[Any, list[EvidenceFile]]
) -> Shown:
    statement = (rules.tutor if seat == "tutor" else rules.teacher).statement
    seen = tuple(_piece(one, files[one.id]) for one in pieces)
    about = activity_content(activity)
    everything = {
        "activity": {"id": activity.id, **about},
        "seat": seat,
        "pieces": [[piece.evidence, piece.digest] for piece in seen],
        "statement": asdict(statement),
    }
    return Shown(about, digest(about), seen, statement, digest(everything))


def _piece(piece: Evidence, files: list[EvidenceFile]) -> PieceShown:
    content = shown_content(piece, files)
    return PieceShown(piece.id, piece.revision, content, digest(content))

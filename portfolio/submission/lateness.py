"""Lists what is late in a portfolio: for the office, which decides on it, and for its candidate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bson import ObjectId

from portfolio.documents import Evidence, EvidenceFile, Portfolio
from portfolio.documents.portfolios import FileState
from portfolio.enrolment.deadline import stored_deadlines
from portfolio.enrolment.lateness import piece_late_since
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.submission.overview import Overview, overview

Frozen = TypeVar("Frozen")
FROZEN_LATENESS = frozenset({"late", "left_aside"})  # what the content of a submission says of it


@dataclass(frozen=True)
class LatePiece:
    """A piece that is handed in. rank: among them, from 1, as where its title is not shown. since: when it came."""

    id: ObjectId
    rank: int
    since: datetime


def late_in(whole: Overview, deadline: datetime | None) -> list[LatePiece]:
    """Returns the pieces handed in that were deposited, or got a file, after the deadline (an instant, or None where it
    is not told); [] if none.
    Pure.
    """
    since = [piece_late_since(piece, whole.files[piece.id], deadline) for piece in whole.handed_in]
    ranked = enumerate(zip(whole.handed_in, since, strict=True), 1)
    return [LatePiece(piece.id, rank, moment) for rank, (piece, moment) in ranked if moment is not None]


def late_pieces(by: Actor, portfolio: Portfolio, deadline: datetime | None) -> list[LatePiece]:
    """Returns the pieces of `late_in`, by rank and without titles, for a reader who may see what is missing: an office
    reads no title of a piece. Raises NotFound, Forbidden, Eliminated.
    """
    require(by, Action.READ_CONFORMITY, portfolio)
    return late_in(overview(portfolio), deadline)


def late_of(candidacies: Collection[ObjectId]) -> Iterator[tuple[ObjectId, datetime]]:
    """Yields (piece, since when it is late) of the pieces of these candidacies, in a constant number of queries."""
    deadlines = stored_deadlines(candidacies)
    files = defaultdict[ObjectId, list[EvidenceFile]](list)
    if deadlines:
        verified = EvidenceFile.objects(candidacy__in=candidacies, state=FileState.VERIFIED, removed_at=None)
        for file in verified.filter(created_at__gt=min(deadlines.values())):
            files[file.evidence].append(file)
    for piece in Evidence.objects(candidacy__in=candidacies).order_by("id"):
        since = piece_late_since(piece, files[piece.id], deadlines[piece.candidacy])
        if since is not None:
            yield piece.id, since


def still_late(frozen: Mapping[str, str], deadline: datetime) -> dict[str, str]:
    """Returns {piece id: since when, ISO} of what a submission froze as late (`frozen`, likewise), without what the
    deadline, which may have moved since, keeps in time. Pure.
    """
    return {key: since for key, since in frozen.items() if datetime.fromisoformat(since) > deadline}


def without_lateness(content: Mapping[str, Frozen]) -> dict[str, Frozen]:
    """Returns the frozen content of a submission (by its keys) for whoever is told of no lateness. Its digest would say
    whether something was left out here: they are not given it either. Pure.
    """
    return {key: value for key, value in content.items() if key not in FROZEN_LATENESS}


def without_pieces(whole: Overview, late: list[LatePiece], left_aside: Collection[ObjectId]) -> Overview:
    """Returns the portfolio without the pieces `left_aside` (ids); pure. Raises Invalid on `left_aside` if one of them
    is not among `late`.
    """
    if set(left_aside) - {piece.id for piece in late}:
        raise Invalid({"left_aside": ["Seule une preuve déposée après la date limite peut être laissée de côté."]})
    return replace(whole, pieces=[piece for piece in whole.pieces if piece.id not in left_aside])

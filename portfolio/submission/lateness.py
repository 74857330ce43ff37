"""Tells what was deposited after the deadline.

The arrêté says nothing of it: nothing is refused for it, and the office decides.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Portfolio
from portfolio.documents.portfolios import FileState
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.submission.overview import Overview, overview


@dataclass(frozen=True)
class LatePiece:
    """A ready piece. rank: among the ready pieces, from 1, as where its title is not shown. since: when it came."""

    id: ObjectId
    rank: int
    since: datetime


def late_in(whole: Overview, deadline: datetime) -> list[LatePiece]:
    """Returns the ready pieces that were deposited after the deadline (an instant), or got a file after it; [] if none.
    Pure. A result that a teacher entered is no deposit.
    """
    pieces = []
    for rank, piece in enumerate(whole.ready, 1):
        files = [file.created_at for file in whole.files[piece.id] if file.state == FileState.VERIFIED]
        late = [moment for moment in (piece.created_at, *files) if moment > deadline]
        if late and piece.entered_by is None:
            pieces.append(LatePiece(piece.id, rank, min(late)))
    return pieces


def late_pieces(by: Actor, portfolio: Portfolio, deadline: datetime) -> list[LatePiece]:
    """Returns the pieces of `late_in`, by rank and without titles, for whoever may read what is missing: an office
    reads no title of a piece. Raises NotFound, Forbidden, Eliminated.
    """
    require(by, Action.READ_CONFORMITY, portfolio)
    return late_in(overview(portfolio), deadline)


def without_pieces(whole: Overview, late: list[LatePiece], left_aside: Collection[ObjectId]) -> Overview:
    """Returns the portfolio without the pieces `left_aside` (ids); pure. Raises Invalid on `left_aside` if one of them
    is not among `late`.
    """
    if set(left_aside) - {piece.id for piece in late}:
        raise Invalid({"left_aside": ["Seule une preuve déposée après la date limite peut être laissée de côté."]})
    return replace(whole, pieces=[piece for piece in whole.pieces if piece.id not in left_aside])

"""Lists the formative feedback on pieces, for the teachers who gave it and the candidate it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bson import ObjectId

from portfolio.documents import Evidence, Feedback, Portfolio
from portfolio.documents.people import Role
from portfolio.documents.portfolios import PortfolioState
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor


def of_pieces(by: Actor, pieces: Iterable[ObjectId]) -> dict[ObjectId, list[Feedback]]:
    """Returns {piece id: the feedback that the caller may read, oldest first} in one query; any other id gives []."""
    query = {"$and": [{"evidence": {"$in": list(pieces)}}, scope(by, Action.READ_FEEDBACK, Feedback)]}
    by_piece: dict[ObjectId, list[Feedback]] = defaultdict(list)
    for given in Feedback.objects(__raw__=query).order_by("id"):
        by_piece[given.evidence].append(given)
    return by_piece


def unread(by: Actor) -> list[Feedback]:
    """Returns the feedback that this candidate has not read, oldest first, in three queries.

    Only on an open portfolio and a piece that is not withdrawn, where it may still be used.
    """
    still_open = list(
        Portfolio.objects(pk__in=by.values(Role.CANDIDATE, "candidacy"), state=PortfolioState.OPEN).scalar("id")
    )
    given = list(Feedback.objects(candidacy__in=still_open, seen_at=None).order_by("id"))
    pieces = set(Evidence.objects(pk__in={feedback.evidence for feedback in given}, withdrawn_at=None).scalar("id"))
    return [feedback for feedback in given if feedback.evidence in pieces]

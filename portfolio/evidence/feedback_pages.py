"""The formative feedback on pieces, for those who gave it and the one it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bson import ObjectId

from portfolio.documents import Evidence, Feedback, Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor


def of_pieces(by: Actor, pieces: Iterable[ObjectId]) -> dict[ObjectId, list[Feedback]]:
    """{piece id: what this person may read of it, oldest first}: one query; an id without any answers []."""
    query = {"$and": [{"evidence": {"$in": list(pieces)}}, scope(by, Action.READ_FEEDBACK, Feedback)]}
    found: dict[ObjectId, list[Feedback]] = defaultdict(list)
    for given in Feedback.objects(__raw__=query).order_by("id"):
        found[given.evidence].append(given)
    return found


def unread(by: Actor) -> list[Feedback]:
    """What this candidate has not read and may still use, oldest first: of an open portfolio, on a piece that is there.

    Three queries.
    """
    still_open = list(Portfolio.objects(pk__in=by.values("candidate", "candidacy"), state="open").scalar("id"))
    found = list(Feedback.objects(candidacy__in=still_open, seen_at=None).order_by("id"))
    there = set(Evidence.objects(pk__in={one.evidence for one in found}, withdrawn_at=None).scalar("id"))
    return [one for one in found if one.evidence in there]

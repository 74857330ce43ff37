"""The formative feedback on pieces, for those who gave it and the one it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bson import ObjectId

from portfolio.documents import Feedback
from portfolio.permissions import Action, scope
from portfolio.relations import Actor


def of_pieces(by: Actor, pieces: Iterable[ObjectId]) -> dict[ObjectId, list[Feedback]]:
    """{piece id: what this person may read of it, oldest first}: one query; an id without any answers []."""
    query = {"$and": [{"evidence": {"$in": list(pieces)}}, scope(by, Action.READ_FEEDBACK, Feedback)]}
    found: dict[ObjectId, list[Feedback]] = defaultdict(list)
    for given in Feedback.objects(__raw__=query).order_by("id"):
        found[given.evidence].append(given)
    return found

"""Limits attempts within a period. An attempt is counted before it is made: twenty at once count as twenty.

A count states nothing about the exam: it is written directly to the store, outside every chain, and a TTL index removes
it later. Its subject is stored as a keyed digest. Who counts against which budget is said where it is taken: by person
beside the act, by network and address in `api.http.attempts`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument

from portfolio.documents.fields import instant
from portfolio.errors import TooMany
from portfolio.identity.client_fingerprint import keyed
from portfolio.store.connections import current


@dataclass(frozen=True)
class Budget:
    """At most `most` attempts within `within`, from the first one on. name: unique in the service."""

    name: str
    most: int
    within: timedelta

    def take(self, whose: str, at: datetime) -> int:
        """Counts one more attempt of `whose` (any key, such as a person's id) and returns how many this period has.
        Raises TooMany beyond `most`. The wait in the message is always the whole period: the remaining time would
        reveal when another person tried.
        """
        over = {"$lte": [{"$ifNull": ["$until", instant(at)]}, instant(at)]}
        counted = {
            "count": {"$cond": [over, 1, {"$add": ["$count", 1]}]},
            "until": {"$cond": [over, instant(at + self.within), "$until"]},
        }
        row: Any = current().database.attempts.find_one_and_update(
            {"_id": self._key(whose)}, [{"$set": counted}], upsert=True, return_document=ReturnDocument.AFTER
        )
        if row["count"] > self.most:
            raise TooMany(retry_after=int(self.within.total_seconds()))
        return int(row["count"])

    def taken(self, whose: Iterable[str], at: datetime) -> dict[str, int]:
        """Returns {key: attempts counted in the period under way}; a key without any is absent. One query."""
        keys = {self._key(key): key for key in whose}
        counted = {"_id": {"$in": list(keys)}, "until": {"$gt": instant(at)}, "count": {"$gt": 0}}
        return {keys[row["_id"]]: int(row["count"]) for row in current().database.attempts.find(counted)}

    def give_back(self, whose: str) -> None:
        """Takes one attempt of `whose` from the count, never below zero."""
        taken = {"_id": self._key(whose), "count": {"$gt": 0}}
        current().database.attempts.update_one(taken, {"$inc": {"count": -1}})

    def _key(self, whose: str) -> str:
        return f"{self.name}:{keyed('attempts', whose)}"

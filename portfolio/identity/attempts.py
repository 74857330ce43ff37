"""How often something may be tried within a time. A try is counted before it is made: twenty at once are twenty.

A count says nothing about the exam: it is written straight to the store, outside every chain, and an index of its
collection removes it some time after. Who or what is counted is kept as a keyed digest.
"""

from __future__ import annotations

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
    """At most `most` tries within `within`, from the first one on. name: unique over the service."""

    name: str
    most: int
    within: timedelta

    def take(self, whose: str, at: datetime) -> int:
        """Counts one more try of `whose`, and returns how many that makes. Raises TooMany once `most` were made.

        The wait that is told is always the whole time: what remains would say when somebody else has tried.
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

    def give_back(self, whose: str) -> None:
        """A try that was taken and does not count after all."""
        taken = {"_id": self._key(whose), "count": {"$gt": 0}}
        current().database.attempts.update_one(taken, {"$inc": {"count": -1}})

    def _key(self, whose: str) -> str:
        return f"{self.name}:{keyed('attempts', whose)}"

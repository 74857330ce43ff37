"""Seals what was stored before version 0.3 as it is found, once: from then on, whatever bears no seal is a fault.

It proves nothing of the time before. What already bears a seal is left alone: nothing that was altered is made good.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio import seals
from portfolio.connections import current
from portfolio.documents import Chain
from portfolio.journal import GENESIS, Event, Seal, commit
from portfolio.relations import SYSTEM
from portfolio.sealed_fields import KIND, SEALED
from portfolio.verify_seals import BASELINE, everything_is_sealed, last_seals

BATCH = 500


def seal_what_stands(at: datetime) -> int:
    """How many documents were sealed. Killed in the middle, it is run again: the fact that ends it comes last."""
    if everything_is_sealed():
        return 0
    store = Chain(id=BASELINE, seq=0, mac=GENESIS)
    count = 0
    for collection in SEALED:
        for groups in _without_seal(collection):
            event = Event(BASELINE, "state_found", SYSTEM.journal_name, at, store, {"kind": collection})
            commit([Seal(KIND[collection], groups)], event)
            count += len(groups)
    commit([], Event(BASELINE, "state_sealed", SYSTEM.journal_name, at, store, {"count": count}))
    return count


def _without_seal(collection: str) -> Iterator[dict[ObjectId, list[str]]]:
    """{id: the groups of fields that no link sealed}, batch by batch."""
    last: dict[str, Any] = {}
    while True:
        found = current().database[collection].find(last, {"_id": 1}).sort("_id", 1).limit(BATCH)
        ids = [row["_id"] for row in found]
        if not ids:
            return
        sealed = last_seals([seals.name_of(collection, one) for one in ids])
        groups = {one: _missing(collection, sealed.get(seals.name_of(collection, one), {})) for one in ids}
        groups = {one: missing for one, missing in groups.items() if missing}
        if groups:
            yield groups
        last = {"_id": {"$gt": ids[-1]}}


def _missing(collection: str, sealed: dict[str, Any]) -> list[str]:
    return [group for group in SEALED[collection].groups if group not in sealed]

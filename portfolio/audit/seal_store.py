"""Seals as it is found what was stored before its chains sealed it: from then on, whatever bears no seal is a fault.

Once for the version that began to seal, and once for each group of fields added since (`sealed_fields.LATER`). It
proves nothing of the time before. What already bears a seal, and what should bear one and does not, is left alone:
nothing that was altered is made good.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.audit.verify_seals import BASELINE, last_seals, not_yet_sealed
from portfolio.documents import Chain
from portfolio.policy.relations import SYSTEM
from portfolio.store import seals
from portfolio.store.chains import GENESIS, event_by
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import Seal, commit
from portfolio.store.sealed_fields import KIND

BATCH = 500


def seal_what_stands(at: datetime) -> int:
    """How many documents were sealed. Killed in the middle, it is run again: the fact that ends it comes last."""
    waiting = {collection: groups for collection, groups in not_yet_sealed().items() if groups}
    if not waiting or current().database.events.find_one({}, {"_id": 1}) is None:
        return 0
    store = Chain(id=BASELINE, seq=0, mac=GENESIS)
    count = 0
    for collection, asked in waiting.items():
        for groups in _without_seal(collection, asked):
            event = event_by(SYSTEM, at, BASELINE, EventName.STATE_FOUND, store, {"kind": collection})
            commit([Seal(KIND[collection], groups)], event)
            count += len(groups)
    data = {"count": count, "groups": {collection: sorted(groups) for collection, groups in waiting.items()}}
    commit([], event_by(SYSTEM, at, BASELINE, EventName.STATE_SEALED, store, data))
    return count


def _without_seal(collection: str, asked: set[str]) -> Iterator[dict[ObjectId, list[str]]]:
    """{id: those of these groups of fields that no link sealed}, batch by batch."""
    last: dict[str, Any] = {}
    while True:
        found = current().database[collection].find(last, {"_id": 1}).sort("_id", 1).limit(BATCH)
        ids = [row["_id"] for row in found]
        if not ids:
            return
        sealed = last_seals([seals.name_of(collection, one) for one in ids])
        groups = {one: _missing(asked, sealed.get(seals.name_of(collection, one), {})) for one in ids}
        groups = {one: missing for one, missing in groups.items() if missing}
        if groups:
            yield groups
        last = {"_id": {"$gt": ids[-1]}}


def _missing(asked: set[str], sealed: dict[str, Any]) -> list[str]:
    return sorted(asked - set(sealed))

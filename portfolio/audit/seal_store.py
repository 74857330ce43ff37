"""Seals the current state of documents stored before their chains sealed them; a missing seal is then a fault.

It runs once for the version that began to seal, and once for each group of fields added since (`LATER` of
`sealing.sealed_fields`). It proves nothing of the time before. It changes neither existing seals nor missing ones that
are faults: an alteration is never made valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from portfolio.store.sealing.sealed_fields import KIND

BATCH = 500


def seal_what_stands(at: datetime) -> int:
    """Seals the stored documents that no link sealed yet, and returns their number; 0 if there are none. If killed, it
    can run again: the event that ends it comes last.
    """
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
    """Yields {document id: groups among `asked` that no link sealed}, by batch of a collection, by id; documents that
    lack none are left out.
    """
    last: dict[str, Any] = {}
    while True:
        rows = current().database[collection].find(last, {"_id": 1}).sort("_id", 1).limit(BATCH)
        ids = [row["_id"] for row in rows]
        if not ids:
            return
        names = {document_id: seals.name_of(collection, document_id) for document_id in ids}
        sealed = last_seals(list(names.values()))
        groups = {document_id: _missing(asked, sealed.get(name, {})) for document_id, name in names.items()}
        groups = {document_id: missing for document_id, missing in groups.items() if missing}
        if groups:
            yield groups
        last = {"_id": {"$gt": ids[-1]}}


def _missing(asked: set[str], sealed: Mapping[str, object]) -> list[str]:
    return sorted(asked - set(sealed))

"""Records what a list wrote, line by line, so that it can be taken back while nothing was done with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId

from portfolio.documents import ListImport, School
from portfolio.documents.places import WrittenRow
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Insert, commit


def record(
    by: Actor, school: School, session: str, rows: Iterable[WrittenRow], at: datetime, rosters: Iterable[ObjectId] = ()
) -> ListImport | None:
    """Records what a list wrote and returns it; None where it wrote nothing. rosters: the imports of candidates that
    were made with it.
    """
    require(by, Action.ENROL, school)
    written = list(rows)
    if not written:
        return None
    kept = ListImport(created_at=at, school=school.id, session=session, rosters=list(rosters), rows=written)
    data = {"rows": len(written), "rosters": [str(roster) for roster in kept.rosters]}
    commit([Insert(kept)], event_by(by, at, f"school:{school.id}", EventName.LIST_WRITTEN, kept, data))
    return kept

"""Watches what the acts that a test plays do to the states of what is stored, in the transaction that writes it.

Each move is held against `boards.lifecycles`: from the state that the store held, to the state that it holds, by an
act that is named there and is under way. It costs two reads for each move: the tests of some rooms alone bear it, and
not while commands are counted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portfolio.boards.lifecycle import Lifecycle
from portfolio.boards.lifecycles import LIFECYCLES
from portfolio.store import journal
from tests.support import queries

ROOMS = ("archive", "commission", "enrolment", "evidence", "identity", "jury", "sheet", "sign_offs", "states")
WATCHED = {Path(__file__).parents[2] / room for room in (*ROOMS, "submission")}  # folders of tests
TELLING = {"state", "sealed_at", "opened", "live"}  # the fields that `Lifecycle.state_of` reads
BY_COLLECTION = {life.kind._get_collection_name(): life for life in LIFECYCLES}


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Until it is left: fails at the first move that no act under way is said to make."""
    write = journal._write

    def watching(session: Any, change: Any, ready: Any, seals: Any) -> None:
        life = _moved(change)
        if life is None or queries.under_way:
            write(session, change, ready, seals)
            return
        if isinstance(change, journal.Insert):
            _hold(life, None, life.state_of(ready))
            write(session, change, ready, seals)
            return
        query = change.query if isinstance(change, journal.ChangeAll) else {"_id": change.document.pk}
        rows = life.kind._get_collection()
        before = {row["_id"]: life.state_of(row) for row in rows.find(query, session=session)}
        write(session, change, ready, seals)
        for row in rows.find({"_id": {"$in": list(before)}}, session=session):
            _hold(life, before[row["_id"]], life.state_of(row))

    monkeypatch.setattr(journal, "_write", watching)
    yield


def _moved(change: Any) -> Lifecycle | None:
    """The states of what a change makes or moves, if it does."""
    if isinstance(change, journal.Insert):
        return BY_COLLECTION.get(change.document._get_collection_name())
    if isinstance(change, journal.Change | journal.ChangeAll) and TELLING & change.values.keys():
        kind = change.kind if isinstance(change, journal.ChangeAll) else change.document
        return BY_COLLECTION.get(kind._get_collection_name())  # type: ignore[union-attr]
    return None


def _hold(life: Lifecycle, before: str | None, after: str) -> None:
    if before == after:
        return
    allowed = life.begins if before is None else life.moves.get(before, {})
    under_way = _under_way()
    acts = [act for act, states in allowed.items() if after in states and act in under_way]
    assert acts, f"boards.lifecycles: {life.kind.__name__} {before} → {after}, by one of {sorted(under_way)}"


def _under_way() -> set[str]:
    frame, found = sys._getframe(), set[str]()
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("portfolio."):
            found.add(f"{module.removeprefix('portfolio.')}.{frame.f_code.co_name}")
        frame = frame.f_back  # type: ignore[assignment]
    return found

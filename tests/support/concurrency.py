"""Acts that happen at the same moment: each in a thread of its own, or one in the middle of another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the refusal it raised, in their order."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except Exception as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def in_between(monkeypatch: pytest.MonkeyPatch, verbs: ModuleType, act: Callable[[], Any]) -> None:
    """The next verb of this module reads and decides; then this happens, once; then the verb writes."""
    commit, happened = verbs.commit, []

    def commit_late(*given: Any) -> Any:
        if not happened:
            happened.append(True)
            act()
        return commit(*given)

    monkeypatch.setattr(verbs, "commit", commit_late)

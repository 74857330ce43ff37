"""Who waits for a view: nobody for somebody else's file, as long as there is a place."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from portfolio.files.previews import places
from portfolio.files.previews.places import MOST_ASKED, Places, TooManyViews


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(places, "LONGEST_WAIT_S", 0.05)
    yield


def test_one_person_never_holds_two_places_and_another_finds_one(soon: None) -> None:
    shared = Places(2)
    with shared.taken("slow"):
        with pytest.raises(TooManyViews), shared.taken("slow"):
            pass
        with shared.taken("other"), pytest.raises(TooManyViews), shared.taken("third"):
            pass
    with shared.taken("third"), shared.taken("slow"):
        pass


def test_what_one_person_asks_for_is_made_one_after_the_other() -> None:
    shared, at_once, most = Places(2), 0, 0

    def ask() -> None:
        nonlocal at_once, most
        with shared.taken("reader"):
            at_once += 1
            most = max(most, at_once)
            at_once -= 1

    threads = [threading.Thread(target=ask) for _ in range(MOST_ASKED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_asks_for_too_much_at_once_waits_for_none_of_it() -> None:
    """Each request that waits holds a thread that others need."""
    shared = Places(2)
    ended = threading.Event()
    waiting = [threading.Thread(target=lambda: _hold(shared, ended)) for _ in range(MOST_ASKED)]
    for thread in waiting:
        thread.start()
    while shared._asked["greedy"] < MOST_ASKED:
        pass
    with pytest.raises(TooManyViews), shared.taken("greedy"):
        pass
    with shared.taken("other"):
        pass
    ended.set()
    for thread in waiting:
        thread.join()
    assert not shared._asked


def _hold(shared: Places, ended: threading.Event) -> None:
    with ExitStack() as held:
        held.enter_context(shared.taken("greedy"))
        ended.wait(20)

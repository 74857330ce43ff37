"""A store that accepts and never answers costs little, and soon nothing; it is found again by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from config.settings import Settings
from portfolio.errors import Unavailable
from portfolio.store.connections import Connections
from portfolio.store.objects import breaker as breaker_module
from portfolio.store.objects.breaker import SILENCES, StoreSilent
from portfolio.store.objects.bucket import Storage
from tests.support.both_stores import storage_at
from tests.support.cable import Cable, to_objects

BOUND_S = 5.0


@pytest.fixture
def cable(store: Connections) -> Iterator[Cable]:
    with to_objects(store) as made:
        yield made


@pytest.fixture
def by_cable(cable: Cable, settings: Settings) -> Storage:
    return through(cable, settings, patient=False)


def through(cable: Cable, settings: Settings, *, patient: bool) -> Storage:
    return storage_at(f"http://127.0.0.1:{cable.port}", settings, patient=patient)


def refused_in(call: Callable[[], object]) -> tuple[float, Unavailable]:
    """Returns the seconds until the call was refused, and how."""
    began = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        call()
    return time.monotonic() - began, refused.value


def test_a_command_of_the_night_outlives_a_pause_that_a_request_does_not_wait_for(
    cable: Cable, settings: Settings
) -> None:
    patient = through(cable, settings, patient=True)
    patient.put("silent/kept", b"kept", "text/plain")
    cable.hush()
    again = threading.Timer(BOUND_S, cable.speak)
    again.start()
    assert b"".join(patient.open("silent/kept")) == b"kept"
    again.join()


def test_a_silent_store_costs_five_seconds_then_nothing_and_is_found_again(
    by_cable: Storage, cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker_module, "REST_S", 1.0)
    by_cable.put("silent/kept", b"kept", "text/plain")
    upload = by_cable.start_multipart("silent/parts", "text/plain")
    cable.hush()
    calls: list[Callable[[], object]] = [
        lambda: by_cable.put("silent/lost", b"lost", "text/plain"),
        lambda: by_cable.complete("silent/parts", upload, {1: '"etag"'}),
        lambda: by_cable.open("silent/kept"),
    ]
    with ThreadPoolExecutor(SILENCES) as threads:
        first = list(threads.map(refused_in, calls))
    assert all(seconds < BOUND_S for seconds, _ in first), first
    seconds, refusal = refused_in(lambda: by_cable.head("silent/kept"))
    assert seconds < 0.1
    assert isinstance(refusal, StoreSilent)
    assert refusal.facts["retry_after"] == 1

    cable.speak()
    assert refused_in(by_cable.ping)[0] < 0.1  # left alone for a while yet
    time.sleep(1.0)
    assert b"".join(by_cable.open("silent/kept")) == b"kept"
    by_cable.ping()


def test_a_store_that_is_silent_in_the_middle_of_a_file_is_given_up_as_soon(by_cable: Storage, cable: Cable) -> None:
    by_cable.put("silent/large", b"x" * 40_000_000, "text/plain")
    chunks = iter(by_cable.open("silent/large"))
    next(chunks)
    cable.hush()
    seconds, _ = refused_in(lambda: list(chunks))
    assert seconds < BOUND_S + 1  # what was on its way is read first

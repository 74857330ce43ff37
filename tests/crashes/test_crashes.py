"""kill -9 of every part of the service, in the middle of acts: nothing acknowledged is lost, all comes back."""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crashes.audit import nothing_is_lost
from tests.crashes.service import Service
from tests.crashes.streams import Depositor, Office, Stream
from tests.support.waiting import await_until

logger = logging.getLogger(__name__)
DEPOSITORS = 2
ROUNDS = int(os.environ.get("ROUNDS", "20"))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, DEPOSITORS)
    yield made
    made.stop()


# --- what is killed -------------------------------------------------------------------------------


def an_application_worker(service: Service, _: list[Stream], count: int) -> None:
    service.kill_application_worker(count)


def the_worker(service: Service, _: list[Stream], count: int) -> None:
    service.kill_worker()


def mongod(service: Service, streams: list[Stream], _: int) -> None:
    lost(service, "mongod", streams)


def weed(service: Service, streams: list[Stream], _: int) -> None:
    lost(service, "weed", [stream for stream in streams if isinstance(stream, Depositor)])


def lost(service: Service, engine: str, streams: list[Stream]) -> None:
    """Dead until somebody was told so, as `said_unavailable` asks; nobody starts the application again."""
    people, told = service.application_workers(), [stream.ledger.unavailable for stream in streams]
    service.engines.kill(engine)
    await_all(streams, lambda: any(one.ledger.unavailable > was for one, was in zip(streams, told, strict=True)))
    service.engines.start_again(engine)
    served_again(streams)
    assert service.application_workers() == people


def the_primary(service: Service, streams: list[Stream], _: int) -> None:
    """It steps down, as in an election: there is nobody to write to for a while."""
    people = service.application_workers()
    service.engines.step_down(5)
    served_again(streams)
    assert service.application_workers() == people


Kill = Callable[[Service, list[Stream], int], None]
VICTIMS: list[Kill] = [an_application_worker, the_worker, mongod, weed]


# --- the tests ------------------------------------------------------------------------------------


def storm(service: Service, kills: list[Kill]) -> None:
    """Each kill falls on people who act, and each of them is served again after it."""
    depositors = [Depositor(service, candidate) for candidate in service.seeded["candidates"]]
    office = Office(service)
    streams: list[Stream] = [*depositors, office]
    for stream in streams:
        stream.start()
    began = time.monotonic()
    for count, kill in enumerate(kills):
        served_again(streams)
        time.sleep(random.uniform(0.05, 0.4))
        kill(service, streams, count)
    served_again(streams)
    for stream in streams:
        assert stream.end().wrong == []
    say(streams, len(kills), time.monotonic() - began)
    nothing_is_lost(service, depositors, office)


def served_again(streams: list[Stream]) -> None:
    before = [stream.ledger.acknowledged for stream in streams]
    await_all(streams, lambda: all(one.ledger.acknowledged > was for one, was in zip(streams, before, strict=True)))


def await_all(streams: list[Stream], condition: Callable[[], bool]) -> None:
    def met() -> bool:
        for stream in streams:
            assert not stream.ledger.wrong, stream.ledger.wrong[0]
        return condition()

    await_until(met, "somebody waits for ever")


def say(streams: list[Stream], kills: int, seconds: float) -> None:
    ledgers = [stream.ledger for stream in streams]
    acts, files = sum(one.acknowledged for one in ledgers), sum(len(one.files) for one in ledgers)
    cut, unavailable = sum(one.cut for one in ledgers), sum(one.unavailable for one in ledgers)
    told = "%d kills in %.0f s: %d acts acknowledged, %d files, %d cut, %d told to try again"
    logger.info(told, kills, seconds, acts, files, cut, unavailable)


def test_every_part_of_the_service_may_die_in_the_middle_of_acts(service: Service) -> None:
    storm(service, VICTIMS)


@pytest.mark.endure
@pytest.mark.parametrize("victim", [*VICTIMS, the_primary])
def test_it_may_die_again_and_again(service: Service, victim: Kill) -> None:
    storm(service, [victim] * ROUNDS)

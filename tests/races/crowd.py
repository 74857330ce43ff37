"""Several processes act on the same things as fast as they can; what each act gave is written down, and compared with
the chains afterwards.

An act is a verb of the domain on things read by that process. Each has an instant of its own, so that its link in a
chain names it.
"""

from __future__ import annotations

import multiprocessing
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any, Protocol

from config.settings import Settings
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.errors import Refusal
from portfolio.store.connections import current, open_connections

BEGINS = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
WAIT_S = 120
SAYS_NOTHING = {"refused", "not_now"}  # the codes of families: a verb has one of its own

Act = Callable[[datetime], object]


class NothingToDo(Exception):
    """There is nothing yet that this act could be about: another one is drawn."""


class Scene(Protocol):
    """What one process may do in a place, and how often: {name: (weight, act)}. A name that ends in `?` is of an act
    that may rightly end without a trace, its work being done already."""

    acts: Mapping[str, tuple[int, Act]]


@dataclass(frozen=True)
class Done:
    """code: of the refusal, None where it was acknowledged. trouble: anything else that was raised, in full.

    started, ended: on the clock that all processes of a machine share.
    """

    name: str
    at: datetime
    started: float
    ended: float
    code: str | None = None
    trouble: str | None = None


_start: Barrier


def _join(settings: Settings, start: Barrier) -> None:
    global _start
    _start = start
    open_connections(settings)


def _act(scene_of: Callable[[Any, random.Random], Scene], place: Any, rank: int, of: int) -> list[Done]:
    current().written.clear()  # the store was emptied since this process wrote last
    draw = random.Random(rank)
    scene = scene_of(place, draw)
    names, weights = list(scene.acts), [weight for weight, _ in scene.acts.values()]
    done: list[Done] = []
    _start.wait(WAIT_S)
    while len(done) < of:
        name = draw.choices(names, weights)[0]
        at = BEGINS + timedelta(milliseconds=len(done) * _start.parties + rank)
        started = time.monotonic()
        code = trouble = None
        try:
            scene.acts[name][1](at)
        except NothingToDo:
            continue
        except Refusal as refusal:
            code = refusal.code
            assert refusal.message and code not in SAYS_NOTHING, f"{name} is refused and nobody is told why"
        except Exception:
            trouble = traceback.format_exc()
        done.append(Done(name, at, started, time.monotonic(), code, trouble))
    return done


class Crowd:
    """`size` processes, each with connections of its own, started together on a scene."""

    def __init__(self, size: int, settings: Settings) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.size = size
        self._pool = ProcessPoolExecutor(size, spawn, _join, (settings, spawn.Barrier(size)))

    def race(self, scene_of: Callable[[Any, random.Random], Scene], place: Any, acts: int) -> list[Done]:
        """Every process does `acts` acts; nothing but refusals is raised."""
        racing = [self._pool.submit(_act, scene_of, place, rank, acts) for rank in range(self.size)]
        done = [one for racer in racing for one in racer.result()]
        troubles = [f"{one.name}\n{one.trouble}" for one in done if one.trouble]
        assert not troubles, "\n".join(troubles[:3])
        return done

    def leave(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def chains_tell(done: list[Done]) -> dict[str, Counter[str]]:
    """Asserts that every acknowledged act is in a chain, once and in order, and no refused one; that chains are sound.

    Returns, for who wants to know what the race was made of, {act: how often it was acknowledged, or refused by code}.
    """
    links = list(current().database.events.find({"at": {"$gte": BEGINS}}).sort([("chain", 1), ("seq", 1)]))
    told = Counter(link["at"] for link in links)
    for one in done:
        wanted = {0} if one.code else ({0, 1} if one.name.endswith("?") else {1})
        assert told[one.at] in wanted, f"{one} is told {told[one.at]} times"
    assert set(told) <= {one.at for one in done}, "a link that no act asked for"
    _in_order(links, {one.at: one for one in done})
    faults = [*verify(), *verify_stored()]
    assert not faults, faults[:10]
    tally: dict[str, Counter[str]] = {}
    for one in done:
        tally.setdefault(one.name, Counter())[one.code or "acknowledged"] += 1
    return tally


def _in_order(links: list[dict[str, Any]], acts: dict[datetime, Done]) -> None:
    """An act that had been answered before another was begun comes before it in their chain."""
    latest: dict[str, float] = {}
    for link in links:
        act = acts[link["at"]]
        assert act.ended >= latest.get(link["chain"], 0), f"{act.name} was answered before what its chain tells first"
        latest[link["chain"]] = max(latest.get(link["chain"], 0), act.started)


def links_of(chain: str) -> list[dict[str, Any]]:
    return list(current().database.events.find({"chain": chain}).sort("seq", 1))

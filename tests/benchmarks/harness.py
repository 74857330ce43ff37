"""The engines, the application in this process, and how a line is measured."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from flask import Flask
from flask.testing import FlaskClient

import migrations
from api.operation.logs import log_to_stderr
from config.collector import set_aside
from config.embedded import Engines
from config.settings import Settings
from portfolio.store.connections import Connections, close_connections, open_connections
from tests.support.clock import SHIFT, START
from tests.support.worlds.world import World
from web.app import create_site


@dataclass(frozen=True)
class Line:
    """measured in the unit said; ratio against the bare way of the same run, where there is one.

    budget: what is claimed of `ratio`, or of `measured` where there is no ratio. kept: whether it holds.
    details: written, not printed.
    """

    name: str
    measured: float
    unit: str
    ratio: float | None
    budget: str
    kept: bool
    details: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def at_most(
    name: str,
    measured: float,
    unit: str,
    budget: float,
    ratio: float | None = None,
    details: list[dict[str, Any]] | None = None,
) -> Line:
    value = measured if ratio is None else ratio
    shown = f"<= {budget:g}" + ("" if ratio is not None else f" {unit}")
    told = None if ratio is None else round(ratio, 2)
    return Line(name, round(measured, 2), unit, told, shown, value <= budget, details or [])


def at_least(
    name: str,
    measured: float,
    unit: str,
    budget: float,
    ratio: float,
    details: list[dict[str, Any]] | None = None,
) -> Line:
    return Line(name, round(measured, 2), unit, round(ratio, 2), f">= {budget:g}", ratio >= budget, details or [])


def told(name: str, measured: float, unit: str, details: list[dict[str, Any]] | None = None) -> Line:
    """Of a figure that promises nothing by itself."""
    return Line(name, round(measured, 2), unit, None, "told", kept=True, details=details or [])


class Stage:
    """One store per run, filled by the lines themselves. pattern: a real document that many are copied from."""

    pattern: Any

    def __init__(self, connections: Connections, app: Flask, environment: dict[str, str]) -> None:
        self.connections, self.app, self.environment = connections, app, environment
        self.world = World(lambda: START)
        app.config["CLOCK"] = self.world.clock

    @staticmethod
    def get(client: FlaskClient, path: str) -> bytes:
        """What is answered, once it is: closed, as a server does, so that the request is logged and counted too."""
        with client.get(path) as answer:
            assert answer.status_code == 200, answer.text
            return answer.data

    def client(self, person: Any) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {World.token_for(person, self.world.clock())}"
        return client


@contextmanager
def opened() -> Iterator[Stage]:
    """Logs are written as in production, a line per request: into a file that goes with the process."""
    with (
        tempfile.TemporaryDirectory(prefix="e5-bench-") as folder,
        Engines.start(Path(folder) / "engines", expiring=False, roomy=True) as engines,
    ):
        environment = engines.environment() | {"PUBLIC_URL": "http://localhost", "CLOCK": SHIFT}
        settings = Settings.from_environment(environment)
        connections = open_connections(settings)
        connections.storage.ensure_bucket()
        migrations.apply(connections.database)
        with redirect_stderr(_requests_log()):
            log_to_stderr("INFO")
        stage = Stage(connections, create_site(settings), environment)
        set_aside()  # as in each worker of the service
        yield stage
        close_connections()


@cache
def _requests_log() -> TextIO:
    """One for all the rooms: whoever logged in the first keeps writing to it."""
    return tempfile.TemporaryFile("w", prefix="e5-bench-")  # type: ignore[return-value]  # noqa: SIM115


def side_by_side(one: Callable[[], Any], other: Callable[[], Any], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of both, taken in turn, so that the machine's moods fall on both alike; after five of warm-up."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 5):
        for act, kept in zip((one, other), times, strict=True):
            start = time.perf_counter()
            act()
            if turn >= 5:
                kept.append((time.perf_counter() - start) * 1000)
    return times


def timed(act: Callable[[], Any], rounds: int) -> list[float]:
    """Milliseconds of each round, after three of warm-up."""
    return side_by_side(act, lambda: None, rounds)[0]


def spread(times: list[float]) -> list[dict[str, Any]]:
    """What a median does not tell: nine in ten of the rounds lie between both."""
    twentieths = statistics.quantiles(times, n=20)
    return [{"rounds": len(times), "p5": round(twentieths[0], 2), "p95": round(twentieths[-1], 2)}]


def median(times: list[float]) -> float:
    return statistics.median(times)


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]

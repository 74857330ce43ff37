"""/metrics: figures for Prometheus, behind a token of its own.

The door stands before the application: no sign-in opens it, whatever the role, since rates per route would tell a
candidate when commissions work. Without METRICS_TOKEN it does not exist.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Flask
from prometheus_client import REGISTRY, CollectorRegistry, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from pymongo.errors import PyMongoError
from werkzeug.wrappers import Response

from portfolio import VERSION
from portfolio.boards.backlog import backlog
from portfolio.store.background.turns import last_done
from portfolio.store.connections import current

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"


class BackgroundCollector(Collector):
    """Counts the outbox at each scrape, reads the last turns and the room left. While the store is down, these figures
    alone are left out.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        version = GaugeMetricFamily("portfolio_version_info", "The version that serves", labels=["version"])
        version.add_metric([VERSION], 1)
        yield version
        try:
            outbox, turns, room = backlog(self._clock()), last_done(), current().database.command("dbStats")
        except PyMongoError:
            return
        if "fsTotalSize" in room:
            free = room["fsTotalSize"] - room["fsUsedSize"]
            yield GaugeMetricFamily("portfolio_database_free_bytes", "Room left on the disk of the database", free)
        yield GaugeMetricFamily("portfolio_outbox_waiting", "Errands to be done", outbox.waiting)
        yield GaugeMetricFamily(
            "portfolio_outbox_failing", "Errands that failed and wait to be tried again", outbox.failing
        )
        yield GaugeMetricFamily("portfolio_outbox_late_seconds", "How overdue the oldest errand is", outbox.late_s)
        yield GaugeMetricFamily("portfolio_drawings_waiting", "Files whose views are to be made", outbox.drawings)
        done = GaugeMetricFamily(
            "portfolio_turn_last_success_timestamp_seconds",
            "When each task of the clock, and each command of the night, last ended well",
            labels=["task"],
        )
        for task, at in turns.items():
            done.add_metric([task], at.timestamp())
        yield done


def figures(clock: Callable[[], datetime]) -> CollectorRegistry:
    """Returns the registry of the figures of all workers of this machine if gunicorn gave them a folder, else of this
    process.
    """
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client left it untyped
    else:
        registry.register(REGISTRY)
    registry.register(BackgroundCollector(clock))
    return registry


class MetricsDoor:
    def __init__(self, application: WSGIApplication, token: str, clock: Callable[[], datetime]) -> None:
        self._application, self._expected, self._clock = application, f"Bearer {token}".encode(), clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            answered: Iterable[bytes] = self._application(environ, start_response)
            return answered
        given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")  # as WSGI decoded it (PEP 3333)
        if not hmac.compare_digest(given, self._expected):
            headers = {"WWW-Authenticate": 'Bearer realm="metrics"', "Cache-Control": "no-store"}
            return Response("Jeton attendu.\n", 401, headers)(environ, start_response)
        exposed: Iterable[bytes] = make_wsgi_app(figures(self._clock))(environ, start_response)
        return exposed


def install(app: Flask, token: str | None) -> None:
    if token:
        app.wsgi_app = MetricsDoor(app.wsgi_app, token, lambda: app.config["CLOCK"]())  # type: ignore[method-assign]

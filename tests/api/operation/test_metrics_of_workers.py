"""Figures of several workers count as one, whoever is asked and whoever died."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from config.processes import free_port
from config.settings import Settings
from portfolio.store.connections import Connections
from rehearsal.service import Service
from tests.support.api.figures import BEARER, TOKEN
from tests.support.waiting import await_until


@pytest.fixture
def service(
    engine_environment: dict[str, str], settings: Settings, store: Connections, tmp_path: Path
) -> Iterator[Service]:
    """Two gunicorn workers; what they count is under tmp_path."""
    port = free_port()
    chosen = {"MONGODB_URI": settings.mongodb_uri, "PUBLIC_URL": f"http://127.0.0.1:{port}", "TMPDIR": str(tmp_path)}
    running = Service({**engine_environment, **chosen, "METRICS_TOKEN": TOKEN}, port, workers=2)
    try:
        running.await_answer()
        yield running
    finally:
        running.stop()


def workers_of(service: Service) -> list[int]:
    master = service.server.popen.pid
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


@pytest.mark.endure
def test_workers_count_as_one_whoever_is_asked_and_whoever_died(service: Service, tmp_path: Path) -> None:
    def asked() -> float:
        text = httpx.get(f"{service.address}/metrics", headers=BEARER, timeout=30).text
        found = re.search(r'portfolio_requests_total{method="GET",route="/healthz",status="200"} (\S+)', text)
        return float(found[1]) if found else 0

    def ask_often(_: int) -> int:
        return httpx.get(f"{service.address}/healthz", timeout=30).status_code

    (folder,) = tmp_path.glob("portfolio-metrics-*")
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask_often, range(60))) == {200}
    await_until(lambda: asked() == 60)
    assert [asked() for _ in range(8)] == [60] * 8
    before = set(workers_of(service))
    os.kill(min(before), signal.SIGKILL)
    await_until(lambda: len(set(workers_of(service)) - before) == 1 and len(workers_of(service)) == 2)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask_often, range(20))) == {200}
    await_until(lambda: asked() == 80)
    places = {path.name.rpartition("_")[2] for path in folder.glob("*.db")}
    assert places <= {"0.db", "1.db"}, "a worker that follows another goes on in its files"
    service.stop()
    assert not folder.exists()

"""The mixed load by locust, on a real gunicorn with the settings of production: p95 of each kind of request, errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from config.processes import free_port
from rehearsal.service import Service
from tests.benchmarks.crowd import gathered
from tests.benchmarks.harness import Line, Stage, at_most
from tests.benchmarks.rushes.photograph import written

CANDIDATES, MEMBERS, TEACHERS = (int(count) for count in os.environ.get("CROWD_OF", "300,50,20").split(","))
PEOPLE = f"{CANDIDATES} candidates (a photo a minute each), {MEMBERS} members, {TEACHERS} teachers"
SECONDS = int(os.environ.get("LOAD_SECONDS", "90"))
WORKERS = 2
WITHIN_MS = 300
ROOT = Path(__file__).parents[2]


def lines(stage: Stage) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="e5-load-") as folder:
        crowd = Path(folder) / "crowd.json"
        crowd.write_text(json.dumps(gathered(CANDIDATES, MEMBERS, TEACHERS).as_dict()))
        written(crowd.with_name("photo.jpg"))
        with served(stage, WORKERS, Path(folder)) as service:
            users = (CANDIDATES, MEMBERS, TEACHERS)
            told = attacked(service.address, crowd, users, SECONDS)
    for kind in told:
        if kind["num_failures"]:
            print(f"  {kind['name']} : {kind['num_failures']} erreurs sur {kind['num_requests']}")
        yield at_most(f"load of {PEOPLE}, p95 of {kind['name']}", p95(kind), "ms", WITHIN_MS)
    errors = sum(kind["num_failures"] for kind in told)
    count = sum(kind["num_requests"] for kind in told)
    yield at_most(f"load of {PEOPLE}, errors in {count} requests", errors, "err", 0)


@contextmanager
def served(stage: Stage, workers: int, folder: Path, **settings: str) -> Iterator[Service]:
    environment = stage.environment | {"LOG_LEVEL": "INFO"} | settings
    service = Service(environment, free_port(), workers, folder / "service.log")
    try:
        service.await_answer()
        for _ in range(20 * workers):  # until each worker has loaded the application and opened its connections
            urlopen(f"{service.address}/api/v1/ready", timeout=60).close()  # noqa: S310 - ours
        yield service
    finally:
        service.stop()


def attacked(address: str, crowd: Path, users: tuple[int, int, int], seconds: int, **how: str) -> list[dict[str, Any]]:
    """What locust counted, by kind of request."""
    named = dict(zip(("CANDIDATES", "MEMBERS", "TEACHERS"), map(str, users), strict=True))
    command = [sys.executable, "-m", "locust", "-f", "tests/benchmarks/locustfile.py", "--headless", "--json"]
    command += ["--host", address, "-u", str(sum(users)), "-r", str(max(1, sum(users) // 10)), "-t", f"{seconds}s"]
    environment = {**os.environ, **named, "CROWD": str(crowd), "PHOTO": str(crowd.with_name("photo.jpg")), **how}
    done = subprocess.run(  # noqa: S603 - the command is ours, no shell
        [*command, "--only-summary", "--loglevel", "ERROR"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if "Traceback" in done.stderr or not done.stdout:
        raise RuntimeError(done.stderr[-3000:])
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return sorted(told, key=lambda kind: kind["name"])


def p95(kind: dict[str, Any]) -> float:
    """From locust's histogram: {milliseconds, rounded: how many}."""
    left = 0.95 * kind["num_requests"]
    for milliseconds, count in sorted((float(ms), count) for ms, count in kind["response_times"].items()):
        left -= count
        if left <= 0:
            return milliseconds
    return 0.0

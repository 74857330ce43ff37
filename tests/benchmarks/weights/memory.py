"""What a worker weighs after an hour's worth of requests, 5 a second: of readers, of visitors, of lost tokens.

And what it weighs after work of all kinds, with deposits.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rehearsal.service import Service
from tests.benchmarks.crowd import Crowd, gathered
from tests.benchmarks.harness import Line, Stage, at_most
from tests.benchmarks.load import attacked, served
from tests.benchmarks.rushes.photograph import written
from tests.benchmarks.weights.process_memory import MIB, weight_of

AN_HOUR = int(os.environ.get("HOUR_OF", "18000"))  # fewer than gunicorn lets a worker serve before it replaces it
WARMING = 1000
AT_ONCE = 4
FLAT = 1.1
MIXED_S = 30
MOST_MIB = 180


def lines(stage: Stage) -> Iterator[Line]:
    crowd = gathered(8, 2, 2)
    with tempfile.TemporaryDirectory(prefix="e5-memory-") as folder, served(stage, 1, Path(folder)) as service:
        _replay(service.address, crowd, WARMING)
        worker = _worker_of(service)
        before = _resident(worker)
        _replay(service.address, crowd, AN_HOUR)
        assert _worker_of(service) == worker, "the worker was replaced"
        after = _resident(worker)
        weight = _after_mixed_work(service, crowd, Path(folder))
    name = f"memory of a worker after {AN_HOUR:,} requests, an hour's worth"
    yield at_most(name, after / MIB, "MiB", FLAT, after / before)
    yield at_most("memory of a worker after mixed work with deposits (PSS, absolute)", weight / MIB, "MiB", MOST_MIB)


def _after_mixed_work(service: Service, crowd: Crowd, folder: Path) -> int:
    """Returns the bytes of PSS of the one worker, once people who do not pause have deposited, scored and read."""
    known = folder / "crowd.json"
    known.write_text(json.dumps(crowd.as_dict()))
    written(known.with_name("photo.jpg"))
    users = (len(crowd.candidates), len(crowd.members), len(crowd.teachers))
    attacked(service.address, known, users, MIXED_S, HASTE="1")
    return weight_of(_worker_of(service))


def _replay(address: str, crowd: Crowd, count: int) -> None:
    asked = itertools.islice(itertools.cycle(_paths(crowd)), count)
    shares: list[list[tuple[str, str]]] = [[] for _ in range(AT_ONCE)]
    for rank, one in enumerate(asked):
        shares[rank % AT_ONCE].append(one)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda share: _ask(address, share), shares))


def _paths(crowd: Crowd) -> list[tuple[str, str]]:
    """(token, path), in an order that mixes the readers."""
    found = [("wrong", "/api/v1/me"), ("", "/api/v1/health"), ("", "/nowhere")]
    for one in crowd.candidates:
        for path in ("/portfolio", f"/portfolio/{one['portfolio']}", f"/api/v1/evidence?candidacy={one['portfolio']}"):
            found.append((one["token"], path))
    for one in crowd.members:
        found += [(one["token"], "/commissions"), (one["token"], f"/api/v1/commissions/{one['commission']}/portfolio")]
    for one in crowd.teachers:
        found += [(one["token"], "/classe"), (one["token"], "/api/v1/candidacies")]
    return found


def _ask(address: str, share: list[tuple[str, str]]) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    for token, path in share:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status < 500, (path, answer.status)
    connection.close()


def _worker_of(service: Service) -> int:
    master = service.server.popen.pid
    children: list[Any] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    (worker,) = [int(child) for child in children if _is_ours(child)]
    return worker


def _is_ours(child: str) -> bool:
    return "gunicorn" in Path(f"/proc/{child}/cmdline").read_text()


def _resident(process: int) -> int:
    """Bytes in memory."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

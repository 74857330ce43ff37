"""What saturates first: nobody pauses, on 1, 2 and 4 workers. `make bench ARGS=scale`: it promises nothing by itself.

Tells the requests a second, and how many cores each process took.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.crowd import gathered
from benchmarks.load import attacked, served
from benchmarks.stage import Line, Stage

USERS = (24, 8, 4)
SECONDS = int(os.environ.get("LOAD_SECONDS", "30"))
PROCESSES = {"gunicorn": "gunicorn", "mongod": "mongod", "weed": "weed", "locust": "locust"}


def lines(stage: Stage) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="e5-scale-") as folder:
        crowd = Path(folder) / "crowd.json"
        crowd.write_text(json.dumps(gathered(*USERS).as_dict()))
        for workers in (1, 2, 4):
            with served(stage, workers, Path(folder)) as service:
                before, start = _seconds_of_cpu(), time.monotonic()
                told = attacked(service.address, crowd, USERS, SECONDS, HASTE="1")
                lasted = time.monotonic() - start
                spent = _seconds_of_cpu()
            count = sum(kind["num_requests"] for kind in told)
            yield _told(f"{workers} worker(s), requests a second, {sum(USERS)} people in haste", count / SECONDS, "/s")
            for name in PROCESSES:
                cores = (spent[name] - before[name]) / lasted
                yield _told(f"{workers} worker(s), cores taken by {name}", cores, "core")


def _told(name: str, measured: float, unit: str) -> Line:
    return Line(name, round(measured, 2), unit, None, "told", kept=True)


def _seconds_of_cpu() -> dict[str, float]:
    """Of each program of this machine, its children that ended included."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = dict.fromkeys(PROCESSES, 0.0)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command = (stat.parent / "cmdline").read_bytes().decode(errors="replace")
            spent = stat.read_text().rpartition(")")[2].split()[11:15]
        except OSError:
            continue  # it ended meanwhile
        for name, mark in PROCESSES.items():
            if mark in command:
                found[name] += sum(map(int, spent)) / ticks
                break
    return found

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
PROCESSES = ("gunicorn", "mongod", "weed", "locust")


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
    """Of our own descendants, and of their children that ended."""
    seen = {int(entry.name): read for entry in Path("/proc").glob("[0-9]*") if (read := _read(entry))}
    found = dict.fromkeys(PROCESSES, 0.0)
    for process, (_, command, seconds) in seen.items():
        name = next((name for name in PROCESSES if name in command), None)
        if name and _is_ours(process, seen):
            found[name] += seconds
    return found


def _read(entry: Path) -> tuple[int, str, float] | None:
    """(parent, command line, seconds), or None of a process that ended meanwhile."""
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
        command = (entry / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return None
    return int(fields[1]), command, sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _is_ours(process: int, seen: dict[int, tuple[int, str, float]]) -> bool:
    while process in seen and process != os.getpid():
        process = seen[process][0]
    return process == os.getpid()

"""What saturates first: nobody pauses, on 1, 2 and 4 workers. `make bench ARGS=scale`: it promises nothing by itself.

Tells the requests a second, and the processor time that each kind of process spends on one: the larger share is what
saturates first, and it stays true on a machine that is busy with something else.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.crowd import gathered
from tests.benchmarks.harness import Line, Stage
from tests.benchmarks.load import attacked, served
from tests.benchmarks.rushes.photograph import written

USERS = (24, 8, 4)
SECONDS = int(os.environ.get("LOAD_SECONDS", "30"))
PROCESSES = ("gunicorn", "mongod", "weed")


def lines(stage: Stage) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="e5-scale-") as folder:
        crowd = Path(folder) / "crowd.json"
        crowd.write_text(json.dumps(gathered(*USERS).as_dict()))
        written(crowd.with_name("photo.jpg"))
        for workers in (1, 2, 4):
            with served(stage, workers, Path(folder)) as service:
                before = _seconds_of_cpu()
                told = attacked(service.address, crowd, USERS, SECONDS, HASTE="1")
                spent = _seconds_of_cpu()
            count = sum(kind["num_requests"] for kind in told)
            yield _told(f"{workers} worker(s), requests a second, {sum(USERS)} people in haste", count / SECONDS, "/s")
            for name in PROCESSES:
                each = (spent[name] - before[name]) / count * 1000
                yield _told(f"{workers} worker(s), processor time of {name} for a request", each, "ms")


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

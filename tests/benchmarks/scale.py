"""What saturates first: nobody pauses, on 1, 2 and 4 workers. `make bench ARGS=scale`: it promises nothing by itself.

Tells the requests a second, and the processor time that each kind of process spends on one: the larger share is what
saturates first, and it stays true on a machine that is busy with something else. Whoever asks has a processor apart;
the service and both engines have the others. Numbers of workers are taken in turn, some rounds of each.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from tests.benchmarks.crowd import gathered
from tests.benchmarks.harness import Line, Stage, told
from tests.benchmarks.load import attacked, served
from tests.benchmarks.processor import processes_of, seconds_of_cpu
from tests.benchmarks.rushes.photograph import written

USERS = (24, 8, 4)
WORKERS, ROUNDS = (1, 2, 4), 3
SECONDS = int(os.environ.get("LOAD_SECONDS", "15"))
PROCESSES = ("gunicorn", "mongod", "weed")


def lines(stage: Stage) -> Iterator[Line]:
    figures: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="e5-scale-") as folder, _apart() as others:
        crowd = Path(folder) / "crowd.json"
        crowd.write_text(json.dumps(gathered(*USERS).as_dict()))
        written(crowd.with_name("photo.jpg"))
        for workers in WORKERS * ROUNDS:
            with served(stage, workers, Path(folder)) as service:
                _pin(PROCESSES, others)
                before = seconds_of_cpu(PROCESSES)
                asked = attacked(service.address, crowd, USERS, SECONDS, HASTE="1")
                spent = seconds_of_cpu(PROCESSES)
            count = sum(kind["num_requests"] for kind in asked)
            named = f"{workers} worker(s) on {len(others)} processor(s)"
            figures[f"{named}, requests a second, {sum(USERS)} people in haste (/s)"].append(count / SECONDS)
            for name in PROCESSES:
                each = (spent[name] - before[name]) / count * 1000
                figures[f"{named}, processor time of {name} for a request (ms)"].append(each)
    for name, rounds in figures.items():
        said, _, unit = name.removesuffix(")").rpartition(" (")
        yield told(said, median(rounds), unit, [{"least": round(min(rounds), 2), "most": round(max(rounds), 2)}])


@contextmanager
def _apart() -> Iterator[set[int]]:
    """Keeps this process, and what it starts to ask, on the last processor; yields the others. Of one processor there
    is nothing to set apart.
    """
    all_of_them = os.sched_getaffinity(0)
    *others, last = sorted(all_of_them)
    if others:
        os.sched_setaffinity(0, {last})
    try:
        yield set(others) or {last}
    finally:
        os.sched_setaffinity(0, all_of_them)


def _pin(names: tuple[str, ...], processors: set[int]) -> None:
    for process in processes_of(names):
        for task in Path(f"/proc/{process}/task").iterdir():
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.sched_setaffinity(int(task.name), processors)

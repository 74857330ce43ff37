"""The evening of a deadline: everyone deposits a photo of 400 kB at one moment, while others score, sign and read.

300 people by default; `DEADLINE_OF=1400 make bench ARGS=deadline` for the evening of an academy. The 300 ms are an
absolute line, of two processors that nobody else uses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.crowd import gathered
from tests.benchmarks.harness import Line, Stage, at_most, p95
from tests.benchmarks.load import ROOT, WITHIN_MS, WORKERS, served
from tests.benchmarks.rushes.photograph import written

DEPOSITORS = int(os.environ.get("DEADLINE_OF", "300"))
MEMBERS, TEACHERS, SIGNERS = 30, 20, 20
BETWEEN_ACTS_S, CALM_S, ALONE_S = 2.5, 4, 20
ACTS = {"scores": "saves a degree", "signs": "signs", "reads": "reads"}


def lines(stage: Stage) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="e5-deadline-") as kept:
        folder = Path(kept)
        plan: dict[str, Any] = gathered(DEPOSITORS, MEMBERS, TEACHERS, SIGNERS).as_dict()
        plan |= {"photo": str(written(folder / "photo.jpg")), "pause": BETWEEN_ACTS_S, "before": CALM_S}
        with served(stage, WORKERS, folder) as service:
            plan["address"] = service.address.removeprefix("http://")
            alone = _lived(folder, plan | {"candidates": [], "seconds": ALONE_S})
            told = _lived(folder, plan | {"seconds": 0})
    for error in told["errors"][:5]:
        print(f"  {error}")
    for act, word in ACTS.items():
        calm = p95(alone["times"][act])
        details = [{"p95 without deposits, ms": round(calm, 1), "acts": len(told["times"][act])}]
        name = f"{DEPOSITORS} people deposit at once, p95 of who {word} meanwhile"
        yield at_most(name, p95(told["times"][act]), "ms", WITHIN_MS, details=details)
    done = len(told["times"].get("deposits", ()))
    yield at_most(f"{DEPOSITORS} people deposit at once, deposits lost", DEPOSITORS - done, "", 0)
    refused = [{"told to come back": told["refused"]}]
    whole = f"{DEPOSITORS} people deposit at once, until the last is done"
    yield Line(whole, round(told["seconds"], 1), "s", None, "told", True, refused)


def _lived(folder: Path, plan: dict[str, Any]) -> dict[str, Any]:
    """What the people lived, as `people` tells it: another process, on a processor of its own where there are four."""
    (folder / "plan.json").write_text(json.dumps(plan))
    told = folder / "told.json"
    processors = sorted(os.sched_getaffinity(0))
    apart = {"PINNED_TO": str(processors[-1])} if len(processors) >= 4 else {}
    command = [sys.executable, "-m", "tests.benchmarks.rushes.people", str(folder / "plan.json"), str(told)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **apart}, check=True)  # noqa: S603 - the command is ours
    answer: dict[str, Any] = json.loads(told.read_text())
    return answer

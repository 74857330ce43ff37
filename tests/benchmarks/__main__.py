"""`make bench`: prints every line and writes var/bench.json; fails when a budget is not kept.

`make bench ARGS="reading load"` measures these rooms alone, and leaves the other lines as they were written.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

from tests.benchmarks import (
    api_calls,
    fullest,
    layout_shift,
    load,
    pages,
    reading,
    scale,
    screens,
    sheets,
    signing,
)
from tests.benchmarks.files import uploading, views
from tests.benchmarks.harness import Line, opened
from tests.benchmarks.rushes import deadline
from tests.benchmarks.weights import country, dossiers, memory, starting

OUT = Path("var/bench.json")
ROOMS = {
    room.__name__.rpartition(".")[2]: room
    for room in (
        reading,
        api_calls,
        uploading,
        sheets,
        pages,
        fullest,
        views,
        dossiers,
        layout_shift,
        screens,
        signing,
        memory,
        starting,
        load,
        deadline,
        scale,
        country,
    )
}
PROMISED = [name for name in ROOMS if name not in ("scale", "country")]


def main(asked: list[str]) -> int:
    unknown = [name for name in asked if name not in ROOMS]
    if unknown:
        print(f"Inconnu : {', '.join(unknown)}. Les mesures : {', '.join(ROOMS)}.")
        return 2
    print(f"{'':2}{'':66}{'measured':>14}{'ratio':>8}  budget")
    kept = True
    for name in asked or PROMISED:
        done = _measured(ROOMS[name])
        _write(name, done)
        kept = kept and all(line.kept for line in done)
    return 0 if kept else 1


def _measured(room: ModuleType) -> list[Line]:
    """Each room in a store of its own, so that it measures the same alone and among the others."""
    done = []
    with opened() as stage:
        for line in room.lines(stage):
            done.append(line)
            ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
            mark = "✓" if line.kept else "✗"
            print(f"{mark} {line.name:66}{line.measured:>9.1f} {line.unit:4}{ratio:>8}  {line.budget}", flush=True)
    return done


def _write(room: str, done: list[Line]) -> None:
    OUT.parent.mkdir(exist_ok=True)
    known = json.loads(OUT.read_text()) if OUT.exists() else []
    others = [line for line in known if line.get("room") in ROOMS and line["room"] != room]
    lines = others + [{"room": room, **line.as_dict()} for line in done]
    OUT.write_text(json.dumps(sorted(lines, key=lambda line: list(ROOMS).index(line["room"])), indent=1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

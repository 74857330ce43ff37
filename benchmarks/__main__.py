"""`make bench`: prints every line and writes var/bench.json; fails when a budget is not kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks import reading, sheets, uploading
from benchmarks.stage import Line, opened

OUT = Path("var/bench.json")


def main() -> int:
    print(f"{'':2}{'':60}{'measured':>14}{'ratio':>8}  budget")
    done: list[Line] = []
    with opened() as stage:
        for room in (reading, uploading, sheets):
            for line in room.lines(stage):
                done.append(line)
                ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
                mark = "✓" if line.kept else "✗"
                print(f"{mark} {line.name:60}{line.measured:>9.1f} {line.unit:4}{ratio:>8}  {line.budget}", flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([line.as_dict() for line in done], indent=1))
    return 0 if all(line.kept for line in done) else 1


if __name__ == "__main__":
    sys.exit(main())

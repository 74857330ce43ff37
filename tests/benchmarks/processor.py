"""The processor time of the processes that a bench started, by the kind of them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path


def seconds_of_cpu(names: Collection[str]) -> dict[str, float]:
    """Returns {name: seconds} of our own descendants whose command has the name, and of their children that ended."""
    found = dict.fromkeys(names, 0.0)
    for _, name, seconds in _ours(names):
        found[name] += seconds
    return found


def processes_of(names: Collection[str]) -> list[int]:
    """Returns the numbers of our own descendants whose command has one of the names."""
    return [process for process, _, _ in _ours(names)]


def _ours(names: Collection[str]) -> Iterator[tuple[int, str, float]]:
    seen = {int(entry.name): read for entry in Path("/proc").glob("[0-9]*") if (read := _read(entry))}
    for process, (_, command, seconds) in seen.items():
        name = next((name for name in names if name in command), None)
        if name and _is_ours(process, seen):
            yield process, name, seconds


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

"""Starts the one confined process of a file, without secrets in its environment (side of the parent)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from portfolio.files.confinement.bounds import Bounds

_ROOT = Path(__file__).parents[3]
GIVES_WAY = 10  # niceness: a tenth of a processor that somebody else could use
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}


class OutOfTime(Exception):
    """The process was ended by the clock before its own bounds ended it: a busy machine, or one that waits.

    output: what it wrote until then, cut at its bound.
    """

    def __init__(self, output: bytes = b"") -> None:
        self.output = output
        super().__init__()


@dataclass(frozen=True)
class Ended:
    """How a process ended. status: exit status, negative if a signal ended it (a bound, or a crash).

    output: what it wrote, cut at its bound.
    """

    status: int
    output: bytes


def module(name: str, bounds: Bounds, *arguments: str) -> list[str]:
    """Returns the command of a module of ours, which begins by `give_up.confine(sys.argv[1:4])`."""
    return [sys.executable, "-s", "-m", name, *bounds.as_arguments(), *arguments]


def run(command: Sequence[str], source: BinaryIO, bounds: Bounds, beside: Sequence[BinaryIO] = ()) -> Ended:
    """Runs a confined command, and returns how it ended. source: its standard input, a real file, from its start; its
    standard output is a file too, of which `bounds.output` bytes are returned. beside: other real files that it gets,
    under their own numbers. Its temporary files have no name, so that a kill leaves none. Raises OutOfTime after
    `bounds.wall_s` seconds.
    """
    source.seek(0)
    with TemporaryFile() as answer:
        try:
            with subprocess.Popen(  # noqa: S603  # commands of our own tables
                command,
                stdin=source,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd=_ROOT,
                pass_fds=[file.fileno() for file in beside],
            ) as process:
                status = _awaited(process, bounds.wall_s)
        except subprocess.TimeoutExpired:
            answer.seek(0)
            raise OutOfTime(answer.read(bounds.output)) from None
        answer.seek(0)
        return Ended(status, answer.read(bounds.output))


def _awaited(process: subprocess.Popen[bytes], seconds: float) -> int:
    """Returns the exit status of a process that gives way to whoever waits before a screen; ended if it takes longer.
    Raises TimeoutExpired then.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, process.pid, GIVES_WAY)  # not ended for us before it was awaited
        return process.wait(seconds)
    except BaseException:
        process.kill()
        raise

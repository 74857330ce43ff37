"""New code for a gunicorn that loads it before it forks: its master becomes a new one, which keeps the number of the
process and the sockets it listens on. The workers that are there serve until one of the new ones does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

LEFT = "PORTFOLIO_WORKERS_LEFT"  # {number of the process: place}, as JSON
TOLD = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def renew(server: Any) -> None:
    """Executes the command of this process again."""
    left = json.dumps(workers_left(server) | {pid: worker.place for pid, worker in server.WORKERS.items()})
    sockets = ",".join(str(listener.fileno()) for listener in server.LISTENERS)
    handed_down = {LEFT: left, "GUNICORN_PID": str(os.getpid()), "GUNICORN_FD": sockets}
    hold_signals()
    os.chdir(server.START_CTX["cwd"])
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | handed_down)  # noqa: S606 - itself


def hold_signals() -> None:
    """Lets what the master may be told wait until it can do it: before, a stop would leave things behind, and a second
    reload would end the process. It outlives the execution of another program.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)


def hear_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)


def workers_left(server: Any) -> dict[int, int]:
    """Returns {number of the process: place} of the workers of the master before that are still there. A number that
    was given again since is that of one of ours.
    """
    told: dict[str, int] = json.loads(os.environ.get(LEFT, "{}"))
    there = {int(pid): place for pid, place in told.items() if int(pid) not in server.WORKERS}
    return {pid: place for pid, place in there.items() if _parent_of(pid) == os.getpid()}


def dismiss(workers: Iterable[int]) -> None:
    """Tells the workers of the master before (numbers of processes) to end once what they have in hand is done."""
    for pid in workers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _parent_of(pid: int) -> int | None:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("PPid:"):
                return int(line.split()[1])
    return None

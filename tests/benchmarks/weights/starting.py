"""What the start of the application costs, and what `make run` weighs in all, engines and processes, once people have
looked around and deposited files.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
from PIL import Image

from config.processes import Child, free_port
from rehearsal.demo.http import Person
from tests.benchmarks.harness import Line, Stage, at_most
from tests.benchmarks.weights.process_memory import MIB, weight_of_all
from tests.support.waiting import await_until

IMPORTS = 7
# As wsgi.py does, where rich is not installed: structlog loads it, and the tools of the tests alone bring it.
IMPORT = """
import sys
sys.modules["rich"] = None
from config.collector import at_rest
with at_rest():
    import web.serving
"""
MOST_IMPORT_S = 0.7
MOST_MIB = 700
VISITS = 15  # of each page by each person
DEPOSITS, SIDE = 30, 1000  # pixels: 3 MB each
PAGES = {
    "candidate": ("/portfolio",),
    "teacher": ("/classe", "/confirmations", "/commissions"),
    "office": ("/etablissement",),
    "jury": ("/jury",),
}
STARTS_IN_S = 300.0  # its class is made first, on a machine with much else to do


def lines(stage: Stage) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="e5-compiled-") as compiled:
        told = {**os.environ, **stage.environment, "PYTHONPYCACHEPREFIX": compiled}
        told.pop("PYTHONDONTWRITEBYTECODE", None)
        spent = [_processor_of_an_import(told) for _ in range(IMPORTS + 1)][1:]  # the first one compiles
    name = f"import of the application, of the processor, median of {IMPORTS} (absolute)"
    details = [{"s": round(seconds, 3)} for seconds in sorted(spent)]
    yield at_most(name, statistics.median(spent), "s", MOST_IMPORT_S, details=details)
    yield _weight_of_make_run()


def _processor_of_an_import(environment: dict[str, str]) -> float:
    """Returns the seconds of processor, user's and system's, that a fresh process takes."""
    started = subprocess.Popen([sys.executable, "-c", IMPORT], env=environment)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    assert started.returncode == 0
    return used.ru_utime + used.ru_stime


def _weight_of_make_run() -> Line:
    with tempfile.TemporaryDirectory(prefix="e5-rehearsed-") as folder:
        data, port = Path(folder) / "data", free_port()
        command = [sys.executable, "-m", "rehearsal.run", "--port", str(port), "--data", str(data)]
        running = Child("rehearsal", command, os.environ, log=Path(folder) / "log")
        try:
            address = f"http://127.0.0.1:{port}"
            await_until(lambda: _is_ready(running, address), "make run does not start", STARTS_IN_S)
            _use(address, json.loads((data / "accounts.json").read_text()))
            used = weight_of_all(running.popen.pid)
        finally:
            running.popen.terminate()
            running.await_end(60)
    name = f"make run, all its processes, after {DEPOSITS} deposits (PSS, absolute)"
    details = [{"process": process, "mib": round(weight / MIB)} for process, weight in used.items()]
    return at_most(name, sum(used.values()) / MIB, "MiB", MOST_MIB, details=details)


def _is_ready(running: Child, address: str) -> bool:
    assert running.popen.poll() is None, running.last_words()
    try:
        return httpx.get(f"{address}/readyz", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


def _use(address: str, accounts: list[dict[str, str]]) -> None:
    people = {account["email"]: Person(address, account["email"], account["password"]) for account in accounts}
    for _ in range(VISITS):
        for account in accounts:
            for page in PAGES.get(account["role"], ()):
                people[account["email"]].http.get(f"{address}{page}")
    depositing = next(
        (person, portfolio)
        for account in accounts
        if account["role"] == "candidate"
        for person in [people[account["email"]]]
        for candidacy in person.get("/candidacies")["items"]
        for portfolio in [person.get(f"/portfolios/{candidacy['id']}")]
        if portfolio["state"] == "open"
    )
    _deposit(*depositing)


def _deposit(person: Person, portfolio: dict[str, str]) -> None:
    for number in range(DEPOSITS):
        told = {"type_code": "REF1", "title": f"Photo {number}", "nature": "production"}
        piece = person.create(f"/portfolios/{portfolio['id']}/evidence", **told)
        file = person.upload(piece["id"], "photo.png", _picture())
        assert file["state"] == "verified", file


def _picture() -> bytes:
    """Returns a PNG of noise, as heavy as a photograph, another each time."""
    written = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(3 * SIDE * SIDE)).save(written, "PNG", compress_level=1)
    return written.getvalue()

"""What a newcomer does, where nothing is installed: clone, `make run`, sign in as everyone, deposit a file, stop,
start again, find it. Prints the seconds from the clone to a served page; over the budget, it fails.

    python3 .ci/first_start.py FOLDER     (an absent or empty folder, which keeps the clone)
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from visitor import Visitor, expect

ROOT = Path(__file__).parents[1]
BUDGET_S = 90  # on 2 cores, packages in the installer's cache
ROLES = {"administrator", "office", "teacher", "candidate", "tutor", "jury", "inspector", "support"}
FILE = b"Dossier;Montant\r\nD-001;47\r\n"


def main(folder: Path) -> None:
    began = time.monotonic()
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    port = free_port()
    service = start(clone, port)
    took = time.monotonic() - began
    print(f"From `git clone` to a served page: {took:.0f} s (budget {BUDGET_S} s)", flush=True)
    try:
        service = look(clone, port, service)
    finally:
        service.terminate()
        service.communicate()
    expect(took <= BUDGET_S, f"a served page within {BUDGET_S} s")


def look(clone: Path, port: int, service: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """As each role, then once more after a stop; answers the service that is still to be ended."""
    accounts = json.loads((clone / "var/accounts.json").read_text())
    expect({one["role"] for one in accounts} == ROLES, "one account per role")
    for account in accounts:
        page = Visitor(address(port)).sign_in(account["email"], account["password"])
        expect("<h1" in page, f"{account['role']} reads a first page")
    candidate = next(one for one in accounts if one["role"] == "candidate")
    file = deposited(port, candidate)
    stop(service, port)
    service = start(clone, port)
    by = Visitor(address(port))
    by.take_token(candidate["email"], candidate["password"])
    expect(by.download(file) == FILE, "the file is found again")
    stop(service, port)
    print(f"A first start: {len(accounts)} people signed in, one file deposited, stopped and found again.")
    return service


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def deposited(port: int, candidate: dict[str, str]) -> str:
    by = Visitor(address(port))
    by.take_token(candidate["email"], candidate["password"])
    portfolio = by.get("/candidacies")["items"][0]["id"]
    return by.deposit(portfolio, "impayes.csv", FILE)


def start(clone: Path, port: int) -> subprocess.Popen[str]:
    """`make run`, once it has announced that it serves; what it says is shown."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "PYTHON"))}
    command = ["make", "run", f"PORT={port}"]
    service = subprocess.Popen(command, cwd=clone, env=bare, text=True, stdout=subprocess.PIPE)
    assert service.stdout is not None
    for line in service.stdout:
        print(f"    {line}", end="", flush=True)
        if "Ctrl-C" in line:
            return service
    raise SystemExit(f"FAILED: `make run` ended with {service.wait()}")


def stop(service: subprocess.Popen[str], port: int) -> None:
    service.send_signal(signal.SIGTERM)
    said, _ = service.communicate(timeout=60)
    expect("Error" not in said and "Traceback" not in said, f"it ends quietly: {said}")
    with socket.socket() as probe:
        expect(probe.connect_ex(("127.0.0.1", port)) != 0, "nothing serves once it is stopped")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

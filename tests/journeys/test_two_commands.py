"""What a newcomer types: `make run`, `make demo`; and what production starts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from pymongo import MongoClient
from python_calamine import CalamineWorkbook

import migrations
from config.processes import free_port
from config.settings import Settings, purposes
from tests.patience import await_until

ROOT = Path(__file__).parents[2]
ROLES = {"administrator", "office", "teacher", "candidate", "tutor", "jury", "inspector"}


def _start(port: int, data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rehearsal.run", "--port", str(port), "--data", str(data)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _end(process: subprocess.Popen[str], how: signal.Signals) -> int:
    process.send_signal(how)
    assert process.stdout is not None
    with process.stdout:
        return process.wait(40)


def _await_announce(process: subprocess.Popen[str]) -> str:
    """What it printed, up to its last line of announcement."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            return said
    raise AssertionError(said)


def _children_of(data: Path) -> list[str]:
    """Command lines of living processes that name this data folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(data) in line:
            found.append(line)
    return found


def _sign_in(port: int, account: dict[str, str]) -> httpx.Response:
    said = {"email": account["email"], "password": account["password"], "label": "test"}
    return httpx.post(f"http://127.0.0.1:{port}/api/v1/tokens", json=said, timeout=30)


def test_make_run_serves_one_sign_in_per_role_ends_with_its_children_and_finds_all_again(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "data"
    process = _start(port, data)
    said = _await_announce(process)
    accounts = json.loads((data / "accounts.json").read_text())
    assert {account["role"] for account in accounts} == ROLES
    for role in ROLES:
        assert next(account["email"] for account in accounts if account["role"] == role) in said
    assert (data / "accounts.json").stat().st_mode & 0o077 == 0
    for account in accounts:
        assert _sign_in(port, account).status_code == 200
    assert _end(process, signal.SIGTERM) == 0
    assert _children_of(data) == []

    process = _start(port, data)
    _await_announce(process)
    assert json.loads((data / "accounts.json").read_text()) == accounts
    assert _sign_in(port, accounts[0]).status_code == 200
    assert _end(process, signal.SIGINT) == 0


@pytest.mark.endure
def test_after_a_crash_the_left_over_engines_are_ended_and_all_is_found_again(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "data"
    process = _start(port, data)
    _await_announce(process)
    accounts = json.loads((data / "accounts.json").read_text())
    _end(process, signal.SIGKILL)
    await_until(lambda: not httpx_answers(port), "it still answers")
    again = _start(port, data)
    _await_announce(again)
    assert _sign_in(port, accounts[0]).status_code == 200
    assert _end(again, signal.SIGTERM) == 0


def httpx_answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/openapi.json", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "rehearsal.demo", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_demo_times_every_step(played: Path) -> None:
    steps = [row["step"] for row in json.loads((played / "timings.json").read_text())]
    assert {"enrolled", "deposited", "attested", "submitted", "sealed", "signed", "transmitted", "published"} <= set(
        steps
    )


def test_the_sheet_says_the_same_in_json_pdf_and_xlsx(played: Path) -> None:
    content = (played / "sheet.json").read_bytes()
    sheet = json.loads(content)
    with pikepdf.open(played / "sheet.pdf") as pdf:
        attached = next(iter(pdf.attachments.values())).get_file().read_bytes()
    assert attached == content
    rows = CalamineWorkbook.from_path(str(played / "sheet.xlsx")).get_sheet_by_name("Données").to_python()
    cells = {str(row[0]): row[1:] for row in rows[1:]}
    leaves = {path: value for path, value in _leaves(sheet) if value not in ({}, [])}
    assert len(leaves) > 80
    assert {path: str(cells[path][0]) for path, value in leaves.items() if isinstance(value, str)} == {
        path: value for path, value in leaves.items() if isinstance(value, str)
    }
    assert set(leaves) == {path for path, (_, kind) in cells.items() if "vide" not in kind}


def _leaves(value: Any, path: str = "") -> Any:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{index}")
    else:
        yield path, value


def test_the_mark_list_keeps_the_candidate_number_and_the_digest(played: Path) -> None:
    text = (played / "mark-list.csv").read_text("utf-8-sig")
    header, row = csv.reader(io.StringIO(text), delimiter=";")
    listed = dict(zip(header, row, strict=True))
    assert "02700000101" in row
    assert hashlib.sha256((played / "sheet.json").read_bytes()).hexdigest() in row
    assert "14,5" in listed.values()


def test_the_export_verifies_itself_offline(played: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(played / "portfolio.zip") as archive:
        archive.extractall(tmp_path)
    verifier = next(tmp_path.rglob("verifier.py"))
    done = subprocess.run([sys.executable, "-I", verifier.name], cwd=verifier.parent, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"14,5" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))


def test_a_production_start_names_everything_missing_at_once_and_starts_no_engine() -> None:
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    for name in ("MONGODB_URI", "S3_ENDPOINT_URL", "S3_BUCKET", "SECRET_KEY", "CHAIN_KEY", "PUBLIC_URL"):
        assert name in done.stderr


def test_a_database_that_is_behind_is_not_served(engine_environment: dict[str, str], settings: Settings) -> None:
    name = "behind_the_times"
    uri = engine_environment["MONGODB_URI"].replace("/portfolio?", f"/{name}?")
    environment = {**os.environ, **engine_environment, "MONGODB_URI": uri, "PUBLIC_URL": "http://localhost"}
    asked = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True, "check": False}
    refused = subprocess.run([sys.executable, "-c", "import wsgi"], **asked)  # type: ignore[call-overload]
    assert refused.returncode != 0
    assert "commands.py migrate" in refused.stderr
    status = subprocess.run([sys.executable, "commands.py", "migrate", "--status"], **asked)  # type: ignore[call-overload]
    assert migrations.all_migrations()[0].name in status.stdout
    assert subprocess.run([sys.executable, "commands.py", "migrate"], **asked).returncode == 0  # type: ignore[call-overload]
    assert subprocess.run([sys.executable, "-c", "import wsgi"], **asked).returncode == 0  # type: ignore[call-overload]
    with MongoClient[dict[str, Any]](uri) as client:
        client.drop_database(name)


def test_the_readme_tells_every_setting() -> None:
    told = (ROOT / "README.md").read_text()
    for name, purpose in purposes().items():
        assert f"| `{name}` | {purpose} |" in told

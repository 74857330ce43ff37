"""What production is made of: container, units, proxy, gunicorn's settings, whom to believe about addresses."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.processes import free_port
from config.settings import Settings
from portfolio import VERSION
from portfolio.store.connections import Connections
from tests.processes.deployed import DEPLOY
from tests.support.waiting import await_until

ROOT = Path(__file__).parents[2]
IN_VENV = f"{Path(sys.executable).parent}:/usr/bin:/bin"

# --- the container --------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """(instruction, its words), continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (DEPLOY / "Containerfile").read_text()).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def said(instruction: str) -> str:
    """The last one of its kind."""
    return [words for name, words in instructions() if name == instruction][-1]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What the container holds of the project, and nothing else of it."""
    root = tmp_path / "srv"
    root.mkdir()
    for name, words in instructions():
        if name == "COPY":
            *sources, target = words.split()
            for source in sources:
                _copy(ROOT / source, root / target / (source if target == "./" else ""))
    return root


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


@pytest.fixture
def environment(
    engine_environment: dict[str, str], settings: Settings, connections: Connections, tmp_path: Path
) -> dict[str, str]:
    """Of a service on the test's database, and nothing of ours."""
    return {
        **engine_environment,
        "MONGODB_URI": settings.mongodb_uri,
        "S3_BUCKET": settings.s3_bucket,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "ANCHORS_DIR": str(tmp_path / "anchors"),
        "PATH": IN_VENV,
    }


def test_the_container_runs_as_nobody_in_particular_without_embedded_engines(image: Path) -> None:
    assert instructions()[0] == ("FROM", "debian:12-slim")
    assert said("USER").partition(":")[0] not in ("root", "0")
    assert not (image / "requirements-embedded.txt").exists()
    assert {path.name for path in image.iterdir()}.isdisjoint({"tests", "rehearsal"})
    installs = next(words for name, words in instructions() if name == "RUN" and "pip" in words)
    assert installs.endswith(" --require-hashes --requirement requirements.lock")


def test_what_the_container_holds_is_enough_to_serve_and_its_own_check_says_so(
    image: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    check = [word.replace(":8000", f":{port}") for word in json.loads(said("HEALTHCHECK").partition("CMD")[2])]
    serving = environment | {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"}
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(json.loads(said("CMD")), cwd=image, env=serving, stderr=log)
    try:
        checks = partial(subprocess.run, check, env=serving, capture_output=True, check=False)
        await_until(lambda: server.poll() is not None or checks().returncode == 0)
        assert server.poll() is None, (tmp_path / "log").read_text()
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30).json() == {
            "status": "ready",
            "version": VERSION,
        }
    finally:
        server.terminate()
        assert server.wait(40) == 0
    assert checks().returncode != 0


def test_what_the_container_holds_is_enough_to_work_and_to_command(image: Path, environment: dict[str, str]) -> None:
    _worker_and_commands_run(image, environment)


def _worker_and_commands_run(image: Path, environment: dict[str, str]) -> None:
    listed = subprocess.run(["python", "commands.py", "--help"], cwd=image, env=environment, capture_output=True)
    assert listed.returncode == 0 and b"migrate" in listed.stdout, listed.stderr
    worker = subprocess.Popen(["python", "worker.py"], cwd=image, env=environment, stderr=subprocess.PIPE)
    await_until(lambda: worker.poll() is not None or _hears_sigterm(worker.pid))
    worker.send_signal(signal.SIGTERM)
    _, wrote = worker.communicate(timeout=30)
    lines = [json.loads(line) for line in wrote.splitlines()]
    asked = {"views_asked"}  # where the programs of the office stand, it asks for the pages that are missing
    assert (worker.returncode, {line["event"] for line in lines} - asked) == (0, set()), wrote


def _hears_sigterm(pid: int) -> bool:
    """It is at work once it has said how it ends (proc(5), SigCgt)."""
    (caught,) = re.findall(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(caught, 16) & 1 << signal.SIGTERM - 1)


@pytest.mark.endure
def test_what_is_locked_alone_is_enough(image: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """In an environment made for the purpose, as the container makes its own."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", "requirements.lock"], cwd=image, check=True, timeout=600)
    alone = environment | {"PATH": f"{venv}/bin:/usr/bin:/bin"}
    done = subprocess.run(["python", "-c", "import wsgi"], cwd=image, env=alone, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    _worker_and_commands_run(image, alone)
    installed = subprocess.run([venv / "bin/pip", "list"], capture_output=True, text=True, check=True).stdout
    assert not re.search("fiftyone|seaweedfs|pytest|httpx", installed)


# --- gunicorn -------------------------------------------------------------------------------------


@contextmanager
def served(environment: dict[str, str], folder: Path, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """(port, gunicorn) by its settings file and these options; what it writes goes to `log` in the folder."""
    port, log = free_port(), folder / "log"
    command = ["gunicorn", "--config", "config/gunicorn.py", *options, "--bind", f"127.0.0.1:{port}", "wsgi:app"]
    with log.open("w") as written:
        server = subprocess.Popen(command, cwd=ROOT, env=environment | {"TMPDIR": str(folder)}, stderr=written)
    try:
        await_until(lambda: server.poll() is not None or _answers(f"http://127.0.0.1:{port}/healthz"))
        assert server.poll() is None, log.read_text()
        yield port, server
    finally:
        server.terminate()
        assert server.wait(40) == 0


@pytest.mark.endure
def test_workers_that_give_their_memory_back_drop_no_request(environment: dict[str, str], tmp_path: Path) -> None:
    def ask(_: Any) -> int:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code

    often = ["--max-requests", "20", "--max-requests-jitter", "10", "--workers", "2"]
    with served(environment, tmp_path, *often) as (port, _), ThreadPoolExecutor(4) as threads:
        assert set(threads.map(ask, range(60))) == {200}
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert sum(line.get("words", "").startswith("Booting worker") for line in lines) > 2
    assert not list(tmp_path.glob("portfolio-metrics-*"))


@pytest.mark.endure
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
def test_a_stop_or_a_reload_lets_the_request_in_hand_end(
    environment: dict[str, str], tmp_path: Path, told: signal.Signals
) -> None:
    body = b'{"email": "ana@exemple.fr", "password": "faux"}'
    head = b"POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with served(environment, tmp_path, "--workers", "1") as (port, server):
        with socket.create_connection(("127.0.0.1", port), timeout=40) as slow_phone:
            slow_phone.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body[:20])
            time.sleep(0.5)
            server.send_signal(told)
            time.sleep(1)
            slow_phone.sendall(body[20:])
            assert slow_phone.recv(4096).startswith(b"HTTP/1.1 401 ")
        if told == signal.SIGHUP:
            assert _answers(f"http://127.0.0.1:{port}/readyz")


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False

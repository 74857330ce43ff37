"""What production is made of: container, units, proxy, gunicorn's settings, whom to believe about addresses."""

from __future__ import annotations

import json
import mimetypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import gunicorn as gunicorn_settings
from config.processes import free_port
from config.settings import Settings
from portfolio import VERSION
from portfolio.identity.client_fingerprint import keyed
from portfolio.sign_offs.answering.paper import LARGEST_SCAN
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.processes.deployed import DEPLOY, environment_file, unit
from tests.support.api.requests import API
from tests.support.waiting import await_until
from web.app import create_site
from web.candidate.deposit import BESIDE_FILES
from web.layout import STATIC
from web.teacher.paper import BESIDE_THE_SCAN

ROOT = Path(__file__).parents[2]
UNITS = ("portfolio-web.service", "portfolio-worker.service")
HARDENED = ("NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces")
GUNICORN_OWN = {"BIND", "WEB_CONCURRENCY", "WEB_THREADS"}
IN_VENV = f"{Path(sys.executable).parent}:/usr/bin:/bin"
Sites = Callable[..., FlaskClient]

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
    assert (worker.returncode, wrote) == (0, b"")


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


# --- units, environment, proxy --------------------------------------------------------------------


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_is_there_comes_back_and_may_do_little(name: str) -> None:
    service = unit(name)
    home = service["WorkingDirectory"]
    for word in service["ExecStart"].split()[1:]:
        if word.endswith(".py"):
            assert (ROOT / word).is_file()
    assert service["ExecStart"].startswith(f"{home}/.venv/bin/")
    assert service["Restart"] == "always"
    assert service["User"] not in ("", "root")
    assert service["EnvironmentFile"].startswith("/etc/")
    assert all(service[word] in ("yes", "strict") for word in HARDENED)
    assert not [word for word in service if "KEY" in word or "TOKEN" in word]


def test_every_unit_is_hardened_alike() -> None:
    def restraints(name: str) -> set[tuple[str, str]]:
        prefixes = (
            "Protect",
            "Private",
            "Restrict",
            "SystemCall",
            "Lock",
            "NoNew",
            "Capab",
            "Ambient",
            "UMask",
            "Proc",
        )
        return {(word, value) for word, value in unit(name).items() if word.startswith(prefixes)}

    assert restraints(UNITS[0]) == restraints(UNITS[1]) == restraints("portfolio-nightly@.service")


def test_a_stop_leaves_gunicorn_the_time_it_leaves_to_requests() -> None:
    assert int(unit(UNITS[0])["TimeoutStopSec"]) > gunicorn_settings.graceful_timeout


def test_the_environment_to_fill_in_names_settings_that_exist_and_starts_once_its_secrets_are_drawn() -> None:
    offered = environment_file()
    assert set(offered) - GUNICORN_OWN <= {setting.name.upper() for setting in fields(Settings)}
    drawn = {name: name[0] * 48 for name, value in offered.items() if not value}
    assert {"SECRET_KEY", "CHAIN_KEY", "S3_SECRET_ACCESS_KEY", "METRICS_TOKEN"} <= set(drawn)
    assert Settings.from_environment(offered | drawn).trusted_hops == 1


def test_the_proxy_lets_no_more_than_a_part_pass_and_closes_before_gunicorn() -> None:
    """What it does is tests/processes/proxy/test_front.py."""
    text = (DEPLOY / "nginx.conf").read_text()
    most = {int(most) << 20 for most in re.findall(r"client_max_body_size (\d+)m;", text)}
    assert most == {1 << 20, Settings.part_bytes + BESIDE_FILES}
    assert Settings.part_bytes + BESIDE_FILES > LARGEST_SCAN + BESIDE_THE_SCAN
    (idle,) = re.findall(r"keepalive_timeout (\d+)s;", text)
    assert int(idle) < gunicorn_settings.keepalive
    assert text.count("access_log off;") == text.count("\nserver {")
    assert "Strict-Transport-Security" in text


def test_the_proxy_compresses_what_a_page_is_drawn_with_and_no_json_whose_etag_is_its_revision() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    (types,) = re.findall(r"^\s*gzip_types (.+);$", text, re.MULTILINE)
    assert "gzip on;" in text
    drawn_with = {mimetypes.guess_type(path)[0] for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg")}
    assert set(types.split()) == drawn_with


def test_the_proxy_replaces_what_a_browser_says_of_its_own_address() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert set(re.findall(r"X-Forwarded-For (.+);", text)) == {"$remote_addr"}
    for header in ("X-Forwarded-Proto $scheme", "X-Forwarded-Host $host", "X-Request-Id $request_id"):
        assert f"proxy_set_header {header};" in text


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


# --- whom to believe ------------------------------------------------------------------------------


@pytest.fixture
def site_with(settings: Settings, app: Flask, clock: Clock) -> Iterator[Sites]:
    """Somebody who speaks to a service started with other settings, from the address of a proxy."""
    made = []

    def make(remote: str = "10.0.0.1", **changed: Any) -> FlaskClient:
        made.append(create_site(replace(settings, **changed), clock))
        client = made[-1].test_client()
        client.environ_base["REMOTE_ADDR"] = remote
        return client

    yield make


def attempt(client: FlaskClient, number: int, forwarded: str) -> int:
    """One more invitation guessed."""
    guessed = {"token": f"guess-{number}", "password": "x"}
    headers = {"X-Forwarded-For": forwarded, "Origin": "http://localhost"}
    return client.post(f"{API}/invitations/accept", json=guessed, headers=headers).status_code


def test_an_address_made_up_before_the_trusted_hop_does_not_escape_the_count(site_with: Sites) -> None:
    client = site_with(trusted_hops=1)
    statuses = [attempt(client, number, f"6.6.6.{number}, 192.0.2.7") for number in range(201)]
    assert statuses == [409] * 200 + [429]
    assert attempt(client, 500, "192.0.2.7, 192.0.2.8") == 409, "another visitor of the same proxy is not blocked"


def test_without_a_trusted_hop_no_header_is_believed(site_with: Sites, store: Connections) -> None:
    client = site_with(trusted_hops=0)
    for number in range(3):
        assert attempt(client, number, f"6.6.6.{number}") == 409
    assert origins(store) == {"10.0.0.1"}


def test_with_two_hops_the_address_that_the_outer_one_saw_counts(site_with: Sites, store: Connections) -> None:
    client = site_with(trusted_hops=2)
    for number in range(3):
        assert attempt(client, number, f"6.6.6.{number}, 192.0.2.7, 10.0.0.9") == 409
    assert origins(store) == {"192.0.2.7"}


def origins(store: Connections) -> set[str]:
    """The addresses that attempts are counted under, of those that were named."""
    counted = {row["_id"].partition(":")[2] for row in store.database["attempts"].find()}
    named = ["10.0.0.1", "10.0.0.9", "192.0.2.7", *(f"6.6.6.{number}" for number in range(3))]
    return {address for address in named if keyed("attempts", address) in counted}


def test_a_service_reached_by_https_asks_browsers_to_stay_there(site_with: Sites) -> None:
    secure, plain = site_with(public_url="https://portfolio.exemple.fr"), site_with()
    for path in ("/healthz", f"{API}/me", "/nowhere", "/invitation/none", "/static/site.css"):
        with secure.get(path) as answer:
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        with plain.get(path) as answer:
            assert "Strict-Transport-Security" not in answer.headers


def test_gunicorn_believes_nobody_since_trusted_hops_says_whom() -> None:
    assert gunicorn_settings.forwarded_allow_ips == ""
    assert not os.environ.get("FORWARDED_ALLOW_IPS")

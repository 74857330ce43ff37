import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from config.embedded import Engines
from config.processes import EngineError, remember
from config.settings import Settings
from portfolio.errors import Unavailable
from portfolio.store.objects.bucket import Storage
from tests.support.waiting import await_until

ROOT = Path(__file__).parents[2]
WRITE_THEN_WAIT = """
import os, time
from tests.processes.test_embedded import documents, settings_from, storage_from
settings = settings_from(os.environ)
with documents(settings) as client:
    client[settings.mongodb_database].kept.insert_one({"_id": "acknowledged"})
storage_from(settings).put("kept", b"acknowledged", "text/plain")
print("written", flush=True)
time.sleep(60)
"""
ANSWER_A_SIGNAL = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print("ready" if "MONGODB_URI" in os.environ else "no address", flush=True)
time.sleep(60)
"""


def settings_from(environment):
    return Settings.from_environment({"PUBLIC_URL": "http://localhost:8000"} | dict(environment))


def documents(settings):
    return MongoClient(settings.mongodb_uri)


def storage_from(settings, **changed):
    given = {
        "endpoint_url": settings.s3_endpoint_url,
        "public_endpoint_url": settings.s3_public_endpoint_url,
        "bucket": settings.s3_bucket,
        "access_key": settings.s3_access_key_id,
        "secret_key": settings.s3_secret_access_key,
        "region": settings.s3_region,
    }
    return Storage(**given | changed)


def command(data, program):
    """`python -m config.embedded` around a Python program, as the Makefile and a developer run it."""
    return subprocess.Popen(
        [sys.executable, "-m", "config.embedded", "--data", str(data), "--", sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving_something_else(port):
    server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def pids_in(data):
    return [json.loads((data / f"{name}.pid").read_text())["pid"] for name in ("mongod", "weed")]


def await_end_of(pids):
    await_until(lambda: not any(map(is_alive, pids)), "still alive")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def left_over(data):
    """A process that still runs, recorded as the engine of a start that crashed."""
    with subprocess.Popen(["sleep", "60"]) as process:
        while b"sleep" not in Path(f"/proc/{process.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        remember(data / "weed.pid", process.pid)
        yield process
        process.kill()


@pytest.fixture(scope="module")
def engines(data, left_over):
    with Engines.start(data) as engines:
        yield engines


def test_what_a_crash_left_behind_is_ended_before_starting_anew(engines, left_over):
    assert left_over.poll() == -signal.SIGTERM


def test_both_engines_answer_to_the_environment_they_hand_over(engines):
    settings = settings_from(engines.environment())

    with documents(settings) as client, client.start_session() as session, session.start_transaction():
        client[settings.mongodb_database].tried.insert_one({"in": "a transaction"}, session=session)
    storage_from(settings).put("tried", b"x", "text/plain")


def test_nobody_enters_without_the_password_or_with_another_key(engines):
    settings = settings_from(engines.environment())
    with (
        MongoClient(settings.mongodb_uri.replace("portfolio:", "portfolio:x", 1)) as stranger,
        pytest.raises(OperationFailure, match="Authentication failed"),
    ):
        stranger.portfolio.tried.find_one()
    address = settings.mongodb_uri.rpartition("@")[2].partition("/")[0]
    with (
        MongoClient(f"mongodb://{address}/") as anonymous,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        anonymous.portfolio.tried.find_one()
    with pytest.raises(Unavailable):
        storage_from(settings, secret_key="other").put("tried", b"x", "text/plain")


def test_every_port_is_on_loopback_only(engines, data):
    sockets = set()
    for link in (link for pid in pids_in(data) for link in Path(f"/proc/{pid}/fd").iterdir()):
        with suppress(FileNotFoundError):  # closed since it was listed
            sockets.add(os.readlink(link))
    listening = [
        fields
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for fields in map(str.split, Path(table).read_text().splitlines()[1:])
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets
    ]

    assert len(listening) >= 3
    assert {fields[1].partition(":")[0] for fields in listening} == {"0100007F"}


def test_secrets_are_readable_by_their_owner_only(engines, data):
    for name in ("secrets.json", "identities.json", "mongod.key"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
    kept = json.loads((data / "secrets.json").read_text())
    assert kept["secret_key"] != kept["chain_key"]


def test_a_second_start_on_the_same_data_is_refused_by_name(engines, data):
    with pytest.raises(EngineError, match=f"déjà utilisées par le processus {os.getpid()}"):
        Engines.start(data)

    storage_from(settings_from(engines.environment())).ping()


def test_after_a_kill_nothing_is_left_running_and_nothing_acknowledged_is_lost(tmp_path):
    with command(tmp_path, WRITE_THEN_WAIT) as killed:
        assert killed.stdout.readline() == "written\n"
        before = pids_in(tmp_path)
        killed.kill()
    await_end_of(before)

    with Engines.start(tmp_path) as engines:
        assert_kept(settings_from(engines.environment()))
        taken = [engines.environment()[name] for name in ("MONGODB_URI", "S3_ENDPOINT_URL")]
    mongodb_port, s3_port = (int(re.search(r":(\d+)", address.rpartition("@")[2] or address)[1]) for address in taken)
    with serving_something_else(mongodb_port), serving_something_else(s3_port), Engines.start(tmp_path) as engines:
        assert not set(taken) & set(engines.environment().values())
        assert_kept(settings_from(engines.environment()))


def assert_kept(settings):
    with documents(settings) as client:
        assert client[settings.mongodb_database].kept.find_one() == {"_id": "acknowledged"}
    assert b"".join(storage_from(settings).open("kept")) == b"acknowledged"


def test_the_command_gets_its_signals_gives_its_exit_code_and_leaves_nothing_running(tmp_path):
    with command(tmp_path, ANSWER_A_SIGNAL) as running:
        assert running.stdout.readline() == "ready\n"
        pids = pids_in(tmp_path)
        running.terminate()

    assert running.returncode == 7
    assert not [pid for pid in pids if is_alive(pid)]
    assert not list(tmp_path.glob("*.pid"))

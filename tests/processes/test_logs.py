"""Logs tell what happened and nothing of anybody: an exam is played on gunicorn, then everything that can go wrong."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from pymongo import MongoClient

from config.settings import Settings
from rehearsal.demo.journey import create_administrators
from rehearsal.demo.stage import PASSWORD
from tests.support.background.exam_gone_wrong import played

ROOT = Path(__file__).parents[2]
LINES = {
    "request": {"method", "route", "status", "ms", "code", "who", "request_id", "commands", "commands_ms"}
    | {"object_calls", "object_ms"},
    "slow_command": {"command", "collection", "ms", "request_id"},
    "unforeseen": {"kind", "where", "request_id"},
    "server_said": {"words", "kind", "where"},
    "errand_put_off": {"kind", "row", "failure", "where"},
    "wake_lost": {"kind"},
    "anchor_kept_nowhere": set(),
    "views_asked": {"count", "programs"},
    "view_refused": {"file", "view"},
    "bounce_read": {"what", "request_id"},
    "engine_down": {"engine", "kind", "request_id"},
    "library_said": {"library", "line", "kind", "where", "request_id"},
    "library_warned": {"kind", "line", "request_id"},
    "died": {"kind", "where"},
}


@dataclass
class Told:
    """text: all that gunicorn and the worker wrote. personal: what may not be in it."""

    text: str
    personal: set[str]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture(scope="module")
def told(
    engine_environment: dict[str, str],
    settings: Settings,
    connections: object,
    tmp_path_factory: pytest.TempPathFactory,
    worker_id: str,
) -> Told:
    """Whichever worker of pytest comes first plays; the others read what it heard."""
    base = tmp_path_factory.getbasetemp()
    kept = (base if worker_id == "master" else base.parent) / "told.json"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with _environment(engine_environment, settings, tmp_path_factory.mktemp("logs")) as environment:
                text, personal = played(environment, tmp_path_factory.mktemp("out"))
            kept.write_text(json.dumps([text, sorted(personal)]))
    text, personal = json.loads(kept.read_text())
    return Told(text, set(personal))


@contextmanager
def _environment(engine_environment: dict[str, str], settings: Settings, data: Path) -> Iterator[dict[str, str]]:
    """A database of its own, migrated, with its administrator; every command counts as slow."""
    uri = urlunsplit(urlsplit(engine_environment["MONGODB_URI"])._replace(path="/logs"))
    (data / "mail").mkdir()
    chosen = {"MONGODB_URI": uri, "S3_BUCKET": settings.s3_bucket, "MAIL_DIR": str(data / "mail")}
    chosen |= {"GATHERED_S": "1"}
    chosen |= {"LOG_LEVEL": "DEBUG", "SLOW_COMMAND_MS": "0"}
    full = {**engine_environment, **chosen, "DATA": str(data)}
    asked = {"cwd": ROOT, "check": True, "capture_output": True}
    known = {**os.environ, **full, "PUBLIC_URL": "http://localhost", "ADMINISTRATOR_PASSWORD": PASSWORD}
    subprocess.run([sys.executable, "commands.py", "migrate"], env=known, **asked)  # type: ignore[call-overload]
    create_administrators(known)
    yield full
    with MongoClient[dict[str, Any]](uri) as client:
        client.drop_database("logs")


# --- what may be read -----------------------------------------------------------------------------


def test_nothing_personal_is_in_any_line(told: Told) -> None:
    assert len(told.personal) > 100
    assert {"Lemoine", "Inès", "02700000101", "impayes.xlsx", "ines.lemoine@fictif.example"} <= told.personal
    text = told.text.casefold()
    plain = json.dumps(told.text).casefold()
    leaked = {value for value in told.personal if re.search(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", text)}
    leaked |= {value for value in told.personal if json.dumps(value)[1:-1].casefold() in plain and len(value) > 8}
    assert not leaked


def test_the_search_would_find_a_name(told: Told) -> None:
    leaking = Told(told.text + '{"event": "request", "route": "/candidats/lemoine"}\n', told.personal)
    with pytest.raises(AssertionError, match="Lemoine"):
        test_nothing_personal_is_in_any_line(leaking)


def test_every_line_is_an_object_of_known_shape(told: Told) -> None:
    for line in told.lines:
        assert set(line) - {"event", "level", "timestamp"} <= LINES[line["event"]], line


def test_each_request_leaves_one_line_by_rule_with_its_cost(told: Told) -> None:
    requests = told.of("request")
    assert len(requests) > 120
    assert len({line["request_id"] for line in requests}) == len(requests)
    for line in requests:
        assert line["route"] == "unknown" or line["route"].startswith("/")
        assert re.fullmatch("[a-z_/0-9<>:.-]+", line["route"])
        assert line["who"] in ("visitor", "signed_in")
        assert line["ms"] >= line["commands_ms"] + line["object_ms"] - 0.2
    parts = [line for line in requests if line["route"].endswith("/parts/<int:number>")]
    calls = {line["object_calls"] for line in parts}
    assert calls == {2}, "what the store holds of the file, then the part"
    assert all(line["commands"] > 1 for line in parts)
    assert {line["status"] for line in requests} >= {200, 201, 401, 404, 409, 410, 422, 500}


def test_a_slow_command_is_named_by_its_collection_and_the_request_that_waited(told: Told) -> None:
    waited = {line["request_id"] for line in told.of("request")}
    slow = told.of("slow_command")
    assert {line["collection"] for line in slow} >= {"events", "chains"}
    assert "commitTransaction" in {line["command"] for line in slow}
    assert {line["request_id"] for line in slow if "request_id" in line} <= waited
    assert any("request_id" in line for line in slow)
    assert all(line["ms"] >= 0 for line in slow)


def test_an_unforeseen_error_says_where_under_the_number_the_person_was_given(told: Told) -> None:
    failed = {line["request_id"]: line for line in told.of("request") if line["status"] == 500}
    errors = told.of("unforeseen")
    assert errors and {line["request_id"] for line in errors} == set(failed)
    for line in errors:
        assert line["kind"]
        assert any(re.search(r"/(api|portfolio)/[\w/]+\.py:\d+ \w+$", frame) for frame in line["where"])


def test_what_is_not_http_is_refused_without_being_repeated(told: Told) -> None:
    refused = [line for line in told.of("server_said") if line.get("words") == "Invalid request"]
    assert len(refused) >= 6
    assert any(line.get("words", "").startswith("Listening at") for line in told.of("server_said"))


def test_the_worker_says_which_errand_failed_and_not_for_whom(told: Told) -> None:
    (late, *_) = told.of("errand_put_off")
    assert late["kind"] == "invitation" and late["failure"].endswith("Error")


# --- what other voices say ------------------------------------------------------------------------

VOICES = """
import logging, threading, warnings
from api.operation.logs import take_over_logging
take_over_logging("INFO")
logging.getLogger("urllib3.connectionpool").warning("Retrying %s", "Lemoine")
try:
    raise KeyError("Lemoine")
except KeyError:
    logging.getLogger("botocore").exception("Lemoine")
warnings.warn("cell of Lemoine")
thread = threading.Thread(target=lambda: int("Lemoine"))
thread.start(); thread.join()
class Forgotten:
    def __del__(self):
        raise ValueError("Lemoine")
Forgotten()
raise ValueError("Lemoine")
"""


def test_libraries_warnings_and_a_dying_process_tell_where_not_what() -> None:
    done = subprocess.run([sys.executable, "-c", VOICES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    voices = ["library_said", "library_said", "library_warned", "died", "died", "died"]
    assert [line["event"] for line in lines] == voices
    assert [line.get("kind") for line in lines] == [None, "KeyError", "UserWarning", *["ValueError"] * 3]
    assert lines[0]["library"] == "urllib3.connectionpool"
    assert lines[0]["level"] == "warning"
    assert "Lemoine" not in done.stderr

"""Logs tell what happened and nothing of anybody: an exam is played on gunicorn, then everything that can go wrong."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
import pytest
from pymongo import MongoClient

from config.processes import free_port
from config.settings import Settings
from portfolio.boards.stored_fields import stored_fields
from portfolio.mail.delivery.file_outbox import kept_mails
from rehearsal.demo import appraisal, portfolio_work, school_year
from rehearsal.demo.journey import create_administrators, enter_administrators
from rehearsal.demo.stage import PASSWORD, Stage
from rehearsal.service import Service
from tests.conftest import START
from tests.support.house.stored_rows import collections, stored_name
from tests.support.waiting import await_until

ROOT = Path(__file__).parents[2]
NOT_OF_PEOPLE = {"chains", "events", "migrations", "request_keys", "attempts", "outbox"}
CODE = re.compile(r"[a-z0-9_.-]*|[A-Z0-9]{1,5}R?|[0-9a-f]{64}")
TYPED = {
    "INE": "0690123456K",
    "NIR": "106036938901274",
    "telephone": "0612345678",
    "nickname": "Zébulon Quincampoix",
    "file": "arrêt-maladie-de-zébulon.pdf",
    "password": "Zébulon n'a jamais aimé les épinards",
    "token": "zebulon-" + "t" * 40,
}
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
                text, personal = _played(environment, tmp_path_factory.mktemp("out"))
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


def _played(environment: dict[str, str], out: Path) -> tuple[str, set[str]]:
    port, data = free_port(), Path(environment["DATA"])
    written = data / "log"
    with MongoClient[dict[str, Any]](environment["MONGODB_URI"]) as client:
        service = Service(environment | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}, port, log=written)
        stage = Stage(service.address, data, out, lambda _: None, at=START, zone="Europe/Paris")
        try:
            service.await_answer()
            enter_administrators(stage)
            for act in (school_year, portfolio_work, appraisal):
                act.play(stage)
            personal = _personal(client.get_default_database(), stage)
            _ask_wrongly(stage)
            _speak_no_http(port)
            _break(client.get_default_database(), stage)
            _refuse_mail(stage, written)
        finally:
            service.stop()
            for person in stage.people.values():
                person.http.close()
    return written.read_text(), personal | set(TYPED.values())


# --- what is personal -----------------------------------------------------------------------------


def _personal(database: Any, stage: Stage) -> set[str]:
    """Whatever somebody typed, as the store has it; each name by itself; and what opens doors."""
    found = {PASSWORD}
    for name in set(database.list_collection_names()) - NOT_OF_PEOPLE:
        for row in database[name].find():
            found |= {text for text in _texts(row) if len(text) > 3 and not CODE.fullmatch(text)}
            found |= {text for text in _texts(row) if re.fullmatch("[0-9]{6,}", text)}
    for row in database.files.find():
        found.add(row["name"])
    for row in database.persons.find():
        found |= {str(row["_id"]), row["email"], *row["family_name"].split(), *row["given_names"].split()}
    for name, kind in collections().items():  # what the table of stored fields says of people
        lines = {stored_name(field): one for field, one in stored_fields().of_kind(kind).items() if one.personal}
        for row in database[name].find({}, dict.fromkeys(lines, 1)) if name not in NOT_OF_PEOPLE else ():
            found |= {text for text in _texts(row) if len(text) > 11 and " " in text}
    found |= {str(row["_id"]) for row in database.candidacies.find()}
    found |= {person.http.headers["Authorization"].removeprefix("Bearer ") for person in stage.people.values()}
    links = [link for mail in kept_mails(stage.data / "mail") for link in mail.links]
    opening = {token[1] for link in links if (token := re.search(r"/(?:invitation|s)/([\w-]{20,})", link))}
    assert len(opening) > 5
    found |= opening
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


# --- what goes wrong ------------------------------------------------------------------------------


def _ask_wrongly(stage: Stage) -> None:
    """Values refused, found twice, unreadable; names in addresses; passwords and tokens that open nothing."""
    office, school = stage.people["office"], stage.known["school"]["id"]
    enrolled = {"session": "2027R", "candidate_number": "02700000101", "birth_name": TYPED["nickname"]}
    enrolled |= {"given_names": "Zébulon", "birth_date": "2006-03-14", "email": "ines.lemoine@fictif.example"}
    for values in (enrolled, enrolled | {"ine": TYPED["INE"], "status": TYPED["NIR"]}, TYPED, [TYPED]):
        key = {"Idempotency-Key": os.urandom(8).hex()}
        answer = office.http.post(f"/schools/{school}/candidacies", json=values, headers=key)
        assert 400 <= answer.status_code < 500
    candidate = stage.people["candidate"]
    for path in (f"/{TYPED['nickname']}", f"/people?limit={TYPED['nickname']}", f"/files/{TYPED['file']}"):
        assert candidate.http.get(path).status_code in (404, 422)
    torn = candidate.http.post("/sign-in", content=json.dumps(TYPED)[:-3].encode())
    assert torn.status_code in (400, 415, 422)
    signing = {"email": "ines.lemoine@fictif.example", "password": TYPED["password"]}
    assert httpx.post(f"{stage.address}/api/v1/sign-in", json=signing, timeout=60).status_code == 401
    stranger = {
        "Authorization": f"Bearer {TYPED['token']}",
        "X-Request-Id": TYPED["telephone"],
        "Referer": quote(TYPED["file"]),
    }
    assert httpx.get(f"{stage.address}/api/v1/me", headers=stranger, timeout=60).status_code == 401
    assert httpx.get(f"{stage.address}/invitation/{TYPED['token']}", timeout=60).status_code == 410
    assert httpx.request("ZEBULON", f"{stage.address}/{TYPED['token']}").status_code in (400, 404, 405)


def _speak_no_http(port: int) -> None:
    """gunicorn itself refuses these."""
    name, token = TYPED["nickname"].encode(), TYPED["token"].encode()
    host = b"Host: localhost\r\n"
    for said in (
        b"GET /invitation/" + token + b" " + name + b"\r\n\r\n",
        name + b" / HTTP/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + name + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X Name: " + name + b"\r\n\r\n",
        b"GET / HTTP/" + name + b"\r\n" + host + b"\r\n",
        b"GET /" + token * 200 + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X-Name: " + token * 300 + b"\r\n\r\n",
        b"POST /api/v1/sign-in HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + token + b"\r\n\r\n",
        b"POST /api/v1/sign-in HTTP/1.1\r\n" + host + b"Content-Length: " + TYPED["NIR"].encode() + b"z\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass


def _break(database: Any, stage: Stage) -> None:
    """The store holds what the application cannot read, and refuses what it writes: errors whose texts hold values."""
    candidate = stage.people["candidate"]
    whole = database.persons.find_one({"email": candidate.email})
    database.persons.update_one({"_id": whole["_id"]}, {"$set": {TYPED["nickname"]: TYPED["telephone"]}})
    assert candidate.http.get("/me").status_code == 500
    database.persons.replace_one({"_id": whole["_id"]}, whole)
    database.sign_ins.create_index(
        "label", unique=True, partialFilterExpression={"label": TYPED["nickname"]}, name="one_each"
    )
    said = {"email": candidate.email, "password": PASSWORD, "label": TYPED["nickname"]}
    statuses = [httpx.post(f"{stage.address}/api/v1/tokens", json=said, timeout=60).status_code for _ in range(2)]
    assert statuses[0] == 200 and statuses[1] >= 400
    database.sign_ins.drop_index("one_each")


def _refuse_mail(stage: Stage, written: Path) -> None:
    """The worker finds a file where it writes mails."""
    (stage.data / "mail").rename(stage.data / "mail-before")
    (stage.data / "mail").write_text("")
    invited = {"email": "zebulon@fictif.example", "family_name": "Quincampoix", "given_names": "Zébulon"}
    school = stage.known["school"]["id"]
    stage.people["office"].create(f"/schools/{school}/people", role="teacher", teaches_profession=False, **invited)
    await_until(lambda: "errand_put_off" in written.read_text())


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

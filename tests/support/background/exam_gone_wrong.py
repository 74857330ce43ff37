"""An exam played on gunicorn, then everything that can go wrong, with values of people in it."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from pymongo import MongoClient

from config.processes import free_port
from portfolio.boards.stored_fields import stored_fields
from portfolio.mail.delivery.file_outbox import kept_mails
from rehearsal.demo import appraisal, portfolio_work, school_year
from rehearsal.demo.journey import enter_administrators
from rehearsal.demo.stage import PASSWORD, Stage
from rehearsal.service import Service
from tests.conftest import START
from tests.support.house.stored_rows import collections, stored_name
from tests.support.waiting import await_until

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


def played(environment: dict[str, str], out: Path) -> tuple[str, set[str]]:
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

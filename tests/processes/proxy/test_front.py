"""What stands before the service, as deploy/nginx.conf has it: bodies of at most a part, from who is signed in."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import Any

import httpx
import pytest
from flask import Flask

from api.http.headers import HSTS
from tests.processes.proxy.front import Answer, Front
from tests.support import specimens
from tests.support.api.requests import fresh_key
from tests.support.filling import form_of
from tests.support.waiting import await_until
from tests.support.worlds.world import World
from web.candidate.deposit import CARRY_FILES

MIB = 1024 * 1024
PART, MOST = 8 * MIB, 9 * MIB
SOME = "0123456789abcdef01234567"
CARRY_MUCH = [
    ("PUT", f"/api/v1/files/{SOME}/parts/1"),
    ("PUT", f"/api/v1/placements/{SOME}/paper-scans/{'0' * 64}"),
    ("POST", f"/portfolio/{SOME}/preuves"),
    ("POST", f"/portfolio/preuve/{SOME}/fichiers"),
    ("POST", f"/classe/periodes/{SOME}/papier/scan"),
]
OTHERS = [("POST", "/api/v1/sign-in"), ("POST", "/connexion"), ("POST", "/bounces"), ("POST", "/nulle-part")]
ASKED = "GET /api/v1/signed-in"


def head(method: str, path: str, length: int | None, token: str | None = None, **more: str) -> bytes:
    """length: None for a body in chunks."""
    said = {"Host": "localhost", "Content-Type": "application/octet-stream", **more}
    said |= {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
    said |= {"Authorization": f"Bearer {token}"} if token else {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def chunks(data: bytes) -> bytes:
    pieces = (data[start : start + MIB] for start in range(0, len(data), MIB))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def said_by_a_proxy(answer: Answer, status: int, code: str) -> Any:
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.body
    assert answer.told["code"] == code
    assert answer.headers["Strict-Transport-Security"] == HSTS
    return answer.told


# --- what is for the inside -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/readyz", "/api/v1/ready", "//api/v1/ready", "/api/v1/%72eady", "/api/v1/./ready"]
    + ["/api/v1/x/../ready", "/api//v1/ready?x", "/api/v1/signed-in", "/_signed_in", "//readyz", "/%6detrics"],
)
def test_probes_figures_and_the_proxy_s_own_door_are_not_for_outside(front: Front, path: str) -> None:
    before = front.reached()
    with front.line() as line:
        line.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert line.answer().status == 404
    with front.client() as visitor:
        assert visitor.get("/healthz").status_code == 200
    await_until(lambda: front.reached()["GET /healthz"] > before["GET /healthz"])
    assert front.reached() - before == {"GET /healthz": 1}


def test_the_doors_that_carry_much_are_those_that_the_tests_below_knock_at(app: Flask) -> None:
    """They are the ones that raise max_content_length."""
    served = app.url_map.bind("localhost")
    found = {served.match(path, method)[0] for method, path in CARRY_MUCH}
    carry_much = {"uploads.receive_part", "papers.deposit_scan", "teacher_paper.deposit_act", *CARRY_FILES}
    assert found == carry_much


# --- the session first ----------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), CARRY_MUCH + OTHERS)
@pytest.mark.parametrize("token", [None, "never-given"])
def test_a_visitor_s_long_body_is_refused_before_it_comes_and_lies_on_no_disk(
    front: Front, method: str, path: str, token: str | None
) -> None:
    before = front.reached()
    length = PART if (method, path) in CARRY_MUCH else MIB
    with front.line() as line:
        line.send(head(method, path, length, token))
        said_by_a_proxy(line.answer(), 401, "sign_in_needed")
        line.send_what_is_taken(bytes(length))
        assert front.kept_bytes() == 0
    with front.line() as line:
        line.send(head(method, path, None), chunks(b"x" * 1000)[:500])
        said_by_a_proxy(line.answer(), 401, "sign_in_needed")
    await_until(lambda: front.reached()[ASKED] == before[ASKED] + 2)
    assert set(front.reached() - before) == {ASKED}, "nothing else came to the application"


@pytest.mark.parametrize(("method", "path"), [("POST", "/connexion"), ("DELETE", "/api/v1/me"), CARRY_MUCH[0]])
def test_a_visitor_s_body_whose_length_http_2_need_not_tell_is_refused(front: Front, method: str, path: str) -> None:
    before = front.reached()
    with front.client() as visitor:
        answer = visitor.request(method, path, content=iter([bytes(1000)]))
    assert (answer.http_version, answer.status_code) == ("HTTP/2", 401)
    assert set(front.reached() - before) <= {ASKED}


def test_what_a_visitor_sends_along_with_a_get_over_http_2_is_cut_and_lies_on_no_disk(front: Front) -> None:
    before = front.reached()
    with front.client() as visitor, suppress(httpx.RemoteProtocolError):  # nginx hangs up on what is still to come
        answer = visitor.request("GET", "/api/v1/health", content=iter([bytes(MIB)] * 4))
        assert answer.status_code == 413
    assert front.kept_bytes() == 0
    assert not front.reached() - before


def test_a_reader_whose_session_ended_is_sent_to_sign_in_and_not_shown_json(front: Front) -> None:
    with front.line() as line:
        line.send(head("POST", f"/portfolio/{SOME}/preuves", PART, Accept="text/html"))
        answer = line.answer()
    assert (answer.status, answer.headers["Location"]) == (303, "https://localhost/connexion")


def test_a_visitor_s_short_body_in_chunks_of_unknown_length_needs_a_session_and_a_told_one_does_not(
    front: Front,
) -> None:
    body = b'{"email": "ana@exemple.fr", "password": "faux"}'
    asks = {"Origin": "https://localhost", "Content-Type": "application/json"}
    with front.line() as line:
        line.send(head("POST", "/api/v1/sign-in", len(body), **asks), body)
        assert line.answer().told["code"] == "wrong_credentials"
        line.send(head("POST", "/api/v1/sign-in", None, **asks), chunks(body))
        assert line.answer().told["code"] == "sign_in_needed"
        line.send(head("POST", "/api/v1/sign-in", 100_000, **asks))
        assert line.answer().told["code"] == "sign_in_needed"


def test_what_the_proxy_refuses_it_says_as_the_application_does(front: Front, world: World) -> None:
    token = world.token_for(world.candidate, world.clock())
    refused = [head(*CARRY_MUCH[0], PART), head("POST", "/api/v1/sign-in", 10 * MIB, token, Accept="application/json")]
    told = []
    for there in (front.line, front.line_behind):
        for asked in refused:
            with there() as line:
                line.send(asked)
                told.append({**line.answer().told, "request_id": ""})
    assert [one["status"] for one in told] == [401, 413, 401, 413]
    assert told[:2] == told[2:]


# --- at most a part -------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), CARRY_MUCH)
def test_a_body_beyond_a_part_is_refused_before_it_is_read_whoever_sends_it(
    front: Front, world: World, method: str, path: str
) -> None:
    before = front.reached()
    token = world.token_for(world.candidate, world.clock())
    for length in (MOST + 1, 600 * MIB, 10**15):
        with front.line() as line:
            line.send(head(method, path, length, token))
            said_by_a_proxy(line.answer(), 413, "too_large")
    with front.line() as line:
        line.send(head(method, path, MOST + 1, token, Accept="text/html"))
        answer = line.answer()
    assert answer.status == 413
    assert ("text/html" in answer.headers["Content-Type"]) == (not path.startswith("/api/"))
    assert front.kept_bytes() == 0
    assert not front.reached() - before


def test_a_body_of_untold_length_is_cut_at_a_part(front: Front, world: World) -> None:
    method, path = CARRY_MUCH[0]
    before = front.reached()
    with front.line() as line:
        line.send(head(method, path, None, world.token_for(world.candidate, world.clock())))
        line.send_what_is_taken(chunks(bytes(2 * MOST)))
        said_by_a_proxy(line.answer(), 413, "too_large")
    assert front.kept_bytes() <= MOST
    assert set(front.reached() - before) <= {ASKED}


def test_a_file_of_two_parts_goes_through_for_a_program(front: Front, world: World) -> None:
    film, piece = specimens.film(data=os.urandom(PART)), world.new_piece()
    with front.client(world.token_for(world.candidate, world.clock())) as program:
        assert program.get("/healthz").http_version == "HTTP/2"
        assert deposited(program, piece, film)["state"] == "verified"


def deposited(program: Any, piece: Any, data: bytes, name: str = "film.mp4") -> Any:
    said = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "alternative": "Un tri"}
    key = {"Idempotency-Key": fresh_key()}
    file = program.post(f"/api/v1/evidence/{piece.id}/files", json=said, headers=key).json()
    for number, start in enumerate(range(0, len(data), file["part_size"]), 1):
        part = data[start : start + file["part_size"]]
        assert program.put(f"/api/v1/files/{file['id']}/parts/{number}", content=part).status_code == 200
    return program.post(f"/api/v1/files/{file['id']}/commit").json()


def test_a_form_with_a_file_goes_through_for_who_signed_in_on_a_page(front: Front, world: World) -> None:
    password = world.set_password(world.candidate)
    page = f"/portfolio/{world.portfolio.id}"
    with front.client() as browser:
        enter(browser, world.candidate.email, password)
        data = b"ligne de texte simple\n" * (7 * MIB // 22)
        form = form_of(browser.get(page).text, "deposit")
        files = {"files": ("journal.txt", data)}
        sent = browser.post(form["action"], data=form["fields"], files=files)
        assert (sent.status_code, sent.headers["Location"][:18]) == (303, "/portfolio/preuve/")


def enter(browser: Any, email: str, password: str) -> None:
    """By the page, with a cookie."""
    form = form_of(browser.get("/connexion").text, "sign-in")
    sent = browser.post("/connexion", data={**form["fields"], "email": email, "password": password})
    assert sent.status_code == 303, sent.text

"""Attempts leave a line of the technical log: by rule and code, whoever tried; what succeeded is in the journal too."""

from __future__ import annotations

import pytest
from structlog.testing import CapturingLogger

from api.operation import request_log
from portfolio.documents import Link, Person
from tests.support.api.clients import Clients
from tests.support.api.entering import PHRASE, entered, sign_in, teacher
from tests.support.api.requests import API, ask, get
from tests.support.filling import HTML
from tests.support.worlds.world import World

__all__ = ["entered", "teacher"]  # fixtures


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    """Each request's line, as it is handed to the log."""
    kept = CapturingLogger()
    monkeypatch.setattr(request_log, "log", kept)
    return kept


def last(lines: CapturingLogger) -> tuple[str, str, int, str | None, str]:
    """(method, route, status, code, who) of the last request."""
    said = lines.calls[-1].kwargs
    assert len(said["request_id"]) >= 12
    return said["method"], said["route"], said["status"], said["code"], said["who"]


def test_every_way_in_leaves_a_line_whether_it_opened_or_not(
    client_for: Clients, entered: Person, lines: CapturingLogger
) -> None:
    sign_in(client_for(), entered.email, "faux").close()
    assert last(lines) == ("POST", f"{API}/sign-in", 401, "wrong_credentials", "visitor")
    sign_in(client_for(), entered.email).close()
    assert last(lines)[2:4] == (200, None)
    ask(client_for(), "/tokens", {"email": entered.email, "password": PHRASE, "label": "x"}).close()
    assert last(lines)[1:4] == (f"{API}/tokens", 200, None)
    ask(client_for(), "/invitations/accept", {"token": "devine", "password": "x"}).close()
    assert last(lines)[2:4] == (409, "invitation_over")
    ways = [link["data"]["way"] for link in Link.objects(chain=f"person:{entered.id}", name="signed_in").as_pymongo()]
    assert ways == ["cookie", "bearer"]


def test_every_refusal_leaves_a_line_with_its_code(client_for: Clients, world: World, lines: CapturingLogger) -> None:
    candidate = client_for(world.candidate)
    get(candidate, f"/portfolios/{world.school.id}").close()
    assert last(lines)[2:] == (404, "not_found", "signed_in")
    candidate.get("/administration", headers=HTML).close()
    assert last(lines)[2:] == (403, "page_of_others", "signed_in")
    ask(candidate, "/second-factor", {"code": "000000", "de trop": 1}).close()
    assert last(lines)[2:4] == (422, "invalid_values")
    get(client_for(), "/me").close()
    assert last(lines)[2:] == (401, "sign_in_needed", "visitor")


def test_going_round_a_control_leaves_a_line(client_for: Clients, entered: Person, lines: CapturingLogger) -> None:
    browser = client_for()
    sign_in(browser, entered.email).close()
    browser.post(f"{API}/sign-out", headers={"Origin": "https://mechant.example"}).close()
    assert last(lines)[2:4] == (403, "foreign_origin")
    browser.post("/deconnexion", data={"csrf_token": "volé"}, headers={"Origin": "http://localhost", **HTML}).close()
    assert last(lines)[2:4] == (400, "form_expired")
    for _ in range(11):
        sign_in(client_for(), entered.email, "faux").close()
    assert last(lines)[2:4] == (429, "too_many_attempts")

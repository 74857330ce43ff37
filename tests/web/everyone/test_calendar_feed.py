"""The address of one's calendar: made on the account's page, shown once, read by programs that never sign in."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from structlog.testing import CapturingLogger

from api.operation import request_log
from portfolio.documents import Person
from tests.conftest import Clock
from tests.support.filling import fill, shown
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World

Clients = Callable[[Person], FlaskClient]


def made(client: FlaskClient) -> str:
    """The path of the address, as the page shows it."""
    answer = fill(client, "/compte", "agenda")
    assert answer.status_code == 200
    (address,) = re.findall(r"<code>([^<]+)</code>", answer.text)
    assert address.startswith("http://localhost") and f"webcal://{address.partition('://')[2]}" in answer.text
    return urlsplit(address).path


def test_an_address_is_shown_once_then_read_without_signing_in(
    world: World, client_for: Clients, anonymous: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    convened(world)
    member = client_for(world.follower)
    path = made(member)
    assert path not in shown(member, "/compte") and "Une adresse d'agenda est en service" in shown(member, "/compte")
    kept = CapturingLogger()
    monkeypatch.setattr(request_log, "log", kept)
    with anonymous.get(path) as answer:
        assert b"END:VCALENDAR" in answer.data
    assert answer.status_code == 200 and answer.mimetype == "text/calendar" and b"BEGIN:VEVENT" in answer.data
    assert "Set-Cookie" not in answer.headers and answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    token = path.removeprefix("/agenda/").removesuffix(".ics")
    assert "/agenda/<token>.ics" in str(kept.calls) and token not in str(kept.calls)
    again = anonymous.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_address_that_its_owner_closed_reads_nothing_more(
    world: World, client_for: Clients, anonymous: FlaskClient
) -> None:
    member = client_for(world.follower)
    path = made(member)
    assert fill(member, "/compte", "agenda-fin").status_code == 303
    assert "est en service" not in shown(member, "/compte")
    assert anonymous.get(path).status_code == 404


def test_who_guesses_addresses_is_slowed_down_and_who_reads_their_own_is_not(
    world: World, client_for: Clients, anonymous: FlaskClient, clock: Clock
) -> None:
    path = made(client_for(world.follower))
    tried = [anonymous.get("/agenda/" + "0" * 43 + ".ics").status_code for _ in range(12)]
    assert tried[:10] == [404] * 10 and tried[-1] == 429
    assert [anonymous.get(path).status_code for _ in range(20)] == [200] * 20


@pytest.mark.parametrize("role", ["candidate", "office"])
def test_who_sits_on_no_commission_is_offered_none(world: World, client_for: Clients, role: str) -> None:
    assert "Mon agenda" not in shown(client_for(getattr(world, role)), "/compte")

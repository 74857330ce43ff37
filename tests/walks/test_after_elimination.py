"""Once a portfolio is gone, whoever asks for anything of it by an address they kept is answered, never an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portfolio.documents import Evidence, Portfolio
from portfolio.jury import reserves
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.requests import API
from tests.support.api.routes import ask, routes
from tests.support.api.worlds import Everything
from tests.support.mails.mailbox import deliver
from tests.support.worlds.eliminations import asked_for, published

READERS = (
    "candidate",
    "tutor who sits",
    "follower who sits",
    "professional teacher",
    "office",
    "jury",
    "inspector",
    "support",
    "exam_service",
)


@pytest.mark.long
def test_no_door_and_no_page_breaks_on_what_was_eliminated(
    client_for: Callable[..., FlaskClient], app: Flask, store: Connections, clock: Clock, document: dict[str, Any]
) -> None:
    there = Everything(store, clock)
    reserves.lift(there.world.actor(there.world.jury_member), there.things["reserve_id"], "Décision n° 4", clock())
    published(there.world, clock, there.world.candidacy)
    asked_for(there.world)
    deliver(clock)
    gone = Portfolio.objects.get(pk=there.world.candidacy.id)
    assert gone.state == "eliminated" and not Evidence.objects(candidacy=gone.id)
    for name, thing in there.things.items():  # what is left, at its revision; the others keep their address
        there.things[name] = type(thing).objects(pk=thing.pk).first() or thing
    clients, told = {who: client_for(there.ours[who]) for who in READERS}, []
    there.keep()
    for route in routes(app, "GET", "POST", "PUT", "PATCH", "DELETE"):
        for who in READERS if route.method == "GET" else ("candidate", "follower who sits", "office"):
            answer = ask(clients[who], route, there, document)
            assert answer.status_code < 500, (who, str(route), answer.text[:500])
            if answer.status_code == 409 and "portfolio_eliminated" in answer.text:
                told.append(f"{route} {who}")
            if route.method != "GET" and answer.status_code < 400:
                there.restore()
    expected = [f"GET {API}/portfolios/<oid:portfolio_id>/coverage candidate"]
    expected.append(f"GET {API}/commissions/<oid:commission_id>/portfolio follower who sits")
    expected.append(f"POST {API}/portfolios/<oid:portfolio_id>/export.zip candidate")
    expected.append("GET /commissions/<oid:commission_id>/grille follower who sits")
    assert [one for one in expected if one not in told] == []

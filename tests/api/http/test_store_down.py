"""The document store goes away under a serving process, and comes back: nothing lost, nobody restarted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import httpx
import pytest

from portfolio.documents import Company
from portfolio.store.connections import Connections
from tests.support.api.requests import API
from tests.support.cable import Cable, documents_by, served, to_documents
from tests.support.waiting import await_until
from tests.support.worlds.world import World

COMPANY = {"siret": "73282932000074", "name": "Assurances du Rhône", "city": "Lyon"}


@pytest.fixture
def cable(store: Connections) -> Iterator[Cable]:
    with to_documents(store) as made:
        yield made


Serving = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def serving(store: Connections, engine_environment: dict[str, str], cable: Cable) -> Serving:
    return partial(served, {**engine_environment, "MONGODB_URI": documents_by(cable, store)})


@pytest.fixture
def site(serving: Serving) -> Iterator[str]:
    with serving() as address:
        yield address


def test_a_lost_store_is_said_and_found_again(world: World, site: str, cable: Cable) -> None:
    token, companies = World.token_for(world.office, world.clock()), f"/schools/{world.school.id}/companies"
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "une-entreprise"}
    with httpx.Client(base_url=f"{site}{API}", headers=headers, timeout=30) as office:
        assert office.get("/candidacies").status_code == 200
        port = cable.port
        cable.cut()
        asks: list[Callable[[], Any]] = [
            lambda: office.get("/candidacies"),
            lambda: office.post(companies, json=COMPANY),
            lambda: office.post("/sign-in", json={"email": "a@exemple.fr", "password": "faux"}),
        ]
        with ThreadPoolExecutor(len(asks)) as threads:
            refused = list(threads.map(lambda ask: ask(), asks))
        for answer in refused:
            assert answer.status_code == 503, answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Retry-After"] == "5"
            said = answer.json()
            assert said["code"] == "engine_unavailable"
            assert "Rien n'a été perdu" in said["detail"]
            assert "127.0.0.1" not in answer.text
        assert office.get("/health").status_code == 200
        assert Company.objects.count() == 0

        cable.plug(port)
        await_until(lambda: office.get("/candidacies").status_code == 200)
        made = [office.post(companies, json=COMPANY) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201]
        assert Company.objects.count() == 1


def test_every_refusal_is_a_page_while_the_store_is_away(world: World, site: str, cable: Cable) -> None:
    """Who reads it cannot be known: the page is a visitor's."""
    token = World.token_for(world.office, world.clock())
    cookie = {"Cookie": "portfolio=a.b.c", "Origin": "https://ailleurs.exemple.fr"}
    asked: list[tuple[str, str, dict[str, str], int]] = [
        ("GET", "/nulle-part", {}, 404),
        ("POST", "/aide", {}, 405),
        ("GET", "/compte", {}, 503),
        ("POST", "/compte/mot-de-passe", {}, 503),
        ("POST", "/compte/mot-de-passe", cookie, 403),
        ("GET", "/aide", {"Host": "ailleurs.exemple.fr"}, 421),
    ]
    cable.cut()
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    with httpx.Client(base_url=site, headers=headers, timeout=30) as reader, ThreadPoolExecutor(len(asked)) as threads:
        answers = list(threads.map(lambda ask: reader.request(ask[0], ask[1], headers=ask[2]), asked))
    for (method, address, _, status), answer in zip(asked, answers, strict=True):
        assert answer.status_code == status, (method, address, answer.status_code, answer.text)
        assert answer.headers["Content-Type"].startswith("text/html"), (method, address)
        assert "<h1>" in answer.text and "Se déconnecter" not in answer.text, (method, address)


@pytest.mark.endure
def test_a_service_started_while_its_store_is_down_says_so_and_serves_once_it_is_back(
    world: World, cable: Cable, serving: Serving
) -> None:
    """A worker that did not start would end gunicorn, and with it those that still answer."""
    token, port = World.token_for(world.office, world.clock()), cable.port
    cable.cut()
    headers = {"Authorization": f"Bearer {token}"}
    with serving() as site, httpx.Client(base_url=f"{site}{API}", headers=headers, timeout=30) as office:
        refused = office.get("/candidacies")
        assert (refused.status_code, refused.json()["code"]) == (503, "not_ready")
        assert refused.headers["Retry-After"] == "5"
        assert office.get("/ready").status_code == 503
        cable.plug(port)
        await_until(lambda: office.get("/candidacies").status_code == 200)

"""The candidate's pages, as a browser without JavaScript uses them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portfolio import submit
from portfolio.connections import Connections
from portfolio.documents import Evidence
from tests.queries import counted
from tests.web.filling import HTML
from tests.world import World

Clients = Callable[..., FlaskClient]


@pytest.fixture
def client(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.candidate)


def of(world: World, *more: str) -> str:
    return "/".join((f"/portfolio/{world.candidacy.id}", *more))


def shown(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


def pages_of(world: World, piece: Evidence) -> list[str]:
    paths = ["/portfolio", of(world), *(of(world, name) for name in ("preuves", "couverture", "activites", "remise"))]
    paths += [of(world, name) for name in ("historique", "resultat", "preuves/sans-fichier", "activites/nouvelle")]
    paths += [f"/portfolio/preuve/{piece.id}{more}" for more in ("", "/competences", "/versions")]
    return [*paths, f"/portfolio/activite/{world.activity.id}"]


def test_every_page_opens_and_costs_the_same_for_three_times_as_much(
    world: World, client: FlaskClient, store: Connections
) -> None:
    piece = world.new_piece()
    world.upload(piece)
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    commands: list[list[tuple[str, int]]] = []
    for _ in range(2):
        commands.append([])
        for path in pages_of(world, piece):
            with counted(store.database) as count:
                shown(client, path)
            commands[-1].append((path, count[0]))
        submit.reopen(world.actor(world.follower), world.portfolio, "Pour la suite", world.clock())
        for context in ("pfmp", "classe", "pfmp"):
            world.upload(world.new_piece(world.new_activity(context)))
        submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    assert commands[0] == commands[1]
    assert max(count for _, count in commands[0]) <= 25, commands[0]

"""What a stranger hears at a public door that counts does not depend on what anybody else has done elsewhere.

A tutor who asks for a second factor sits on a commission: no counter, wait or word of a public door may betray it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from api.http.admission import PUBLIC
from portfolio.errors import TooMany
from portfolio.identity import second_factor, sign_ins
from portfolio.identity.one_time_codes import WrongCode
from portfolio.store.connections import Connections
from tests.conftest import Clock, empty
from tests.support.filling import HTML, csrf
from tests.support.worlds.commissions import PASSWORD, convened, with_password
from tests.support.worlds.world import World

ORIGIN = {"Origin": "http://localhost"}
ROUNDS = 7  # more than what a door that mails something takes
Heard = list[tuple[str, int, str | None, str]]


def nothing(world: World) -> None:
    with_password(world.tutor)


def convened_only(world: World) -> None:
    with_password(world.tutor)
    convened(world)


def asked(times: int) -> Callable[[World], None]:
    def build(world: World) -> None:
        convened_only(world)
        sign_in, token = sign_ins.sign_in(world.tutor.email, PASSWORD, "cookie", None, world.clock())
        found = sign_ins.signed_in(token, world.clock())
        assert found is not None
        for _ in range(times):
            second_factor.ask(found, world.clock())
            with pytest.raises(WrongCode):
                second_factor.confirm(found, sign_in, "000 000 0", world.clock())
        if times == second_factor.ASKED.most:
            with pytest.raises(TooMany):
                second_factor.ask(found, world.clock())

    return build


STATES = {"nothing": nothing, "convened": convened_only, "asked once": asked(1), "asked too often": asked(5)}


@pytest.fixture
def hear(app: Flask, store: Connections, clock: Clock) -> Callable[[str], Heard]:
    def play(state: str) -> Heard:
        empty(store)
        clock.reset()
        world = World(clock)
        STATES[state](world)
        return list(_asked_by_a_stranger(app, world))

    return play


def _asked_by_a_stranger(app: Flask, world: World) -> Iterator[tuple[str, int, str | None, str]]:
    """Every public act, again and again, about the tutor."""
    stranger = app.test_client()
    token = csrf(stranger)
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.endpoint):
        if "POST" not in (rule.methods or ()) or getattr(app.view_functions[rule.endpoint], "access", None) != PUBLIC:
            continue
        ids = {name: world.placement.id if name == "placement_id" else "0" * 43 for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, ids)
        said = {"email": world.tutor.email, "password": "un essai", "again": "un essai", "code": "000000"}
        for _ in range(ROUNDS):
            if path.startswith("/api/"):
                wanted = {name: said[name] for name in ("email", "password")} | {"label": "x", "token": "y"}
                answer = stranger.post(path, json=wanted, headers=ORIGIN)
            else:
                sent = said | {"csrf_token": token, "demande": "0" * 24}
                answer = stranger.post(path, data=sent, headers=HTML | ORIGIN)
            yield rule.endpoint, answer.status_code, answer.headers.get("Retry-After"), _plain(answer.text)


def _plain(body: str) -> str:
    """Without what is drawn at random for each answer."""
    return re.sub(r'"request_id": "[^"]*"|demande n° [\w-]+|[0-9a-f]{24,}|[\w-]{40,}(\.[\w-]+)*', "…", body)


@pytest.mark.parametrize("state", [state for state in STATES if state != "nothing"])
def test_a_public_door_says_the_same_whatever_a_member_of_a_commission_asked(
    hear: Callable[[str], Heard], state: str
) -> None:
    before, after = hear("nothing"), hear(state)
    assert len(before) > 8 * ROUNDS and 429 in {status for _, status, _, _ in before}
    assert before == after


def test_a_stranger_at_every_public_door_takes_nothing_from_who_is_signed_in(app: Flask, world: World) -> None:
    convened_only(world)
    list(_asked_by_a_stranger(app, world))
    _, token = sign_ins.sign_in(world.tutor.email, PASSWORD, "cookie", None, world.clock())
    found = sign_ins.signed_in(token, world.clock())
    assert found is not None
    for _ in range(second_factor.ASKED.most):
        second_factor.ask(found, world.clock())

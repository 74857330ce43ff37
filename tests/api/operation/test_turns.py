"""A turn to work is given back whatever becomes of the answer; deposits have turns of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from api.operation import turns as turns_of_requests
from api.operation.lanes import Rank
from api.operation.turns import DEPOSITS, Turns
from config.settings import Settings
from config.threads import Shares
from portfolio.documents import EvidenceFile
from portfolio.files.previews.places import PLACES
from portfolio.store.connections import Connections
from tests.support.api.requests import API
from tests.support.waiting import await_until
from tests.support.worlds.world import PDF, World
from web.app import create_site
from web.candidate.deposit import CARRY_FILES

ONE = Shares(at_work=1, waiting=0, depositing=1, deposits_waiting=0, verifying=1, verifications=1)
ID = "0123456789abcdef01234567"


class Torn:
    """An answer whose end fails, as where a log cannot be written."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"piece"])

    def close(self) -> None:
        raise OSError(28, "No space left on device")


def test_an_answer_whose_end_fails_gives_its_turn_back() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Torn()

    turns = Turns(application, ONE, lambda _: None)
    for _ in range(3):  # with one turn and nobody waiting, the second would wait for ever
        answer = turns(create_environ("/portfolio"), lambda *_: lambda _: None)
        assert list(answer) == [b"piece"]
        with pytest.raises(OSError):
            answer.close()  # type: ignore[attr-defined]


def test_an_answer_closed_twice_gives_back_one_turn() -> None:
    served: list[int] = []

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        served.append(1)
        start_response("200 OK", [])
        return [b""]

    turns = Turns(application, ONE, lambda _: None)
    answer = turns(create_environ("/portfolio"), lambda *_: lambda _: None)
    answer.close()  # type: ignore[attr-defined]
    answer.close()  # type: ignore[attr-defined]
    assert turns.others.enter()
    assert not turns.others.enter(), "it came back once"
    turns.others.leave()
    assert run_wsgi_app(turns, create_environ("/portfolio"))[1] == "200 OK"


@pytest.fixture
def site(settings: Settings, store: Connections) -> Flask:
    return create_site(settings)


def test_every_request_of_a_deposit_is_known_to_be_one(site: Flask) -> None:
    sent = {
        rule.endpoint
        for rule in site.url_map.iter_rules()
        if rule.endpoint.startswith("uploads.") and (rule.methods or set()) & {"POST", "PUT"}
    }
    assert (sent - {"uploads.link"}) | set(CARRY_FILES) <= set(DEPOSITS) <= set(site.view_functions)


def test_deposits_have_turns_of_their_own_and_are_told_to_come_back_in_words(site: Flask) -> None:
    turns_of_requests.install(site, ONE)
    turns = site.wsgi_app
    assert isinstance(turns, Turns)

    def asked(method: str, path: str) -> tuple[int, str, str | None]:
        with site.test_client().open(f"{API}{path}", method=method, buffered=True) as answer:
            return answer.status_code, answer.json["code"], answer.headers.get("Retry-After")

    deposits = (f"/files/{ID}/parts/1", "PUT"), (f"/files/{ID}/commit", "POST"), (f"/evidence/{ID}/files", "POST")
    assert turns.deposits.enter(Rank.ENDS)
    assert {asked(method, path) for path, method in deposits} == {(503, "deposits_wait", "10")}
    assert asked("GET", "/me")[0] == 401
    turns.deposits.leave()
    assert turns.others.enter()
    assert asked("GET", "/me") == (503, "too_busy", "5")
    assert {asked(method, path)[0] for path, method in deposits} == {401}


def test_a_file_that_takes_long_to_verify_holds_no_turn_of_those_who_deposit(
    site: Flask, store: Connections, world: World
) -> None:
    turns_of_requests.install(site, ONE)
    turns = site.wsgi_app
    assert isinstance(turns, Turns)
    site.config["CLOCK"] = world.clock
    file = world.send(world.new_piece(), PDF + b"% looked at by nobody yet\n")
    token = {"Authorization": f"Bearer {World.token_for(world.candidate, world.clock())}"}

    def read_back(file: EvidenceFile) -> bool:
        return store.database.digested_objects.find_one({"_id": file.key}) is not None

    def finish() -> str:
        with site.test_client().post(f"{API}/files/{file.id}/commit", headers=token, buffered=True) as answer:
            return str(answer.json["state"])

    with ThreadPoolExecutor(1) as threads:
        with PLACES.taken("somebody"), PLACES.taken("another"):  # what looks at it waits for one of these
            state = threads.submit(finish)
            await_until(lambda: read_back(file), "nobody looks at the file")
            assert turns.deposits.enter(Rank.BEGINS), "the turn is free meanwhile"
            turns.deposits.leave()
        assert state.result(30) == "verified"
    assert turns.deposits.enter(), "the turn came back once"
    assert not turns.deposits.enter()

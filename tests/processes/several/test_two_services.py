"""Two services over one store are one service: who is known to one is known to the other, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from config.processes import free_port
from config.settings import Settings
from portfolio.documents import Evidence, Person
from portfolio.store.connections import Connections
from tests.processes.several.services import Somebody, services
from tests.support.api.requests import fresh_key
from tests.support.background.worker_figures import Starts, WorkerFigures
from tests.support.clock import now
from tests.support.concurrency import together
from tests.support.mails.mailbox import mail_server, rows
from tests.support.waiting import await_until
from tests.support.worlds.commissions import PASSWORD, convened, with_password
from tests.support.worlds.world import PDF, World

AtEach = Callable[[Person], list[Somebody]]
AT_ONCE = 8
WRONG_TRIES = 10  # of one address from one network, in five minutes
PIECE = {"type_code": "REF1", "title": "Lettre de relance", "nature": "production"}


@pytest.fixture(scope="module")
def both(engine_environment: dict[str, str], settings: Settings, connections: Connections) -> Iterator[list[str]]:
    stores = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket}
    with services(engine_environment | stores | {"PUBLIC_URL": settings.public_url}, 2) as addresses:
        yield addresses


@pytest.fixture
def world(store: Connections) -> World:
    return World(now)


@pytest.fixture
def visitors(both: list[str]) -> Iterator[list[Somebody]]:
    """Nobody yet, at each service."""
    with Somebody(both[0]) as one, Somebody(both[1]) as other:
        yield [one, other]


@pytest.fixture
def at_each(both: list[str]) -> Iterator[AtEach]:
    with ExitStack() as opened:

        def knock(person: Person) -> list[Somebody]:
            token = World.token_for(person, now())
            return [opened.enter_context(Somebody(address, token)) for address in both]

        yield knock


def test_both_give_the_same_answers(at_each: AtEach, world: World) -> None:
    world.sign_off()
    world.upload(world.new_piece())
    commission = convened(world)
    portfolio = f"/portfolios/{world.portfolio.id}"
    below = ("", "/coverage", "/conformity", "/history", "/sign-offs")
    read = {
        world.candidate: ["/me", "/evidence", "/activities", "/feedback", *(portfolio + one for one in below)],
        world.follower: ["/my/sign-offs", "/candidacies", "/commissions", f"/commissions/{commission.id}"],
        world.office: ["/people", "/candidacies", "/sheets", f"/schools/{world.school.id}/conformity?session=2027"],
    }
    for person, paths in read.items():
        one, other = at_each(person)
        for path in paths:
            answers = [somebody.get(path) for somebody in (one, other, one)]
            assert {answer.status_code for answer in answers} == {200}, path
            assert len({(answer.content, answer.headers.get("ETag")) for answer in answers}) == 1, path


def test_who_signs_in_at_one_is_known_to_the_other_until_they_leave_either(
    visitors: list[Somebody], world: World
) -> None:
    one, other = visitors
    assert one.ask("/sign-in", email=with_password(world.follower).email, password=PASSWORD).status_code == 200
    assert other.get("/me").status_code == 401
    other.with_cookies_of(one)
    assert other.get("/me").json() == one.get("/me").json()
    assert other.ask("/sign-out").status_code in (200, 204)
    assert one.get("/me").status_code == 401


def test_what_is_tried_at_both_counts_together(visitors: list[Somebody], world: World) -> None:
    email = with_password(world.follower).email
    in_turn = cycle(visitors)
    tried = [partial(next(in_turn).ask, "/sign-in", email=email, password="Une autre phrase") for _ in range(24)]
    answers = Counter(answer.status_code for answer in together(*tried))
    assert answers == {401: WRONG_TRIES, 429: 24 - WRONG_TRIES}
    for visitor in visitors:
        refused = visitor.ask("/sign-in", email=email, password=PASSWORD)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0


def test_one_intention_sent_to_both_at_once_makes_one_thing(at_each: AtEach, world: World) -> None:
    path = f"/portfolios/{world.portfolio.id}/evidence"
    for _ in range(5):
        key, somebody = fresh_key(), cycle(at_each(world.candidate))
        sent = [partial(next(somebody).create, path, key, **PIECE) for _ in range(AT_ONCE)]
        answers = together(*sent)
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        other_demand = next(somebody).create(path, key, **PIECE | {"title": "Autre chose"})
        assert other_demand.json()["code"] == "idempotency_key_reused"
    assert Evidence.objects.count() == 5


def test_of_two_who_change_the_same_thing_one_is_told_that_the_other_was_first(at_each: AtEach, world: World) -> None:
    one, other = at_each(world.candidate)
    path = f"/activities/{world.activity.id}"
    for number in range(10):
        revision = one.get(path).json()["revision"]
        acts = [partial(somebody.change, path, revision, title=f"Relance {number}") for somebody in (one, other)]
        assert sorted(answer.status_code for answer in together(*acts)) == [200, 412]
        assert {somebody.get(path).json()["revision"] for somebody in (one, other)} == {revision + 1}


def test_a_file_begun_at_one_is_sent_to_the_other_and_ended_once(
    at_each: AtEach, world: World, store: Connections
) -> None:
    one, other = at_each(world.candidate)
    piece = world.new_piece()
    file = one.create(f"/evidence/{piece.id}/files", name="lettre.pdf", size=len(PDF)).json()
    octets = {"Content-Type": "application/octet-stream"}
    assert other.http.put(f"/api/v1/files/{file['id']}/parts/1", content=PDF, headers=octets).status_code == 200
    ended = together(*(partial(somebody.ask, f"/files/{file['id']}/commit") for somebody in (one, other)))
    assert 200 in {answer.status_code for answer in ended}
    assert {answer.status_code for answer in ended} <= {200, 409}
    assert [somebody.get(f"/files/{file['id']}").json()["file"]["state"] for somebody in (one, other)] == [
        "verified"
    ] * 2
    assert store.database.events.count_documents({"name": "file_verified"}) == 1


def test_who_has_a_candidate_open_at_one_is_seen_at_the_other(visitors: list[Somebody], world: World) -> None:
    members = [with_password(world.follower), with_password(world.second_teacher)]
    commission = convened(world, second=members[1].id, tutor_absence="En congé")
    path = f"/commissions/{commission.id}"
    for somebody, member in zip(visitors, members, strict=True):
        assert somebody.ask("/sign-in", email=member.email, password=PASSWORD).status_code == 200
        token = somebody.form_token("/compte")
        told = somebody.http.post(f"{path}/presence", data={"csrf_token": token})
        assert told.status_code == 200, told.text
    assert [other["name"] for other in told.json()["others"]] == [members[0].name]


def test_two_workers_do_what_both_services_asked_for_once(
    at_each: AtEach, world: World, store: Connections, worker: Starts
) -> None:
    port, count = free_port(), 24
    path = f"/schools/{world.school.id}/people"
    with mail_server(port) as received:
        workers = [WorkerFigures(worker, SMTP_URL=f"smtp://127.0.0.1:{port}") for _ in range(2)]
        await_until(lambda: all(one.text() for one in workers))
        somebody = cycle(at_each(world.office))
        invited = [partial(next(somebody).create, path, **_teacher(number)) for number in range(count)]
        assert {answer.status_code for answer in together(*invited)} == {201}
        await_until(lambda: all(row["done_at"] for row in rows(store)))
        assert Counter(row["attempts"] for row in rows(store)) == {1: count}
    assert Counter(to for envelope in received.envelopes for to in envelope.rcpt_tos) == {
        _teacher(number)["email"]: 1 for number in range(count)
    }


def _teacher(number: int) -> dict[str, Any]:
    said = {"email": f"prof{number}@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    return said | {"teaches_profession": True}

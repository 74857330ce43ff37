"""What a country's candidates weigh in the document store, each with all they have, and what publication day costs.

`make bench ARGS=country`: it promises nothing by itself. COUNTRY says how many candidates (20,000).
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Activity, Person
from tests.benchmarks.crowd import SHARED
from tests.benchmarks.harness import Line, Stage, told
from tests.benchmarks.processor import seconds_of_cpu
from tests.support import specimens
from tests.support.country.copies import Copies
from tests.support.filling import HTML, fill
from tests.support.worlds import commissions, juries
from tests.support.worlds.world import World

CANDIDATES = int(os.environ.get("COUNTRY", "20000"))
CLASS, PIECES, FILES, ACTIVITIES = 10, 20, 15, 4
ROUNDS, WARM_UP = 25, 3
PLACES = (*SHARED, "jury", "jury_member", "follower")
ENGINE, CHECKPOINT_S = "mongod", 70


def lines(stage: Stage) -> Iterator[Line]:
    people = _a_class(stage)
    country = Copies(stage.connections.database)
    country.grow_to(CANDIDATES)
    yield from _weights(stage)
    yield from _publication_day(stage, people)


def _a_class(stage: Stage) -> list[Person]:
    """Returns the candidates of one school whose marks are published, each with all they have, by the acts."""
    first, people = stage.world, []
    juries.the_jury(first)
    for rank in range(CLASS):
        world = first
        if rank:
            world = World(first.clock)
            world.count = 1000 * rank
            for name in PLACES:
                setattr(world, name, getattr(first, name))
        _portfolio(world)
        sheet = commissions.transmitted(world)
        juries.decide(world, sheet, "15", juries.REASON)
        people.append(commissions.with_password(world.candidate))
    juries.publish(first)
    return people


def _portfolio(world: World) -> None:
    activities = [world.activity, *(world.new_activity() for _ in range(ACTIVITIES - 1))]
    for rank in range(PIECES):
        piece = world.new_piece(activities[rank % ACTIVITIES], title=f"Pièce {rank}")
        if rank < FILES:
            world.upload(piece, specimens.picture("PNG"), "photo.png")
    for activity in activities:
        world.sign_off(Activity.objects.get(pk=activity.id))


# --- what is stored -------------------------------------------------------------------------------


def _weights(stage: Stage) -> Iterator[Line]:
    database = stage.connections.database
    time.sleep(CHECKPOINT_S)  # sizes on disk are told as of the last one
    stored = database.candidacies.estimated_document_count()
    each = {name: database.command("collStats", name) for name in database.list_collection_names()}
    details = [
        {"collection": name, "rows": stats["count"] / stored, "bytes": stats["size"] / stored}
        | {"compressed": stats["storageSize"] / stored, "indexes": stats["totalIndexSize"] / stored}
        for name, stats in sorted(each.items(), key=lambda one: -one[1]["size"])
    ]
    rounded = [
        {key: round(value, 1) if isinstance(value, float) else value for key, value in one.items()} for one in details
    ]
    for name, figure in (("documents", "bytes"), ("compressed on disk", "compressed"), ("indexes on disk", "indexes")):
        weight = sum(one[figure] for one in details) / 1000
        yield told(f"{stored:,} candidates, {name}, for one", weight, "kB", rounded if figure == "bytes" else None)


# --- publication day ------------------------------------------------------------------------------


def _publication_day(stage: Stage, people: list[Person]) -> Iterator[Line]:
    """Of each request of somebody who looks up their mark: processor of the service, and of the document store."""
    visits: dict[str, list[tuple[float, float]]] = {}
    for turn in range(ROUNDS + WARM_UP):
        person = people[turn % len(people)]
        for name, spent in _a_visit(stage, stage.app.test_client(), person):
            if turn >= WARM_UP:
                visits.setdefault(name, []).append(spent)
    for name, spent in visits.items():
        ours, engine = ([one[side] * 1000 for one in spent] for side in (0, 1))
        details = [{"least": round(min(ours), 2), "most": round(max(ours), 2)}]
        yield told(f"publication day, {name}, processor of the service", statistics.median(ours), "ms", details)
        yield told(f"publication day, {name}, of the document store", statistics.mean(engine), "ms")


def _a_visit(stage: Stage, client: FlaskClient, person: Person) -> Iterator[tuple[str, tuple[float, float]]]:
    portfolio = stage.connections.database.portfolios.find_one({"candidacy": _candidacy(stage, person)}, {"_id": 1})
    assert portfolio is not None
    typed = {"email": person.email, "password": commissions.PASSWORD}
    result = f"/portfolio/{portfolio['_id']}/resultat"
    for name, act in {
        "sign-in page": lambda: client.get("/connexion", headers=HTML),
        "sign-in page and password": lambda: fill(client, "/connexion", "sign-in", **typed),
        "home": lambda: client.get("/portfolio", headers=HTML, follow_redirects=True),
        "result": lambda: client.get(result, headers=HTML),
    }.items():
        before, engine = time.process_time(), _of_the_engine()
        answer: Any = act()
        spent = time.process_time() - before, _of_the_engine() - engine
        assert answer.status_code < 400, answer.text
        yield name, spent


def _of_the_engine() -> float:
    return seconds_of_cpu([ENGINE])[ENGINE]


def _candidacy(stage: Stage, person: Person) -> Any:
    found = stage.connections.database.candidacies.find_one({"person": person.id}, {"_id": 1})
    assert found is not None
    return found["_id"]

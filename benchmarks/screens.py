"""The three long screens: their time in the server, and their database commands, which must not depend on how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from flask.testing import FlaskClient

from benchmarks.stage import Line, Stage, at_most, median, timed
from portfolio import deposit
from portfolio.documents import Candidacy, Person, Portfolio, Sheet
from tests import commissions, juries
from tests.queries import counted
from tests.world import ALL_COMPETENCES

CLASS, QUEUE, JURY = 35, 30, 2000
FEW = 1
PIECES = 4


@dataclass(frozen=True)
class Screen:
    """fill: makes it `count` lines long in all. path: what is asked for, by whom."""

    name: str
    full: int
    within_ms: float
    who: Callable[[Stage], Person]
    path: Callable[[Stage], str]
    fill: Callable[[Stage, int], None]


def lines(stage: Stage) -> Iterator[Line]:
    for screen in SCREENS:
        screen.fill(stage, FEW)
        client, path = stage.client(screen.who(stage)), screen.path(stage)
        few = _commands(stage, client, path)
        screen.fill(stage, screen.full)
        many = _commands(stage, client, path)
        times = timed(lambda: stage.get(client, path), rounds=15)  # noqa: B023 - asked for at once
        yield at_most(f"{screen.name}, server time", median(times), "ms", screen.within_ms)
        yield at_most(f"{screen.name}, database commands of {FEW} to {screen.full}", many, "cmd", 1, many / few)


def _commands(stage: Stage, client: FlaskClient, path: str) -> int:
    stage.get(client, path)
    with counted(stage.connections.database) as count:
        stage.get(client, path)
    return count[0]


# --- how they grow ------------------------------------------------------------------------------------


def _followed(stage: Stage, count: int) -> None:
    """Candidates of one teacher, each with a placement, an activity and pieces: by the acts of the trade."""
    world = stage.world
    there = Candidacy.objects(followers=world.follower.id).count()
    for _ in range(count - there):
        candidacy = world.new_candidacy()
        by, at = world.actor(Person.objects.get(pk=candidacy.person)), world.clock()
        placement = world.new_placement(candidacy)
        mission = {"title": "Relance des impayés", "context": "pfmp", "mission": "Relancer", "placement": placement.id}
        activity = deposit.add_activity(by, Portfolio.objects.get(pk=candidacy.id), mission, at)
        for rank in range(PIECES):
            values = _piece(rank) | {"activity": activity.id}
            deposit.add_piece(by, Portfolio.objects.get(pk=candidacy.id), values, at)


def _piece(rank: int) -> dict[str, Any]:
    proofs = [{"competence": code, "justification": "Voir le document."} for code in ALL_COMPETENCES]
    return {"type_code": "REF1", "title": f"Pièce {rank}", "nature": "production", "competences": proofs}


def _convened(stage: Stage, count: int) -> None:
    _followed(stage, count)
    waiting = Candidacy.objects(followers=stage.world.follower.id).order_by("id")[:count]
    for candidacy in waiting:
        if not stage.connections.database.commissions.count_documents({"candidacy": candidacy.id}):
            commissions.convened(stage.world, candidacy)


def _transmitted(stage: Stage, count: int) -> None:
    """Straight into the store, on the pattern of one real sheet: what is measured is the reading."""
    world, sheets = stage.world, Sheet._get_collection()
    there = sheets.count_documents({"state": "transmitted"})
    if not there:
        stage.pattern = juries.sheet_of(world)
        there = 1
    sheet = stage.pattern.to_mongo().to_dict()
    candidacy = Candidacy._get_collection().find_one({"_id": sheet["candidacy"]})
    for rank in range(there, count):
        other = ObjectId()
        name = {"name_key": f"jury {rank:06d} zoe", "candidate_number": f"04{rank:09d}"}
        Candidacy._get_collection().insert_one(candidacy | name | {"_id": other, "person": ObjectId()})
        named = {"_id": ObjectId(), "candidacy": other, "number": f"2027-04{rank:09d}", "commission": ObjectId()}
        sheets.insert_one(sheet | named)


SCREENS = (
    Screen(
        f"class board of {CLASS} candidates", CLASS, 300, lambda s: s.world.follower, lambda _: "/classe", _followed
    ),
    Screen(f"commission queue of {QUEUE}", QUEUE, 300, lambda s: s.world.follower, lambda _: "/commissions", _convened),
    Screen(
        f"jury list of {JURY:,}, 200 lines",
        JURY,
        300,
        lambda s: s.world.jury_member,
        lambda s: f"/api/v1/juries/{s.world.jury.id}/sheets?limit=200",
        _transmitted,
    ),
    Screen(
        f"mark list of {JURY:,} in one file",
        JURY,
        2000,
        lambda s: s.world.jury_member,
        lambda s: f"/api/v1/juries/{s.world.jury.id}/mark-list.csv",
        _transmitted,
    ),
)

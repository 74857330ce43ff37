"""What a jury looks at, for a whole academy: its time in the server, and its database commands, which must not depend
on how many sheets there are. Every other page, at a class of 35: pages.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bson import Decimal128, ObjectId
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Result, School, Sheet
from tests.benchmarks.harness import Line, Stage, at_most, median, timed
from tests.support.queries import counted
from tests.support.worlds import juries

FEW, ACADEMY = 2, 2000
SCHOOLS, PAIRS = 40, 140


@dataclass(frozen=True)
class Screen:
    name: str
    within_ms: float
    path: str


SCREENS = (
    Screen("jury's figures", 100, "/jury/{}"),
    Screen("jury's list", 100, "/jury/{}/fiches"),
    Screen("jury's list of what departs from the others", 100, "/jury/{}/fiches?etat=ecartees"),
    Screen("jury's publication", 100, "/jury/{}/publication"),
    Screen("jury's list by the API, 200 lines", 300, "/api/v1/juries/{}/sheets?limit=200"),
    Screen("mark list in one file", 2000, "/api/v1/juries/{}/mark-list.csv"),
)


def lines(stage: Stage) -> Iterator[Line]:
    client, jury = stage.client(stage.world.jury_member), stage.world.jury.id
    paths = [screen.path.format(jury) for screen in SCREENS]
    pattern, decided = juries.sheet_of(stage.world), juries.sheet_of(stage.world)
    juries.decide(stage.world, decided)
    few = [_commands(stage, client, path) for path in paths]
    _multiply(pattern, ACADEMY - FEW)
    for screen, path, before in zip(SCREENS, paths, few, strict=True):
        many = _commands(stage, client, path)
        times = timed(lambda: stage.get(client, path), rounds=15)  # noqa: B023 - asked for at once
        yield at_most(f"{screen.name}, {ACADEMY:,} sheets", median(times), "ms", screen.within_ms)
        yield at_most(f"{screen.name}, commands of {FEW} to {ACADEMY:,}", many, "cmd", 1, many / before)


def _commands(stage: Stage, client: FlaskClient, path: str) -> int:
    stage.get(client, path)
    with counted(stage.connections.database) as count:
        stage.get(client, path)
    return count[0]


# --- an academy -----------------------------------------------------------------------------------


def _multiply(pattern: Sheet, more: int) -> None:
    """Straight into the store: what is measured is the reading. Each second one was decided by the jury."""
    sheet = pattern.to_mongo().to_dict()
    candidacy = Candidacy._get_collection().find_one({"_id": sheet["candidacy"]})
    schools = _schools(sheet["school"])
    pairs = [[{"person": ObjectId(), "name": f"Professeur {rank} {one}"} for one in "AB"] for rank in range(PAIRS)]
    made: dict[Any, list[Any]] = {Candidacy: [], Sheet: [], Result: []}
    for rank in range(more):
        number, school = f"04{rank:09d}", schools[rank % SCHOOLS]
        place = {"school": school, "candidacy": ObjectId()}
        person = {"name_key": f"jury {rank:06d} zoe", "candidate_number": number, "person": ObjectId()}
        made[Candidacy].append(candidacy | person | {"_id": place["candidacy"], "school": school})
        signed = [one | two for one, two in zip(sheet["signatures"], pairs[rank % PAIRS], strict=True)]
        one = sheet | place | {"_id": ObjectId(), "number": f"2027-{number}", "commission": ObjectId()}
        one |= {"signatures": signed, "proposed_mark": Decimal128(str(8 + rank % 23 / 2))}
        made[Sheet].append(one | {"state": "final" if rank % 2 else "transmitted"})
        if rank % 2:
            made[Result].append(_decided(one))
    for kind, documents in made.items():
        kind._get_collection().insert_many(documents)


def _schools(pattern: ObjectId) -> list[ObjectId]:
    school = School._get_collection().find_one({"_id": pattern})
    others = [
        school | {"_id": ObjectId(), "uai": f"069{rank:04}X", "name": f"Lycée {rank}"} for rank in range(1, SCHOOLS)
    ]
    School._get_collection().insert_many(others)
    return [pattern, *(one["_id"] for one in others)]


def _decided(sheet: dict[str, Any]) -> dict[str, Any]:
    shared = {
        name: sheet[name] for name in ("academy", "school", "session", "candidacy", "created_at", "proposed_mark")
    }
    decision = {"final_mark": sheet["proposed_mark"], "published": False, "reason": None, "revision": 1}
    return shared | decision | {"_id": ObjectId(), "sheet": sheet["_id"]}

"""Reading a portfolio of 20 pieces, as JSON and as a page, against a bare route; sign-in; lists and pages as the number
of candidates grows: in one school, enrolled and no more; in the country, with all they have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bson import ObjectId
from flask import Flask, Response, request

from portfolio.documents import Candidacy
from portfolio.ids import token_hash
from tests.benchmarks.harness import Line, Stage, at_most, median, p95, side_by_side, spread, timed
from tests.support.country.copies import Copies
from tests.support.worlds import commissions

PIECES = 20
FEW, MANY = 100, 100_000
SMALL_COUNTRY, COUNTRY = 200, 4_000
AN_HTML_MS = 30_000  # bytes: a page may take a millisecond for so many, beside what its rows cost
TURNS = 400  # what the store still writes of the last enrolments is over within the first of them


def lines(stage: Stage) -> Iterator[Line]:
    yield from _portfolio(stage)
    yield _sign_in(stage)
    yield from _in_the_country(stage)
    yield from _lists(stage)


def _bare(stage: Stage) -> Flask:
    """The same authentication look-up and the same reads, with PyMongo and json.dumps only."""
    app, database = Flask("bare"), stage.connections.database

    @app.get("/portfolio/<candidacy>")
    def portfolio(candidacy: str) -> Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        held = {"$match": {"token_hash": token_hash(token), "ended_at": None}}
        whose = {"$lookup": {"from": "persons", "localField": "person", "foreignField": "_id", "as": "whose"}}
        sign_in = next(database.sign_ins.aggregate([held, whose]))
        person = next(person for person in sign_in["whose"] if person["state"] == "active")
        granted = [grant["candidacy"] for grant in person["grants"] if grant["role"] == "candidate"]
        query = {"$and": [{"$or": [{"candidacy": {"$in": granted}}]}, {"candidacy": ObjectId(candidacy)}]}
        pieces = list(database.evidence.find(query).sort("_id", 1).limit(51))
        return Response(json.dumps(pieces, default=str), mimetype="application/json")

    return app


def _portfolio(stage: Stage) -> Iterator[Line]:
    world = stage.world
    for rank in range(PIECES):
        world.new_piece(title=f"Pièce {rank}")
    client, bare = stage.client(world.candidate), _bare(stage).test_client()
    bare.environ_base.update(client.environ_base)
    path = f"/api/v1/evidence?candidacy={world.candidacy.id}"
    assert len(client.get(path).json["items"]) == PIECES
    ours, theirs = side_by_side(
        lambda: stage.get(client, path), lambda: stage.get(bare, f"/portfolio/{world.candidacy.id}"), rounds=200
    )
    ratio, told = median(ours) / median(theirs), spread(ours) + spread(theirs)
    yield at_most("portfolio of 20 pieces, read", median(ours), "ms", 2, ratio, told)
    page = f"/portfolio/{world.portfolio.id}/preuves"
    length = len(stage.get(client, page))
    shown, read = side_by_side(lambda: stage.get(client, page), lambda: stage.get(client, path), rounds=100)
    ratio = (median(shown) - length / AN_HTML_MS) / median(read)
    told = spread(shown) + spread(read) + [{"bytes": length}]
    yield at_most("page of 20 pieces, less 1 ms for 30 kB, to the same JSON", median(shown), "ms", 2.5, ratio, told)


def _sign_in(stage: Stage) -> Line:
    world = stage.world
    password = world.set_password(world.follower)
    said = {"email": world.follower.email, "password": password}
    times = timed(lambda: stage.app.test_client().post("/api/v1/sign-in", json=said), rounds=20)
    return at_most("sign-in (argon2id, 64 MiB; absolute)", median(times), "ms", 500, details=spread(times))


def _lists(stage: Stage) -> Iterator[Line]:
    """p95 of the office's first page and of a page deep inside, at 100 and at 100,000 candidates."""
    client = stage.client(stage.world.office)
    _enrol(stage, FEW)
    few = _pages(stage, client)
    _enrol(stage, MANY - FEW)
    many = _pages(stage, client)
    for name in few:
        yield at_most(f"list of candidates, {name}, 100 to 100,000", many[name], "ms", 1.5, many[name] / few[name])


def _in_the_country(stage: Stage) -> Iterator[Line]:
    """Medians of pages and lists, among a country's candidates with all they have, to the same among few."""
    world = stage.world
    world.sign_off()
    commission = commissions.convened(world)
    jury = world.jury.id
    asked = {
        "candidate's pieces": (world.candidate, f"/portfolio/{world.portfolio.id}/preuves"),
        "teacher's class": (world.follower, "/classe"),
        "teacher's candidate": (world.follower, f"/classe/candidats/{world.candidacy.id}"),
        "commission's queue": (world.follower, "/commissions"),
        "commission by the API": (world.follower, f"/api/v1/commissions/{commission.id}"),
        "teacher's pieces by the API": (world.follower, "/api/v1/evidence?limit=20"),
        "office's candidates": (world.office, "/etablissement"),
        "jury's list": (world.jury_member, f"/jury/{jury}/fiches"),
        "inspector's candidates by the API": (world.inspector, "/api/v1/candidacies?session=2027&limit=20"),
    }
    clients = {name: stage.client(person) for name, (person, _) in asked.items()}
    country, times = Copies(stage.connections.database), []
    for size in (SMALL_COUNTRY, COUNTRY):
        country.grow_to(size)
        times.append({name: timed(lambda: stage.get(clients[name], asked[name][1]), 60) for name in asked})  # noqa: B023
    few, many = times
    for name in asked:
        said = f"{name}, {SMALL_COUNTRY} to {COUNTRY:,} candidates with all they have"
        told = spread(few[name]) + spread(many[name])
        yield at_most(said, median(many[name]), "ms", 1.5, median(many[name]) / median(few[name]), told)


def _pages(stage: Stage, client: Any) -> dict[str, float]:
    first = "/api/v1/candidacies?session=2027&limit=20"
    cursor = client.get(first).json["next"]
    deep = f"{first}&after={cursor}"
    pages = {"first page": first, "deeper": deep}
    return {name: p95(timed(lambda: stage.get(client, path), TURNS)) for name, path in pages.items()}  # noqa: B023


def _enrol(stage: Stage, count: int) -> None:
    """Straight into the store: what is measured is the reading."""
    pattern = stage.world.candidacy.to_mongo().to_dict()
    collection = Candidacy._get_collection()
    start = collection.count_documents({})
    for chunk in range(0, count, 5000):
        rows = []
        for rank in range(start + chunk, start + min(chunk + 5000, count)):
            key = f"eleve {rank:07d} zoe"
            rows.append(
                pattern
                | {"_id": ObjectId(), "person": ObjectId(), "candidate_number": f"03{rank:09d}", "name_key": key}
            )
        collection.insert_many(rows, ordered=False)

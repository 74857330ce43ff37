"""Reading a portfolio of 20 pieces against a bare route; sign-in; lists as the number of candidates grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bson import ObjectId
from flask import Flask, Response, request

from portfolio.documents import Candidacy
from portfolio.ids import token_hash
from tests.benchmarks.harness import Line, Stage, at_most, median, p95, side_by_side, timed

PIECES = 20
FEW, MANY = 100, 100_000
TURNS = 400  # what the store still writes of the last enrolments is over within the first of them


def lines(stage: Stage) -> Iterator[Line]:
    yield _portfolio(stage)
    yield _sign_in(stage)
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


def _portfolio(stage: Stage) -> Line:
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
    return at_most("portfolio of 20 pieces, read", median(ours), "ms", 2, median(ours) / median(theirs))


def _sign_in(stage: Stage) -> Line:
    world = stage.world
    password = world.set_password(world.follower)
    said = {"email": world.follower.email, "password": password}
    times = timed(lambda: stage.app.test_client().post("/api/v1/sign-in", json=said), rounds=20)
    return at_most("sign-in (argon2id, 64 MiB)", median(times), "ms", 500)


def _lists(stage: Stage) -> Iterator[Line]:
    """p95 of the office's first page and of a page deep inside, at 100 and at 100,000 candidates."""
    client = stage.client(stage.world.office)
    _enrol(stage, FEW)
    few = _pages(stage, client)
    _enrol(stage, MANY - FEW)
    many = _pages(stage, client)
    for name in few:
        yield at_most(f"list of candidates, {name}, 100 to 100,000", many[name], "ms", 1.5, many[name] / few[name])


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

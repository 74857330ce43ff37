"""The mixed load, for `locust`: candidates who upload, commissions who score, teachers who read their class.

CROWD names the file of their tokens, PHOTO that of the picture. HASTE=1: nobody pauses, to see what saturates.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import uuid
from pathlib import Path
from typing import Any

from locust import HttpUser, between, constant, task

from tests.benchmarks.rushes.photograph import another

CROWD = json.loads(Path(os.environ["CROWD"]).read_text())
HASTE = os.environ.get("HASTE") == "1"
ROWS = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")
DEGREES = ("I", "S", "TS")
PHOTO = Path(os.environ["PHOTO"]).read_bytes()


class Somebody(HttpUser):
    """A signed-in person, another each time."""

    abstract = True
    kind = ""
    turns: dict[str, Any] = {}

    def on_start(self) -> None:
        turn = self.turns.setdefault(self.kind, itertools.cycle(CROWD[self.kind]))
        self.known = next(turn)
        self.client.headers["Authorization"] = f"Bearer {self.known['token']}"
        self.wait()  # people do not come all at once

    def create(self, path: str, values: dict[str, Any], name: str) -> Any:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return self.client.post(f"/api/v1{path}", json=values, headers=headers, name=name).json()


class Candidate(Somebody):
    """One photograph of 400 kB now and then, as in the last week."""

    kind = "candidates"
    fixed_count = int(os.environ.get("CANDIDATES", "300"))
    wait_time = constant(0) if HASTE else between(30, 90)

    @task
    def deposit(self) -> None:
        portfolio = self.known["portfolio"]
        self.client.get(f"/api/v1/evidence?candidacy={portfolio}", name="candidate: list of pieces")
        told = {"type_code": "REF1", "title": "Photo", "nature": "production", "activity": self.known["activity"]}
        piece = self.create(f"/portfolios/{portfolio}/evidence", told, "candidate: new piece")
        photo = another(PHOTO, uuid.uuid4().hex)
        said = {"name": "photo.jpg", "size": len(photo)}
        file = self.create(f"/evidence/{piece['id']}/files", said, "candidate: upload begun")
        path = f"/api/v1/files/{file['id']}"
        self.client.put(f"{path}/parts/1", data=photo, name="candidate: part of 400 kB")
        with self.client.post(f"{path}/commit", catch_response=True, name="candidate: upload verified") as done:
            if done.json().get("state") != "verified":
                done.failure(done.text)


class Member(Somebody):
    """Of a commission: the queue, then degrees on the grid, saved as they are given."""

    kind = "members"
    fixed_count = int(os.environ.get("MEMBERS", "50"))
    wait_time = constant(0) if HASTE else between(5, 15)

    @task(1)
    def queue(self) -> None:
        self.client.get("/commissions", name="commission: queue")

    @task(4)
    def score(self) -> None:
        path = f"/api/v1/commissions/{self.known['commission']}/grids"
        grids = self.client.get(path, name="commission: grid").json()["items"]
        grid = next(grid for grid in grids if "fill_grid" in grid["can"])
        degrees = {random.choice(ROWS): random.choice(DEGREES)}  # noqa: S311 - no secret
        self.client.patch(
            f"/api/v1/grids/{grid['id']}",
            json={"candidacy": self.known["candidacy"], "degrees": degrees},
            headers={"If-Match": f'"{grid["revision"]}"'},
            name="commission: degree saved",
        )


class Teacher(Somebody):
    """Looks at the class, then at one portfolio."""

    kind = "teachers"
    fixed_count = int(os.environ.get("TEACHERS", "20"))
    wait_time = constant(0) if HASTE else between(5, 15)

    @task
    def board(self) -> None:
        self.client.get("/classe", name="teacher: class board")
        found = self.client.get("/api/v1/candidacies?limit=50", name="teacher: candidates").json()
        one = random.choice(found["items"])["id"]  # noqa: S311 - no secret
        self.client.get(f"/api/v1/portfolios/{one}/conformity", name="teacher: conformity")

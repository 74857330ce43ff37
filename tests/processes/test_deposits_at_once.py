"""Many deposit at one moment, over real sockets: whoever reads and scores goes before them, and no deposit is lost."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from portfolio.documents import Candidacy, EvidenceFile, Grid
from portfolio.store.connections import Connections
from tests.support.api.requests import API
from tests.support.cable import HOST, Cable, documents_by, served, to_documents, to_objects
from tests.support.waiting import await_until
from tests.support.worlds import commissions
from tests.support.worlds.world import PDF, World

DEPOSITORS = 40
ONE_AT_ONCE = {"WEB_THREADS": "1", "WEB_DEPOSITS": "1"}
IN_LINE = 1 + 32  # one at work, the others behind it


class Depositor:
    """One candidate's deposit, as the page's script goes about it: told to come back, it comes back."""

    def __init__(self, site: str, world: World, rank: int) -> None:
        token = World.token_for(world.candidate, world.clock())
        self.program = httpx.Client(base_url=f"{site}{API}", headers={"Authorization": f"Bearer {token}"}, timeout=120)
        self.piece, self.rank = world.new_piece().id, rank
        self.told = Counter[str]()

    def deposit(self) -> str:
        said = {"name": f"lettre-{self.rank}.pdf", "size": len(PDF)}
        file = self._until_done("POST", f"/evidence/{self.piece}/files", said)
        self._until_done("PUT", f"/files/{file['id']}/parts/1", PDF)
        state: str = self._until_done("POST", f"/files/{file['id']}/commit")["state"]
        self.program.close()
        return state

    def _until_done(self, method: str, path: str, values: dict[str, object] | bytes | None = None) -> dict[str, str]:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        sent = {"content": values} if isinstance(values, bytes) else {"json": values}
        while True:
            answer = self.program.request(method, path, headers=key, **sent)  # type: ignore[arg-type]
            if answer.status_code < 300:
                told: dict[str, str] = answer.json()
                return told
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) > 0
            self.told[answer.json()["code"]] += 1
            time.sleep(0.2)


@pytest.fixture
def objects(store: Connections) -> Iterator[Cable]:
    with to_objects(store) as cable:
        yield cable


@pytest.fixture
def site(world: World, store: Connections, objects: Cable, engine_environment: dict[str, str]) -> Iterator[str]:
    """A service of one worker, where one deposit is at work at once, by a cable to its object store."""
    assert world.activity  # before a service writes beside it
    with to_documents(store) as documents:
        own = {"MONGODB_URI": documents_by(documents, store), "S3_BUCKET": store.settings.s3_bucket}
        own["S3_ENDPOINT_URL"] = f"http://{HOST}:{objects.port}"
        with served({**engine_environment, **own, **ONE_AT_ONCE}) as site:
            await_until(lambda: httpx.get(f"{site}/readyz", timeout=30).status_code == 200, "it is never ready")
            yield site


def test_whoever_scores_and_reads_goes_before_all_who_deposit_and_no_deposit_is_lost(
    world: World, site: str, objects: Cable
) -> None:
    world.submit()
    commission = commissions.convened(world)
    grid = commissions.grid_of(commission, world.follower)
    seen = {"Authorization": f"Bearer {World.token_for(world.follower, world.clock())}"}
    depositors = [Depositor(site, _another(world, rank), rank) for rank in range(DEPOSITORS)]

    def told(code: str) -> int:
        return sum(one.told[code] for one in depositors)

    objects.hush()  # what is at work waits for the store
    with ThreadPoolExecutor(DEPOSITORS) as threads, httpx.Client(base_url=site, headers=seen, timeout=120) as member:
        states = [threads.submit(depositor.deposit) for depositor in depositors]
        try:
            await_until(lambda: told("deposits_wait") >= DEPOSITORS - IN_LINE, "the line is never full")
            answered = told("engine_unavailable")
            _score(member, grid, world.candidacy)
            assert member.get("/classe").status_code == 200
            assert told("engine_unavailable") - answered < IN_LINE / 2, "it waited behind those who deposit"
        finally:
            objects.speak()  # or they would deposit for ever
        assert [one.result() for one in states] == ["verified"] * DEPOSITORS
    files = EvidenceFile.objects(removed_at=None)
    assert sorted(file.evidence for file in files) == sorted(one.piece for one in depositors)
    assert {file.state for file in files} == {"verified"}


def _score(member: httpx.Client, grid: Grid, candidacy: Candidacy) -> None:
    values = {"candidacy": str(candidacy.id), "degrees": {"C1": "S"}}
    seen = {"If-Match": f'"{grid.revision}"'}
    assert member.patch(f"{API}/grids/{grid.id}", json=values, headers=seen).status_code == 200


def _another(world: World, rank: int) -> World:
    """Another candidate of the same school."""
    other = World(world.clock)
    for name in ("administrator", "academy", "school", "office", "company", "follower", "second_teacher"):
        setattr(other, name, getattr(world, name))
    other.count = 1000 * (rank + 1)
    return other

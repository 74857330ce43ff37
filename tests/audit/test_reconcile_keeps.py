"""What is frozen, versioned or live outlives the reconciler, whatever happens and in whatever order."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Evidence, EvidenceFile, EvidenceVersion, Portfolio, Submission
from portfolio.errors import NotNow
from portfolio.evidence import deposit, upload_ending
from portfolio.ids import new_token
from portfolio.store.connections import Connections, storage
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.both_stores import DAY, different, found, stands
from tests.support.clock import now
from tests.support.concurrency import together
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def cure_until_nothing_is_left(at: datetime) -> None:
    for round_ in range(4):
        found(at + round_ * DAY, cure=True, many=True)


def protected() -> list[EvidenceFile]:
    """Worked out from the documents alone, another way than the reconciler does: every file that must be there."""
    frozen = " ".join(Submission.objects.scalar("content"))
    versions = [file["id"] for version in EvidenceVersion.objects for file in version.content["files"]]
    return [
        file
        for file in EvidenceFile.objects(state="verified")
        if file.removed_at is None or str(file.id) in frozen or str(file.id) in versions
    ]


def frozen_then_removed(world: World) -> list[EvidenceFile]:
    """One file named by a submission only, one by an earlier version only, one in a withdrawn piece, one live."""
    by = world.actor(world.candidate)
    submitted = world.upload(piece := world.new_piece(), different(1))
    withdrawn = world.upload(second := world.new_piece(title="Retirée"), different(2))
    world.sign_off()
    world.submit()
    submit.reopen(world.actor(world.follower), world.portfolio, "À compléter", world.clock())
    upload_ending.remove(by, submitted, world.clock())
    EvidenceVersion.objects(evidence=piece.id).delete()  # so that the submission alone names it
    deposit.withdraw_piece(by, Evidence.objects.get(pk=second.id), world.clock())
    edited = world.upload(third := world.new_piece(title="Modifiée"), different(3))
    upload_ending.remove(by, edited, world.clock())
    live = world.upload(third, different(4))
    return [submitted, withdrawn, edited, live]


def test_what_is_frozen_versioned_or_live_outlives_every_cure(world: World, later: datetime) -> None:
    files = frozen_then_removed(world)
    assert {file.id for file in protected()} == {file.id for file in files}
    cure_until_nothing_is_left(later)
    assert [stands(file) for file in files] == [True] * 4
    assert found(later, deep=True) == []


def test_even_a_mark_forged_in_the_database_does_not_delete_what_counts(
    world: World, store: Connections, later: datetime
) -> None:
    files = frozen_then_removed(world)
    long_ago = later - timedelta(days=300)
    store.database.files.update_many({}, {"$set": {"discarded_at": long_ago}})
    cure_until_nothing_is_left(later)
    assert [stands(file) for file in files] == [True] * 4


@pytest.mark.parametrize("seed", [2, 3, 5])  # lives with submissions, versions and removed files
def test_after_any_acts_in_any_order_what_counts_is_there_and_the_rest_ends_up_gone(
    world: World, clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)
    clock.now = max(clock.now, now() + DAY)
    Life(world, clock, chance).live(40)
    submitted = Portfolio.objects.get(pk=world.candidacy.id).state == "submitted"
    if submitted:
        submit.reopen(world.actor(world.follower), world.portfolio, "À compléter", clock())
    cure_until_nothing_is_left(clock.advance(days=400))

    assert all(stands(file) for file in protected())
    left = {stored.key for stored in storage().list_keys("")}
    assert left == {file.key for file in protected()}
    assert list(storage().list_uploads()) == []
    assert list(verify()) == []


def test_two_reconcilers_at_once_cure_each_thing_once(world: World, store: Connections, later: datetime) -> None:
    piece = world.new_piece(title="Jamais finie", competences=[])
    for number in range(3):
        upload_ending.remove(world.actor(world.candidate), world.upload(piece, different(number)), world.clock())
        world.send(piece, different(10 + number))
        storage().put(new_token(), b"stray", "text/plain")
    for day in range(3):
        at = later + day * DAY
        answers = together(*[lambda at=at: found(at, cure=True, many=True)] * 3)
        assert all(isinstance(answer, list) for answer in answers)

    assert list(storage().list_keys("")) == []
    assert list(storage().list_uploads()) == []
    by_system = store.database.events.find({"by": "system", "name": {"$in": ["file_removed", "file_discarded"]}})
    done = [(link["name"], link["subject"]["id"]) for link in by_system]
    assert len(done) == len(set(done)) == 6
    assert list(verify()) == []


class Life:
    """A candidate who does anything, while the reconciler passes by."""

    def __init__(self, world: World, clock: Clock, chance: random.Random) -> None:
        self.world, self.clock, self.chance = world, clock, chance
        self.count = 0
        world.new_piece()
        world.sign_off()

    def live(self, acts: int) -> None:
        doing: list[Callable[[], Any]] = [self.add, self.upload, self.upload, self.refuse, self.begin, self.remove]
        doing += [self.remove, self.edit, self.withdraw, self.submit, self.reopen, self.cure, self.cure]
        for _ in range(acts):
            self.count += 1
            try:
                self.chance.choice(doing)()
            except NotNow:
                continue
            assert all(stands(file) for file in protected())

    def by(self) -> Any:
        return self.world.actor(self.world.candidate)

    def piece(self) -> Evidence:
        return self.chance.choice(list(Evidence.objects(candidacy=self.world.candidacy.id).order_by("id")))

    def add(self) -> None:
        competences = self.chance.choice([{}, {"competences": []}])
        self.world.new_piece(title=f"Preuve {self.count}", **competences)

    def upload(self) -> None:
        self.world.upload(self.piece(), different(self.count))

    def refuse(self) -> None:
        self.world.upload(self.piece(), b"MZ" + bytes(self.count), "calcul.exe")

    def begin(self) -> None:
        self.world.send(self.piece(), different(self.count))

    def remove(self) -> None:
        files = list(EvidenceFile.objects(removed_at=None).order_by("id"))
        if files:
            upload_ending.remove(self.by(), self.chance.choice(files), self.clock())

    def edit(self) -> None:
        deposit.amend_piece(self.by(), self.piece(), {"title": f"Autre titre {self.count}"}, self.clock())

    def withdraw(self) -> None:
        if Evidence.objects(state="ready").count() > 1:
            deposit.withdraw_piece(self.by(), self.piece(), self.clock())

    def submit(self) -> None:
        self.world.sign_off()
        submit.submit(self.by(), self.world.portfolio, True, self.clock())

    def reopen(self) -> None:
        submit.reopen(self.world.actor(self.world.follower), self.world.portfolio, "À compléter", self.clock())

    def cure(self) -> None:
        self.clock.advance(days=self.chance.choice([0, 1, 2, 40]))
        found(self.clock(), cure=True, many=True)

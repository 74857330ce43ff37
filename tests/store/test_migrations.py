"""Migrations: one process at a time, whatever dies in the middle; every index that documents declare is made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

import migrations
from migrations import Migration, MigrationFailed, MigrationRunning
from portfolio.documents import (
    Anchor,
    AnchoredHeads,
    Attempt,
    Chain,
    DigestedObject,
    Draft,
    Link,
    OutboxRow,
    RequestKey,
    Turn,
    Unsent,
)
from tests.support.concurrency import together

ROOT = Path(__file__).parents[2]
LEASE_S = 4
JOURNALS = (Anchor, AnchoredHeads, Attempt, Chain, DigestedObject, Draft, Link, OutboxRow, RequestKey, Turn, Unsent)
# A process that migrates people one by one: `counted` grows by one each time one is changed. After each it says so, and
# waits for a line, or for the end of what it is told: `communicate` lets it go on.
SLOW = """
import sys
from datetime import timedelta
from pymongo import MongoClient
import migrations
from migrations import Migration

def first(db):
    db.people.update_many({"name": {"$exists": False}}, {"$set": {"name": "Camille"}})

def second(db):
    db.starts.insert_one({"by": sys.argv[2]})
    for person in db.people.find({"initial": {"$exists": False}}):
        db.people.update_one({"_id": person["_id"]}, {"$set": {"initial": person["name"][0]}, "$inc": {"counted": 1}})
        print(person["_id"], flush=True)
        sys.stdin.readline()

known = [Migration("0001_names", "", first), Migration("0002_initials", "", second)]
with MongoClient(sys.argv[1]) as client:
    try:
        print("done", migrations.apply(client.get_database(), known, timedelta(seconds=float(sys.argv[3]))), flush=True)
    except migrations.MigrationRunning as running:
        sys.exit(f"running {running}")
"""


def recorded(db: Database[dict[str, Any]]) -> list[str]:
    return [row["_id"] for row in db.migrations.find({"done_at": {"$exists": True}}).sort("_id", 1)]


def writes(name: str) -> Migration:
    return Migration(name, "", lambda db: db.written.insert_one({"by": name}) and None)


def fails(name: str) -> Migration:
    def migrate(db: Database[dict[str, Any]]) -> None:
        raise ValueError("Zoé Élève, née le 12 avril 2005")

    return Migration(name, "", migrate)


# --- in order, once ---------------------------------------------------------------------------------


def test_migrations_run_in_order_and_only_once(db: Database[dict[str, Any]]) -> None:
    known = [writes("0001_a"), writes("0002_b")]

    assert migrations.apply(db, known) == ["0001_a", "0002_b"]
    assert migrations.apply(db, [*known, writes("0003_c")]) == ["0003_c"]

    assert [row["by"] for row in db.written.find().sort("_id", 1)] == ["0001_a", "0002_b", "0003_c"]
    assert recorded(db) == ["0001_a", "0002_b", "0003_c"]


def test_a_failure_stops_the_run_and_leaves_the_earlier_ones_recorded(db: Database[dict[str, Any]]) -> None:
    known = [writes("0001_a"), fails("0002_b"), writes("0003_c")]

    with pytest.raises(MigrationFailed, match=r"0002_b a échoué \(ValueError\).* 0001_a") as failed:
        migrations.apply(db, known)
    assert "Zoé" not in str(failed.value)
    assert recorded(db) == ["0001_a"]
    assert migrations.apply(db, [known[0], writes("0002_b"), known[2]]) == ["0002_b", "0003_c"]


def test_the_first_shape_can_be_run_again_on_a_database_that_has_it(db: Database[dict[str, Any]]) -> None:
    first = migrations.all_migrations()[0]
    first.migrate(db)
    before = {name: db[name].index_information() for name in db.list_collection_names()}
    first.migrate(db)
    assert {name: db[name].index_information() for name in db.list_collection_names()} == before


def test_every_migration_says_what_it_is_for_and_has_a_number_of_its_own() -> None:
    known = migrations.all_migrations()
    assert all(migration.purpose for migration in known)
    numbers = [int(migration.name[:4]) for migration in known]
    assert numbers == list(range(1, len(known) + 1))


# --- one at a time ----------------------------------------------------------------------------------


def test_of_eight_started_at_once_one_migrates_and_the_others_say_who_does(db: Database[dict[str, Any]]) -> None:
    def slow(db: Database[dict[str, Any]]) -> None:
        db.written.insert_one({})
        time.sleep(0.5)

    known = [Migration("0001_slow", "", slow)]
    answers = together(*[lambda: migrations.apply(db, known)] * 8)

    assert answers.count(["0001_slow"]) == 1
    others = [answer for answer in answers if answer != ["0001_slow"]]
    assert all(isinstance(other, MigrationRunning) for other in others)
    assert all(f"le processus {os.getpid()} de " in str(other) for other in others)
    assert db.written.count_documents({}) == 1


@pytest.mark.endure
def test_a_migration_longer_than_its_lease_keeps_the_others_out(db: Database[dict[str, Any]]) -> None:
    lease = timedelta(seconds=LEASE_S)
    known = [Migration("0001_long", "", lambda db: time.sleep(2 * LEASE_S))]

    def come_late() -> list[str]:
        time.sleep(1.5 * LEASE_S)
        return migrations.apply(db, known, lease)

    first, late = together(lambda: migrations.apply(db, known, lease), come_late)
    assert first == ["0001_long"]
    assert isinstance(late, MigrationRunning)


def test_a_lock_left_before_locks_had_a_lease_is_taken_over(db: Database[dict[str, Any]]) -> None:
    db.migrations.insert_one({"_id": "lock", "started_at": None})
    assert migrations.apply(db, [writes("0001_a")]) == ["0001_a"]
    assert db.migrations.find_one({"_id": "lock"}) is None


def slow_process(uri: str, name: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", SLOW, uri, name, str(LEASE_S)]
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture
def people(db: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """The old shape: people without a name nor an initial."""
    db.people.insert_many([{"_id": number} for number in range(50)])
    return db


def after_five(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(4 * "\n")
    process.stdin.flush()
    for _ in range(5):
        assert process.stdout.readline().strip().isdigit()


def test_a_process_killed_in_the_middle_blocks_the_next_one_only_for_its_lease(
    uri: str, people: Database[dict[str, Any]]
) -> None:
    with slow_process(uri, "killed") as killed:
        after_five(killed)
        killed.send_signal(signal.SIGKILL)
    assert recorded(people) == ["0001_names"]

    with pytest.raises(MigrationRunning, match=f"le processus {killed.pid} de "):
        migrations.apply(people, [])

    time.sleep(LEASE_S + 0.1)
    with slow_process(uri, "next") as following:
        told, _ = following.communicate(timeout=20)
    assert told.splitlines()[-1] == "done ['0002_initials']"
    assert recorded(people) == ["0001_names", "0002_initials"]
    assert [row["by"] for row in people.starts.find()] == ["killed", "next"]
    assert people.people.count_documents({"initial": "C", "counted": 1}) == 50


@pytest.mark.endure
def test_a_process_that_slept_through_its_lease_does_not_say_it_did_the_work(
    uri: str, people: Database[dict[str, Any]]
) -> None:
    with slow_process(uri, "asleep") as asleep:
        after_five(asleep)
        asleep.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_S + 0.1)
        with slow_process(uri, "awake") as awake:
            told, _ = awake.communicate(timeout=20)
        asleep.send_signal(signal.SIGCONT)
        _, said = asleep.communicate(timeout=20)

    assert told.splitlines()[-1] == "done ['0002_initials']"
    assert asleep.returncode == 1
    assert "un autre a repris la migration" in said
    assert recorded(people) == ["0001_names", "0002_initials"]

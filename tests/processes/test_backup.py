"""The drill: back up while people work, wipe everything, restore elsewhere, find all of it again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from config.settings import Settings
from portfolio.audit import backup, restore, snapshot
from portfolio.audit.manifest import TornBackup
from portfolio.documents import Evidence, EvidenceFile
from portfolio.sign_offs.answering import paper
from portfolio.store.connections import Connections, storage
from tests.audit.test_seal_store import without_seals
from tests.conftest import MEASURED, empty
from tests.support import specimens
from tests.support.background.at_work import AtWork
from tests.support.backup_stores import Elsewhere, held, saved, seal_people, taken
from tests.support.both_stores import different, empty_bucket
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")

# --- the drill --------------------------------------------------------------------------------------


def restoring_speed(folder: Path, seconds: float) -> str:
    """What a restoration took, for what it restored: a small one is mostly its start and its checks."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    minutes = seconds / 60 / (size / 1e9)
    return f"restored {size / 1e6:.1f} MB in {seconds:.1f} s: {minutes:.1f} minutes per GB"


def test_the_drill(
    tmp_path: Path,
    busy: World,
    store: Connections,
    elsewhere: Elsewhere,
    record_property: Callable[[str, object], None],
) -> None:
    film = specimens.film(data=os.urandom(store.settings.part_bytes * 4))
    busy.upload(busy.new_piece(title="Film"), film, "film.mp4")
    with AtWork(busy) as work:
        while len(work.files) < 5:
            time.sleep(0.05)
        before = list(work.pieces[:-1]), list(work.files)
        with elsewhere.start_backup(tmp_path) as made:
            made.communicate(timeout=60)
        during = len(work.pieces)
        while len(work.pieces) == during:
            time.sleep(0.05)
    assert made.returncode == 0
    assert during > len(before[0]) + 1, "nobody wrote while the backup ran"

    empty(store)
    empty_bucket()
    began = time.monotonic()
    told = elsewhere.run("restore", str(tmp_path))
    took = time.monotonic() - began

    assert told.returncode == 0, told.stderr
    record_property(MEASURED, restoring_speed(tmp_path, took))
    assert "0 défaut" in told.stdout
    assert elsewhere.run("verify").stdout == "0 défaut.\n"
    assert elsewhere.run("reconcile", "--deep").returncode == 0
    assert elsewhere.run("migrate", "--dry-run").stdout == "La base est à jour.\n"
    there = held(elsewhere.database)
    assert there == saved(tmp_path)
    assert {one["_id"] for one in there["evidence"]} >= set(before[0])
    assert {one["_id"] for one in there["files"]} >= {file.id for file in before[1]}
    assert len(there["evidence"]) < during + 5, "the backup is of one moment, not of the end"
    verified = [one for one in there["files"] if one["state"] == "verified"]
    for one in verified:
        assert hashlib.sha256(b"".join(elsewhere.storage.open(one["key"]))).hexdigest() == one["sha256"]
    assert {one.key for one in elsewhere.storage.list_keys("")} == {one["key"] for one in verified}


def test_what_is_restored_is_what_was_there_document_by_document(
    tmp_path: Path, busy: World, store: Connections, elsewhere: Elsewhere
) -> None:
    manifest = taken(tmp_path)
    assert elsewhere.run("restore", str(tmp_path)).returncode == 0

    before = held(store.database)
    assert held(elsewhere.database).keys() == before.keys()
    with MongoClient[dict[str, Any]](store.settings.mongodb_uri) as plain:
        assert held(elsewhere.database) == held(plain.get_database())
    assert sum(len(rows) for rows in before.values()) == sum(dump.count for dump in manifest.collections.values())
    for name in before:
        indexes = elsewhere.database[name].index_information()
        assert indexes == store.database[name].index_information()
    assert elsewhere.database.sign_ins.count_documents({}) == 0
    assert store.database.sign_ins.count_documents({}) == 1


def test_every_collection_is_as_it_was_at_one_moment(
    tmp_path: Path, busy: World, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = backup._dump

    def with_somebody_at_work(collection: Any, path: Path, session: Any) -> snapshot.Dump:
        busy.new_piece(title=f"Pendant {collection.name}")
        return real(collection, path, session)

    before = {name: len(rows) for name, rows in held(store.database).items()}
    monkeypatch.setattr(backup, "_dump", with_somebody_at_work)
    manifest = taken(tmp_path)

    assert {name: dump.count for name, dump in manifest.collections.items()} == before
    assert Evidence.objects.count() == before["evidence"] + len(before)


def test_a_collection_larger_than_one_answer_of_the_database_is_whole(
    tmp_path: Path, busy: World, store: Connections
) -> None:
    size, count = 10_000, 4000  # 40 MB, where MongoDB answers 16 at once
    companies = [{"_id": number, "siret": number, "name": "x" * size} for number in range(count)]
    store.database.companies.insert_many(companies)
    dump = taken(tmp_path).collections["companies"]
    assert dump.count == store.database.companies.count_documents({}) > count
    assert dump.size > count * size
    assert saved(tmp_path)["companies"][:count] == companies


def test_a_restored_service_goes_on_where_it_was(tmp_path: Path, busy: World, elsewhere: Elsewhere) -> None:
    """An upload that had not ended must be begun again; everything else is there."""
    taken(tmp_path)
    elsewhere.run("restore", str(tmp_path))
    ready = elsewhere.run("reconcile", "--cure")
    assert ready.stdout == "Les deux stockages concordent.\n"
    assert elsewhere.run("migrate").stdout == "La base est à jour.\n"


def test_a_large_object_comes_back_whole(
    tmp_path: Path, world: World, settings: Settings, elsewhere: Elsewhere
) -> None:
    data = specimens.film(data=os.urandom(settings.part_bytes * 2))
    file = world.upload(world.new_piece(), data, "film.mp4")
    assert file.state == "verified"
    seal_people(world)
    taken(tmp_path)
    assert elsewhere.run("restore", str(tmp_path)).returncode == 0
    assert b"".join(elsewhere.storage.open(file.key)) == data


# --- again, in the same folder ----------------------------------------------------------------------


def test_a_scan_of_a_signed_paper_comes_back_too(tmp_path: Path, world: World, elsewhere: Elsewhere) -> None:
    by = world.actor(world.follower)
    kept = paper.deposit_scan(by, world.placement, PDF, "signé.pdf", world.clock())
    seal_people(world)
    assert taken(tmp_path).lost == []
    assert elsewhere.run("restore", str(tmp_path)).returncode == 0
    assert b"".join(elsewhere.storage.open(kept.key)) == PDF


def test_objects_that_are_there_already_are_not_fetched_again(tmp_path: Path, busy: World) -> None:
    first = taken(tmp_path)
    kept = {path: path.stat().st_ino for path in tmp_path.glob("objects/*/*")}
    assert len(kept) == first.objects == 2
    files = list(EvidenceFile.objects(state="verified"))
    for file in files:
        storage().delete(file.key)
    new = busy.upload(busy.new_piece(), different(9))

    second = taken(tmp_path)

    assert (second.objects, second.lost) == (3, [])
    now = {path: path.stat().st_ino for path in tmp_path.glob("objects/*/*")}
    assert {path: now[path] for path in kept} == kept
    assert {path.name for path in set(now) - set(kept)} == {new.sha256}
    assert len(list(tmp_path.glob("documents-*"))) == 1


def test_an_object_altered_in_the_folder_is_fetched_again(tmp_path: Path, busy: World) -> None:
    manifest = taken(tmp_path)
    path = next(tmp_path.glob("objects/*/*"))
    path.write_bytes(b"altered")
    with pytest.raises(TornBackup):
        restore.check(tmp_path, manifest)

    restore.check(tmp_path, taken(tmp_path))


def test_what_was_erased_here_leaves_the_folder_too(tmp_path: Path, busy: World, store: Connections) -> None:
    taken(tmp_path)
    for path in tmp_path.glob("objects/*/*"):
        os.utime(path, (0, 0))  # as of a backup of another day
    file = EvidenceFile.objects(state="verified").first()
    store.database.files.update_one({"_id": file.id}, {"$set": {"discarded_at": busy.clock()}})
    taken(tmp_path)
    assert file.sha256 not in {path.name for path in tmp_path.glob("objects/*/*")}


def test_an_object_lost_before_is_named_and_does_not_stop_the_rest(
    tmp_path: Path, busy: World, elsewhere: Elsewhere
) -> None:
    gone, altered = EvidenceFile.objects(state="verified")
    storage().delete(gone.key)
    storage().put(altered.key, b"altered", "application/pdf")
    with elsewhere.start_backup(tmp_path) as made:
        said, _ = made.communicate(timeout=60)
    assert made.returncode == 1
    assert " 0 objet " in said

    told = elsewhere.run("restore", str(tmp_path))
    assert told.returncode == 1
    assert "0 défaut" in told.stdout
    for file in (gone, altered):
        assert str(file.id) in told.stderr
    assert held(elsewhere.database) == saved(tmp_path)


def test_what_was_changed_in_the_database_before_the_backup_is_named(
    tmp_path: Path, busy: World, store: Connections, elsewhere: Elsewhere
) -> None:
    store.database.submissions.update_one({}, {"$set": {"submitted_by": "system"}})
    taken(tmp_path)
    told = elsewhere.run("restore", str(tmp_path))
    again = elsewhere.run("verify")
    for answer in (told, again):
        assert answer.returncode == 1
        assert "la remise n° 1 n'est plus ce que ce maillon a scellé le 12/01/2027 : auteur" in answer.stderr
    assert again.stdout == "1 défaut.\n"


def test_a_backup_of_a_version_that_sealed_nothing_is_restored_without_a_fault(
    tmp_path: Path, busy: World, store: Connections, elsewhere: Elsewhere
) -> None:
    without_seals(store)
    later = list(store.database.migrations.find({"_id": {"$gt": "0002"}}))
    store.database.migrations.delete_many({"_id": {"$in": [row["_id"] for row in later]}})
    taken(tmp_path)
    store.database.migrations.insert_many(later)

    told = elsewhere.run("restore", str(tmp_path))

    assert told.returncode == 0, told.stderr
    assert "0 défaut" in told.stdout and "evidence : 2 d'avant" in told.stderr
    migrated = elsewhere.run("migrate").stdout
    assert later[-1]["_id"] in migrated and "Scellé maintenant, tel que trouvé" in migrated
    again = elsewhere.run("verify")
    assert again.stdout == "0 défaut.\n" and "d'avant" not in again.stderr, again.stderr

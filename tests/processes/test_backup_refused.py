"""A backup that is not whole, or that has no place to go, is refused; a good one is never lost to a bad one."""

from __future__ import annotations

import random
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import migrations
from portfolio.audit import backup, manifest, restore, snapshot
from portfolio.audit.backup import BackupRunning, NothingToBackUp
from portfolio.audit.manifest import OtherChainKey, TornBackup
from portfolio.audit.snapshot import SnapshotLost
from portfolio.documents import EvidenceFile
from portfolio.errors import Unavailable
from portfolio.store.connections import Connections
from tests.conftest import empty
from tests.support.backup_stores import Elsewhere, taken
from tests.support.both_stores import different, stands
from tests.support.outage import store_down
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def test_a_backup_killed_at_any_moment_leaves_the_former_one_whole(
    tmp_path: Path, busy: World, elsewhere: Elsewhere
) -> None:
    taken(tmp_path)
    chance = random.Random(3)
    for number in range(12):
        busy.upload(busy.new_piece(title=f"Preuve {number}"), different(100 + number))
        with elsewhere.start_backup(tmp_path) as started:
            while not (folders := len(list(tmp_path.glob("documents-*")))) > 1 and started.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.2)
            started.kill()
        assert folders >= 1
        restore.check(tmp_path, manifest.read_manifest(tmp_path))
    last = taken(tmp_path)
    restore.check(tmp_path, last)
    assert len(list(tmp_path.glob("documents-*"))) == 1
    assert list(tmp_path.glob("objects/*/*.draft")) == []
    assert len(list(tmp_path.glob("objects/*/*"))) == last.objects == 14


def damage_manifest(folder: Path) -> None:
    path = folder / "MANIFEST.json"
    path.write_text(path.read_text().replace('"lost": []', '"lost": ["000000000000000000000000"]'))


def cut_manifest(folder: Path) -> None:
    path = folder / "MANIFEST.json"
    path.write_text(path.read_text()[:-20])


def forget_manifest(folder: Path) -> None:
    (folder / "MANIFEST.json").unlink()


def truncate_documents(folder: Path) -> None:
    path = next(folder.glob("documents-*/events.bson"))
    path.write_bytes(path.read_bytes()[:-1])


def forget_documents(folder: Path) -> None:
    next(folder.glob("documents-*/sheets.bson")).unlink()


def alter_documents(folder: Path) -> None:
    path = next(folder.glob("documents-*/candidacies.bson"))
    path.write_bytes(path.read_bytes().replace("Zoé".encode(), "Zoë".encode()))


def truncate_object(folder: Path) -> None:
    path = next(folder.glob("objects/*/*"))
    path.write_bytes(path.read_bytes()[:-1])


def forget_object(folder: Path) -> None:
    next(folder.glob("objects/*/*")).unlink()


DAMAGES = [damage_manifest, cut_manifest, forget_manifest, truncate_documents, forget_documents, alter_documents]
DAMAGES += [truncate_object, forget_object]


def test_a_torn_backup_is_refused(tmp_path: Path, busy: World) -> None:
    taken(tmp_path / "whole")
    for damage in DAMAGES:
        torn = tmp_path / damage.__name__
        shutil.copytree(tmp_path / "whole", torn)
        damage(torn)
        with pytest.raises(TornBackup, match="torn_backup"):
            restore.check(torn, manifest.read_manifest(torn))


def test_a_torn_backup_is_refused_before_anything_is_written(tmp_path: Path, busy: World, elsewhere: Elsewhere) -> None:
    taken(tmp_path)
    forget_object(tmp_path)
    refused = elsewhere.run("restore", str(tmp_path))
    assert refused.returncode == 1
    assert "incomplète ou altérée" in refused.stderr
    assert elsewhere.is_untouched()


def test_a_backup_sealed_by_another_chain_key_is_refused(tmp_path: Path, busy: World, elsewhere: Elsewhere) -> None:
    taken(tmp_path)
    refused = elsewhere.run("restore", str(tmp_path), CHAIN_KEY="another key, of more than thirty-two characters")
    assert refused.returncode == 1
    assert "CHAIN_KEY" in refused.stderr
    assert elsewhere.is_untouched()


def test_only_an_empty_database_and_an_empty_bucket_are_restored_into(
    tmp_path: Path, busy: World, elsewhere: Elsewhere
) -> None:
    taken(tmp_path)
    elsewhere.database.persons.insert_one({"_id": 1})
    refused = elsewhere.run("restore", str(tmp_path))
    assert refused.returncode == 1
    assert "contient déjà des documents (persons)" in refused.stderr
    assert elsewhere.database.persons.count_documents({}) == 1
    assert list(elsewhere.storage.list_keys("")) == []

    elsewhere.wipe()
    elsewhere.storage.put("someone", b"else", "text/plain")
    refused = elsewhere.run("restore", str(tmp_path))
    assert "contient déjà des objets" in refused.stderr
    assert elsewhere.database.list_collection_names() == []
    assert [stored.key for stored in elsewhere.storage.list_keys("")] == ["someone"]


def test_while_another_process_migrates_the_database_nothing_is_restored(
    tmp_path: Path, busy: World, elsewhere: Elsewhere
) -> None:
    taken(tmp_path)
    with migrations._lock(elsewhere.database, timedelta(minutes=1)):
        refused = elsewhere.run("restore", str(tmp_path))
    assert refused.returncode == 1
    assert "Une migration est en cours" in refused.stderr
    assert list(elsewhere.storage.list_keys("")) == []


def test_a_backup_of_a_later_version_is_refused_and_of_an_earlier_one_migrated(
    tmp_path: Path, busy: World, store: Connections, elsewhere: Elsewhere
) -> None:
    store.database.migrations.insert_one({"_id": "9999_later", "done_at": datetime.now(UTC)})
    try:
        taken(tmp_path)
    finally:
        store.database.migrations.delete_one({"_id": "9999_later"})
    refused = elsewhere.run("restore", str(tmp_path))
    assert "9999_later" in refused.stderr
    assert elsewhere.is_untouched()

    migrations.apply(elsewhere.database)
    elsewhere.database.migrations.insert_one({"_id": "9999_later", "done_at": datetime.now(UTC)})
    taken(tmp_path)
    assert "migrations plus récentes" in elsewhere.run("restore", str(tmp_path)).stderr


# --- what is in the way -----------------------------------------------------------------------------


def test_two_backups_in_one_folder_do_not_mix(tmp_path: Path, busy: World) -> None:
    with backup._alone(tmp_path), pytest.raises(BackupRunning):
        taken(tmp_path)
    restore.check(tmp_path, taken(tmp_path))


def test_an_empty_database_does_not_take_the_place_of_a_good_backup(
    tmp_path: Path, busy: World, store: Connections
) -> None:
    taken(tmp_path)
    empty(store)
    with pytest.raises(NothingToBackUp):
        taken(tmp_path)
    restore.check(tmp_path, manifest.read_manifest(tmp_path))


def test_a_moment_that_the_database_did_not_keep_leaves_the_former_backup(
    tmp_path: Path, busy: World, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, real = taken(tmp_path), backup._dump
    store.database.zones.insert_one({"_id": 1})

    def while_a_collection_is_made_anew(collection: Any, path: Path, session: Any) -> snapshot.Dump:
        if collection.name == "academies":
            store.database.zones.drop()
            store.database.zones.insert_one({"_id": 2})
        return real(collection, path, session)

    monkeypatch.setattr(backup, "_dump", while_a_collection_is_made_anew)
    with pytest.raises(SnapshotLost):
        taken(tmp_path)
    monkeypatch.undo()
    store.database.zones.drop()
    assert manifest.read_manifest(tmp_path) == former
    restore.check(tmp_path, former)
    taken(tmp_path)
    assert len(list(tmp_path.glob("documents-*"))) == 1


def test_a_store_that_is_down_leaves_the_former_backup(tmp_path: Path, busy: World) -> None:
    former = taken(tmp_path)
    busy.upload(busy.new_piece(), different(50))
    with store_down(), pytest.raises(Unavailable):
        taken(tmp_path)
    restore.check(tmp_path, manifest.read_manifest(tmp_path))
    assert manifest.read_manifest(tmp_path) == former
    assert taken(tmp_path).objects == former.objects + 1


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path, busy: World, elsewhere: Elsewhere) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    with elsewhere.start_backup(tmp_path) as refused:
        _, said = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert said.startswith("Error: Le dossier ne peut pas être écrit : ")
    assert not (tmp_path / "MANIFEST.json").exists()


def test_what_is_copied_is_for_its_owner_only(tmp_path: Path, busy: World) -> None:
    folder = tmp_path / "backup"
    taken(folder)
    assert folder.stat().st_mode & 0o077 == 0


def test_the_manifest_says_what_is_there_and_nothing_personal(tmp_path: Path, busy: World) -> None:
    written = taken(tmp_path)
    text = (tmp_path / "MANIFEST.json").read_text()
    assert written.migrations == [migration.name for migration in migrations.all_migrations()]
    assert written.cluster_time[0] > 0
    assert written.objects == len([file for file in EvidenceFile.objects if stands(file) and file.state == "verified"])
    for personal in ("Zoé", "@exemple.fr", "Martin", "2005-04-12", "lettre.pdf"):
        assert personal not in text
    assert manifest.read_manifest(tmp_path) == written


def test_a_manifest_under_a_key_that_is_not_known_here_is_named_so(
    tmp_path: Path, busy: World, store: Connections
) -> None:
    taken(tmp_path)
    keys = dict(store.chain_keys)
    store.chain_keys.clear()
    try:
        with pytest.raises(OtherChainKey, match="other_chain_key"):
            manifest.read_manifest(tmp_path)
    finally:
        store.chain_keys.update(keys)

"""The reconciler finds what differs between the two stores, cures what can be, and never touches what counts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from portfolio.audit import reconcile
from portfolio.audit.reconcile import Finding, UnlikelyOrphans
from portfolio.audit.verify_chains import verify
from portfolio.documents import Evidence, EvidenceFile
from portfolio.errors import Unavailable
from portfolio.evidence import downloads, upload_ending
from portfolio.ids import new_id, new_token
from portfolio.store.connections import Connections, storage
from portfolio.store.objects.refusals import ObjectGone
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.both_stores import DAY, different, found, stands
from tests.support.clock import now
from tests.support.outage import store_down
from tests.support.waiting import await_until
from tests.support.worlds.world import PDF, World

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("bucket")
MONTH = timedelta(days=31)


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return sorted((finding.what, finding.key) for finding in findings)


# --- phantoms ---------------------------------------------------------------------------------------


def test_of_a_sound_store_there_is_nothing_to_say(world: World, later: datetime) -> None:
    piece = world.new_piece()
    world.upload(piece)
    assert found(later, deep=True) == []


def test_a_verified_file_whose_object_is_gone_is_reported_and_stays(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece())
    storage().delete(file.key)

    assert kinds(found(later)) == kinds(found(later, cure=True)) == [("phantom", file.key)]
    assert str(file.id) in found(later)[0].line
    assert EvidenceFile.objects.get(pk=file.id).state == "verified"


def test_an_object_of_another_size_is_a_phantom(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece())
    storage().put(file.key, PDF[:-10], "application/pdf")
    assert [(one.what, one.size) for one in found(later)] == [("phantom", len(PDF) - 10)]


def test_an_object_of_the_right_size_with_another_content_is_seen_by_reading_it(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece())
    storage().put(file.key, PDF[:-1] + b"!", "application/pdf")
    assert found(later) == []
    assert kinds(found(later, deep=True)) == [("phantom", file.key)]


def test_a_store_that_is_down_is_no_phantom(world: World, later: datetime) -> None:
    world.upload(world.new_piece())
    with store_down(), pytest.raises(Unavailable):
        found(later)


def test_what_spans_many_pages_is_all_found(world: World, later: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "BATCH", 2)
    piece = world.new_piece()
    files = [world.upload(piece, different(number)) for number in range(5)]
    lost = files[1::2]
    for file in lost:
        storage().delete(file.key)
    strays = [new_token() for _ in range(5)]
    for key in strays:
        storage().put(key, b"stray", "text/plain")

    expected = [("orphan", key) for key in strays] + [("phantom", file.key) for file in lost]
    assert kinds(found(later)) == sorted(expected)


@pytest.mark.endure
def test_a_large_store_is_looked_at_in_flat_memory(world: World, store: Connections) -> None:
    like = world.upload(world.new_piece()).to_mongo()

    def peak(files: int) -> int:
        copies = ({**like, "_id": new_id(), "key": new_token()} for _ in range(files))
        store.database.files.insert_many(list(copies))
        tracemalloc.start()
        try:
            for _ in reconcile.phantoms(deep=False):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    first = peak(1000)
    assert peak(2000) < 1.2 * first


# --- orphans ----------------------------------------------------------------------------------------


def test_an_object_that_no_document_names_is_deleted_only_when_asked(store: Connections, later: datetime) -> None:
    key = new_token()
    store.storage.put(key, b"nobody's", "text/plain")

    assert [(one.what, one.size, one.cured) for one in found(later)] == [("orphan", 8, False)]
    assert store.storage.head(key) == 8
    assert [(one.what, one.cured) for one in found(later, cure=True)] == [("orphan", True)]
    assert store.storage.head(key) is None
    assert found(later) == []


def test_a_young_object_may_be_of_an_act_that_is_not_finished(store: Connections) -> None:
    key = new_token()
    store.storage.put(key, b"just now", "text/plain")
    assert found(now(), cure=True) == []
    assert store.storage.head(key) == 8


def test_what_somebody_else_keeps_in_the_bucket_is_left_alone(store: Connections, later: datetime) -> None:
    for key in ("logos/ampere.png", "sauvegarde.tar", "a" * 42):
        store.storage.put(key, b"theirs", "image/png")
        store.storage.start_multipart(f"{key}.new", "image/png")
    assert found(later, cure=True, many=True) == []
    assert len(list(store.storage.list_keys(""))) == 3
    assert len(list(store.storage.list_uploads())) == 3


def test_beside_the_wrong_database_nothing_is_deleted(store: Connections, later: datetime) -> None:
    for number in range(21):
        store.storage.put(new_token(), str(number).encode(), "text/plain")
    store.storage.start_multipart(new_token(), "text/plain")

    with pytest.raises(UnlikelyOrphans) as refused:
        found(later, cure=True)
    assert "21 objets" in refused.value.message
    assert len(list(store.storage.list_keys(""))) == 21
    assert len(list(store.storage.list_uploads())) == 1

    assert len(found(later)) == 22
    found(later, cure=True, many=True)
    assert list(store.storage.list_keys("")) == []


# --- uploads ----------------------------------------------------------------------------------------


def test_an_upload_that_no_file_names_is_aborted_and_one_that_goes_on_is_not(world: World, clock: Clock) -> None:
    file = world.send(world.new_piece())
    stray = new_token()
    upload = storage().start_multipart(stray, "application/pdf")
    at = now() + DAY
    EvidenceFile.objects(pk=file.id).update(set__expires_at=at + DAY)

    assert kinds(found(at)) == [("abandoned", stray)]
    assert kinds(found(at, cure=True)) == [("abandoned", stray)]
    assert [one.upload_id for one in storage().list_uploads()] == [file.upload_id] != [upload]
    clock.now = at
    finished = upload_ending.finish(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), at)
    assert finished.state == "verified"


def test_an_upload_just_begun_is_not_abandoned_yet(store: Connections) -> None:
    store.storage.start_multipart(new_token(), "application/pdf")
    assert found(now(), cure=True) == []
    assert len(list(store.storage.list_uploads())) == 1


def test_a_file_past_its_time_leaves_its_piece_which_is_ready_again(world: World, later: datetime) -> None:
    piece = world.new_piece()
    file = world.send(piece)
    assert Evidence.objects.get(pk=piece.id).state == "draft"

    assert ("expired", file.key) in kinds(found(later))
    assert EvidenceFile.objects.get(pk=file.id).removed_at is None
    found(later, cure=True)

    assert EvidenceFile.objects.get(pk=file.id).removed_at == later
    assert Evidence.objects.get(pk=piece.id).state == "ready"
    assert list(storage().list_uploads()) == []
    assert list(verify()) == []
    assert found(later, cure=True) == []


def test_a_submitted_portfolio_does_not_change_until_it_is_open_again(world: World, later: datetime) -> None:
    world.new_piece()
    world.sign_off()
    file = world.send(world.new_piece(title="Brouillon", competences=[]))
    world.submit()
    before = world.portfolio.revision

    assert kinds(found(later, cure=True)) == [("abandoned", file.key)]
    assert found(later, cure=True) == []
    assert world.portfolio.revision == before
    submit.reopen(world.actor(world.follower), world.portfolio, "À compléter", world.clock())

    assert kinds(found(later, cure=True)) == [("expired", file.key)]
    assert EvidenceFile.objects.get(pk=file.id).removed_at == later


def test_a_file_that_its_owner_removed_first_is_not_claimed(world: World, later: datetime) -> None:
    file = world.send(world.new_piece())
    expired = reconcile.expired_files(later, cure=True)
    seen = EvidenceFile.objects(pk=file.id).as_pymongo().first()
    upload_ending.remove(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), world.clock())

    assert reconcile._removed(seen, later) is False
    assert list(expired) == []
    assert EvidenceFile.objects.get(pk=file.id).removed_at == world.clock()


# --- bytes that nothing needs -----------------------------------------------------------------------


def never_ready(world: World) -> Any:
    return world.new_piece(title="Jamais finie", competences=[])


def test_a_removed_file_that_nothing_frozen_names_goes_in_two_steps(
    world: World, clock: Clock, later: datetime
) -> None:
    piece = never_ready(world)
    file = world.upload(piece)
    clock.now = later
    upload_ending.remove(world.actor(world.candidate), file, later)

    assert found(later + timedelta(days=29), cure=True) == []
    spent = later + MONTH
    assert kinds(found(spent, cure=True)) == [("spent", file.key)]
    assert stands(file), "somebody may be reading it"
    assert kinds(found(spent + DAY, cure=True)) == [("discarded", file.key)]
    assert storage().head(file.key) is None

    kept = EvidenceFile.objects.get(pk=file.id)
    assert (kept.name, kept.sha256, kept.discarded_at) == ("lettre.pdf", file.sha256, spent)
    assert found(spent + 2 * DAY, cure=True, deep=True) == []
    assert list(verify()) == []
    with pytest.raises(ObjectGone):
        downloads.download_link(world.actor(world.candidate), kept, spent)


def test_a_refused_file_loses_its_bytes_and_keeps_its_reason(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece(), b"MZ" + bytes(200), "calcul.exe")
    assert file.state == "quarantined"

    assert kinds(found(later, cure=True)) == [("spent", file.key)]
    assert storage().head(file.key) == 202
    found(later + DAY, cure=True)

    kept = EvidenceFile.objects.get(pk=file.id)
    assert storage().head(file.key) is None
    assert (kept.state, kept.reason) == ("quarantined", file.reason)
    assert found(later + 2 * DAY, cure=True) == []


def test_an_object_joined_after_its_file_was_removed_goes(world: World, later: datetime) -> None:
    file = world.send(world.new_piece())
    upload_ending.remove(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), world.clock())
    storage().put(file.key, PDF, "application/pdf")
    found(later, cure=True)
    assert storage().head(file.key) is None


# --- the command and the worker ---------------------------------------------------------------------------


@pytest.fixture
def environment(settings: Settings, engine_environment: dict[str, str]) -> dict[str, str]:
    """Of a process that works on the stores of the test."""
    chosen = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket, "PUBLIC_URL": "http://localhost"}
    return {**os.environ, **engine_environment, **chosen}


@pytest.fixture
def command(environment: dict[str, str]) -> Callable[..., Any]:
    """`commands.py reconcile` as an operator starts it."""

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        asked = [sys.executable, "commands.py", "reconcile", *options]
        return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_command_reports_cures_when_asked_and_fails_on_phantoms(command: Callable[..., Any], world: World) -> None:
    file = world.upload(world.new_piece())
    sound = command()
    assert (sound.returncode, sound.stdout) == (0, "Les deux stockages concordent.\n")

    storage().put(file.key, PDF[:-1] + b"!", "application/pdf")
    assert command().returncode == 0
    deep = command("--deep", "--cure")
    assert deep.returncode == 1
    assert f"(fichier {file.id})" in deep.stdout
    assert deep.stdout.splitlines()[-1] == "fichier ou scan sans son contenu : 1"


def test_a_database_that_is_down_is_said_in_words(command: Callable[..., Any], environment: dict[str, str]) -> None:
    with socket.socket() as reserved:  # bound and never listening
        reserved.bind(("127.0.0.1", 0))
        environment["MONGODB_URI"] = f"mongodb://127.0.0.1:{reserved.getsockname()[1]}/portfolio"
        refused = command()
    assert refused.returncode == 1
    assert refused.stderr == "La base de données n'a pas répondu comme attendu (ServerSelectionTimeoutError).\n"


def test_the_worker_takes_expired_uploads_out_of_their_pieces(environment: dict[str, str], world: World) -> None:
    piece = world.new_piece()
    file = world.send(piece)
    EvidenceFile.objects(pk=file.id).update(set__expires_at=now() - DAY)

    with subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE) as worker:
        await_until(lambda: not list(storage().list_uploads()), "they are still there")
        worker.terminate()
        worker.communicate(timeout=20)

    assert worker.returncode == 0
    assert Evidence.objects.get(pk=piece.id).state == "ready"

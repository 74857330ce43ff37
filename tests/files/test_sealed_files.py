"""A file that was replaced after it was verified is neither shown nor sent, whichever store it was replaced in."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from structlog.testing import capture_logs

from portfolio.audit.verify_records import verify_stored
from portfolio.documents import EvidenceFile, Portfolio
from portfolio.evidence import downloads
from portfolio.files import sealed_files
from portfolio.files.sealed_files import NotAsSealed
from portfolio.sign_offs.answering import paper
from portfolio.store.connections import Connections, storage
from portfolio.submission.export import export
from tests.conftest import Clock
from tests.support import specimens as made
from tests.support.both_stores import found
from tests.support.queries import counted
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
OTHER_PDF = PDF[:-7] + b"\n%%EOF "
assert len(OTHER_PDF) == len(PDF) and OTHER_PDF != PDF


def replace_object(file: Any, data: bytes) -> None:
    storage().put(file.key, data, "application/pdf")


def replace_record(store: Connections, file: Any, data: bytes) -> None:
    digest = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    store.database.files.update_one({"_id": file.id}, {"$set": digest})


@pytest.fixture
def letter(world: World) -> EvidenceFile:
    return world.upload(world.new_piece())


@pytest.fixture
def photo(world: World) -> EvidenceFile:
    return world.upload(world.new_piece(), made.picture("JPEG"), "photo.jpg")


def fresh(file: EvidenceFile) -> EvidenceFile:
    return EvidenceFile.objects.get(pk=file.id)


def opens(world: World, file: EvidenceFile, clock: Clock) -> None:
    downloads.download_link(world.actor(world.follower), fresh(file), clock())


# --- downloads --------------------------------------------------------------------------------------


def test_bytes_replaced_in_both_stores_are_not_sent(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    """As somebody would who may write to both: the object, and the digest that names it."""
    opens(world, letter, clock)
    replace_object(letter, OTHER_PDF)
    replace_record(store, letter, OTHER_PDF)
    opened = store.database.events.count_documents({"name": "file_opened"})
    with pytest.raises(NotAsSealed):
        opens(world, letter, clock)
    assert store.database.events.count_documents({"name": "file_opened"}) == opened


@pytest.mark.parametrize("data", [OTHER_PDF, PDF + b"plus"], ids=["same size", "another size"])
def test_bytes_replaced_in_the_object_store_alone_are_not_sent(
    world: World, letter: EvidenceFile, clock: Clock, data: bytes
) -> None:
    replace_object(letter, data)
    with pytest.raises(NotAsSealed):
        opens(world, letter, clock)


def test_a_note_of_the_object_forged_or_of_another_time_opens_nothing(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    noted = store.database.digested_objects.find_one({"_id": letter.key})
    assert noted is not None
    replace_object(letter, OTHER_PDF)
    for seal in (noted["seal"], "0" * 64):
        store.database.digested_objects.update_one({"_id": letter.key}, {"$set": {"seal": seal}})
        with pytest.raises(NotAsSealed):
            opens(world, letter, clock)


def test_a_link_rewritten_with_the_record_opens_nothing(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    replace_object(letter, OTHER_PDF)
    replace_record(store, letter, OTHER_PDF)
    forged = {"$set": {"data.sha256": hashlib.sha256(OTHER_PDF).hexdigest()}}
    store.database.events.update_one({"name": "file_verified"}, forged)
    with pytest.raises(NotAsSealed):
        opens(world, letter, clock)


def test_the_same_bytes_written_again_are_read_once_and_sent(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    """A restored store has other ETags; a note that is lost is made again."""
    store.database.digested_objects.delete_many({})
    opens(world, letter, clock)
    assert store.database.digested_objects.count_documents({"_id": letter.key}) == 1


def test_what_a_download_asks_does_not_depend_on_how_much_there_is(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    by, file = world.actor(world.follower), fresh(letter)
    counts = []
    for _ in range(2):
        with counted(store.database) as commands:
            sealed_files.refuse_replaced(file)
        counts += commands
        for _ in range(5):
            downloads.download_link(by, file, clock())
            world.upload(world.new_piece())
    assert counts[0] == counts[1] <= 2


def test_a_replaced_scan_of_a_signed_paper_is_not_sent(world: World, store: Connections, clock: Clock) -> None:
    by = world.actor(world.follower)
    scan = paper.deposit_scan(by, world.placement, PDF, None, clock())
    assert paper.scan_link(by, scan, clock())
    replace_object(scan, OTHER_PDF)
    with pytest.raises(NotAsSealed):
        paper.scan_link(by, scan, clock())


def test_the_refusal_has_a_stable_code_and_operators_are_told_which_file(
    world: World, letter: EvidenceFile, client_for: Any
) -> None:
    replace_object(letter, OTHER_PDF)
    with capture_logs() as said:
        answer = client_for(world.follower).post(f"/api/v1/files/{letter.id}/link")
    assert (answer.status_code, answer.json["code"]) == (409, "file_not_as_sealed")
    told = {"event": "file_not_as_sealed", "log_level": "error", "what": "object", "file": str(letter.id)}
    assert told in said


# --- views ------------------------------------------------------------------------------------------


def test_an_archive_asks_the_base_as_often_whatever_the_number_of_files(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    counts = []
    for _ in range(2):
        portfolio = Portfolio.objects.get(pk=world.candidacy.id)
        with counted(store.database) as commands:
            b"".join(export(world.actor(world.candidate), portfolio, clock()).chunks)
        counts += commands
        for _ in range(3):
            world.upload(world.new_piece())
    assert counts[0] == counts[1]


# --- what is said of it -----------------------------------------------------------------------------


def test_an_archive_leaves_a_replaced_file_out_and_says_so(
    world: World, letter: EvidenceFile, photo: EvidenceFile, clock: Clock
) -> None:
    replace_object(letter, OTHER_PDF)
    taken = export(world.actor(world.candidate), Portfolio.objects.get(pk=world.candidacy.id), clock())
    with zipfile.ZipFile(io.BytesIO(b"".join(taken.chunks))) as archive:
        manifest = json.loads(archive.read("MANIFEST.json"))
        assert [(one["id"], one["because"]) for one in manifest["absent"]] == [(str(letter.id), "altered")]
        assert not any(archive.read(name) == OTHER_PDF for name in archive.namelist())


def test_verify_and_reconcile_name_a_replaced_digest(
    world: World, store: Connections, letter: EvidenceFile, clock: Clock
) -> None:
    world.sign_off()
    world.submit()
    assert list(verify_stored()) == []
    replace_object(letter, OTHER_PDF)
    replace_record(store, letter, OTHER_PDF)
    (fault,) = verify_stored()
    assert fault.what == "altered" and str(letter.id) in fault.line
    assert fault.words.endswith("empreinte, remise")
    assert [one.what for one in found(clock(), deep=True)] == ["altered"]


def test_a_file_record_from_nowhere_is_named(world: World, store: Connections, letter: EvidenceFile) -> None:
    row = store.database.files.find_one({"_id": letter.id})
    assert row is not None
    store.database.events.update_one({"name": "file_verified"}, {"$set": {"name": "file_seen"}})
    assert [fault.what for fault in verify_stored()] == ["unsealed"]

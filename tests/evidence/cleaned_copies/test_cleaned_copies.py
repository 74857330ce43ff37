"""A cleaned copy stands beside its original, is recorded by what it lacks, and makes what was confirmed stale."""

from __future__ import annotations

import pytest

from portfolio.documents import EvidenceFile
from portfolio.evidence.cleaned_copies import make as cleaned_copies
from portfolio.evidence.upload_ending import Removed, remove
from portfolio.store.connections import Connections, storage
from tests.files.cleaning.test_cleaning import SECRET, letter, photo, pixels
from tests.support import specimens as made
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def stored(file: EvidenceFile) -> bytes:
    return b"".join(storage().open(file.key))


def test_a_photo_gets_a_copy_without_place_and_device_and_both_stay_until_one_is_removed(
    world: World, store: Connections
) -> None:
    piece = world.new_piece()
    original = world.upload(piece, photo(), "Dégât des eaux.JPG")
    by = world.actor(world.candidate)
    assert cleaned_copies.is_offered(original)
    copy = cleaned_copies.make(by, original, world.clock())
    assert copy.file.name == "Dégât des eaux (copie nettoyée).jpg" and copy.file.state == "verified"
    assert copy.removed == {"camera_details": 1, "gps": 1, "added_data": 1}
    assert pixels(stored(copy.file)) == pixels(photo())
    assert b"iPhone" not in stored(copy.file) and not cleaned_copies.is_offered(copy.file)
    assert EvidenceFile.objects(evidence=piece.id, removed_at=None).count() == 2
    event = store.database.events.find_one({"name": "file_cleaned"})
    assert event["data"] == {"copy": str(copy.file.id), "removed": copy.removed}
    assert cleaned_copies.make(by, original.reload(), world.clock()).file.id == copy.file.id, "once"
    remove(by, original.reload(), world.clock())
    with pytest.raises(Removed):
        cleaned_copies.make(by, original.reload(), world.clock())


def test_a_document_gets_a_copy_with_its_changes_settled(world: World) -> None:
    original = world.upload(world.new_piece(), letter(), "lettre.docx")
    copy = cleaned_copies.make(world.actor(world.candidate), original, world.clock())
    assert copy.removed == {"insertion": 1, "deletion": 1, "comment": 1}
    assert SECRET.encode() not in made.read_part(stored(copy.file), "word/document.xml")
    assert copy.file.warnings == []


@pytest.mark.parametrize(("data", "name"), [(made.pdf(), "a.pdf"), (made.word(), "a.docx")])
def test_a_file_with_nothing_to_take_out_is_not_copied(world: World, data: bytes, name: str) -> None:
    file = world.upload(world.new_piece(), data, name)
    assert not cleaned_copies.is_offered(file)
    with pytest.raises(cleaned_copies.NothingToClean):
        cleaned_copies.make(world.actor(world.candidate), file, world.clock())
    assert EvidenceFile.objects.count() == 1


def test_a_document_that_cannot_be_settled_safely_is_left_as_it_is(world: World) -> None:
    row = '<w:tbl><w:tr><w:trPr><w:del w:id="3" w:author="A"/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl>'
    file = world.upload(world.new_piece(), letter(row), "lettre.docx")
    with pytest.raises(cleaned_copies.CannotBeCleaned):
        cleaned_copies.make(world.actor(world.candidate), file, world.clock())
    assert EvidenceFile.objects.count() == 1

"""Files: a file counts only after the server verified it, and nothing it does loses a text or blocks a candidate."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
from typing import Any

import pytest

from portfolio.documents import EvidenceFile
from portfolio.errors import Invalid, Unavailable
from portfolio.evidence import deposit, upload_ending, uploads
from portfolio.store.connections import storage
from tests.support import specimens
from tests.support.acts.sending import MIB, begin, finish, keys_in_store, missing, run_errands, send, stored
from tests.support.outage import store_down
from tests.support.worlds.world import PDF, World

# --- the verdict ----------------------------------------------------------------------------------


def test_a_verified_file_carries_what_the_server_measured(world: World) -> None:
    piece = world.new_piece(type_code="WP1")
    file = world.upload(piece, PDF, "Lettre de relance.pdf")

    file = stored(file)
    assert (file.state, file.size, file.sha256) == ("verified", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert (file.kind, file.media_type, file.name) == ("pdf", "application/pdf", "Lettre de relance.pdf")
    assert file.verified_at == world.clock()
    assert stored(piece).state == "ready"
    assert b"".join(storage().open(file.key)) == PDF


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"sha256": "0" * 64}, "wrong_digest"),
        ({"name": "lettre.docx"}, "type_mismatch"),
    ],
)
def test_a_file_other_than_announced_is_quarantined_and_the_text_stays(
    world: World, said: dict[str, Any], reason: str
) -> None:
    piece = world.new_piece(title="Mon texte")

    file = stored(world.upload(piece, **said))

    assert (file.state, file.reason_code) == ("quarantined", reason)
    assert file.reason.endswith(".")
    assert file.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (stored(piece).state, stored(piece).title) == ("draft", "Mon texte")
    assert missing(piece) == ["le remplacement ou le retrait du fichier refusé"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("facture.pdf", specimens.WINDOWS_PROGRAM, "executable_file"),
        ("outil.exe", specimens.WINDOWS_PROGRAM, "executable_file"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "svg_file"),
        ("modele.docx", specimens.word_with_macros(), "macros_in_file"),
        ("secret.odt", specimens.encrypted_opendocument(), "encrypted_file"),
        ("secret.doc", specimens.old_word(encrypted=True), "encrypted_file"),
        ("coupe.docx", specimens.word()[:-200], "torn_file"),
        ("zeros.pdf", bytes(5000), "torn_file"),
    ],
)
def test_a_file_that_no_appraiser_may_open_is_quarantined(world: World, name: str, data: bytes, reason: str) -> None:
    piece = world.new_piece(type_code="WP1")

    file = stored(world.upload(piece, data, name))

    assert (file.state, file.reason_code) == ("quarantined", reason)
    assert stored(piece).state == "draft"


def test_a_refused_file_is_replaced_alone_and_the_piece_is_ready(world: World) -> None:
    piece = world.new_piece(type_code="WP1")
    refused = world.upload(piece, specimens.WINDOWS_PROGRAM, "lettre.pdf")
    deposit.amend_piece(world.actor(world.candidate), stored(piece), {"title": "Corrigé"}, world.clock())

    upload_ending.remove(world.actor(world.candidate), stored(refused), world.clock())
    assert missing(piece) == ["un fichier, que ce type de preuve demande"]
    world.upload(piece)

    assert (stored(piece).state, stored(piece).title) == ("ready", "Corrigé")


def test_committing_again_answers_the_same_verdict(world: World) -> None:
    for data in (PDF, specimens.WINDOWS_PROGRAM):
        file = world.upload(world.new_piece(), data)
        again = finish(world, file)
        assert (again.state, again.sha256, again.revision) == (file.state, file.sha256, stored(file).revision)


def test_a_commit_cut_short_after_joining_the_parts_is_finished_by_the_next(world: World) -> None:
    file = world.send(world.new_piece(), PDF)
    held = storage().list_parts(file.key, file.upload_id)
    storage().complete(file.key, file.upload_id, {1: held[1].etag})

    seen = uploads.progress(world.actor(world.candidate), stored(file), world.clock())
    assert seen.parts == {1: len(PDF)}
    assert finish(world, file).state == "verified"


def test_a_file_whose_object_vanished_is_never_verified(world: World) -> None:
    """A phantom: recorded, and not there."""
    file = world.send(world.new_piece(), PDF)
    storage().abort(file.key, file.upload_id)

    with pytest.raises(upload_ending.NotPending):
        finish(world, file)
    assert stored(file).state == "pending"
    upload_ending.remove(world.actor(world.candidate), stored(file), world.clock())


# --- parts ----------------------------------------------------------------------------------------


def test_a_large_file_is_relayed_and_verified_in_flat_memory(world: World) -> None:
    data = specimens.film(data=os.urandom(24 * MIB))
    piece = world.new_piece()
    file = begin(world, piece, len(data), "demonstration.mp4")
    assert uploads.progress(world.actor(world.candidate), file, world.clock()).part_count == 4

    tracemalloc.start()
    try:
        for number in (4, 2, 1, 3):
            start = (number - 1) * file.part_size
            send(world, file, number, data[start : start + file.part_size])
        done = finish(world, file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (done.state, done.kind, done.size) == ("verified", "mp4", len(data))
    assert done.sha256 == hashlib.sha256(data).hexdigest()
    assert peak < 2.5 * file.part_size  # one part here, one there


def test_a_commit_names_the_missing_parts_and_loses_nothing(world: World) -> None:
    data = specimens.film(data=os.urandom(17 * MIB))
    file = begin(world, world.new_piece(), len(data), "film.mp4")
    send(world, file, 2, data[8 * MIB : 16 * MIB])

    with pytest.raises(upload_ending.PartsMissing) as refusal:
        finish(world, file)
    assert "1, 3" in refusal.value.message

    send(world, file, 1, data[: 8 * MIB])
    send(world, file, 3, data[16 * MIB :])
    assert finish(world, file).state == "verified"


@pytest.mark.parametrize("number", [0, -1, 2, 10_000])
def test_a_part_outside_the_file_is_refused(world: World, number: int) -> None:
    file = begin(world, world.new_piece(), len(PDF))
    with pytest.raises(Invalid) as refusal:
        send(world, file, number, PDF)
    assert refusal.value.errors == {"number": ["Les parties vont de 1 à 1."]}


def test_a_part_is_cut_as_soon_as_it_is_longer_than_announced(world: World) -> None:
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.read_bytes += size
            return b"x" * size

    file, body = begin(world, world.new_piece(), MIB), Endless()
    with pytest.raises(uploads.PartTooLarge):
        uploads.receive_part(world.actor(world.candidate), file, 1, body, world.clock())
    assert body.read_bytes == MIB + 1
    assert storage().list_parts(file.key, file.upload_id) == {}


# --- the store down -------------------------------------------------------------------------------


def test_while_the_store_is_down_nothing_is_lost_and_it_recovers_by_itself(world: World) -> None:
    by, piece = world.actor(world.candidate), world.new_piece(type_code="WP1")
    sent, other = world.send(piece), world.send(piece)

    with store_down():
        for act in (
            lambda: begin(world, piece, 10),
            lambda: send(world, sent, 1, PDF),
            lambda: finish(world, sent),
            lambda: uploads.progress(by, stored(sent), world.clock()),
        ):
            with pytest.raises(Unavailable) as refusal:
                act()
            assert refusal.value.facts["retry_after"] > 0
        deposit.amend_piece(by, stored(piece), {"title": "Enregistré quand même"}, world.clock())
        upload_ending.remove(by, stored(other), world.clock())
        run_errands(world)

    assert other.key in keys_in_store()
    assert EvidenceFile.objects(evidence=piece.id, removed_at=None).count() == 1
    assert finish(world, sent).state == "verified"
    assert (stored(piece).state, stored(piece).title) == ("ready", "Enregistré quand même")
    world.clock.advance(minutes=10)  # type: ignore[attr-defined]
    run_errands(world)
    assert other.key not in keys_in_store()

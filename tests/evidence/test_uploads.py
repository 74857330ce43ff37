"""Files: a file counts only after the server verified it, and nothing it does loses a text or blocks a candidate."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc
from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceFile, EvidenceVersion
from portfolio.errors import Invalid, Unavailable
from portfolio.evidence import deposit, piece_fields, upload_ending, upload_limits, uploads
from portfolio.store.connections import storage
from portfolio.store.outbox import deliver_due
from portfolio.store.request_keys import AlreadyDone, once
from portfolio.submission import submit
from tests.support import specimens
from tests.support.concurrency import in_between
from tests.support.outage import store_down
from tests.support.worlds.world import PDF, World
from worker import HANDLERS

MIB = 1024 * 1024


def begin(world: World, piece: Evidence, size: int, name: str = "lettre.pdf", **said: Any) -> EvidenceFile:
    fresh = Evidence.objects.get(pk=piece.id)
    return uploads.begin(world.actor(world.candidate), fresh, {"name": name, "size": size, **said}, world.clock())


def send(world: World, file: EvidenceFile, number: int, data: bytes) -> int:
    return uploads.receive_part(world.actor(world.candidate), file, number, io.BytesIO(data), world.clock())


def finish(world: World, file: EvidenceFile) -> EvidenceFile:
    """As a request does: on a file read by itself."""
    return upload_ending.finish(world.actor(world.candidate), stored(file), world.clock())


def stored(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.id)


def missing(piece: Evidence) -> list[str]:
    return piece_fields.missing_of(stored(piece), list(EvidenceFile.objects(evidence=piece.id, removed_at=None)))


def run_errands(world: World) -> int:
    return deliver_due(HANDLERS, world.clock)


def keys_in_store() -> set[str]:
    return {found.key for found in storage().list_keys("")} | {pending.key for pending in storage().list_uploads()}


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


# --- ends and limits ------------------------------------------------------------------------------


def test_a_pending_upload_is_removed_at_any_moment_and_leaves_nothing_in_the_store(world: World) -> None:
    by = world.actor(world.candidate)
    piece = world.new_piece()
    begun = begin(world, piece, len(PDF))
    sent = world.send(piece)
    joined = world.send(piece)
    storage().complete(joined.key, joined.upload_id, {1: storage().list_parts(joined.key, joined.upload_id)[1].etag})
    expired = world.send(piece)
    world.clock.advance(days=3)  # type: ignore[attr-defined]

    for file in (begun, sent, joined, expired):
        upload_ending.remove(by, stored(file), world.clock())
        with pytest.raises(upload_ending.Removed):
            upload_ending.remove(by, stored(file), world.clock())
        with pytest.raises(upload_ending.NotPending):
            send(world, stored(file), 1, PDF)
        with pytest.raises(upload_ending.NotPending):
            finish(world, file)

    assert stored(piece).state == "ready"
    run_errands(world)
    assert not keys_in_store() & {file.key for file in (begun, sent, joined, expired)}


def test_removing_a_verified_file_keeps_its_bytes_and_the_version_that_named_it(world: World) -> None:
    piece = world.new_piece()
    file = world.upload(piece)
    revision = stored(piece).revision

    upload_ending.remove(world.actor(world.candidate), stored(file), world.clock())
    run_errands(world)

    assert storage().head(file.key) == len(PDF)
    assert stored(piece).revision == revision + 1
    kept = EvidenceVersion.objects.get(evidence=piece.id, revision=revision)
    assert [one["sha256"] for one in kept.content["files"]] == [file.sha256]


def test_an_upload_refused_as_it_is_recorded_leaves_nothing_in_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece, before, by = world.new_piece(), keys_in_store(), world.actor(world.candidate)
    in_between(monkeypatch, uploads, lambda: submit.submit(by, world.portfolio, True, world.clock()))

    with pytest.raises(deposit.PortfolioSubmitted):
        begin(world, piece, len(PDF))

    assert (keys_in_store(), EvidenceFile.objects.count()) == (before, 0)


def test_the_same_upload_asked_for_twice_is_begun_once_in_the_store_too(world: World) -> None:
    piece, before = world.new_piece(), keys_in_store()
    with once("a key", "a print"):
        file = begin(world, piece, len(PDF))
        with pytest.raises(AlreadyDone):
            begin(world, piece, len(PDF))
    assert keys_in_store() - before == {file.key}


def test_an_expired_upload_says_so_and_can_be_begun_again(world: World) -> None:
    piece = world.new_piece(type_code="WP1")
    file = world.send(piece)
    world.clock.advance(days=2)  # type: ignore[attr-defined]

    with pytest.raises(upload_ending.NotPending):
        send(world, file, 1, PDF)
    with pytest.raises(upload_ending.NotPending):
        finish(world, file)
    assert uploads.progress(world.actor(world.candidate), stored(file), world.clock()).parts == {}

    upload_ending.remove(world.actor(world.candidate), stored(file), world.clock())
    assert world.upload(piece).state == "verified"
    assert stored(piece).state == "ready"


def test_a_piece_has_twenty_files_at_most(world: World) -> None:
    piece = world.new_piece()
    files = [begin(world, piece, 10) for _ in range(20)]
    with pytest.raises(upload_limits.TooManyFiles):
        begin(world, piece, 10)

    upload_ending.remove(world.actor(world.candidate), stored(files[0]), world.clock())
    begin(world, piece, 10)


def test_a_file_above_the_limit_is_refused_before_any_byte(world: World) -> None:
    piece, before = world.new_piece(), keys_in_store()

    with pytest.raises(upload_limits.FileTooLarge) as refusal:
        begin(world, piece, 524_288_001)

    assert "524 Mo" in refusal.value.message
    assert keys_in_store() == before
    assert begin(world, piece, 524_288_000).declared_size == 524_288_000


def test_beginning_an_upload_leaves_a_drafts_revision_alone(world: World) -> None:
    """Text typed while a file travels is not refused because of the file."""
    piece = world.new_piece(type_code="WP1")
    world.send(piece)

    saved = deposit.amend_piece(world.actor(world.candidate), piece, {"title": "Pendant l'envoi"}, world.clock())

    assert (saved.revision, saved.state) == (2, "draft")


def test_a_file_in_flight_makes_a_ready_piece_a_draft_and_keeps_its_version(world: World) -> None:
    piece = world.new_piece()

    world.send(piece)

    assert stored(piece).state == "draft"
    assert missing(piece) == ["la fin de l'envoi ou de la vérification des fichiers"]
    assert EvidenceVersion.objects(evidence=piece.id).get().revision == 1


def test_a_withdrawn_piece_is_not_brought_back_by_its_file(world: World) -> None:
    piece = world.new_piece(type_code="WP1")
    file = world.send(piece)
    deposit.withdraw_piece(world.actor(world.candidate), stored(piece), world.clock())

    with pytest.raises(deposit.Withdrawn):
        finish(world, file)
    with pytest.raises(deposit.Withdrawn):
        begin(world, piece, 10)
    assert stored(piece).state == "withdrawn"
    assert send(world, stored(file), 1, PDF) == len(PDF), "its parts are not joined for nothing"


def test_a_submitted_portfolio_receives_no_byte(world: World) -> None:
    world.new_piece()
    file = begin(world, world.new_piece(type_code="WP1"), len(PDF))
    world.submit()

    by = world.actor(world.candidate)
    for act in (
        lambda: send(world, file, 1, PDF),
        lambda: finish(world, file),
        lambda: upload_ending.remove(by, stored(file), world.clock()),
        lambda: begin(world, Evidence.objects.first(), 10),
    ):
        with pytest.raises(deposit.PortfolioSubmitted):
            act()


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

"""How an upload ends: removed, expired, refused as it is recorded, overtaken by its piece."""

from __future__ import annotations

import pytest

from portfolio.documents import Evidence, EvidenceFile, EvidenceVersion
from portfolio.evidence import deposit, upload_ending, upload_limits, uploads
from portfolio.store.connections import storage
from portfolio.store.request_keys import AlreadyDone, once
from portfolio.submission import submit
from tests.support.acts.sending import begin, finish, keys_in_store, missing, run_errands, send, stored
from tests.support.concurrency import in_between
from tests.support.worlds.world import PDF, World


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

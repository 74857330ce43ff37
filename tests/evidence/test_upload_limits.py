"""What one candidate may take of the store: counted as the store holds it, and refused before any byte."""

from __future__ import annotations

import os
from typing import Any

import pytest

from portfolio.documents import EvidenceFile
from portfolio.evidence import upload_ending, upload_limits
from portfolio.store.connections import Connections, storage
from portfolio.store.outbox import deliver_due
from tests.conftest import Clock
from tests.support.acts.overfilling import ROOM, SetUp, keeps_every_sending, sent_again
from tests.support.acts.sending import begin, finish, send, stored
from tests.support.concurrency import together
from tests.support.queries import counted
from tests.support.worlds.world import PDF, World
from worker import HANDLERS

# --- how many, how fast -----------------------------------------------------------------------------


def test_uploads_on_their_way_are_counted_over_the_whole_portfolio(world: World) -> None:
    files = [begin(world, world.new_piece(), 10) for _ in range(upload_limits.MOST_PENDING)]
    with pytest.raises(upload_limits.TooManyPending) as refusal:
        begin(world, piece := world.new_piece(), 10)
    assert "20 envois sont déjà en cours ou interrompus" in refusal.value.message
    assert EvidenceFile.objects(evidence=piece.id).count() == 0

    upload_ending.remove(world.actor(world.candidate), stored(files[0]), world.clock())
    assert begin(world, piece, 10)
    world.clock.advance(days=2)  # type: ignore[attr-defined]
    assert begin(world, piece, 10), "what is past its time is nobody's upload on its way"


def test_the_bytes_on_their_way_have_a_limit_below_the_room(world: World, set_up: SetUp) -> None:
    set_up(max_pending_bytes=ROOM)
    begin(world, world.new_piece(), ROOM - 10)
    with pytest.raises(upload_limits.PendingTooLarge) as refusal:
        begin(world, world.new_piece(), 11)
    assert "0 Mo" in refusal.value.message
    assert begin(world, world.new_piece(), 10)


def test_uploads_of_an_hour_are_counted_whatever_became_of_them(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limits, "MOST_AN_HOUR", 3)
    by, piece = world.actor(world.candidate), world.new_piece()
    for _ in range(3):
        upload_ending.remove(by, begin(world, piece, 10), clock())
        clock.advance(minutes=10)
    with pytest.raises(upload_limits.TooManyUploads) as refusal:
        begin(world, piece, 10)
    assert refusal.value.facts["retry_after"] == 30 * 60
    assert "3 envois ont été commencés en une heure" in refusal.value.message

    clock.advance(minutes=30)
    assert begin(world, piece, 10)
    with pytest.raises(upload_limits.TooManyUploads):
        begin(world, piece, 10)


def test_limits_hold_when_many_begin_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "MOST_PENDING", 3)
    pieces = [world.new_piece() for _ in range(6)]
    outcomes: list[Any] = together(*(lambda piece=piece: begin(world, piece, 10) for piece in pieces))
    kinds = [type(one).__name__ for one in outcomes]
    assert (kinds.count("EvidenceFile"), kinds.count("TooManyPending")) == (3, 3)


def test_counting_costs_the_same_commands_whatever_there_is(world: World, store: Connections) -> None:
    piece = world.new_piece()
    begin(world, piece, 10)
    with counted(store.database) as alone:
        begin(world, piece, 10)
    for _ in range(5):
        world.upload(world.new_piece())
        begin(world, world.new_piece(), 10)
    with counted(store.database) as among_others:
        begin(world, piece, 10)
    assert alone == among_others


# --- what is held -----------------------------------------------------------------------------------


def test_sending_and_removing_again_and_again_does_not_fill_the_store(world: World, set_up: SetUp) -> None:
    """The bytes of a verified file stay a month once it is removed: they count as long."""
    size = 40_000
    data = PDF + bytes(size - len(PDF) - 6) + b"%%EOF\n"
    set_up(max_portfolio_bytes=ROOM)
    by, piece = world.actor(world.candidate), world.new_piece()
    for _ in range(5):
        upload_ending.remove(by, stored(world.upload(piece, data)), world.clock())
    with pytest.raises(upload_limits.KeptTakesRoom):
        begin(world, piece, size)
    assert [storage().head(file.key) for file in EvidenceFile.objects] == [size] * 5

    EvidenceFile.objects(size=size).update(discarded_at=world.clock())  # as the reconciler does, a month later
    assert begin(world, piece, size)


def test_a_refused_file_takes_room_until_it_is_removed(world: World, set_up: SetUp) -> None:
    size = 40_000
    set_up(max_portfolio_bytes=ROOM)
    refused = [world.upload(world.new_piece(), b"MZ" + os.urandom(size - 2), "calcul.exe") for _ in range(5)]
    assert {file.state for file in refused} == {"quarantined"}
    with pytest.raises(upload_limits.KeptTakesRoom):
        begin(world, world.new_piece(), size)

    upload_ending.remove(world.actor(world.candidate), stored(refused[0]), world.clock())
    deliver_due(HANDLERS, world.clock)
    assert storage().head(refused[0].key) is None
    assert begin(world, world.new_piece(), size)


def test_what_the_store_holds_counts_more_than_what_was_announced(world: World, set_up: SetUp) -> None:
    if not keeps_every_sending():
        pytest.skip("this store keeps the last sending of a part alone: no more can be held than was announced")
    set_up(max_portfolio_bytes=ROOM)
    file = begin(world, world.new_piece(), 10_000)
    sent_again(file, 6)
    with pytest.raises(upload_limits.NoRoom) as refusal:
        begin(world, world.new_piece(), ROOM - 60_000 + 1)
    assert "il reste 0 Mo" in refusal.value.message
    assert begin(world, world.new_piece(), ROOM - 60_000)


def test_a_part_relayed_again_and_again_is_refused_before_the_store_keeps_it(world: World) -> None:
    file = begin(world, world.new_piece(), len(PDF))
    most = 2 + upload_limits.SPARE_SENDINGS
    if keeps_every_sending():
        for _ in range(most):
            send(world, file, 1, PDF)
        with pytest.raises(upload_limits.SentTooOften):
            send(world, file, 1, PDF)
    else:
        for _ in range(most + 2):
            send(world, file, 1, PDF)
    assert storage().held(file.key, file.upload_id).sendings <= most
    assert finish(world, file).state == "verified", "what was sent is not lost for that"

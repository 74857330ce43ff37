"""The room of one portfolio: all its files together have a limit, of which nobody is told too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import deposit, upload_ending, upload_limits, uploads
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.concurrency import together
from tests.support.queries import counted
from tests.support.worlds.world import PDF, World

ROOM = 500_000_000
LARGE = 200_000_000


@pytest.fixture(autouse=True)
def small(set_up: Callable[..., None]) -> None:
    set_up(max_portfolio_bytes=ROOM)


def begin(world: World, piece: Evidence, size: int) -> EvidenceFile:
    by = world.actor(world.candidate)
    return uploads.begin(by, Evidence.objects.get(pk=piece.id), {"name": "film.mp4", "size": size}, world.clock())


def full(world: World) -> tuple[Evidence, EvidenceFile]:
    """Two pieces whose files leave too little room for a third; the second of them."""
    begin(world, world.new_piece(), LARGE)
    second = world.new_piece()
    return second, begin(world, second, LARGE)


def test_a_file_that_does_not_fit_is_refused_before_any_byte_and_says_how_much_is_left(world: World) -> None:
    full(world)
    with pytest.raises(upload_limits.NoRoom) as refusal:
        begin(world, piece := world.new_piece(), LARGE)
    assert "il reste 100 Mo sur 500" in refusal.value.message
    assert EvidenceFile.objects(evidence=piece.id).count() == 0
    assert begin(world, piece, ROOM - 2 * LARGE)
    with pytest.raises(upload_limits.NoRoom) as refusal:
        begin(world, piece, 1)
    assert "il reste 0 Mo" in refusal.value.message


def test_what_is_removed_withdrawn_refused_or_expired_makes_room(world: World, clock: Clock) -> None:
    by = world.actor(world.candidate)
    second, file = full(world)
    upload_ending.remove(by, file, clock())
    file = begin(world, second, LARGE)
    deposit.withdraw_piece(by, Evidence.objects.get(pk=second.id), clock())
    third = world.new_piece()
    begin(world, third, LARGE)
    clock.advance(days=2)
    assert world.upload(third, b"MZ" + bytes(200), "calcul.exe").state == "quarantined"
    assert begin(world, third, ROOM)


def test_a_verified_file_counts_for_ever(world: World, clock: Clock) -> None:
    piece = world.new_piece()
    world.upload(piece)
    clock.advance(days=30)
    with pytest.raises(upload_limits.NoRoom):
        begin(world, piece, ROOM - len(PDF) + 1)
    assert begin(world, piece, ROOM - len(PDF))


def test_two_that_begin_at_once_do_not_share_the_last_room(world: World) -> None:
    begin(world, world.new_piece(), LARGE)
    pieces = [world.new_piece() for _ in range(4)]
    outcomes: list[Any] = together(*(lambda piece=piece: begin(world, piece, LARGE) for piece in pieces))
    assert sorted(type(one).__name__ for one in outcomes) == ["EvidenceFile", "NoRoom", "NoRoom", "NoRoom"]


def test_another_portfolio_has_its_own_room(world: World) -> None:
    full(world)
    assert world.begin_with(world.new_candidacy()).state == "verified"


def test_it_costs_the_same_for_a_full_portfolio(world: World, store: Connections) -> None:
    begin(world, piece := world.new_piece(), 10)
    with counted(store.database) as alone:
        begin(world, piece, 10)
    for _ in range(6):
        begin(world, world.new_piece(), 10)
    with counted(store.database) as among_others:
        begin(world, piece, 10)
    assert alone == among_others

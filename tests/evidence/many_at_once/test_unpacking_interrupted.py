"""An archive whose unpacking is killed, put off or doubled becomes its pieces once all the same."""

from __future__ import annotations

import pytest

from portfolio.documents import EvidenceFile, Unpacking
from portfolio.errors import Unavailable
from portfolio.evidence import upload_limits
from portfolio.evidence.many_at_once import asked, unpacking
from portfolio.store import outbox
from portfolio.store.objects.bucket import Storage
from tests.support.acts.sending import stored
from tests.support.concurrency import together
from tests.support.containers import zipped
from tests.support.worlds.unpackings import asked_to_unpack, numbered, outcomes, pieces_of, sent, work
from tests.support.worlds.world import World


@pytest.mark.parametrize("call", ["complete", "put_part", "start_multipart"])
def test_a_worker_killed_in_the_middle_is_gone_on_with_nothing_lost_nor_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    asked_to_unpack(world, zipped(numbered(5)))
    kept, calls = getattr(Storage, call), []

    def die(self, *given, **named):
        calls.append(call)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return kept(self, *given, **named)

    monkeypatch.setattr(Storage, call, die)
    with pytest.raises(KeyboardInterrupt):
        work(world)
    assert 0 < len(pieces_of(world)) < 6
    world.clock.advance(minutes=3)  # type: ignore[attr-defined]
    work(world)
    (done,) = Unpacking.objects(candidacy=world.candidacy.id)
    assert done.done_at is not None
    assert [piece.title for piece in pieces_of(world)] == [f"Relance {number}" for number in range(1, 6)]
    files = EvidenceFile.objects(evidence__in=[piece.id for piece in pieces_of(world)])
    assert [file.state for file in files] == ["verified"] * 5
    assert {outcome for outcome, _ in outcomes(done).values()} == {"made"}


def test_killed_once_all_is_stored_the_archive_is_removed_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = sent(world, zipped(numbered(1)))
    asked.ask(world.actor(world.candidate), archive, world.clock())

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(unpacking, "_leave_nothing", die)
        with pytest.raises(KeyboardInterrupt):
            work(world)
    world.clock.advance(minutes=3)  # type: ignore[attr-defined]
    work(world)
    assert stored(archive).removed_at is not None


def test_a_turn_that_is_over_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "ONE_TURN_S", -1)
    asked_to_unpack(world, zipped(numbered(3)))
    assert outbox.claim(world.clock(), outbox.DRAWINGS) is not None
    world.clock.advance(minutes=3)  # type: ignore[attr-defined]
    monkeypatch.setattr(unpacking, "ONE_TURN_S", 30)
    work(world)
    assert len(pieces_of(world)) == 3


def test_beyond_what_may_be_sent_in_an_hour_the_rest_waits_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limits, "MOST_AN_HOUR", 4)
    asked_to_unpack(world, zipped(numbered(5)))
    work(world)
    assert [piece.title for piece in pieces_of(world)] == ["travaux", "Relance 1", "Relance 2", "Relance 3"]
    assert Unpacking.objects.get().done_at is None
    world.clock.advance(hours=1, minutes=1)  # type: ignore[attr-defined]
    work(world)
    assert len(pieces_of(world)) == 5
    assert {outcome for outcome, _ in outcomes(Unpacking.objects.get()).values()} == {"made"}


def test_the_same_archive_twice_at_once_makes_its_pieces_once(world: World) -> None:
    asked_to_unpack(world, zipped(numbered(6)), "un.zip")
    asked_to_unpack(world, zipped(numbered(6)), "deux.zip")
    together(lambda: work(world), lambda: work(world))
    world.clock.advance(minutes=3)  # type: ignore[attr-defined]
    work(world)
    first, second = Unpacking.objects.order_by("number")
    assert {outcome for outcome, _ in outcomes(first).values()} == {"made"}
    assert {outcome for outcome, _ in outcomes(second).values()} == {"present"}
    assert len(pieces_of(world)) == 6


def test_two_workers_at_one_archive_make_its_pieces_once(world: World) -> None:
    """The lease of a slow worker ended."""
    asked_to_unpack(world, zipped(numbered(6)))
    row = outbox.claim(world.clock(), outbox.DRAWINGS)
    assert row is not None

    def take() -> None:
        turn = dict(row)
        while unpacking.unpack(turn, world.clock()).then is not None:
            continue

    together(take, take)
    assert sorted(piece.title for piece in pieces_of(world)) == [f"Relance {number}" for number in range(1, 7)]
    assert EvidenceFile.objects(candidacy=world.candidacy.id, state="verified").count() == 6


def test_a_portfolio_handed_in_meanwhile_ends_it_and_says_so(world: World) -> None:
    world.upload(world.new_piece())
    asked_to_unpack(world, zipped(numbered(2)))
    world.submit()
    work(world)
    done = Unpacking.objects.get()
    assert (done.done_at, done.reason_code) == (world.clock(), "portfolio_submitted")


def test_a_store_that_is_down_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_to_unpack(world, zipped(numbered(2)))

    def down(*_: object, **__: object) -> None:
        raise Unavailable(retry_after=5)

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "put_part", down)
        work(world)
    assert Unpacking.objects.get().done_at is None
    world.clock.advance(hours=1)  # type: ignore[attr-defined]
    work(world)
    assert {outcome for outcome, _ in outcomes(Unpacking.objects.get()).values()} == {"made"}
    assert len(pieces_of(world)) == 2

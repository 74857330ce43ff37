"""Pieces taken twice, at the same time, or again after they were withdrawn."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_records import verify_stored
from portfolio.documents import Activity, Attestation, Candidacy, Evidence, EvidenceFile, Placement, Portfolio
from portfolio.evidence import deposit
from portfolio.sign_offs.reuse import taking
from portfolio.store.connections import Connections
from portfolio.store.journal import MovedMeanwhile
from tests.support.concurrency import in_between, together
from tests.support.lives.repeating import enrolled_again, file_of, seats, take, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def test_taking_the_same_pieces_again_changes_nothing(world: World, store: Connections) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)
    links = store.database.events.count_documents({})
    assert [one.id for one in take(world, portfolio, piece, piece)] == [here.id]
    assert store.database.events.count_documents({}) == links
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 1


def test_of_two_takings_at_once_one_is_made(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    together(*[lambda: take(world, portfolio, piece)] * 3)
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 1
    assert Attestation.objects(candidacy=portfolio.candidacy).count() == 2
    assert EvidenceFile.objects(candidacy=portfolio.candidacy).count() == 1


def test_a_piece_that_was_withdrawn_here_may_be_taken_again(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)
    deposit.withdraw_piece(world.actor(world.candidate), here, world.clock())
    (again,) = take(world, portfolio, piece)
    assert again.id != here.id
    assert seats(portfolio) == [("confirmed", "confirmed")]


def test_an_activity_that_was_withdrawn_here_is_taken_again_with_its_answers(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    by = world.actor(world.candidate)
    for _ in range(2):
        (here,) = take(world, portfolio, piece)
        deposit.withdraw_piece(by, here, world.clock())
        deposit.withdraw_activity(by, Activity.objects.get(pk=here.activity), world.clock())
    (again,) = take(world, portfolio, piece)
    assert seats(portfolio) == [("confirmed", "confirmed")]
    answers = Attestation.objects(candidacy=portfolio.candidacy)
    assert [[shown.evidence for shown in answer.pieces] for answer in answers] == [[again.id]] * 2
    assert list(verify_stored()) == []


def test_what_changes_meanwhile_in_the_first_portfolio_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)

    def amend() -> None:
        fresh = Evidence.objects.get(pk=piece.id)
        deposit.amend_piece(world.actor(world.candidate), fresh, {"title": "Lettre récrite"}, world.clock())

    in_between(monkeypatch, taking, amend)
    with pytest.raises(MovedMeanwhile):
        take(world, portfolio, piece)
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 0


def test_a_piece_goes_through_several_sessions_and_its_answers_say_the_first(world: World) -> None:
    """Two sessions have circulars: the third candidacy is moved to an earlier one by hand."""
    piece = worked(world)
    portfolio = enrolled_again(world)
    for kind in (Portfolio, Candidacy, Activity, Evidence, EvidenceFile, Attestation, Placement):
        kind.objects(session="2027").update(set__session="2026")
    (one,) = take(world, portfolio, Evidence.objects.get(pk=piece.id))
    for kind in (Portfolio, Candidacy, Activity, Evidence, EvidenceFile, Attestation):
        kind.objects(session="2028").update(set__session="2027")
    third = enrolled_again(world)
    (two,) = take(world, third, Evidence.objects.get(pk=one.id))
    assert (two.reused.session, two.reused.of) == ("2027", one.id)
    assert {answer.reused.session for answer in Attestation.objects(candidacy=third.candidacy)} == {"2026"}
    assert file_of(two).key == file_of(piece).key

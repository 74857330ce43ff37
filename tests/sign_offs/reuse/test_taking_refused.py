"""Who may take pieces of an earlier session, from where, and how many."""

from __future__ import annotations

import pytest

from portfolio.documents import Evidence, EvidenceFile, Portfolio
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.errors import Forbidden, Invalid
from portfolio.evidence import deposit, upload_limits
from portfolio.evidence.deposit import PortfolioFull, PortfolioSubmitted
from portfolio.evidence.upload_limits import TooMuchToReuse
from portfolio.files.sealed_files import NotAsSealed
from portfolio.sign_offs.reuse import earlier, taking
from portfolio.submission import submit
from tests.support.lives.repeating import enrolled_again, file_of, take, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def test_only_the_candidate_takes_and_only_of_their_own_earlier_sessions(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    for person in (world.follower, world.office):
        with pytest.raises(Forbidden):
            taking.reuse(world.actor(person), portfolio, [piece.id], world.clock())
    other = world.new_candidacy()
    of_other = world.begin_with(other)
    not_theirs = [of_other.evidence, portfolio.id]
    for key in not_theirs:
        with pytest.raises(Invalid) as refused:
            taking.reuse(world.actor(world.candidate), portfolio, [piece.id, key], world.clock())
        assert list(refused.value.errors) == ["pieces"]
    with pytest.raises(Invalid):
        taking.reuse(world.actor(world.candidate), portfolio, [], world.clock())
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 0


def test_a_rehearsal_gives_nothing_to_an_exam(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    source = Portfolio.objects.get(pk=piece.candidacy)
    source.update(session="2027R")
    with pytest.raises(Invalid):
        take(world, portfolio, piece)


def test_a_later_session_gives_nothing_to_an_earlier_one(world: World) -> None:
    piece = worked(world)
    later = enrolled_again(world)
    (here,) = take(world, later, piece)
    with pytest.raises(Invalid):
        take(world, world.portfolio, here)
    assert earlier.earlier_sessions(world.actor(world.candidate), world.portfolio) == []


def test_a_submitted_portfolio_takes_nothing_and_one_of_before_is_read_though_submitted(world: World) -> None:
    piece = worked(world)
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    portfolio = enrolled_again(world)
    take(world, portfolio, piece)
    submit.submit(world.actor(world.candidate), Portfolio.objects.get(pk=portfolio.id), True, world.clock())
    with pytest.raises(PortfolioSubmitted):
        take(world, portfolio, piece)


def test_limits_of_the_portfolio_hold_for_what_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    monkeypatch.setitem(deposit.MOST, Evidence, 0)
    with pytest.raises(PortfolioFull):
        take(world, portfolio, piece)
    monkeypatch.setitem(deposit.MOST, Evidence, 300)
    EvidenceFile.objects(pk=file_of(piece).id)
    monkeypatch.setattr(upload_limits, "MB", 1)
    limited = upload_limits.current()
    room = limited.settings.max_portfolio_bytes
    with pytest.raises(TooMuchToReuse):
        upload_limits.refuse_without_room_for(portfolio, room + 1)


def test_files_that_are_taken_are_no_uploads_of_this_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)
    monkeypatch.setattr(upload_limits, "MOST_AN_HOUR", 1)
    assert world.send(here, name="seconde.pdf").state == "pending"


def test_a_file_that_is_no_longer_what_was_verified_is_not_taken(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    EvidenceFile.objects(evidence=piece.id).update(set__sha256="0" * 64)
    with pytest.raises(NotAsSealed):
        take(world, portfolio, piece)


def test_an_eliminated_portfolio_gives_nothing(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    Portfolio.objects(pk=world.candidacy.id).update(set__state="eliminated")
    assert earlier.earlier_sessions(world.actor(world.candidate), portfolio) == []
    with pytest.raises(Invalid):
        take(world, portfolio, piece)
    assert Eliminated.code == "portfolio_eliminated"

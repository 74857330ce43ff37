"""A file that was taken shares the bytes of the first: they go once no session names them, and never before."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.archive import eliminate
from portfolio.audit.backup import back_up
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import Candidacy, Evidence, EvidenceFile, EvidenceVersion
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.evidence import upload_ending
from portfolio.files.previews import kept_views, show
from portfolio.sign_offs.reuse import taking
from portfolio.store.connections import storage
from portfolio.store.journal import MovedMeanwhile
from tests.conftest import Clock
from tests.support.backup_stores import Elsewhere
from tests.support.both_stores import DAY, found, long_after, stands
from tests.support.concurrency import in_between
from tests.support.lives.repeating import enrolled_again, file_of, take, worked
from tests.support.mails.mailbox import deliver
from tests.support.worlds.eliminations import asked_for, eliminated, full, published
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    """The world's candidate, whose time of keeping is over."""
    candidacy = full(world)
    published(world, clock, candidacy)
    return candidacy


def piece_of(candidacy: Candidacy) -> Evidence:
    return Evidence.objects.get(candidacy=candidacy.id)


def test_an_elimination_of_the_first_portfolio_spares_what_the_second_one_names(
    world: World, clock: Clock, gone_by: Candidacy
) -> None:
    (here,) = take(world, enrolled_again(world), piece_of(gone_by))
    file = file_of(here)
    show.thumbnail(world.actor(world.candidate), file)
    eliminated(world, clock)
    assert EvidenceFile.objects(candidacy=gone_by.id).count() == 0
    assert stands(file_of(here)) and kept_views.names(file)
    kept = {stored.key for stored in storage().list_keys("")}
    assert {key for key in kept if not key.startswith(kept_views.KEPT_UNDER)} == {file.key}
    assert found(long_after().replace(year=2031), deep=True) == []
    assert list(verify()) == []
    assert [fault for fault in verify_stored() if fault.chain.startswith("portfolio:")] == []


def test_the_bytes_go_with_the_last_portfolio_that_names_them(world: World, clock: Clock, gone_by: Candidacy) -> None:
    second = enrolled_again(world)
    (here,) = take(world, second, piece_of(gone_by))
    eliminated(world, clock)
    upload_ending.remove(world.actor(world.candidate), file_of(here), world.clock())
    late = long_after().replace(year=2031)
    found(late, cure=True, many=True)
    assert stands(EvidenceFile.objects.get(evidence=here.id))  # the version of the piece before names it
    EvidenceVersion.objects(evidence=here.id).delete()
    for turn in range(1, 4):
        found(late + turn * DAY, cure=True, many=True)
    assert list(storage().list_keys("")) == []


def test_a_file_that_left_the_first_piece_stays_in_the_second(world: World, clock: Clock) -> None:
    piece = worked(world)
    (here,) = take(world, enrolled_again(world), piece)
    first = file_of(piece)
    upload_ending.remove(world.actor(world.candidate), first, world.clock())
    EvidenceFile.objects(pk=first.id).update(set__discarded_at=world.clock())
    late = long_after()
    for turn in range(3):
        found(late + turn * DAY, cure=True, many=True)
    assert stands(file_of(here))


def test_a_file_that_left_the_second_piece_stays_in_the_first(world: World, clock: Clock) -> None:
    piece = worked(world)
    (here,) = take(world, enrolled_again(world), piece)
    second = file_of(here)
    upload_ending.remove(world.actor(world.candidate), second, world.clock())
    deliver(clock)
    EvidenceFile.objects(pk=second.id).update(set__discarded_at=world.clock())
    late = long_after()
    for turn in range(3):
        found(late + turn * DAY, cure=True, many=True)
    assert stands(file_of(piece))


def test_an_elimination_meanwhile_refuses_the_taking(
    world: World, clock: Clock, gone_by: Candidacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    portfolio, piece = enrolled_again(world), piece_of(gone_by)
    asked_for(world)
    in_between(monkeypatch, taking, lambda: deliver(clock))
    with pytest.raises(MovedMeanwhile):
        take(world, portfolio, piece)
    assert EvidenceFile.objects.count() == 0 and list(storage().list_keys("")) == []


def test_a_taking_meanwhile_is_seen_by_the_elimination(
    world: World, clock: Clock, gone_by: Candidacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    portfolio, piece = enrolled_again(world), piece_of(gone_by)
    asked_for(world)
    in_between(monkeypatch, eliminate, lambda: take(world, portfolio, piece))
    deliver(clock)
    (here,) = Evidence.objects(candidacy=portfolio.candidacy)
    assert stands(file_of(here))
    assert Eliminated.code == "portfolio_eliminated"


def test_a_backup_has_the_bytes_once_and_gives_them_back_to_both(
    world: World, clock: Clock, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    piece = worked(world)
    (here,) = take(world, enrolled_again(world), piece)
    made = back_up(tmp_path, clock())
    assert (made.objects, made.lost) == (2, [])
    assert len(list(tmp_path.glob("objects/*/*"))) == 1
    elsewhere.run("restore", str(tmp_path))
    assert [stored.key for stored in elsewhere.storage.list_keys("")] == [file_of(here).key]
    assert elsewhere.database.files.count_documents({"key": file_of(piece).key}) == 2

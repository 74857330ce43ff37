"""A file that was taken shares the bytes of the first: they go once no session names them, and never before."""

from __future__ import annotations

from pathlib import Path

import pytest
from bson import ObjectId

from portfolio.archive import eliminate
from portfolio.archive.elimination_papers import certificate_content, certificate_pdf
from portfolio.audit.backup import back_up
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import Candidacy, EliminationSlip, Evidence, EvidenceFile, EvidenceVersion, Portfolio
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.evidence import upload_ending
from portfolio.files.previews import kept_views, show
from portfolio.ids import new_id
from portfolio.sign_offs.reuse import taking
from portfolio.store.chains import Event
from portfolio.store.connections import storage
from portfolio.store.journal import Change, Insert, MovedMeanwhile, commit
from tests.conftest import Clock
from tests.support.acts.printed_sheets import squeezed, text_of
from tests.support.backup_stores import Elsewhere
from tests.support.both_stores import DAY, found, long_after, stands
from tests.support.concurrency import in_between, together
from tests.support.lives.repeating import enrolled_again, file_of, take, worked
from tests.support.mails.mailbox import deliver
from tests.support.worlds.eliminations import LONG_AFTER, asked_for, eliminated, full, published
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    """The world's candidate, whose time of keeping is over."""
    candidacy = full(world)
    published(world, clock, candidacy)
    return candidacy


@pytest.fixture
def all_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of keeping of later sessions is over too, without their juries."""
    monkeypatch.setattr(eliminate, "counts_from", lambda candidacy: LONG_AFTER)


def piece_of(candidacy: Candidacy) -> Evidence:
    return Evidence.objects.get(candidacy=candidacy.id)


def cleared(world: World, portfolio_id: ObjectId) -> None:
    """Eliminates one portfolio, as the worker does, by a slip of its own."""
    portfolio = Portfolio.objects.get(pk=portfolio_id)
    of_school = {"school": portfolio.school, "academy": portfolio.academy, "exam": portfolio.exam}
    of_school |= {"session": portfolio.session, "created_at": world.clock(), "state": "under_way"}
    words = {"rule": "un an", "circular": "essai", "first_day": "2027-01-01", "last_day": "2027-06-01"}
    slip = EliminationSlip(id=new_id(), number=f"E-{portfolio_id}", started_by="system", **of_school, **words)
    at = Event(f"school:{slip.school}", "tested", "system", world.clock(), slip)
    commit([Insert(slip), Change(portfolio, {"slip": slip.id})], at)
    eliminate.eliminate_one({"payload": {"slip": slip.id, "portfolio": portfolio_id}}, world.clock())


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


def test_the_certificate_counts_what_went_and_says_what_stays(world: World, clock: Clock, gone_by: Candidacy) -> None:
    take(world, enrolled_again(world), piece_of(gone_by))
    slip = eliminated(world, clock)
    said = certificate_content(world.actor(world.office), slip)
    assert (slip.files, said["files"], said["octets"], said["shared_files"]) == (1, 0, 0, 1)
    text = squeezed(text_of(certificate_pdf(world.actor(world.office), slip)))
    assert squeezed("1 fichier, repris par leur candidat dans une session ultérieure") in text


def test_without_a_taking_the_certificate_says_nothing_of_it(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = eliminated(world, clock)
    said = certificate_content(world.actor(world.office), slip)
    assert (said["files"], "shared_files" in said) == (1, False) and said["octets"] == slip.octets > 0


@pytest.mark.parametrize("first_to_go", [0, 1, 2])
def test_a_file_of_three_sessions_stays_until_the_third_goes(world: World, all_over: None, first_to_go: int) -> None:
    """Two sessions have circulars: the earlier ones are moved by hand."""
    piece = worked(world)
    second = enrolled_again(world)
    (there,) = take(world, second, piece)
    for now, before in (("2027", "2026"), ("2028", "2027")):
        for kind in (Portfolio, Candidacy, Evidence, EvidenceFile):
            kind.objects(session=now).update(set__session=before)
    third = enrolled_again(world)
    (here,) = take(world, third, Evidence.objects.get(pk=there.id))
    key, order = file_of(here).key, [piece.candidacy, second.id, third.id]
    order = order[first_to_go:] + order[:first_to_go]
    for left, portfolio in enumerate(order, 1):
        cleared(world, portfolio)
        assert [stored.key for stored in storage().list_keys(key)] == ([key] if left < 3 else [])
        assert list(verify()) == []
    assert EvidenceFile.objects.count() == 0


def test_both_portfolios_eliminated_at_once_leave_no_byte(world: World, gone_by: Candidacy, all_over: None) -> None:
    second = enrolled_again(world)
    take(world, second, piece_of(gone_by))
    together(lambda: cleared(world, gone_by.id), lambda: cleared(world, second.id))
    late = long_after().replace(year=2031)
    for turn in range(2):
        found(late + turn * DAY, cure=True, many=True)
    assert EvidenceFile.objects.count() == 0 and list(storage().list_keys("")) == []


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

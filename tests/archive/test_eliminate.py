"""What an elimination takes away and what it leaves, whatever happens in the middle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portfolio.archive import eliminate, holds
from portfolio.archive.eliminate import AlreadyStarted, NoVisa
from portfolio.audit.backup import back_up
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import (
    Attestation,
    Candidacy,
    Draft,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    PaperScan,
    Placement,
    Portfolio,
    RealityEvaluation,
    Result,
    Sheet,
    Submission,
)
from portfolio.enrolment import placements
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.errors import Forbidden, Invalid, NotFound, Unavailable
from portfolio.files.previews import show
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import paper
from portfolio.store.connections import Connections, storage
from portfolio.store.history import latest
from portfolio.store.journal import MovedMeanwhile
from portfolio.submission import submit
from portfolio.submission.export import export
from portfolio.submission.overview import overview
from tests.conftest import START, Clock
from tests.support.both_stores import different, found, long_after, stands
from tests.support.concurrency import in_between, together
from tests.support.mailbox import deliver
from tests.support.worlds.eliminations import (
    LONG_AFTER,
    REALITY,
    again,
    approved,
    asked_for,
    drawn_up,
    eliminated,
    full,
    portfolio_of,
    published,
)
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
WRITTEN = ("Lettre de relance", "Relance des impayés", "Montrez la relance", REALITY, "jamais envoyée", "lettre.pdf")


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    """The world's candidate, whose time of keeping is over, and another whose portfolio is empty."""
    candidacy = full(world)
    published(world, clock, candidacy, world.new_candidacy())
    return candidacy


def texts(store: Connections, *but: str) -> str:
    """Everything that the database holds, as one text."""
    names = [name for name in store.database.list_collection_names() if name not in but]
    return "\n".join(str(row) for name in names for row in store.database[name].find())


# --- what goes, what stays ------------------------------------------------------------------------


def test_nothing_that_was_written_or_sent_is_left_anywhere(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy
) -> None:
    before = texts(store)
    assert all(words in before for words in WRITTEN)
    file = EvidenceFile.objects.get(candidacy=gone_by.id)
    show.thumbnail(world.actor(world.candidate), file)
    assert len(list(storage().list_keys(""))) > 2

    slip = eliminated(world, clock)
    assert slip.state == "done"
    after = texts(store)
    assert [words for words in WRITTEN if words in after] == []
    assert list(storage().list_keys("")) == []
    assert Draft.objects.count() == EvidenceFile.objects.count() == PaperScan.objects.count() == 0


def test_what_stays_is_the_candidacy_its_result_and_the_journal(world: World, clock: Clock, gone_by: Candidacy) -> None:
    digest = Submission.objects.get(candidacy=gone_by.id).digest
    eliminated(world, clock)
    left = portfolio_of(gone_by)
    assert (left.state, left.elimination.digest, left.elimination.on) == ("eliminated", digest, "2029-01-09")
    assert left.submissions == 1 and left.elimination.slip_number == "0690026D-2027-E01"
    for kind in (Result, Sheet, Placement):
        assert kind.objects.get(candidacy=gone_by.id)
    assert Candidacy.objects.get(pk=gone_by.id).birth_name == gone_by.birth_name
    said = latest(world.actor(world.candidate), left, None, 3).items
    assert said[1].sentence == "L'établissement a éliminé le portfolio (bordereau n° 0690026D-2027-E01)."


def test_the_stores_are_sound_afterwards(world: World, clock: Clock, gone_by: Candidacy, tmp_path: Path) -> None:
    before = back_up(tmp_path, clock())
    eliminated(world, clock)
    after = back_up(tmp_path, clock.advance(days=1))
    assert (before.objects, after.objects, before.lost, after.lost) == (2, 0, [], [])
    assert found(long_after().replace(year=2031), deep=True) == []
    assert list(verify()) == []
    assert [fault for fault in verify_stored() if fault.chain.startswith("portfolio:")] == []


def test_another_candidate_s_things_are_untouched(world: World, clock: Clock, gone_by: Candidacy) -> None:
    other = World(clock)
    other.count = 500
    other.__dict__.update(
        {name: getattr(world, name) for name in ("administrator", "academy", "school", "office", "company")}
    )
    piece = other.new_piece()
    file = other.upload(piece)
    other.sign_off()
    clock.now = START
    other.submit()
    clock.now = LONG_AFTER
    piece = again(piece)
    eliminated(world, clock)
    assert stands(again(file))
    assert again(piece).revision == piece.revision
    assert Submission.objects.get(candidacy=other.candidacy.id).number == 1
    assert Attestation.objects(candidacy=other.candidacy.id).count() == 2
    assert other.portfolio.state == "submitted"


# --- the act --------------------------------------------------------------------------------------


def test_without_a_visa_nothing_is_eliminated(world: World, gone_by: Candidacy) -> None:
    slip = drawn_up(world)
    with pytest.raises(NoVisa):
        eliminate.eliminate(world.actor(world.office), slip, slip.number, world.clock())


def test_the_number_of_the_slip_is_typed(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = approved(world, drawn_up(world))
    with pytest.raises(Invalid) as refusal:
        eliminate.eliminate(world.actor(world.office), slip, "0690026D-2027-E02", world.clock())
    assert "0690026D-2027-E01" in refusal.value.errors["number"][0]
    assert deliver(clock) >= 0 and portfolio_of(gone_by).state == "submitted"


def test_asked_twice_it_is_done_once(world: World, clock: Clock, store: Connections, gone_by: Candidacy) -> None:
    slip = approved(world, drawn_up(world))
    office = world.actor(world.office)

    def ask() -> Any:
        return eliminate.eliminate(office, again(slip), slip.number, LONG_AFTER)

    outcomes = together(ask, ask)
    assert sum(isinstance(one, EliminationSlip) for one in outcomes) == 1
    assert store.database.outbox.count_documents({"kind": "eliminate"}) == 2
    with pytest.raises(AlreadyStarted):
        ask()
    deliver(clock)
    with pytest.raises(AlreadyStarted):
        ask()


def test_it_is_the_office_s(world: World, gone_by: Candidacy) -> None:
    slip = approved(world, drawn_up(world))
    for person, refusal in ((world.inspector, Forbidden), (world.follower, NotFound), (world.administrator, NotFound)):
        with pytest.raises(refusal):
            eliminate.eliminate(world.actor(person), slip, slip.number, world.clock())


# --- in the middle --------------------------------------------------------------------------------


def test_killed_between_two_portfolios_the_rest_follows(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy
) -> None:
    slip = asked_for(world)
    row = store.database.outbox.find_one({"kind": "eliminate"})
    eliminate.eliminate_one(row, clock())  # and the worker dies before it says so
    assert Portfolio.objects(state="eliminated").count() == 1
    assert again(slip).state == "under_way"
    deliver(clock)
    assert Portfolio.objects(state="eliminated").count() == 2
    assert again(slip).state == "done"


def test_killed_before_the_objects_are_gone_they_go_the_next_time(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = asked_for(world)
    row = {"payload": {"slip": slip.id, "portfolio": gone_by.id}}

    def down(*_: Any) -> None:
        raise Unavailable(retry_after=5)

    with monkeypatch.context() as broken:
        broken.setattr(type(storage()), "delete", down)
        with pytest.raises(Unavailable):
            eliminate.eliminate_one(row, clock())
        deliver(clock)
    assert portfolio_of(gone_by).state == "eliminated"
    assert again(slip).state == "under_way"
    files = list(EvidenceFile.objects(candidacy=gone_by.id))
    assert [(stands(file), file.name) for file in files] == [(True, "fichier éliminé")]
    assert [one.what for one in found(clock())] == []
    clock.advance(days=1)
    deliver(clock)
    assert again(slip).state == "done"
    assert list(storage().list_keys("")) == []


def test_two_workers_at_the_same_portfolio_do_it_once(
    world: World, clock: Clock, store: Connections, gone_by: Candidacy
) -> None:
    asked_for(world)
    rows = list(store.database.outbox.find({"kind": "eliminate"}))
    outcomes = together(*(lambda row=row: eliminate.eliminate_one(row, clock()) for row in (*rows, *rows)))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    names = [link["name"] for link in store.database.events.find()]
    assert names.count("portfolio_eliminated") == 2
    assert names.count("elimination_done") == 1


# --- a hold against it ----------------------------------------------------------------------------


def test_a_hold_placed_after_the_visa_keeps_the_portfolio(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = asked_for(world)
    holds.hold(world.actor(world.office), portfolio_of(gone_by), "Recours du 8 janvier", world.clock())
    deliver(clock)
    assert portfolio_of(gone_by).state == "submitted"
    assert portfolio_of(gone_by).slip is None
    done = again(slip)
    assert done.state == "done"
    assert [line.candidacy == gone_by.id for line in done.lines if line.eliminated_on is None] == [True]
    assert stands(EvidenceFile.objects.get(candidacy=gone_by.id))


def test_of_a_hold_and_an_elimination_the_second_sees_the_first(world: World, clock: Clock, gone_by: Candidacy) -> None:
    slip = asked_for(world)
    office = world.actor(world.office)
    row = {"payload": {"slip": slip.id, "portfolio": gone_by.id}}

    def hold() -> Any:
        return holds.hold(office, portfolio_of(gone_by), "Recours", LONG_AFTER)

    held, _ = together(hold, lambda: eliminate.eliminate_one(row, LONG_AFTER))
    left = portfolio_of(gone_by)
    if isinstance(held, Portfolio):
        assert (left.state, left.standing_hold.reason) == ("submitted", "Recours")
        assert Evidence.objects(candidacy=gone_by.id).count() == 1
    else:
        assert left.state == "eliminated"
        with pytest.raises(Eliminated):
            hold()


# --- acts that it meets ---------------------------------------------------------------------------


@pytest.mark.parametrize("verbs", [reality, paper, placements], ids=lambda module: module.__name__)
def test_nothing_is_added_below_a_portfolio_eliminated_meanwhile(
    world: World, clock: Clock, gone_by: Candidacy, verbs: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for(world)
    placement, teacher = Placement.objects.get(candidacy=gone_by.id), world.actor(world.follower)
    acts: dict[ModuleType, Callable[[], Any]] = {
        reality: lambda: reality.write(teacher, placement, REALITY, clock()),
        paper: lambda: paper.deposit_scan(teacher, placement, different(), None, clock()),
        placements: lambda: world.new_placement(gone_by),
    }
    in_between(monkeypatch, verbs, lambda: deliver(clock))
    with pytest.raises(MovedMeanwhile):
        acts[verbs]()
    assert portfolio_of(gone_by).state == "eliminated"
    assert RealityEvaluation.objects.count() == PaperScan.objects.count() == 0
    assert Placement.objects(candidacy=gone_by.id).count() == 1
    assert list(storage().list_keys("")) == []


def test_an_errand_written_into_the_database_eliminates_nothing_that_nobody_asked_for(
    world: World, clock: Clock, gone_by: Candidacy
) -> None:
    slip = drawn_up(world)
    row = {"payload": {"slip": slip.id, "portfolio": gone_by.id}}
    assert eliminate.eliminate_one(row, clock()).words == "not_started"
    approved(world, slip)
    assert eliminate.eliminate_one(row, clock()).words == "not_started"
    assert portfolio_of(gone_by).state != "eliminated" and list(storage().list_keys("")) != []


# --- afterwards -----------------------------------------------------------------------------------


def refusals(world: World, clock: Clock) -> dict[str, Callable[[], Any]]:
    placement, at = Placement.objects.get(candidacy=world.candidacy.id), clock()
    teacher, office, candidate = (world.actor(one) for one in (world.follower, world.office, world.candidate))
    return {
        "submit": lambda: submit.submit(candidate, world.portfolio, True, at),
        "submit late": lambda: submit.submit_late(office, world.portfolio, "Oubli", at),
        "reopen": lambda: submit.reopen(teacher, world.portfolio, "Reprise", at),
        "add": lambda: world.new_activity("classe"),
        "evaluate": lambda: reality.write(teacher, placement, REALITY, at),
        "scan": lambda: paper.deposit_scan(teacher, placement, PDF, None, at),
        "place": lambda: world.new_placement(world.candidacy),
        "hold": lambda: holds.hold(office, world.portfolio, "Recours", at),
        "read": lambda: overview(world.portfolio),
        "export": lambda: export(candidate, world.portfolio, at),
    }


def test_whoever_comes_later_is_told_what_became_of_it(world: World, clock: Clock, gone_by: Candidacy) -> None:
    eliminated(world, clock)
    for what, act in refusals(world, clock).items():
        with pytest.raises(Eliminated) as refusal:
            act()
        assert refusal.value.message.startswith(
            "Ce portfolio a été éliminé le 09/01/2029 (bordereau n° 0690026D-2027-E01)."
        ), what

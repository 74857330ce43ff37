"""What an elimination takes away and what it leaves, whatever happens in the middle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portfolio.archive import eliminate, holds
from portfolio.audit.backup import back_up
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import (
    Attestation,
    Candidacy,
    CertificateFile,
    Draft,
    EvidenceFile,
    PaperScan,
    Placement,
    RealityEvaluation,
    Result,
    Sheet,
    Submission,
)
from portfolio.enrolment import placements
from portfolio.enrolment.elimination_status import Eliminated
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
from tests.support.concurrency import in_between
from tests.support.mails.mailbox import deliver
from tests.support.worlds.eliminations import (
    LONG_AFTER,
    REALITY,
    again,
    approved,
    asked_for,
    drawn_up,
    eliminated,
    portfolio_of,
)
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
WRITTEN = ("Lettre de relance", "Relance des impayés", "Montrez la relance", REALITY, "jamais envoyée", "lettre.pdf")


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
    assert CertificateFile.objects.count() == 0


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
    assert (before.objects, after.objects, before.lost, after.lost) == (3, 0, [], [])
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

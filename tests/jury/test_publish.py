"""Publication is one act for all; what is published no longer moves; a sheet is released to whom asks for it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Commission, Jury, Result, Sheet
from portfolio.errors import Forbidden, NotFound, Stale
from portfolio.jury import jury, releases
from portfolio.sheet import draw_up
from portfolio.store.connections import Connections
from portfolio.store.journal import head, portfolio_chain
from tests.support.worlds import commissions
from tests.support.worlds.commissions import at_once
from tests.support.worlds.juries import REASON, confirm, decide, fresh, links, publish, sheet_of, the_jury
from tests.support.worlds.world import World


@pytest.fixture
def world(world: World) -> World:
    """A world whose session has a jury."""
    assert world.jury
    return world


# --- publishing -----------------------------------------------------------------------------------


def test_all_results_are_published_at_once(world: World, store: Connections) -> None:
    sheets = [sheet_of(world), sheet_of(world, "9.5"), sheet_of(world, None, "no_portfolio")]
    confirm(world)
    decide(world, sheets[2], None, "Portfolio jamais remis")
    published = publish(world)
    assert {(result.published, result.published_at) for result in Result.objects} == {(True, world.clock())}
    assert published.published_at == the_jury(world).published_at == world.clock()
    said = the_jury(world).publications[0]
    assert (said.by, said.published, said.reserved, said.left_out) == (world.jury_member.id, 3, 0, 0)
    link = links(store, f"jury:{world.jury.id}")[-1]
    assert (link["name"], link["data"]["published"]) == ("results_published", 3)


def test_a_publication_waits_for_every_sheet(world: World) -> None:
    decided = sheet_of(world)
    decide(world, decided)
    for state in ("transmitted", "transmitted", "proposed", "draft"):
        sheet_of(world, state=state)
    sheet_of(world, state="voided", live=False)
    with pytest.raises(jury.SheetsWaiting) as refused:
        publish(world)
    assert refused.value.facts == {"undecided": 2, "not_transmitted": 2, "without_sheet": 1}
    assert "2" in refused.value.message
    assert Result.objects(published=True).count() == 0
    assert the_jury(world).published_at is None


@pytest.mark.parametrize("state", ["draft", "proposed"])
def test_a_sheet_that_only_its_school_still_holds_is_left_out_for_a_reason_too(world: World, state: str) -> None:
    decide(world, sheet_of(world))
    held = sheet_of(world, state=state)
    with pytest.raises(jury.SheetsWaiting) as refused:
        publish(world)
    assert refused.value.facts == {"undecided": 0, "not_transmitted": 1, "without_sheet": 0}
    assert (Result.objects(published=True).count(), the_jury(world).publications) == (0, [])

    publish(world, "Fiche retenue par son établissement")
    said = the_jury(world).publications[0]
    assert (said.published, said.left_out, said.leaving_out) == (1, 1, "Fiche retenue par son établissement")
    assert fresh(held).state == state


def test_sheets_are_left_out_for_a_reason_that_is_kept(world: World) -> None:
    decide(world, sheet_of(world))
    waiting = sheet_of(world)
    publish(world, "Fiche retenue par un recours")
    said = the_jury(world).publications[0]
    assert (said.published, said.left_out, said.leaving_out) == (1, 1, "Fiche retenue par un recours")
    assert fresh(waiting).state == "transmitted"


def test_what_was_left_out_is_decided_and_published_later(world: World, clock: Any) -> None:
    early, late = sheet_of(world), sheet_of(world)
    decide(world, early)
    first_day = publish(world, "Recours en cours").published_at
    clock.advance(days=9)
    decide(world, late, "13", REASON)
    publish(world)
    days = {result.sheet: result.published_at for result in Result.objects}
    assert days == {early.id: first_day, late.id: world.clock()}
    assert the_jury(world).published_at == first_day
    assert [said.published for said in the_jury(world).publications] == [1, 1]


def test_a_result_reserved_for_fraud_is_not_published_before_it_has_a_mark(world: World) -> None:
    sheet_, held = sheet_of(world), sheet_of(world, None, "fraud_hold")
    decide(world, sheet_)
    result = decide(world, held, None, "Procès-verbal 2027-12")
    publish(world)
    assert not Result.objects.get(pk=result.id).published
    assert the_jury(world).publications[0].reserved == 1
    with pytest.raises(jury.NothingToPublish):
        publish(world)
    decide(world, held, "11", "Décision de la commission de discipline du 9 septembre")
    publish(world)
    assert Result.objects.get(pk=result.id).published


def test_a_reserved_result_needs_a_decision_like_the_others(world: World) -> None:
    decide(world, sheet_of(world))
    sheet_of(world, None, "fraud_hold")
    with pytest.raises(jury.SheetsWaiting):
        publish(world)


def test_with_nothing_decided_there_is_nothing_to_publish(world: World) -> None:
    with pytest.raises(jury.NothingToPublish):
        publish(world)


def test_a_decision_taken_since_the_jury_was_read_stops_the_publication(world: World) -> None:
    first, second = sheet_of(world), sheet_of(world)
    decide(world, first)
    decide(world, second)
    seen = the_jury(world)
    decide(world, second, "13", REASON)
    with pytest.raises(Stale):
        jury.publish(world.actor(world.jury_member), seen, None, world.clock())
    assert Result.objects(published=True).count() == 0


def test_a_publication_and_a_decision_at_once_never_cross(world: World) -> None:
    """Either the publication covers the decision, or it is refused, or the decision comes too late and is refused."""
    for _ in range(6):
        sheet = sheet_of(world)
        decide(world, sheet)
        by, other, copy, seen, at = (
            world.actor(world.jury_member),
            world.actor(world.jury_member),
            fresh(sheet),
            the_jury(world),
            world.clock(),
        )
        decision, publication = at_once(
            [
                lambda: jury.set_final_mark(by, copy, "13", REASON, at),  # noqa: B023 (run within this turn)
                lambda: jury.publish(other, seen, None, at),  # noqa: B023
            ]
        )
        stored = Result.objects.get(sheet=sheet.id)
        decided, published = isinstance(decision, Result), isinstance(publication, Jury)
        assert decided != published
        assert (stored.published, stored.final_mark) == (published, Decimal(13) if decided else Decimal(12))
        if decided:
            publish(world)


def test_another_session_is_not_published_with_this_one(world: World) -> None:
    decide(world, sheet_of(world))
    later = sheet_of(world, session="2028")
    Result(
        created_at=world.clock(),
        candidacy=later.candidacy,
        school=later.school,
        academy="10",
        exam=later.exam,
        session="2028",
        sheet=later.id,
        decided_by=world.jury_member.id,
        decided_at=world.clock(),
    ).save()
    Sheet.objects(pk=later.id).update(set__state="final")
    publish(world, "Une fiche est à la session suivante")
    assert not Result.objects.get(sheet=later.id).published


def test_only_the_jury_publishes(world: World) -> None:
    decide(world, sheet_of(world))
    with pytest.raises(Forbidden):
        jury.publish(world.actor(world.inspector), the_jury(world), None, world.clock())
    with pytest.raises(NotFound):
        jury.publish(world.actor(world.office), the_jury(world), None, world.clock())


# --- after publication ----------------------------------------------------------------------------


# --- with a real commission -----------------------------------------------------------------------


def test_a_decision_on_the_sheet_that_replaces_a_voided_one_replaces_the_decision(world: World) -> None:
    first = commissions.transmitted(world)
    decided = decide(world, first, "14.5")
    draw_up.void(world.actor(world.jury_member), fresh(first), "Erreur de candidat", world.clock())
    with pytest.raises(NotFound):
        decide(world, first, "14.5")
    commission = Commission.objects.get(pk=first.commission)
    second = commissions.transmitted(world, commissions.signed(world, commissions.drafted(world, commission)))
    result = decide(world, second, "14", REASON)
    assert (result.id, result.sheet, result.final_mark) == (decided.id, second.id, Decimal(14))
    publish(world)
    assert Result.objects.get().published


def test_the_decision_on_a_voided_sheet_is_not_published(world: World) -> None:
    first = commissions.transmitted(world)
    decide(world, first, "14.5")
    draw_up.void(world.actor(world.jury_member), fresh(first), "Erreur de candidat", world.clock())
    with pytest.raises(jury.NothingToPublish):
        publish(world, "Fiche annulée")


def test_a_candidate_without_any_sheet_is_not_forgotten_in_silence(world: World) -> None:
    decide(world, sheet_of(world))
    world.new_candidacy()
    world.new_candidacy(status="experience")
    with pytest.raises(jury.SheetsWaiting) as refused:
        publish(world)
    assert refused.value.facts == {"undecided": 0, "not_transmitted": 0, "without_sheet": 1}
    publish(world, "Commission reportée par le rectorat")
    assert the_jury(world).publications[0].left_out == 1


def test_nothing_of_the_candidate_s_own_moves_while_the_jury_works(world: World, store: Connections) -> None:
    sheet = commissions.transmitted(world)
    theirs = (
        "candidacies",
        "portfolios",
        "activities",
        "evidence",
        "files",
        "attestations",
        "placements",
        "submissions",
    )
    before = {name: list(store.database[name].find().sort("_id", 1)) for name in theirs}
    known = head(portfolio_chain(sheet))
    decide(world, sheet, "15", REASON)
    publish(world)
    releases.release_sheet(world.actor(world.jury_member), fresh(sheet), "Courrier", world.clock())
    assert {name: list(store.database[name].find().sort("_id", 1)) for name in theirs} == before
    assert head(portfolio_chain(sheet)) == known
    assert list(verify()) == []

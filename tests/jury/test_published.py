"""What is published no longer moves; a sheet is released to whom asks for it; an error is put right on the record."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio.documents import Result, Sheet
from portfolio.errors import Invalid, NotFound
from portfolio.jury import jury, releases
from portfolio.jury.decisions import decisions_on
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import SYSTEM
from portfolio.sheet import forms
from portfolio.sheet.draw_up import ResultPublished
from portfolio.store.connections import Connections
from portfolio.store.journal import assessment_chain
from tests.support.api.clients import Clients
from tests.support.api.requests import get
from tests.support.filling import shown
from tests.support.worlds import commissions
from tests.support.worlds.juries import REASON, confirm, decide, fresh, links, publish, sheet_of
from tests.support.worlds.world import World


@pytest.fixture
def world(world: World) -> World:
    """A world whose session has a jury."""
    assert world.jury
    return world


@pytest.fixture
def published(world: World) -> Sheet:
    sheet = sheet_of(world, "14.5", candidacy=world.candidacy)
    decide(world, sheet, "15", REASON)
    publish(world)
    return fresh(sheet)


def test_a_published_mark_no_longer_moves(world: World, published: Sheet) -> None:
    with pytest.raises(ResultPublished):
        decide(world, published, "16", REASON)
    confirm(world)
    assert Result.objects.get(sheet=published.id).final_mark == Decimal(15)


def test_the_candidate_may_know_the_result_once_published_and_no_earlier(world: World) -> None:
    sheet = sheet_of(world, "14.5", candidacy=world.candidacy)
    candidate = world.actor(world.candidate)
    result = decide(world, sheet, "14.5")
    assert not may(candidate, Action.READ_RESULT, result)
    publish(world)
    assert may(candidate, Action.READ_RESULT, Result.objects.get(pk=result.id))
    assert not may(candidate, Action.READ_SHEET, fresh(sheet))


def test_a_sheet_is_released_to_its_candidate_on_request_after_publication(world: World, published: Sheet) -> None:
    candidate = world.actor(world.candidate)
    releases.release_sheet(world.actor(world.jury_member), published, "Courrier du 12 juillet 2027", world.clock())
    released = fresh(published)
    assert may(candidate, Action.READ_SHEET, released)
    assert (released.release_reference, released.released_at) == ("Courrier du 12 juillet 2027", world.clock())
    with pytest.raises(releases.AlreadyReleased):
        releases.release_sheet(world.actor(world.jury_member), released, "Encore", world.clock())


def test_a_decision_that_cites_its_law_unmasks_the_proposal(world: World, published: Sheet, store: Connections) -> None:
    by, candidate = world.actor(world.jury_member), world.actor(world.candidate)
    law = "CRPA, article L. 311-6"
    with pytest.raises(releases.NotReleased):
        releases.unmask_proposal(by, published, law, "TA Lyon 2027-812", world.clock())
    released = releases.release_sheet(by, published, "Courrier", world.clock())
    assert not may(candidate, Action.READ_PROPOSAL, fresh(released))
    releases.unmask_proposal(by, fresh(released), law, "TA Lyon 2027-812", world.clock())
    unmasked = fresh(released)
    kept = unmasked.unmasking
    assert (kept.law, kept.reference, kept.by, kept.name) == (law, "TA Lyon 2027-812", by.id, world.jury_member.name)
    assert kept.at == world.clock() and may(candidate, Action.READ_PROPOSAL, unmasked)
    link = links(store, assessment_chain(published))[-1]
    assert (link["name"], link["by"]) == ("proposal_unmasked", str(world.jury_member.id))
    with pytest.raises(releases.AlreadyUnmasked):
        releases.unmask_proposal(by, unmasked, law, "Encore", world.clock())


def test_only_the_copy_of_the_candidate_says_that_it_was_communicated(world: World, published: Sheet) -> None:
    """What others read holds the proposal: printed, it must not pass for what was communicated."""
    by, law = world.actor(world.jury_member), "CRPA, article L. 311-6"
    others = (world.jury_member, world.exam_service, world.office)
    assert forms.communicated(world.actor(world.candidate), published) is None
    releases.release_sheet(by, published, "Courrier", world.clock())
    for _ in ("masked", "unmasked"):
        sheet = fresh(published)
        told = forms.communicated(world.actor(world.candidate), sheet)
        assert told is not None and told.reference == "Courrier"
        assert ("TA Lyon 2027-812" in told.decision) == sheet.unmasked
        masked = forms.content(world.actor(world.candidate), sheet).get("masked", False)
        assert masked is not sheet.unmasked
        for reader in (*map(world.actor, others), SYSTEM):
            assert forms.communicated(reader, sheet) is None
        if not sheet.unmasked:
            releases.unmask_proposal(by, sheet, law, "TA Lyon 2027-812", world.clock())


def test_a_sheet_is_not_released_before_publication(world: World) -> None:
    sheet = sheet_of(world)
    decide(world, sheet)
    with pytest.raises(jury.NotPublished):
        releases.release_sheet(world.actor(world.jury_member), fresh(sheet), "Courrier", world.clock())
    assert not fresh(sheet).released


def test_a_material_error_is_put_right_and_the_mark_it_replaces_is_kept(
    world: World, published: Sheet, store: Connections
) -> None:
    by = world.actor(world.jury_member)
    jury.correct(by, published, "16", "Erreur de report", world.clock())
    result = Result.objects.get(sheet=published.id)
    kept = result.corrections[0]
    assert (result.final_mark, result.published) == (Decimal(16), True)
    assert (kept.replaced_mark, kept.reason, kept.by) == (Decimal(15), "Erreur de report", world.jury_member.id)
    link = links(store, assessment_chain(published))[-1]
    assert (link["name"], link["by"]) == ("final_mark_corrected", str(world.jury_member.id))
    decided = {"final_mark": Decimal(16), "label": None, "reason": "Erreur de report", "sheet": published.id}
    assert link["data"] == jury.sealed(decided)


def test_those_who_signed_read_who_moved_the_mark_when_and_why_once_published(world: World) -> None:
    sheet = commissions.transmitted(world)
    member = world.actor(world.follower)
    decide(world, sheet, "15", REASON)
    assert decisions_on(member, fresh(sheet)) == []
    publish(world)
    jury.correct(world.actor(world.jury_member), fresh(sheet), "16", "Erreur de report", world.clock())
    first, second = decisions_on(member, fresh(sheet))
    assert (first.mark, first.by, first.at, first.reason) == (15, world.jury_member.name, world.clock(), REASON)
    assert (second.mark, second.by, second.reason) == (16, world.jury_member.name, "Erreur de report")
    with pytest.raises(NotFound):
        decisions_on(world.actor(world.candidate), fresh(sheet))


def test_the_page_of_a_signed_sheet_and_the_api_say_what_the_jury_decided(world: World, client_for: Clients) -> None:
    sheet = commissions.transmitted(world)
    member = client_for(world.follower)
    decide(world, sheet, "15", REASON)
    assert "Ce que le jury a décidé" not in shown(member, f"/fiches/{sheet.id}")
    publish(world)
    told = shown(member, f"/fiches/{sheet.id}")
    assert f"arrêtée par {world.jury_member.name}, le 12 janvier 2027" in told and REASON in told
    (decision,) = get(member, f"/sheets/{sheet.id}/decisions").json["items"]
    assert (decision["mark"], decision["by"], decision["reason"]) == ("15.00", world.jury_member.name, REASON)


def test_a_correction_changes_something_and_comes_after_publication(world: World, published: Sheet) -> None:
    by = world.actor(world.jury_member)
    with pytest.raises(Invalid) as refused:
        jury.correct(by, published, "15", "Rien", world.clock())
    assert set(refused.value.errors) == {"mark"}
    unpublished = sheet_of(world)
    with pytest.raises(jury.NotPublished):
        jury.correct(by, unpublished, "16", "Erreur de report", world.clock())

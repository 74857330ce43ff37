"""The jury decides: sovereign, with reasons, one decision a candidate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio.documents import Candidacy, Jury, Result
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.jury import jury
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.store.connections import Connections
from portfolio.store.journal import assessment_chain, head, portfolio_chain
from tests.support.worlds.commissions import at_once
from tests.support.worlds.juries import REASON, confirm, decide, fresh, links, sheet_of, the_jury
from tests.support.worlds.world import World


@pytest.fixture
def world(world: World) -> World:
    """A world whose session has a jury."""
    assert world.jury
    return world


# --- a final mark ---------------------------------------------------------------------------------


def test_the_proposal_becomes_the_final_mark_without_a_reason(world: World) -> None:
    sheet = sheet_of(world, "14.5")
    result = decide(world, sheet, "14,5")
    stored = Result.objects.get(pk=result.id)
    assert (stored.proposed_mark, stored.final_mark, stored.reason) == (Decimal("14.5"), Decimal("14.50"), None)
    assert (stored.sheet, stored.candidacy, stored.published) == (sheet.id, sheet.candidacy, False)
    assert fresh(sheet).state == "final"


def test_another_mark_needs_a_reason_and_stands_beside_the_proposal(world: World) -> None:
    sheet = sheet_of(world, "14.5")
    with pytest.raises(Invalid) as refused:
        decide(world, sheet, "15")
    assert set(refused.value.errors) == {"reason"}
    assert fresh(sheet).state == "transmitted"
    result = decide(world, sheet, "15", REASON)
    assert (result.proposed_mark, result.final_mark, result.reason) == (Decimal("14.5"), Decimal("15.00"), REASON)


@pytest.mark.parametrize("mark", ["14,3", "20,5", "-1", "quinze", "", "NaN", Decimal("14.25")])
def test_a_mark_off_the_circular_s_scale_is_refused(world: World, mark: Any) -> None:
    sheet = sheet_of(world, "14.5")
    with pytest.raises(Invalid) as refused:
        decide(world, sheet, mark, REASON)
    assert set(refused.value.errors) == {"mark"}
    assert Result.objects.count() == 0


def test_an_appraised_candidate_gets_a_mark(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        decide(world, sheet_of(world, "14.5"), None, REASON)
    assert set(refused.value.errors) == {"mark"}


def test_an_outcome_kept_as_it_is_stays_a_label_and_needs_no_reason(world: World) -> None:
    result = decide(world, sheet_of(world, None, "no_portfolio"), None)
    assert (result.final_mark, result.label, result.reason) == (None, "Portfolio non remis", None)


def test_the_zero_of_a_force_majeure_stays_with_its_label(world: World) -> None:
    """Without it the diploma could not be delivered (code de l'éducation, D643-24)."""
    result = decide(world, sheet_of(world, "0", "absent_force_majeure"), None, "Article D643-24")
    assert (result.final_mark, result.label) == (
        Decimal("0.00"),
        "Absence pour cause de force majeure dûment constatée",
    )


def test_the_jury_may_give_a_mark_to_an_outcome(world: World) -> None:
    sheet = sheet_of(world, "0", "absent_force_majeure")
    with pytest.raises(Invalid):
        decide(world, sheet, "0")
    result = decide(world, sheet, "0", "Article D643-24")
    assert (result.final_mark, result.label) == (Decimal("0.00"), None)


def test_a_decision_may_be_taken_again_before_publication(world: World) -> None:
    sheet = sheet_of(world, "14.5")
    first = decide(world, sheet, "15", REASON)
    second = decide(world, sheet, "14.5")
    assert Result.objects.count() == 1
    assert (second.id, second.final_mark, second.reason) == (first.id, Decimal("14.50"), None)


@pytest.mark.parametrize("who", ["candidate", "follower", "tutor", "office", "inspector", "administrator"])
def test_nobody_but_the_jury_sets_a_mark(world: World, who: str) -> None:
    assert world.placement
    sheet = sheet_of(world, "14.5", candidacy=world.candidacy)
    by = world.actor(getattr(world, who))
    with pytest.raises(Forbidden if may(by, Action.READ_SHEET, sheet) else NotFound):
        jury.set_final_mark(by, sheet, "14,5", None, world.clock())
    assert Result.objects.count() == 0


@pytest.mark.parametrize(("academy", "session"), [("11", "2027"), ("10", "2028")])
def test_another_jury_does_not_know_of_the_sheet(world: World, academy: str, session: str) -> None:
    sheet = sheet_of(world)
    stranger = world.person("Voisin", world.grant("jury", academy=academy, session=session))
    with pytest.raises(NotFound):
        jury.set_final_mark(world.actor(stranger), sheet, "12", None, world.clock())


@pytest.mark.parametrize("state", ["draft", "proposed", "voided"])
def test_a_sheet_that_was_not_transmitted_does_not_exist_for_the_jury(world: World, state: str) -> None:
    with pytest.raises(NotFound):
        decide(world, sheet_of(world, state=state, live=state != "voided"))


def test_without_an_open_jury_nothing_is_decided(world: World) -> None:
    sheet = sheet_of(world)
    Jury.objects.delete()
    with pytest.raises(jury.NoJury):
        decide(world, sheet)


def test_of_two_members_deciding_at_once_one_is_told_of_the_other(world: World) -> None:
    sheet, at = sheet_of(world, "14.5"), world.clock()
    colleague = world.person("Jury", world.grant("jury", academy="10", session="2027"))
    copies = [(world.actor(person), fresh(sheet)) for person in (world.jury_member, colleague)]
    done = at_once(
        [lambda pair=pair: jury.set_final_mark(pair[0], pair[1], "15", REASON, at) for pair in copies],
    )
    assert sum(isinstance(one, Result) for one in done) == 1
    assert sum(isinstance(one, Stale) for one in done) == 1
    assert Result.objects.count() == 1


def test_decisions_are_in_the_assessment_s_chain_without_their_content(world: World, store: Connections) -> None:
    sheet = sheet_of(world, "14.5")
    before = head(portfolio_chain(sheet))
    decide(world, sheet, "15", REASON)
    link = links(store, assessment_chain(sheet))[-1]
    assert (link["name"], link["by"]) == ("final_mark_set", str(world.jury_member.id))
    assert set(link["data"]) == {"sheet", "digest"}
    assert head(portfolio_chain(sheet)) == before


def test_the_journal_seals_the_decision_that_stands_and_not_the_one_it_replaces(
    world: World, store: Connections
) -> None:
    voided = sheet_of(world, "14.5")
    decide(world, voided, "15", REASON)
    voided.update(set__live=False, set__state="voided")
    replacing = sheet_of(world, "13", candidacy=Candidacy.objects.get(pk=voided.candidacy), number="replacing")
    for mark, reason in (("16", REASON), ("13", None), ("13", "Autre motif")):
        decided = Result.objects.get(pk=decide(world, replacing, mark, reason).id)
        link = links(store, assessment_chain(replacing))[-1]
        assert link["data"] == jury.sealed(decided)
        assert link["data"]["sheet"] == str(replacing.id)
    digests = [link["data"]["digest"] for link in links(store, assessment_chain(replacing))]
    assert len(set(digests)) == 4


# --- many at once ---------------------------------------------------------------------------------


def test_every_proposal_not_yet_decided_is_confirmed(world: World, store: Connections) -> None:
    marks = ["8", "12.5", "14.5", "20"]
    sheets = [sheet_of(world, mark) for mark in marks]
    kept, outcome = sheet_of(world, "9"), sheet_of(world, None, "no_portfolio")
    proposed, force_majeure = sheet_of(world, "11", state="proposed"), sheet_of(world, "0", "absent_force_majeure")
    decide(world, kept, "10", REASON)
    confirm(world)
    finals = {result.sheet: result.final_mark for result in Result.objects}
    assert finals == {sheet.id: Decimal(mark) for sheet, mark in zip(sheets, marks, strict=True)} | {
        kept.id: Decimal(10)
    }
    assert {fresh(sheet).state for sheet in sheets} == {"final"}
    assert [fresh(one).state for one in (outcome, force_majeure, proposed)] == ["transmitted"] * 2 + ["proposed"]
    link = links(store, f"jury:{world.jury.id}")[-1]
    assert link["name"] == "proposals_confirmed"
    assert {one["sheet"] for one in link["data"]["decided"]} == {str(sheet.id) for sheet in sheets}


def test_a_proposal_confirmed_on_a_sheet_that_replaces_another_is_sealed_as_it_stands(
    world: World, store: Connections
) -> None:
    voided = sheet_of(world, "14.5")
    decide(world, voided, "14.5")
    voided.update(set__live=False, set__state="voided")
    replacing = sheet_of(world, "13", candidacy=Candidacy.objects.get(pk=voided.candidacy), number="replacing")
    confirm(world)
    result = Result.objects.get(sheet=replacing.id)
    assert result.final_mark == Decimal(13)
    assert links(store, f"jury:{world.jury.id}")[-1]["data"] == {"decided": [jury.sealed(result)]}


def test_confirming_again_changes_nothing(world: World) -> None:
    sheet_of(world)
    confirm(world)
    before = [result.to_mongo() for result in Result.objects]
    revision = the_jury(world).revision
    confirm(world)
    assert [result.to_mongo() for result in Result.objects] == before
    assert the_jury(world).revision == revision


def test_hundreds_are_confirmed_in_batches(world: World, store: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jury, "BATCH", 3)
    sheets = [sheet_of(world) for _ in range(8)]
    confirm(world)
    batches = [len(link["data"]["decided"]) for link in links(store, f"jury:{world.jury.id}")[1:]]
    assert batches == [3, 3, 2]
    assert Result.objects(final_mark=Decimal(12)).count() == len(sheets)


def test_a_colleague_may_decide_while_proposals_are_confirmed(world: World) -> None:
    """Whoever is first wins; nothing is decided twice, nothing is left undecided."""
    sheets, at = [sheet_of(world) for _ in range(12)], world.clock()
    member, colleague = world.actor(world.jury_member), world.actor(world.jury_member)
    open_jury, last = the_jury(world), fresh(sheets[-1])
    done = at_once(
        [
            lambda: jury.confirm_proposals(member, open_jury, at),
            lambda: jury.set_final_mark(colleague, last, "13", REASON, at),
        ]
    )
    assert isinstance(done[0], Jury)
    assert Result.objects.count() == len(sheets)
    assert {fresh(sheet).state for sheet in sheets} == {"final"}
    expected = Decimal(13) if isinstance(done[1], Result) else Decimal(12)
    assert Result.objects.get(sheet=last.id).final_mark == expected


def test_only_the_jury_confirms(world: World) -> None:
    sheet_of(world)
    with pytest.raises(Forbidden):
        jury.confirm_proposals(world.actor(world.inspector), the_jury(world), world.clock())
    assert Result.objects.count() == 0

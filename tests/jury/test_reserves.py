"""A suspicion of fraud keeps a result out of publication until the jury names the decision that lifts it."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.commission import office_outcomes
from portfolio.documents import Person, Reserve, Result, Sheet
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.jury import jury, outcomes, reserves
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.juries import decide, links, publish, sheet_of, the_jury
from tests.support.worlds.world import World

FACTS = {"reason": "Deux dossiers portent les mêmes fichiers.", "reference": "Procès-verbal 12"}
DECISION = "Commission de discipline, 9 septembre 2027"


@pytest.fixture
def world(world: World) -> World:
    """A world whose session has a jury."""
    assert world.jury
    return world


def reserve(world: World, sheet: Sheet, who: Person | None = None) -> Reserve:
    candidacy = reserves.Candidacy.objects.get(pk=sheet.candidacy)
    return reserves.place(world.actor(who or world.office), candidacy, FACTS, world.clock())


def published(sheet: Sheet) -> bool:
    return bool(Result.objects.get(candidacy=sheet.candidacy).published)


def test_a_marked_sheet_is_reserved_afterwards_and_published_once_lifted(world: World, store: Connections) -> None:
    other, suspected = sheet_of(world), sheet_of(world)
    for sheet in (other, suspected):
        decide(world, sheet)
    placed = reserve(world, suspected)

    assert publish(world).publications[0].reserved == 1
    assert (published(other), published(suspected)) == (True, False)

    reserves.lift(world.actor(world.jury_member), placed, DECISION, world.clock())
    publish(world)

    assert published(suspected)
    acts = [link for link in links(store, f"assessment:{suspected.candidacy}") if "reserve" in link["name"]]
    assert [(link["name"], link["by"]) for link in acts] == [
        ("reserve_placed", str(world.office.id)),
        ("reserve_lifted", str(world.jury_member.id)),
    ]
    assert not [fault for fault in verify() if "reserve" in str(fault)]


def test_a_reserve_before_any_sheet_holds_the_result_that_comes(world: World) -> None:
    reserves.place(world.actor(world.office), world.candidacy, FACTS, world.clock())
    sheet, other = sheet_of(world, candidacy=world.candidacy), sheet_of(world)
    for one in (sheet, other):
        decide(world, one)
    publish(world)
    assert (published(sheet), published(other)) == (False, True)


def test_a_publication_read_before_the_reserve_begins_again(world: World) -> None:
    sheet = sheet_of(world)
    decide(world, sheet)
    before = the_jury(world)
    reserve(world, sheet)
    other = sheet_of(world)
    decide(world, other)
    with pytest.raises(Stale):
        jury.publish(world.actor(world.jury_member), before, None, world.clock())


def test_who_places_and_who_lifts(world: World) -> None:
    sheet = sheet_of(world)
    for stranger, refused in (
        (world.candidate, NotFound),
        (world.new_teacher(world.school), Forbidden),
        (world.inspector, Forbidden),
        (world.new_office(world.new_school("0690027E")), NotFound),
    ):
        with pytest.raises(refused):
            reserve(world, sheet, stranger)
    placed = reserve(world, sheet, world.jury_member)
    with pytest.raises(reserves.AlreadyReserved):
        reserve(world, sheet)
    with pytest.raises(Forbidden):
        reserves.lift(world.actor(world.office), placed, DECISION, world.clock())
    with pytest.raises(Invalid):
        reserves.lift(world.actor(world.jury_member), placed, " ", world.clock())
    reserves.lift(world.actor(world.jury_member), placed, DECISION, world.clock())
    with pytest.raises(reserves.ReserveLifted):
        reserves.lift(world.actor(world.jury_member), Reserve.objects.get(pk=placed.id), DECISION, world.clock())


def test_a_result_that_is_published_is_reserved_no_more(world: World) -> None:
    sheet = sheet_of(world)
    decide(world, sheet)
    publish(world)
    with pytest.raises(reserves.TooLateToReserve):
        reserve(world, sheet)


def test_a_situation_without_appraisal_that_is_published_is_reserved_no_more(world: World) -> None:
    kept: office_outcomes.OutcomeValues = {"outcome": "absent"}
    outcome = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, kept, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())
    publish(world)
    with pytest.raises(reserves.TooLateToReserve):
        reserves.place(world.actor(world.office), world.candidacy, FACTS, world.clock())
    assert Reserve.objects.count() == 0


def test_the_office_reserves_and_the_jury_reads_and_lifts_on_pages(world: World, client_for: Clients) -> None:
    sheet = sheet_of(world)
    decide(world, sheet)
    office, member = client_for(world.office), client_for(world.jury_member)
    place = f"/candidatures/{sheet.candidacy}/reserve"
    assert "Soupçon de fraude" in shown(office, f"/etablissement/candidats/{sheet.candidacy}")

    answer = followed(office, fill(office, place, f"reserve-{sheet.candidacy}", **FACTS))

    assert "Résultat réservé" in answer and "Seul le jury lève" in answer
    assert "Réservée" in shown(member, f"/jury/{world.jury.id}/fiches")
    assert "n&#39;est pas publié avant la levée" in shown(member, f"/jury/fiches/{sheet.id}").replace("'", "&#39;")
    assert "Les résultats réservés" in shown(member, f"/jury/{world.jury.id}/publication")
    (standing,) = Reserve.objects
    assert "est levée" in followed(member, fill(member, place, f"lift-{standing.id}", reference=DECISION))
    assert DECISION in shown(member, place)

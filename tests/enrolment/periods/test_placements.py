"""Placements: dates, company, tutor; who tutors may change, and their access with it."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Person, Placement
from portfolio.enrolment import institutions, placements
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.store.connections import Connections
from tests.support.worlds.world import World

TUTOR = {"email": "d.martin@assureur.fr", "family_name": "Martin", "given_names": "Dominique", "function": "Agent"}
STAY = {"kind": "stage", "starts_on": "2026-05-18", "ends_on": "2026-07-03", "days": 35, "missions": "Relances"}


def placed(world: World, candidacy: Candidacy | None = None, by: Person | None = None, **changed: Any) -> Placement:
    said = {"company": world.company.id, **STAY, "tutor": TUTOR, **changed}
    return placements.add_placement(world.actor(by or world.office), candidacy or world.candidacy, said, world.clock())


def refused(world: World, **changed: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        placed(world, **changed)
    return refusal.value.errors


def tutored(world: World, person: Any) -> list[Any]:
    return world.actor(Person.objects.get(pk=person)).values("tutor", "placement")


# --- a new period ---------------------------------------------------------------------------------


def test_a_period_keeps_company_dates_and_tutor_who_is_asked_for_no_account(world: World, store: Connections) -> None:
    mails = store.database["outbox"].count_documents
    candidacy = world.candidacy
    before = mails({})
    placement = Placement.objects.get(pk=placed(world).id)
    assert (placement.company_name, placement.tutor_name) == ("Assurances du Rhône", "Dominique Martin")
    assert (placement.candidacy, placement.school, placement.session) == (candidacy.id, world.school.id, "2027")
    assert tutored(world, placement.tutor) == [placement.id]
    assert mails({}) == before


def test_the_teacher_who_follows_is_not_the_tutor_too(world: World) -> None:
    """One person would otherwise confirm for the company what they sign for the school."""
    follower = world.follower
    said = {"email": follower.email, "family_name": follower.family_name, "given_names": follower.given_names}
    world.candidacy  # noqa: B018 - which they follow
    assert list(refused(world, tutor=said)) == ["tutor.email"]


@pytest.mark.parametrize("kind", ["stage", "apprentissage", "emploi"])
def test_a_trainee_an_apprentice_and_an_employee_have_periods(world: World, kind: str) -> None:
    assert placed(world, kind=kind).kind == kind


def test_the_teacher_who_follows_adds_a_period_and_another_does_not(world: World) -> None:
    assert placed(world, by=world.follower).tutor_name == "Dominique Martin"
    for person, refusal in ((world.second_teacher, Forbidden), (world.jury_member, Forbidden)):
        with pytest.raises(refusal):
            placed(world, by=person)
    with pytest.raises(NotFound):
        placed(world, by=world.new_office(world.new_school("0690027E")))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"starts_on": "2026-07-04"}, "ends_on"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"ends_on": "03/07/2026"}, "ends_on"),
        ({"days": 48}, "days"),
        ({"company": "5f5f5f5f5f5f5f5f5f5f5f5f"}, "company"),
        ({"tutor": TUTOR | {"email": "martin"}}, "tutor.email"),
        ({"tutor": TUTOR | {"family_name": "12"}}, "tutor.family_name"),
    ],
)
def test_a_bad_value_is_refused_by_its_field(world: World, changed: dict[str, Any], field: str) -> None:
    assert list(refused(world, **changed)) == [field]
    assert Placement.objects.count() == 0


def test_one_day_is_a_period(world: World) -> None:
    assert placed(world, ends_on=STAY["starts_on"], days=1).days == 1


def test_a_company_is_taken_from_those_the_school_knows(world: World) -> None:
    elsewhere = world.new_school("0690027E")
    said = {"siret": "35600000000048", "name": "La Poste", "city": "Paris"}
    theirs = institutions.add_company(world.actor(world.new_office(elsewhere)), elsewhere, said, world.clock())
    assert list(refused(world, company=theirs.id)) == ["company"]


def test_the_written_paper_has_no_periods(world: World) -> None:
    with pytest.raises(placements.NoPortfolio):
        placed(world, world.new_candidacy(distance=True))


# --- tutors ---------------------------------------------------------------------------------------


def test_a_candidate_is_not_their_own_tutor(world: World) -> None:
    candidate = world.candidate
    own = {"email": candidate.email.upper(), "family_name": candidate.family_name, "given_names": "Zoé"}
    assert "du candidat" in refused(world, tutor=own)["tutor.email"][0]
    assert "du candidat" in refused(world, tutor=own | {"given_names": "Camille"})["tutor.email"][0]


def test_a_tutor_known_already_keeps_one_account(world: World, store: Connections) -> None:
    first = placed(world)
    Person.objects(pk=first.tutor).update(set__state="active")
    mails = store.database["outbox"].count_documents({})
    second = placed(world, world.new_candidacy())
    assert second.tutor == first.tutor
    assert tutored(world, first.tutor) == [first.id, second.id]
    assert store.database["outbox"].count_documents({}) == mails + 1  # the candidate's


def test_a_colleague_at_the_tutor_s_address_is_another_person(world: World) -> None:
    placed(world)
    errors = refused(world, tutor=TUTOR | {"given_names": "Claude"})
    assert "sous un autre nom" in errors["tutor.email"][0]


def test_a_replaced_tutor_loses_access_at_once_and_only_there(world: World) -> None:
    placement, other = placed(world), placed(world, world.new_candidacy())
    claude = {"email": "c.roy@assureur.fr", "family_name": "Roy", "given_names": "Claude"}
    placements.replace_tutor(world.actor(world.office), placement, claude, world.clock())
    stored = Placement.objects.get(pk=placement.id)
    assert (stored.tutor_name, stored.tutor_function) == ("Claude Roy", None)
    assert tutored(world, stored.tutor) == [placement.id]
    assert tutored(world, other.tutor) == [other.id]


def test_a_tutor_who_comes_back_has_access_again(world: World) -> None:
    placement, office = placed(world), world.actor(world.office)
    first = placement.tutor
    claude = {"email": "c.roy@assureur.fr", "family_name": "Roy", "given_names": "Claude"}
    for tutor in (claude, TUTOR, claude, TUTOR):
        placements.replace_tutor(office, Placement.objects.get(pk=placement.id), tutor, world.clock())
    assert tutored(world, first) == [placement.id]
    placements.cancel_placement(office, Placement.objects.get(pk=placement.id), "Contrat rompu", world.clock())
    assert tutored(world, first) == []


def test_the_tutor_in_place_replaces_nobody(world: World) -> None:
    placement = placed(world)
    with pytest.raises(Invalid) as refusal:
        placements.replace_tutor(world.actor(world.office), placement, TUTOR, world.clock())
    assert list(refusal.value.errors) == ["email"]
    assert tutored(world, placement.tutor) == [placement.id]


def test_another_change_of_the_leaving_tutor_does_not_get_in_the_way(world: World) -> None:
    """A tutor of many candidates is granted and revoked all day: no replacement fails for that."""
    placement = placed(world)
    claude = {"email": "c.roy@assureur.fr", "family_name": "Roy", "given_names": "Claude"}
    read_before = Placement.objects.get(pk=placement.id)
    other = placed(world, world.new_candidacy())
    placements.replace_tutor(world.actor(world.office), read_before, claude, world.clock())
    assert tutored(world, other.tutor) == [other.id]


# --- changes --------------------------------------------------------------------------------------


def test_what_is_absent_of_an_amendment_stays(world: World) -> None:
    placement = placed(world)
    said = {"days": 30, "missions": None}
    placements.amend_placement(world.actor(world.follower), placement, said, world.clock())
    stored = Placement.objects.get(pk=placement.id)
    assert (stored.days, stored.missions, stored.starts_on) == (30, None, "2026-05-18")


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"ends_on": "2026-05-17"}, "ends_on"), ({"ends_on": "2026-05-20"}, "days"), ({"days": 48}, "days")],
)
def test_an_amended_period_stays_coherent(world: World, changed: dict[str, Any], field: str) -> None:
    placement = placed(world)
    with pytest.raises(Invalid) as refusal:
        placements.amend_placement(world.actor(world.office), placement, changed, world.clock())
    assert list(refusal.value.errors) == [field]


def test_a_cancelled_period_is_over_for_its_tutor_and_for_changes(world: World) -> None:
    placement, office = placed(world), world.actor(world.office)
    placements.cancel_placement(office, placement, "L'entreprise a fermé", world.clock())
    stored = Placement.objects.get(pk=placement.id)
    assert (stored.cancelled_at, stored.cancel_reason) == (world.clock(), "L'entreprise a fermé")
    assert tutored(world, stored.tutor) == []
    for act in (
        lambda: placements.amend_placement(office, stored, {"days": 3}, world.clock()),
        lambda: placements.replace_tutor(office, stored, TUTOR, world.clock()),
        lambda: placements.cancel_placement(office, stored, "Encore", world.clock()),
    ):
        with pytest.raises(placements.PlacementCancelled):
            act()


def test_an_amendment_on_an_old_revision_changes_nothing(world: World) -> None:
    mine, theirs = placed(world), Placement.objects.first()
    placements.amend_placement(world.actor(world.office), theirs, {"days": 30}, world.clock())
    with pytest.raises(Stale):
        placements.cancel_placement(world.actor(world.office), mine, "L'entreprise a fermé", world.clock())
    assert tutored(world, mine.tutor) == [mine.id]

"""A candidate or a tutor proposes a period; nothing counts of it before the school accepts it."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from portfolio.boards.class_board import board
from portfolio.boards.office_board import office_board
from portfolio.documents import Candidacy, Company, Person, Placement, ProposedPlacement
from portfolio.enrolment import enrol, proposed_placements
from portfolio.enrolment.placements import NoPortfolio
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, rows, words_of
from tests.support.worlds.world import World


def accept(world: World, proposed: ProposedPlacement, **values: Any) -> ProposedPlacement:
    fresh, said = ProposedPlacement.objects.get(pk=proposed.id), proposed_placements.AcceptedValues(**values)
    return proposed_placements.accept(world.actor(world.follower), fresh, said, world.clock())


def refuse(world: World, proposed: ProposedPlacement, by: Person | None = None) -> ProposedPlacement:
    fresh = ProposedPlacement.objects.get(pk=proposed.id)
    by = by or world.office
    return proposed_placements.refuse(world.actor(by), fresh, "Cette agence est fermée", world.clock())


def received(store: Connections, person: Person) -> list[EmailMessage]:
    return [mail for mail in files(store) if mail["To"] == person.email and "période en entreprise" in mail["Subject"]]


# --- before the answer ------------------------------------------------------------------------------


def test_nothing_counts_of_a_period_that_nobody_accepted(world: World) -> None:
    assert world.placement
    world.propose_placement()
    assert [period.id for period in Placement.objects] == [world.placement.id]
    assert Person.objects(email="sacha.durand@mutuelle.fr").first() is None
    assert Company.objects(name="Mutuelle de Saône").first() is None
    (line,) = board(world.actor(world.follower), world.clock()).lines
    assert (line.placements, line.proposed, line.reality_missing) == (1, 1, 1)


def test_who_does_not_know_the_tutor_proposes_all_the_same(world: World) -> None:
    proposed = world.propose_placement(tutor=None)
    assert proposed.tutor is None
    placement = Placement.objects.get(pk=accept(world, proposed).placement)
    assert (placement.tutor, placement.shown_tutor) == (None, "à désigner")


def test_the_school_accepts_without_the_tutor_who_was_proposed(world: World) -> None:
    accepted = accept(world, world.propose_placement(), tutor=None)
    assert Placement.objects.get(pk=accepted.placement).tutor is None


def test_who_must_answer_reads_it_on_their_board(world: World) -> None:
    proposed = world.propose_placement()
    owed = office_board(world.actor(world.office), world.school, world.clock()).by("teacher")
    assert [(item.detail, item.thing) for item in owed if item.what == "proposed"] == [
        ("Mutuelle de Saône", proposed.id)
    ]
    alone = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), alone, [], world.clock())
    owed = office_board(world.actor(world.office), world.school, world.clock()).by("office")
    assert proposed.id in [item.thing for item in owed if item.what == "proposed"]


def test_a_tutor_proposes_themselves_and_only_for_their_candidate(world: World) -> None:
    proposed = world.propose_placement(world.tutor, tutor={"given_names": "Autre", "family_name": "Personne"})
    assert (proposed.tutor.email, proposed.tutor.given_names) == (world.tutor.email, world.tutor.given_names)
    other = world.new_candidacy()
    values = {"company": {}, "kind": "stage", "starts_on": "2027-03-01", "ends_on": "2027-03-31", "days": 20}
    for by, refused in ((world.tutor, NotFound), (world.follower, Forbidden), (world.office, Forbidden)):
        with pytest.raises(refused):
            proposed_placements.propose(world.actor(by), other, values, world.clock())  # type: ignore[arg-type]


def test_what_cannot_be_is_said_by_field(world: World) -> None:
    for changed, field in (
        ({"company": {"name": "Agence", "city": "Genève"}}, "company.country"),
        ({"company": {"siret": "123", "name": "Agence", "city": "Lyon"}}, "company.siret"),
        ({"tutor": {"given_names": "Sacha"}}, "tutor.family_name"),
        ({"tutor": {"given_names": "A", "family_name": "B", "email": world.candidate.email}}, "tutor.email"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"days": 700}, "days"),
    ):
        with pytest.raises(Invalid) as refusal:
            world.propose_placement(**changed)
        assert field in refusal.value.errors
    assert ProposedPlacement.objects.count() == 0


def test_five_wait_at_most_and_one_who_sits_one_exam_has_none(world: World) -> None:
    proposed = [world.propose_placement() for _ in range(proposed_placements.MOST_WAITING)]
    with pytest.raises(proposed_placements.TooManyProposed):
        world.propose_placement()
    proposed_placements.withdraw(world.actor(world.candidate), proposed[0], world.clock())
    world.propose_placement()
    alone = world.new_candidacy(distance=True)
    by = world.actor(Person.objects.get(pk=alone.person))
    with pytest.raises(NoPortfolio):
        proposed_placements.propose(by, alone, {}, world.clock())


# --- the answer -------------------------------------------------------------------------------------


def test_accepted_it_is_a_period_of_the_school_with_what_the_school_corrected(world: World) -> None:
    proposed = accept(world, world.propose_placement(), words="Bon stage", days=30)
    placement = Placement.objects.get(pk=proposed.placement)
    assert (placement.company_name, placement.days, placement.missions) == (
        "Mutuelle de Saône",
        30,
        "Accueil des sociétaires",
    )
    assert Person.objects.get(pk=placement.tutor).email == "sacha.durand@mutuelle.fr"
    assert (proposed.state, proposed.answer, proposed.answered_by) == ("accepted", "Bon stage", world.follower.id)
    again = accept(world, world.propose_placement(starts_on="2027-05-03", ends_on="2027-05-28", days=18))
    assert Placement.objects.get(pk=again.placement).company == placement.company, "found again by its SIRET"


def test_a_company_that_the_school_knows_may_be_chosen(world: World) -> None:
    proposed = accept(world, world.propose_placement(), company=world.company.id)
    assert Placement.objects.get(pk=proposed.placement).company == world.company.id
    elsewhere = Company(created_at=world.clock(), school=world.academy.id, name="Ailleurs", city="Lyon").save()
    with pytest.raises(Invalid) as refusal:
        accept(world, world.propose_placement(), company=elsewhere.id)
    assert list(refusal.value.errors) == ["company"]


def test_refused_nothing_is_recorded_and_it_is_answered_once(world: World) -> None:
    proposed = world.propose_placement()
    assert refuse(world, proposed).state == "refused"
    assert Placement.objects.count() == 0
    for act in (lambda: refuse(world, proposed), lambda: accept(world, proposed)):
        with pytest.raises(proposed_placements.ProposedSettled):
            act()
    with pytest.raises(proposed_placements.ProposedSettled):
        fresh = ProposedPlacement.objects.get(pk=proposed.id)
        proposed_placements.withdraw(world.actor(world.candidate), fresh, world.clock())
    stale = world.propose_placement()
    accept(world, stale)
    with pytest.raises(Stale):
        proposed_placements.refuse(world.actor(world.office), stale, "Non", world.clock())


def test_only_the_school_answers_and_only_its_author_withdraws(world: World) -> None:
    proposed = world.propose_placement()
    for by in (world.candidate, world.tutor, world.second_teacher):
        with pytest.raises((Forbidden, NotFound)):
            refuse(world, proposed, by)
    for by in (world.tutor, world.office):
        with pytest.raises((Forbidden, NotFound)):
            proposed_placements.withdraw(world.actor(by), proposed, world.clock())


# --- mails ------------------------------------------------------------------------------------------


def test_who_follows_is_asked_and_reminded_twice_then_the_author_is_answered(
    world: World, store: Connections, clock: Clock
) -> None:
    proposed = world.propose_placement()
    for _ in range(30):
        deliver(clock)
        clock.advance(days=1)
    subjects = [mail["Subject"] for mail in received(store, world.follower)]
    assert subjects == [
        "Pour action : une période en entreprise est proposée",
        "Rappel : une période en entreprise est proposée",
        "Rappel : une période en entreprise est proposée",
    ]
    text = words_of(received(store, world.follower)[0])
    assert f"http://localhost/classe/periodes-proposees/{proposed.id}" in text and "Mutuelle de Saône" in text
    refuse(world, proposed)
    deliver(clock)
    (told,) = received(store, world.candidate)
    assert told["Subject"] == "Votre période en entreprise est refusée"
    assert "Le mot de l'établissement : « Cette agence est fermée »" in words_of(told)


def test_nobody_is_reminded_of_what_was_answered(world: World, store: Connections, clock: Clock) -> None:
    proposed = world.propose_placement()
    deliver(clock)
    accept(world, proposed)
    clock.now += timedelta(days=20)
    deliver(clock)
    assert len(received(store, world.follower)) == 1
    outcomes = [row["outcome"] for row in rows(store) if row["kind"] == "placement_proposed"]
    assert outcomes == ["sent", "settled"]


def test_where_nobody_follows_the_office_is_asked(world: World, store: Connections, clock: Clock) -> None:
    enrol.set_followers(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), [], clock())
    world.propose_placement()
    deliver(clock)
    assert len(received(store, world.office)) == 1

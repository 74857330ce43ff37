"""The number of a candidate who gave up is another's to take once nothing of theirs stands under it."""

from __future__ import annotations

import pytest

from portfolio.commission import amend, office_outcomes
from portfolio.documents import Candidacy, OfficeOutcome
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import abandonment
from portfolio.enrolment.rosters.roster_import import preview
from portfolio.jury.sheets import school_mark_list
from portfolio.store.journal import AlreadyExists, MovedMeanwhile
from tests.support.acts.enrolling import give_up
from tests.support.concurrency import in_between
from tests.support.worlds.commissions import convened
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World

DISPENSED: office_outcomes.OutcomeValues = {"outcome": "dispensed", "reference": "Décision 2026-12 du recteur"}


def fresh(candidacy: Candidacy) -> Candidacy:
    return Candidacy.objects.get(pk=candidacy.id)


def renumbered(world: World, candidacy: Candidacy, number: str) -> Candidacy:
    values = {"candidate_number": number}
    return enrol.amend_candidacy(world.actor(world.office), fresh(candidacy), values, world.clock())


def recorded(world: World, candidacy: Candidacy) -> OfficeOutcome:
    return office_outcomes.record_outcome(world.actor(world.office), fresh(candidacy), DISPENSED, world.clock())


def numbers_listed(world: World) -> list[str]:
    rows = school_mark_list(world.actor(world.office), world.school, world.session).rows
    return [row.candidate_number for row in rows]


def test_a_number_on_a_sheet_is_nobody_else_s_and_the_bordereau_has_it_once(world: World) -> None:
    sheet = sheet_of(world)
    gone = give_up(world, Candidacy.objects.get(pk=sheet.candidacy))
    number = gone.candidate_number
    with pytest.raises(AlreadyExists) as refused:
        world.new_candidacy(candidate_number=number)
    assert set(refused.value.errors) == {"candidate_number"}
    with pytest.raises(AlreadyExists):
        renumbered(world, world.candidacy, number)
    assert numbers_listed(world) == [number]
    sheet.live = False
    sheet.save()
    assert world.new_candidacy(candidate_number=number).candidate_number == number


def test_a_number_with_an_outcome_or_a_commission_is_nobody_else_s(world: World) -> None:
    dispensed = world.new_candidacy()
    recorded(world, dispensed)
    give_up(world, dispensed)
    with pytest.raises(AlreadyExists):
        renumbered(world, world.candidacy, dispensed.candidate_number)
    expected = world.new_candidacy()
    commission = convened(world, expected)
    give_up(world, expected)
    with pytest.raises(AlreadyExists):
        renumbered(world, world.candidacy, expected.candidate_number)
    amend.cancel(world.actor(world.office), commission, "Il a abandonné", world.clock())
    assert renumbered(world, world.candidacy, expected.candidate_number)


def test_an_abandonment_is_not_taken_back_under_a_number_that_stands_elsewhere(world: World) -> None:
    number = world.candidacy.candidate_number
    give_up(world, world.candidacy)
    other = world.new_candidacy(candidate_number=number)
    sheet_of(world, candidacy=other)
    give_up(world, other)
    with pytest.raises(AlreadyExists):
        abandonment.take_back(world.actor(world.office), fresh(world.candidacy), "Erreur", world.clock())


def test_who_gave_up_is_given_no_number_of_a_live_candidate(world: World) -> None:
    gone = give_up(world, world.new_candidacy())
    with pytest.raises(AlreadyExists):
        renumbered(world, gone, world.candidacy.candidate_number)


def test_nothing_is_recorded_under_a_number_that_is_another_s_since(world: World) -> None:
    gone = give_up(world, world.new_candidacy())
    world.new_candidacy(candidate_number=gone.candidate_number)
    with pytest.raises(office_outcomes.NumberGivenAway):
        recorded(world, gone)
    renumbered(world, gone, "02099999999")
    assert recorded(world, gone).live


def test_an_outcome_recorded_at_the_same_moment_stops_who_takes_the_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, living = give_up(world, world.new_candidacy()), world.candidacy
    in_between(monkeypatch, enrol, lambda: recorded(world, gone))
    with pytest.raises(MovedMeanwhile):
        renumbered(world, living, gone.candidate_number)


def test_who_takes_the_number_at_the_same_moment_stops_the_outcome(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = give_up(world, world.new_candidacy())
    in_between(monkeypatch, office_outcomes, lambda: world.new_candidacy(candidate_number=gone.candidate_number))
    with pytest.raises(MovedMeanwhile):
        recorded(world, gone)


def test_a_list_is_told_so_at_its_line(world: World) -> None:
    sheet = sheet_of(world)
    gone = give_up(world, Candidacy.objects.get(pk=sheet.candidacy))
    title = "Nom;Prénom;Date de naissance;N° candidat;Courriel;Statut\n"
    line = f"Durand;Zoé;02/03/2006;{gone.candidate_number};zoe.durand@example.fr;Étudiant\n"
    read = preview(world.actor(world.office), world.school, world.session, (title + line).encode(), world.clock())
    assert [set(row["errors"]) for row in read.rows] == [{"candidate_number"}]

"""Somebody who has one name only: asked about once, enrolled, and printed without a gap."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Person, RosterImport
from portfolio.enrolment import enrol
from portfolio.enrolment.rosters import roster_import, roster_lines
from portfolio.enrolment.rosters.roster_columns import SINGLE_NAME
from portfolio.errors import Invalid
from tests.enrolment.rosters.test_lists_again import of
from tests.support.worlds.world import World

HEAD = "Nom de naissance;Prénoms;N° candidat;Courriel;Date de naissance;Statut\n"


def listed(written: str) -> str:
    return f"{HEAD}Siva;{written};02700010010;siva@exemple.fr;01/02/2006;scolaire\n"


@pytest.mark.parametrize("written", [".", "", "-", "SANS PRENOM", "sans prénom"])
def test_a_person_with_one_name_is_enrolled_once_that_was_asked(world: World, written: str) -> None:
    by, roster = world.actor(world.office), of(world, listed(written))
    assert roster_import.questions(roster.rows) == {SINGLE_NAME: [(2, "Siva, sans prénom")]}
    with pytest.raises(roster_import.QuestionsUnanswered):
        roster_import.confirm(by, roster, [], world.clock())
    fresh = RosterImport.objects.get(pk=roster.id)
    roster_import.confirm(by, fresh, [], world.clock(), [SINGLE_NAME])
    candidacy = Candidacy.objects.get(birth_name="Siva")
    person = Person.objects.get(pk=candidacy.person)
    assert (candidacy.display_name, person.name, candidacy.name_key) == ("Siva", "Siva", "siva")


def test_a_first_name_that_was_forgotten_is_typed_and_no_longer_asked(world: World) -> None:
    typed = {"given_names": "Anne"}
    roster = roster_lines.correct_line(world.actor(world.office), of(world, listed(".")), 2, typed, world.clock())
    assert roster_import.questions(roster.rows) == {}
    assert roster.rows[0]["values"]["given_names"] == "Anne"


def test_the_same_list_again_knows_them(world: World) -> None:
    first = of(world, listed("."))
    roster_import.confirm(world.actor(world.office), first, [], world.clock(), [SINGLE_NAME])
    (row,) = of(world, listed("SANS PRENOM")).rows
    assert (bool(row["known"]), row["changes"]) == (True, {})


def test_enrolled_singly_a_sign_is_asked_about_and_the_words_of_civil_status_are_understood(world: World) -> None:
    by = world.actor(world.office)
    values = {
        "session": "2027",
        "candidate_number": "02700010011",
        "birth_name": "Siva",
        "given_names": ".",
        "birth_date": "2006-02-01",
        "email": "siva2@exemple.fr",
        "status": "scolaire",
    }
    with pytest.raises(Invalid) as refused:
        enrol.enrol(by, world.school, values, world.clock())
    assert "SANS PRENOM" in refused.value.errors["given_names"][0]
    enrolled = enrol.enrol(by, world.school, values | {"given_names": "SANS PRENOM"}, world.clock())
    assert (enrolled.given_names, enrolled.display_name) == ("", "Siva")

"""Numbers that lost their leading zeros in every line: asked about, completed or kept as the office answers."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, RosterImport
from portfolio.enrolment.rosters import roster_import, roster_lines
from portfolio.enrolment.rosters.lost_zeros import LOST_ZEROS, WHOLE_NUMBERS
from portfolio.store.connections import Connections
from tests.enrolment.rosters.test_lists_again import of
from tests.support.queries import counted
from tests.support.worlds.world import World

HEAD = "Nom de naissance;Prénoms;N° candidat;Date de naissance;Statut\n"
LOST = (
    f"{HEAD}Martin;Jade;2700000501;01/02/2006;scolaire\nBernard;Noé;2700000502;03/02/2006;scolaire\n"
    "Leroy;Ana;2700000503;05/02/2006;scolaire\n"
)
COMPLETED = ["02700000501", "02700000502", "02700000503"]


def answered(world: World, roster: RosterImport, *agreed: str) -> RosterImport:
    fresh = RosterImport.objects.get(pk=roster.id)
    return roster_import.confirm(world.actor(world.office), fresh, [], world.clock(), agreed)


def numbers() -> list[str | None]:
    return sorted(Candidacy.objects.scalar("candidate_number"), key=str)


def readings(roster: RosterImport) -> list[str | None]:
    return [row["asked"].get(LOST_ZEROS) for row in roster.rows]


@pytest.mark.parametrize("held", [None, "02700000001"])
def test_nothing_is_written_before_the_zeros_are_answered(world: World, held: str | None) -> None:
    if held:
        world.new_candidacy(candidate_number=held)
    before = numbers()
    roster = of(world, LOST)
    assert readings(roster) == [f"{number[1:]} → {number}" for number in COMPLETED]
    for agreed in ((), (LOST_ZEROS, WHOLE_NUMBERS)):
        with pytest.raises(roster_import.QuestionsUnanswered):
            answered(world, roster, *agreed)
    assert numbers() == before
    answered(world, roster, LOST_ZEROS)
    assert numbers() == sorted([*before, *COMPLETED], key=str)


def test_numbers_that_are_whole_are_kept_as_written(world: World) -> None:
    answered(world, of(world, LOST), WHOLE_NUMBERS)
    assert numbers() == [number[1:] for number in COMPLETED]


@pytest.mark.parametrize("held", ["2700000001", "12700000001"])
def test_numbers_like_those_already_held_are_not_asked_about(world: World, held: str) -> None:
    world.new_candidacy(candidate_number=held)
    assert readings(of(world, LOST)) == [None, None, None]


@pytest.mark.parametrize("number", ["0270000501", "27A0000501", "270000050100"])
def test_a_zero_a_letter_or_the_length_speaks_for_a_number(world: World, number: str) -> None:
    roster = of(world, f"{HEAD}Martin;Jade;{number};01/02/2006;scolaire\n")
    assert readings(roster) == [None]


def test_a_completed_number_that_somebody_has_is_not_proposed(world: World) -> None:
    world.new_candidacy(candidate_number=COMPLETED[0])
    roster = of(world, LOST + f"Petit;Lou;{COMPLETED[1]};07/02/2006;scolaire\n")
    assert readings(roster) == [None, None, f"{COMPLETED[2][1:]} → {COMPLETED[2]}", None]
    assert [any("celui d'un autre" in said for said in row["warnings"]) for row in roster.rows] == [
        True,
        True,
        False,
        False,
    ]


def test_numbers_that_come_later_are_asked_about_too(world: World) -> None:
    answered(world, of(world, "Nom;Prénom;Né le;Statut\nMartin;Jade;01/02/2006;scolaire\n"))
    later = of(world, "Nom;Prénom;Né le;N° candidat\nMartin;Jade;01/02/2006;2700000501\n")
    with pytest.raises(roster_import.QuestionsUnanswered):
        answered(world, later)
    answered(world, later, LOST_ZEROS)
    assert numbers() == ["02700000501"]


def test_a_line_corrected_on_the_page_is_no_longer_asked_about(world: World) -> None:
    roster = of(world, LOST)
    typed = {"candidate_number": COMPLETED[0]}
    roster = roster_lines.correct_line(world.actor(world.office), roster, 2, typed, world.clock())
    assert [reading is None for reading in readings(roster)] == [True, False, False]


def test_asking_costs_the_same_for_any_number_of_lines(world: World, store: Connections) -> None:
    of(world, LOST)  # what is read once a process
    with counted(store.database) as few:
        of(world, HEAD + LOST.splitlines()[1])
    with counted(store.database) as many:
        of(world, LOST)
    assert few == many

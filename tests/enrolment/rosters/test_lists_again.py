"""A list sent again: nothing changes twice, what differs is shown, numbers come later, lines in error wait."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Invitation, Person, RosterImport
from portfolio.enrolment.rosters import roster_import, roster_lines, roster_undo
from portfolio.store.connections import Connections
from tests.enrolment.rosters.test_roster_import import LEFEVRE, NGUYEN, confirmed, line, mails, shown
from tests.support.worlds.world import World

NO_NUMBER = "N° candidat"


def of(world: World, data: str, **said: dict[str, str]) -> RosterImport:
    by = world.actor(world.office)
    return roster_import.preview(by, world.school, "2027", data.encode(), world.clock(), **said)


def rows(roster: RosterImport) -> list[tuple[object, ...]]:
    return [(row["line"], bool(row["known"]), row["changes"], bool(row["errors"])) for row in roster.rows]


def test_the_same_list_again_changes_nothing(world: World, store: Connections) -> None:
    confirmed(world, shown(world, LEFEVRE, NGUYEN))
    before = [(one.id, one.revision) for one in Candidacy.objects.order_by("id")]
    again = shown(world, LEFEVRE, NGUYEN)
    assert rows(again) == [(2, True, {}, False), (3, True, {}, False)]
    confirmed(world, again)
    assert [(one.id, one.revision) for one in Candidacy.objects.order_by("id")] == before
    assert mails(store) == 2


def test_an_amended_list_shows_the_differences_and_undoing_takes_them_back(world: World) -> None:
    confirmed(world, shown(world, LEFEVRE, NGUYEN))
    amended = shown(world, (*LEFEVRE[:6], "TS2B"), NGUYEN)
    assert rows(amended)[0] == (2, True, {"division": ["TS2A", "TS2B"]}, False)
    assert confirmed(world, amended).enrolled == []
    assert {one.birth_name: one.division for one in Candidacy.objects} == {"Lefèvre": "TS2B", "Nguyen": "TS2A"}
    amended.reload()
    roster_undo.undo(world.actor(world.office), amended, "Ancienne liste", world.clock())
    assert {one.division for one in Candidacy.objects} == {"TS2A"}


def test_two_readings_of_one_list_enrol_its_people_once(world: World) -> None:
    plain = "Nom;Prénom;Né le;Statut\nLefèvre;Zoé;12/04/2005;scolaire\n"
    first, second = of(world, plain), of(world, plain)
    confirmed(world, first)
    with pytest.raises(roster_import.EnrolledMeanwhile):
        confirmed(world, second)
    assert Candidacy.objects.count() == 1


def test_numbers_come_later_by_names_and_birth_dates(world: World) -> None:
    first = "Nom;Prénom;Né le;Statut\nLefèvre;Zoé;12/04/2005;scolaire\nNguyen;Marc;30/11/2004;apprenti\n"
    confirmed(world, of(world, first))
    assert {one.candidate_number for one in Candidacy.objects} == {None}
    numbers = (
        "Numéro candidat;Nom de famille;Prénoms;Date de naissance\n02012345678;LEFEVRE;Zoé, Anne;12/04/2005\n"
        "02012345679;NGUYEN;Marc;30/11/2004\n02012345680;NGUYEN;Marc;01/01/2001\n"
    )
    roster = of(world, numbers)
    assert [row["changes"].get("candidate_number") for row in roster.rows] == [
        ["", "02012345678"],
        ["", "02012345679"],
        None,
    ]
    assert roster.rows[2]["homonyms"] and "status" in roster.rows[2]["errors"]
    waits = confirmed(world, roster)
    assert (waits.enrolled, waits.waiting) == ([], 1)
    numbered = {one.birth_name: (one.candidate_number, one.given_names) for one in Candidacy.objects}
    assert numbered == {"Lefèvre": ("02012345678", "Zoé, Anne"), "Nguyen": ("02012345679", "Marc")}
    waits.reload()
    roster_undo.undo(world.actor(world.office), waits, "Mauvaise session", world.clock())
    assert {one.candidate_number for one in Candidacy.objects} == {None}


def test_a_number_without_its_zero_does_not_replace_the_whole_one(world: World) -> None:
    confirmed(world, shown(world, LEFEVRE))
    roster = shown(world, (*LEFEVRE[:2], LEFEVRE[2].lstrip("0"), *LEFEVRE[3:]))
    assert rows(roster) == [(2, True, {}, False)]
    assert "1 zéro de tête" in roster.rows[0]["warnings"][0]


def test_an_address_that_comes_later_is_given_and_its_invitation_leaves(world: World, store: Connections) -> None:
    without = "Nom;Prénom;Né le;Statut\nLefèvre;Zoé;12/04/2005;scolaire\n"
    confirmed(world, of(world, without))
    person = Person.objects.get(family_name="Lefèvre")
    assert person.email is None
    before = Invitation.objects(person=person.id, used_at=None).count()
    confirmed(
        world, of(world, without.replace(";Statut", ";Statut;Mél").replace("scolaire", "scolaire;zoe@exemple.fr"))
    )
    person.reload()
    assert (person.email, before) == ("zoe@exemple.fr", 1)
    assert mails(store) == 2  # the first was withheld: nobody knew where to


def test_good_lines_are_enrolled_while_a_bad_one_waits_to_be_corrected(world: World) -> None:
    roster = confirmed(world, shown(world, LEFEVRE, (*NGUYEN[:4], "31/02/2004", *NGUYEN[5:])))
    assert (roster.state, len(roster.enrolled), roster.waiting) == ("confirmed", 1, 1)
    with pytest.raises(roster_import.RowsInError):
        confirmed(world, roster)
    by = world.actor(world.office)
    roster.reload()
    roster_lines.correct_line(by, roster, 3, {"birth_date": "30/11/2004"}, world.clock())
    assert rows(RosterImport.objects.get())[1] == (3, False, {}, False)
    whole = confirmed(world, roster)
    assert (len(whole.enrolled), whole.waiting) == (2, 0)
    with pytest.raises(roster_lines.NoSuchLine):
        roster_lines.correct_line(by, RosterImport.objects.get(), 3, {"division": "B"}, world.clock())


def test_a_line_that_is_corrected_is_compared_with_the_others(world: World) -> None:
    roster = shown(world, line(1), line(2, Courriel="eleve1@exemple.fr"))
    assert all("email" in row["errors"] for row in roster.rows)
    fresh = RosterImport.objects.get()
    roster_lines.correct_line(world.actor(world.office), fresh, 3, {"email": "eleve2@exemple.fr"}, world.clock())
    assert [row["errors"] for row in RosterImport.objects.get().rows] == [{}, {}]


def test_what_is_asked_about_a_list_is_answered_before_it_is_written(world: World) -> None:
    roster = of(world, "Élèves;Né le;Statut\nDA SILVA Emma;12/04/05;scolaire\n")
    assert list(roster_import.questions(roster.rows)) == ["split_names", "two_digit_years"]
    with pytest.raises(roster_import.QuestionsUnanswered):
        confirmed(world, roster)
    by, fresh = world.actor(world.office), RosterImport.objects.get()
    roster_import.confirm(by, fresh, [], world.clock(), ["split_names", "two_digit_years"])
    assert (Candidacy.objects.get().birth_name, Candidacy.objects.get().given_names) == ("DA SILVA", "Emma")

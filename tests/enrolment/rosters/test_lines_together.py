"""Lines of a list compared with each other, and with who is enrolled already."""

from __future__ import annotations

import pytest

from portfolio.enrolment.rosters.homonyms import EnrolledCandidate, homonyms
from tests.support.acts.lists import HEADER, LEFEVRE, NGUYEN, roster_of, table, with_cell


@pytest.mark.parametrize(
    ("column", "field"), [("N° candidat", "candidate_number"), ("Courriel", "email"), ("INE", "ine")]
)
def test_duplicates_name_all_their_lines_on_each_of_them(column: str, field: str) -> None:
    header = [*HEADER, "INE"]
    place = header.index(column)
    people = [
        [*LEFEVRE, "123456789AB"],
        [*NGUYEN, "123456789CD"],
        ["Petit", "Ana", "01234567899", "a@exemple.fr", *LEFEVRE[4:], ""],
    ]
    people[2][place] = f" {people[0][place].lower()} "
    roster = roster_of(table(header, *people))
    assert all("Les lignes 2 et 4" in roster.rows[n].errors[field][0] for n in (0, 2))
    assert roster.rows[1].errors == {}


def test_homonyms_of_one_file_are_warned_of_and_not_refused() -> None:
    twin = ["LEFEVRE", "Zoe", *NGUYEN[2:]]
    roster = roster_of(table(HEADER, LEFEVRE, twin))
    assert all(row.errors == {} and "Les lignes 2 et 3" in row.warnings[0] for row in roster.rows)


def test_candidates_already_enrolled_are_pointed_at_with_what_agrees() -> None:
    rows = roster_of(table(HEADER, LEFEVRE, NGUYEN)).rows
    known = [
        EnrolledCandidate("same", "LEFEVRE zoe", "2005-03-12", "09999999999"),
        EnrolledCandidate("homonym", "Lefèvre Zoé", "2001-01-01", "09999999998"),
        EnrolledCandidate("number", "Autre Nom", "2001-01-01", "01234567891"),
        EnrolledCandidate("nobody", "Nguyen Anne", "2004-11-30", "09999999997"),
    ]
    found = {match.known_id: match for match in homonyms(rows, known)}
    assert {(m.known_id, m.line, m.same) for m in found.values()} == {
        ("same", 2, ("names", "birth_date")),
        ("homonym", 2, ("names",)),
        ("number", 3, ("candidate_number",)),
    }
    assert "sans doute de la même personne" in found["same"].message_fr
    assert "autre date de naissance" in found["homonym"].message_fr
    assert "Autre Nom" in found["number"].message_fr
    assert homonyms(rows, []) == []


def test_a_class_is_read_before_anybody_has_a_number() -> None:
    without = [name for name in HEADER if name != "N° candidat"]
    lines = [[cell for title, cell in zip(HEADER, line, strict=True) if title in without] for line in (LEFEVRE, NGUYEN)]
    for roster in (roster_of(table(without, *lines)), roster_of(table(HEADER, with_cell("N° candidat", "")))):
        assert roster.file_errors == []
        assert all(row.errors == {} and "candidate_number" not in row.values for row in roster.rows)
    unnumbered = EnrolledCandidate("nobody", "Autre Nom", "2001-01-01", "")
    assert homonyms(roster_of(table(without, *lines)).rows, [unnumbered]) == []

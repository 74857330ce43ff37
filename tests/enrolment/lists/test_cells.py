"""What people write in the cells of a list: days and full names."""

from __future__ import annotations

import pytest

from portfolio.enrolment.lists.day_cells import day_of, has_short_year
from portfolio.enrolment.lists.full_names import split_full_name
from portfolio.identifiers import Malformed
from tests.support.acts.lists import roster_of


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("23/05/2006", "2006-05-23"),
        ("3-5-2006", "2006-05-03"),
        ("23.05.2006", "2006-05-23"),
        ("2006/05/23", "2006-05-23"),
        ("23/05/2006 00:00:00", "2006-05-23"),
        ("2006-05-23T08:30:00.000Z", "2006-05-23"),
        ("38860", "2006-05-23"),
        ("38860,5", "2006-05-23"),
        ("23 mai 2006", "2006-05-23"),
        ("mardi 23 mai 2006", "2006-05-23"),
        ("1er août 2006", "2006-08-01"),
        ("20060523", "2006-05-23"),
        ("23/05/06", "2006-05-23"),
        ("23/05/98", "1998-05-23"),
    ],
)
def test_a_day_is_read_as_people_and_programs_write_it(written: str, iso: str) -> None:
    assert day_of(written, turn=15) == iso
    assert has_short_year(written) == (len(written) == 8 and "/" in written)


@pytest.mark.parametrize("written", ["", "mai 2006", "32/05/2006", "23/13/2006", "23/05", "jadis", "5 jui 2006"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(Malformed):
        day_of(written, turn=15)


@pytest.mark.parametrize(
    ("written", "family", "given", "sure"),
    [
        ("DA SILVA COSTA Emma", "DA SILVA COSTA", "Emma", True),
        ("Emma DA SILVA COSTA", "DA SILVA COSTA", "Emma", True),
        ("de LA TOUR Anne", "de LA TOUR", "Anne", True),
        ("Anne de LA TOUR", "de LA TOUR", "Anne", True),
        ("Da Silva, Emma", "Da Silva", "Emma", True),
        ("N'DIAYE Jean-Paul", "N'DIAYE", "Jean-Paul", True),
        ("LE BRAS YANNICK", "LE BRAS", "YANNICK", False),
        ("Dupont Anne", "Dupont", "Anne", False),
        ("MADONNA", "MADONNA", "", True),
    ],
)
def test_a_full_name_is_split_where_capitals_end(written: str, family: str, given: str, sure: bool) -> None:
    assert split_full_name(written) == (family, given, sure)


def test_a_fault_proposes_what_was_meant() -> None:
    read = roster_of("Nom;Prénom;Né le;Mél;Statut\nA;B;12/04/2005;zoé@exemple,fr;scolair\n".encode())
    (row,) = read.rows
    assert row.proposals == {"email": "zoe@exemple.fr", "status": "scolaire"}
    assert (row.places["email"], row.places["status"]) == ("D2", "E2")

"""Homonyms in a class from a file are decided by a person."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy
from portfolio.enrolment.rosters import roster_import
from tests.enrolment.rosters.test_roster_import import LEFEVRE, NGUYEN, confirmed, file, row_errors, shown
from tests.support.worlds.world import World


def test_homonyms_are_decided_by_a_person(world: World) -> None:
    confirmed(world, shown(world, LEFEVRE))
    other = ("LEFEVRE", "Zoe", "02012345690", "zoe.autre@exemple.fr", "01/09/2005", "scolaire", "TS2B")
    roster = shown(world, NGUYEN, other)
    known = Candidacy.objects.get(candidate_number=LEFEVRE[2])
    (homonym,) = roster.rows[1]["homonyms"]
    assert homonym["candidacy"] == str(known.id)
    assert "autre date de naissance" in homonym["message"]
    with pytest.raises(roster_import.HomonymsUndecided) as refusal:
        confirmed(world, roster)
    assert "(lignes 3)" in refusal.value.message
    with pytest.raises(roster_import.HomonymsUndecided):
        confirmed(world, roster, 2)  # another line does not decide
    assert len(confirmed(world, roster, 3).enrolled) == 2


def test_two_lines_of_one_name_are_decided_too(world: World) -> None:
    twice = ("Lefevre", "ZOÉ", "02012345690", "zoe.autre@exemple.fr", *LEFEVRE[4:])
    roster = shown(world, LEFEVRE, NGUYEN, twice)
    told = {row["line"]: [one["message"] for one in row["homonyms"]] for row in roster.rows}
    assert (told[3], len(told[2]), len(told[4])) == ([], 1, 1)
    assert "la ligne 4 :" in told[2][0]
    with pytest.raises(roster_import.HomonymsUndecided):
        confirmed(world, roster, 2)
    assert len(confirmed(world, roster, 2, 4).enrolled) == 3


def test_homonyms_of_another_school_stay_its_own(world: World) -> None:
    confirmed(world, shown(world, LEFEVRE))
    elsewhere = world.new_school("0690027E")
    data = file(("Lefèvre", "Zoé", "02012345690", "autre@exemple.fr", *LEFEVRE[4:])).encode()
    by = world.actor(world.new_office(elsewhere))
    roster = roster_import.preview(by, elsewhere, "2027", data, world.clock())
    assert (roster.rows[0]["homonyms"], row_errors(roster)) == ([], {})

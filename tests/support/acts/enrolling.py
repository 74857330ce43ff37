"""Enrols a candidate by name."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Candidacy, School
from portfolio.enrolment import enrol
from tests.support.worlds.world import World

ZOE = {
    "session": "2027",
    "candidate_number": "02 012 345 678",
    "ine": "123456789ab",
    "birth_name": "Lefèvre",
    "given_names": "Zoé  Marie",
    "birth_date": "2005-04-12",
    "email": "Zoe.Lefevre@Exemple.fr",
    "status": "scolaire",
    "division": "TS2A",
}


def enrolled(world: World, school: School | None = None, **changed: Any) -> Candidacy:
    school = school or world.school
    office = world.office if school.id == world.school.id else world.new_office(school)
    return enrol.enrol(world.actor(office), school, ZOE | changed, world.clock())

"""Enrols a candidate by name; records that one gave up."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Candidacy, School
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import abandonment
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


WHY = "Il a quitté la formation pour un emploi"


def give_up(world: World, candidacy: Candidacy | None = None, on: str = "2026-11-20") -> Candidacy:
    fresh = Candidacy.objects.get(pk=(candidacy or world.candidacy).id)
    values: abandonment.AbandonmentValues = {"on": on, "reason": WHY}
    return abandonment.abandon(world.actor(world.office), fresh, values, world.clock())


def come_back(world: World, candidacy: Candidacy | None = None) -> Candidacy:
    fresh = Candidacy.objects.get(pk=(candidacy or world.candidacy).id)
    return abandonment.take_back(world.actor(world.office), fresh, "Erreur de dossier", world.clock())

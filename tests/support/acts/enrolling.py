"""Enrols a candidate by name; records that one gave up; moves one to another school."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Academy, Candidacy, Person, School, Transfer
from portfolio.enrolment import enrol, institutions
from portfolio.enrolment.moves import abandonment, arrivals, transfers
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


UAI = "0690027E"
REASON = "Déménagement de la famille"


def other_school(world: World, **changed: Any) -> School:
    """A second school of the academy, with its own office."""
    known: School | None = School.objects(uai=UAI).first()
    return known or world.new_school(UAI)


def school_of_another_academy(world: World) -> School:
    by = world.actor(world.administrator)
    values = {"code": "01", "name": "Paris", "timezone": "Europe/Paris"}
    academy: Academy = institutions.create_academy(by, values, world.clock())
    school = {"uai": "0750654D", "name": "Lycée Ravel", "city": "Paris", "kind": "public"}
    school |= {"carried_by_public_body": False, "habilitated": False, "exams": [world.candidacy.exam]}  # type: ignore[dict-item]
    return institutions.create_school(by, academy, school, world.clock())


def propose(world: World, school: School | None = None, candidacy: Candidacy | None = None, **changed: Any) -> Transfer:
    school = school or other_school(world)
    fresh = Candidacy.objects.get(pk=(candidacy or world.candidacy).id)
    values = {"uai": school.uai, "on": "2026-11-20", "reason": REASON} | changed
    return transfers.propose(world.actor(world.office), fresh, values, world.clock())  # type: ignore[arg-type]


def accept(world: World, transfer: Transfer, office: Person, *followers: Person, **changed: Any) -> Transfer:
    fresh = Transfer.objects.get(pk=transfer.id)
    values = {"followers": [follower.id for follower in followers]} | changed
    return arrivals.accept(world.actor(office), fresh, values, world.clock())  # type: ignore[arg-type]


def moved(world: World, school: School | None = None) -> tuple[School, Person, Person]:
    """The candidate is there: the school, its office, and who follows the candidate."""
    school = school or other_school(world)
    office, teacher = world.new_office(school), world.new_teacher(school)
    accept(world, propose(world, school), office, teacher)
    return school, office, teacher

"""Several people of an office preview the same class, and confirm each other's previews."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Candidacy, Invitation, Person, Portfolio, RosterImport, School
from portfolio.enrolment.rosters import roster_import
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from tests.races.crowd import NothingToDo, links_of
from tests.support.worlds.world import World

HEADER = "Nom de naissance;Prénoms;N° candidat;Courriel;Date de naissance;Statut;Classe\r\n"
LINES = 4  # of one file


@dataclass(frozen=True)
class Place:
    """pupils: how many the class has; files are of neighbours in it, so that they overlap."""

    school: ObjectId
    office: tuple[ObjectId, ...]
    pupils: int


def place_in(world: World, pupils: int) -> Place:
    return Place(world.school.id, tuple(world.new_office(world.school).id for _ in range(3)), pupils)


def line(number: int) -> str:
    name = "".join(chr(97 + int(digit)) for digit in str(number))
    return f"Nom{name};Léa;02{number:09d};eleve{number}@exemple.fr;01/02/2005;scolaire;TS2A\r\n"


class OnImport:
    def __init__(self, place: Place, draw: random.Random) -> None:
        self.place, self.draw = place, draw
        self.acts: dict[str, tuple[int, Callable[[datetime], object]]] = {
            "preview": (4, self.preview),
            "confirm": (5, self.confirm),
        }

    def by(self) -> Actor:
        return Actor(Person.objects.get(pk=self.draw.choice(self.place.office)))

    def preview(self, at: datetime) -> None:
        first = self.draw.randrange(1, self.place.pupils)
        data = HEADER + "".join(map(line, range(first, first + LINES)))
        school = School.objects.get(pk=self.place.school)
        roster_import.preview(self.by(), school, "2027", data.encode(), at)

    def confirm(self, at: datetime) -> None:
        latest = list(RosterImport.objects(school=self.place.school).order_by("-id").limit(8))
        if not latest:
            raise NothingToDo
        shown = self.draw.choice(latest)
        roster_import.confirm(self.by(), shown, [row["line"] for row in shown.rows], at)


def holds(place: Place) -> None:
    """Asserts that everybody confirmed is enrolled, once, with all that goes with it, and nobody else."""
    confirmed = {link["subject"]["id"]: link for link in _links(place) if link["name"] == "roster_confirmed"}
    stored = {str(one.id): one for one in RosterImport.objects(school=place.school)}
    previewed = [link["subject"]["id"] for link in _links(place) if link["name"] == "roster_previewed"]
    assert sorted(stored) == sorted(previewed)
    assert {name for name, one in stored.items() if one.state == "confirmed"} == set(confirmed)
    told = [one for link in confirmed.values() for one in link["data"]["candidacies"]]
    assert len(told) == len(set(told)) <= LINES * len(confirmed)  # lines of somebody enrolled already enrol nobody
    candidacies = {str(one.id): one for one in Candidacy.objects(school=place.school)}
    assert set(candidacies) == set(told)
    assert {str(one) for one in Portfolio.objects.scalar("id")} == set(told)
    people = {one.person for one in candidacies.values()}
    assert len(people) == len(told) == len({one.candidate_number for one in candidacies.values()})
    invitations = list(Invitation.objects(person__in=list(people)))
    assert len(invitations) == len(told)
    errands = [row["payload"]["invitation"] for row in current().database.outbox.find({"kind": "invitation"})]
    assert sorted(errands) == sorted(one.id for one in invitations)


def _links(place: Place) -> list[dict[str, object]]:
    return links_of(f"school:{place.school}")

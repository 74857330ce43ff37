"""What a replacement, a departure and a suspension cost the store does not depend on how many they follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portfolio.documents import Candidacy, Person, School
from portfolio.enrolment.moves import departures, replacements, suspensions
from portfolio.store.connections import Connections
from tests.support.queries import counted
from tests.support.worlds.world import World


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.id)


def replaced(world: World) -> None:
    values = {"absent": world.follower.id, "substitute": world.second_teacher.id, "ends_on": "2027-12-01"}
    values |= {"starts_on": world.clock().date().isoformat()}
    school = School.objects.get(pk=world.school.id)
    replacements.replace_teacher(world.actor(world.office), school, values, world.clock())  # type: ignore[arg-type]


def given_back(world: World) -> None:
    school = School.objects.get(pk=world.school.id)
    values = {"replacement": school.replacements[-1].id, "ends_on": None}
    replacements.end_replacement(world.actor(world.office), school, values, world.clock())  # type: ignore[arg-type]


def suspended(world: World) -> None:
    suspensions.suspend(world.actor(world.administrator), fresh(world.follower), "Compte détourné", world.clock())


def reinstated(world: World) -> None:
    suspensions.reinstate(world.actor(world.administrator), fresh(world.follower), world.clock())


@pytest.mark.parametrize(("begins", "ends"), [(replaced, given_back), (suspended, reinstated)])
def test_it_costs_the_same_whatever_the_class(
    world: World, store: Connections, begins: Callable[[World], None], ends: Callable[[World], None]
) -> None:
    world.propose_placement()
    assert world.office and world.second_teacher and world.administrator
    begins(world)
    ends(world)  # what is made once is made
    costs = []
    for more in (2, 12):
        for _ in range(more):
            world.new_candidacy()
        with counted(store.database) as beginning:
            begins(world)
        with counted(store.database) as ending:
            ends(world)
        costs.append((beginning, ending))
    assert costs[0] == costs[1], "it grows with the class"


def test_whoever_takes_over_a_class_follows_all_of_it(world: World, store: Connections) -> None:
    candidates = [world.candidacy, *(world.new_candidacy() for _ in range(20))]
    person, by = fresh(world.follower), world.actor(world.administrator)
    to = world.second_teacher.id
    with counted(store.database) as spent:
        departures.revoke_grant(by, person, person.grants[0].id, world.clock(), to)
    assert spent[0] <= 40, "it grows with the class"
    assert Candidacy.objects(followers=[to]).count() == len(candidates)

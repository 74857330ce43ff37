"""A small school as its lives are played: who is there, what they have, and how an act is tried on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from portfolio.documents import Candidacy, Person
from portfolio.errors import Refusal
from portfolio.store.connections import Connections
from tests.conftest import Clock, empty
from tests.states.lives_taken import AsItWas
from tests.support.acts.enrolling import other_school
from tests.support.worlds.world import World

MOST = 3  # candidates: a small school, where everything meets
WHY = "Une raison qui tient en une phrase"


def among(things: Callable[[Any], Any]) -> st.SearchStrategy[Any]:
    """One of what the machine knows at that moment."""
    return st.runner().flatmap(lambda machine: st.sampled_from(list(things(machine))))


CANDIDACY = among(lambda machine: machine.candidacies)
PLACEMENT = among(lambda machine: machine.placements)
ACTIVITY = among(lambda machine: machine.activities)
TEACHER = among(lambda machine: machine.teachers)
TUTOR = among(lambda machine: machine.tutors)
PERSON = among(lambda machine: [*machine.teachers, *machine.tutors])
TEACHER_OR_NOBODY = among(lambda machine: [None, *machine.teachers])
PLACEMENT_OR_NONE = among(lambda machine: [None, *machine.placements])


class SchoolLived(RuleBasedStateMachine):
    """A refusal is an answer like another here; what was accepted is counted, so that no act is never tried."""

    def __init__(self, store: Connections, accepted: Counter[str]) -> None:
        super().__init__()
        empty(store)
        self.store, self.accepted = store, accepted
        self.clock = Clock()
        self.world = World(self.clock)
        here, there = self.world.school, other_school(self.world)
        self.offices = {here.id: self.world.office, there.id: self.world.new_office(there)}
        self.schools = [here, there]
        self.teachers = [self.world.follower, self.world.second_teacher, self.world.new_teacher(there)]
        self.tutors: list[Person] = []
        self.candidacies: list[ObjectId] = []
        self.placements: list[ObjectId] = []
        self.activities: list[ObjectId] = []
        self.pieces: dict[ObjectId, ObjectId] = {}
        self.taken: dict[ObjectId, AsItWas] = {}
        self.suspended: list[ObjectId] = []
        self.done: set[Any] = set()

    # --- how an act is tried ----------------------------------------------------------------------

    def lived(self, act: Callable[..., Any], *given: Any) -> Any:
        """What the act gave; None where it was refused."""
        try:
            done = act(*given, self.clock.advance(minutes=1))
        except Refusal:
            return None
        self.accepted[act.__name__] += 1
        return done

    def by(self, person: Any) -> Any:
        return self.world.actor(person)

    def office_of(self, thing: Any) -> Any:
        return self.by(self.offices[thing.school])

    def candidacy(self, key: ObjectId) -> Candidacy:
        return Candidacy.objects.get(pk=key)

    def candidate_of(self, thing: Any) -> Any:
        return self.by(Person.objects.get(pk=self.candidacy(thing.candidacy).person))

"""A jury with a deputy, and the acts that seat and unseat them."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Jury, Person, Sheet
from portfolio.jury import deputies
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.worlds.juries import sheet_of, the_jury
from tests.support.worlds.world import World

WHY = "Empêchement"


class Sitting:
    """A jury of two titular members and a deputy, whose right was confirmed."""

    def __init__(self, world: World) -> None:
        self.world = world
        of_jury = {"academy": world.academy.code, "session": world.session, "exam": BTS_ASSURANCE_E5}
        self.jury, self.titular = world.jury, world.jury_member
        self.colleague = world.person("Colette", world.grant("jury", **of_jury))
        self.deputy = world.person("Suzanne", world.grant("jury", deputy=True, **of_jury))
        self.sheet = sheet_of(world)

    def by(self, person: Person) -> Actor:
        return Actor(Person.objects.get(pk=person.id), at=self.world.clock())

    def seat(self, by: Person, deputy: Person | None = None, titular: Person | None = None, **changed: Any) -> Jury:
        asked = {"deputy": (deputy or self.deputy).id, "titular": (titular or self.titular).id}
        asked |= {"reason": WHY, "since": None, **changed}
        return deputies.seat_deputy(self.by(by), the_jury(self.world), asked, self.world.clock())  # type: ignore[arg-type]

    def end(self, by: Person, deputy: Person | None = None) -> Jury:
        gone = (deputy or self.deputy).id
        return deputies.end_seating(self.by(by), the_jury(self.world), gone, self.world.clock())

    def reads(self, person: Person) -> list[Sheet]:
        return list(Sheet.objects(__raw__=scope(self.by(person), Action.READ_SHEET, Sheet)))

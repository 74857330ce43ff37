"""Commissions on top of the fictional school of `world.py`, by the real verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier
from typing import Any

from portfolio.commission import assess, convene, grids
from portfolio.commission.meeting import HeldMeeting, record_meeting
from portfolio.documents import Assessment, Candidacy, Commission, Grid, Person, Sheet
from portfolio.errors import Refusal
from portfolio.identity import passwords
from portfolio.sheet import draw_up, transmit
from tests.support.clock import MEETS_AT
from tests.support.worlds.prepared import begun
from tests.support.worlds.world import World

PASSWORD = "Une phrase de sept mots bien longue"
ROWS = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")
APPRECIATION = "Preuves variées, bien commentées."


@cache
def _hashed() -> str:
    return passwords.hash(PASSWORD)


def with_password(person: Person) -> Person:
    """Who may now sign."""
    Person.objects(pk=person.id).update(set__password=_hashed())
    return person


def convened(world: World, candidacy: Candidacy | None = None, **changed: Any) -> Commission:
    """Of the follower and the tutor; each scores alone first."""
    candidacy = candidacy or world.candidacy
    tutor = world.tutor if candidacy == world.candidacy else None
    values = {
        "meets_at": MEETS_AT,
        "place": "Salle B12",
        "mode": "sealed",
        "professor": world.follower.id,
        "second": tutor.id if tutor else world.second_teacher.id,
        "tutor_absence": None if tutor else "En congé",
        **changed,
    }
    return convene.convene(world.actor(world.office), candidacy, values, world.clock())


def assessment_of(commission: Commission) -> Assessment:
    return Assessment.objects.get(pk=commission.id)


def grid_of(commission: Commission, person: Person | None = None) -> Grid:
    """Of one member; the shared one without."""
    return Grid.objects.get(commission=commission.id, live=True, member=person.id if person else None)


def fill(world: World, person: Person, grid: Grid, degrees: dict[str, Any], **observations: Any) -> Grid:
    values = {"candidacy": grid.candidacy, "degrees": degrees, "observations": observations}
    return grids.fill(world.actor(person), grid, values, world.clock())


def fill_and_seal(world: World, commission: Commission, person: Person, degree: str = "S", **other: str) -> Grid:
    """The same degree on every row, but for `other`."""
    grid = fill(world, person, grid_of(commission, person), dict.fromkeys(ROWS, degree) | other)
    return grids.seal(world.actor(person), grid, world.clock())


def appraise(world: World, person: Person, commission: Commission, **values: Any) -> Assessment:
    assessment = assessment_of(commission)
    values = {"candidacy": assessment.candidacy, **values}
    return assess.appraise(world.actor(person), assessment, values, world.clock())


def met(world: World, commission: Commission, **changed: Any) -> Commission:
    """Recorded as held just now, in the presence of both members, on whatever day the world lives."""
    commission = Commission.objects.get(pk=commission.id)
    values = {"held_at": world.clock(), "place": "Salle B12", "present": commission.members, "confirmed": True}
    by = world.actor(Person.objects.get(pk=commission.members[0]))
    return record_meeting(by, commission, HeldMeeting(**values | changed), world.clock())


def appraised(world: World, mark: str = "14,5", degree: str = "S", **changed: Any) -> Commission:
    """Submitted, convened, scored by both alike, appraised, met: a sheet can be drawn up."""
    said = f"appraised {mark} {degree} {sorted(changed.items())}"
    made: Commission = begun(world, said, lambda: _appraised(world, mark, degree, **changed))
    return made


def _appraised(world: World, mark: str, degree: str, **changed: Any) -> Commission:
    world.submit()
    commission = convened(world, **changed)
    members = [Person.objects.get(pk=person) for person in commission.members]
    if commission.mode == "sealed":
        for person in members:
            fill_and_seal(world, commission, person, degree)
    else:
        fill(world, members[0], grid_of(commission), dict.fromkeys(ROWS, degree))
    appraise(world, members[0], commission, appreciation=APPRECIATION, proposed_mark=mark)
    return met(world, commission)


def drafted(world: World, commission: Commission | None = None) -> Sheet:
    made: Sheet = begun(world, "drafted", lambda: _drafted(world, commission or appraised(world)))
    return made


def _drafted(world: World, commission: Commission) -> Sheet:
    if not (Commission.objects.get(pk=commission.id).meeting or assessment_of(commission).outcome):
        met(world, commission)
    person = Person.objects.get(pk=commission.members[0])
    return draw_up.draw_up(world.actor(person), assessment_of(commission), world.clock())


def signed(world: World, sheet: Sheet | None = None) -> Sheet:
    """By both members: proposed."""
    made: Sheet = begun(world, "signed", lambda: _signed(world, sheet or drafted(world)))
    return made


def _signed(world: World, sheet: Sheet) -> Sheet:
    for member in sheet.members:
        person = with_password(Person.objects.get(pk=member))
        fresh = Sheet.objects.get(pk=sheet.id)
        sheet = draw_up.sign(world.actor(person), fresh, sheet.digest, PASSWORD, world.clock(), confirmed=True)
    return sheet


def transmitted(world: World, sheet: Sheet | None = None) -> Sheet:
    def send() -> Sheet:
        return transmit.transmit(world.actor(world.office), sheet or signed(world), world.clock())

    made: Sheet = begun(world, "transmitted", send)
    return made


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each act gave or how it was refused, all of them started at the same moment."""
    ready = Barrier(len(acts))

    def started(act: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(started, acts))


def sitting(world: World) -> Commission:
    """One submitted portfolio: a production, and an element for the commission to admit. Each scores alone first."""
    world.new_piece()
    world.new_piece(nature="autre", title="Note rédigée pour un stage d'été")
    world.sign_off()
    world.submit()
    return convened(world)

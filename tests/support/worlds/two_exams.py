"""A school that offers E5 and a fictional exam, which is read as data from `tests/support/exams/`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portfolio.documents import Jury, Person, Sheet
from portfolio.enrolment import institutions
from portfolio.enrolment.schools import offered_exams
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, install_exams
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World

Z9 = "diplome-fictif-z9"
FOLDER = Path(__file__).parents[1] / "exams"


@contextmanager
def second_exam() -> Iterator[None]:
    """The fictional exam is installed beside E5."""
    install_exams(FOLDER)
    try:
        yield
    finally:
        install_exams(None)


def offering_both(world: World) -> World:
    """The school offers both exams; its first candidate is of E5."""
    offered_exams.offer(world.actor(world.administrator), world.school, [BTS_ASSURANCE_E5, Z9], world.clock())
    world.__dict__["candidacy"] = world.new_candidacy(exam=BTS_ASSURANCE_E5)
    return world


@dataclass(frozen=True)
class OfExam:
    """Of one exam: its jury, a sheet before it, who is of the exam by their right. candidate: as lists name them."""

    jury: Jury
    sheet: Sheet
    jury_member: Person
    exam_service: Person
    inspector: Person
    candidate: str


def two_juries(world: World) -> dict[str, OfExam]:
    """In one academy, session and school, by the code of the exam."""
    both = offering_both(world)
    return {code: _at_the_jury(both, code) for code in (BTS_ASSURANCE_E5, Z9)}


def _at_the_jury(world: World, code: str) -> OfExam:
    values = {"session": world.session, "exam": code, "name": f"Jury de {code}"}
    jury = institutions.create_jury(world.actor(world.administrator), world.academy, values, world.clock())
    candidacy = world.new_candidacy(exam=code, birth_name="Quinault" if code == Z9 else "Lorrain")
    where = {"academy": world.academy.code, "exam": code, "session": world.session}
    people = {
        name: world.person(name, world.grant(role, **where))
        for name, role in (("jury_member", "jury"), ("exam_service", "exam_service"), ("inspector", "inspector"))
    }
    return OfExam(jury, sheet_of(world, candidacy=candidacy), candidate=str(candidacy.birth_name), **people)

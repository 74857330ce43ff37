"""A school that offers E5 and a fictional exam, which is read as data from `tests/support/exams/`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portfolio.enrolment import offered_exams
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, install_exams
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

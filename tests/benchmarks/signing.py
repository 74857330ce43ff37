"""All that a tutor signs at once, on a phone, by one act: it is done before the thumb has left the button."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.sign_offs.answering import answers, record
from portfolio.sign_offs.answering.content import shown_of
from tests.benchmarks.harness import Line, Stage, at_most, median, timed
from tests.support.worlds.signing import ask, fresh

MANY, ROUNDS = 25, 20


def lines(stage: Stage) -> Iterator[Line]:
    world = stage.world
    asked = [world.new_activity() for _ in range(MANY)]
    for activity in asked:
        world.new_piece(activity)
        ask(world, activity=activity)
    activities = [fresh(one) for one in asked]
    seen = shown_of(activities, "tutor")
    said = [record.Answer(one, "tutor", "confirmed", seen[one.id].digest) for one in activities]
    by = world.actor(world.tutor)
    times = timed(lambda: answers.answer_many(by, said, None, None, world.clock()), ROUNDS)
    yield at_most(f"{MANY} activities signed in one commit, median", median(times), "ms", 300)

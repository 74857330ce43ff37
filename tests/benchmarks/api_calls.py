"""What a stranger could time at the ways in: somebody's address against nobody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from portfolio.identity import one_time_codes, password_reset, sign_ins
from tests.benchmarks.harness import Line, Stage, at_most, median, side_by_side

ROUNDS = 300
NOBODY = "personne@exemple.fr"


def lines(stage: Stage) -> Iterator[Line]:
    world = stage.world
    world.set_password(world.office)
    at = world.clock()

    def enter(email: str) -> None:
        with suppress(sign_ins.WrongCredentials):
            sign_ins.authenticate(email, "une phrase qui n'est pas la bonne")

    yield _apart("a new password, asked for", lambda email: password_reset.ask(email, at), world.office.email)
    yield _apart("a new link, asked for", lambda email: one_time_codes.ask_link(email, at), world.tutor.email)
    yield _apart("a code, asked for", lambda email: one_time_codes.ask_code(email, at), world.tutor.email)
    yield _apart("a wrong password", enter, world.office.email, rounds=30)


def _apart(name: str, door: Callable[[str], object], somebody: str, rounds: int = ROUNDS) -> Line:
    known, unknown = side_by_side(lambda: door(somebody), lambda: door(NOBODY), rounds=rounds)
    apart = max(median(known) / median(unknown), median(unknown) / median(known))
    return at_most(f"{name}: somebody's address against nobody's", median(known), "ms", 1.1, apart)

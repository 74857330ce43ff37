"""Runs an act on a portfolio again if the portfolio moved meanwhile."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from portfolio.documents import Portfolio
from portfolio.documents.fields import CandidacyThing
from portfolio.errors import Stale
from portfolio.policy.relations import Actor

Subject = TypeVar("Subject", bound=CandidacyThing)
Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


def runs_again_if_stale(
    *, as_seen: bool
) -> Callable[
    [Callable[Concatenate[Actor, Subject, Arguments], Returned]],
    Callable[Concatenate[Actor, Subject, Arguments], Returned],
]:
    """Returns a decorator for a verb that `touch`es the portfolio and whose outcome depends on all of it (what is
    missing, what an activity holds): if the portfolio moved meanwhile, the verb runs again on fresh documents. So two
    files finishing at once, or a text saved while a file is verified, neither refuse nor overlook each other. as_seen:
    the client named the revision it saw; Stale is raised if that one moved.
    """

    def decorate(
        verb: Callable[Concatenate[Actor, Subject, Arguments], Returned],
    ) -> Callable[Concatenate[Actor, Subject, Arguments], Returned]:
        @functools.wraps(verb)
        def run(by: Actor, thing: Subject, /, *values: Arguments.args, **named: Arguments.kwargs) -> Returned:
            while True:
                try:
                    return verb(by, thing, *values, **named)
                except Stale as stale:
                    if as_seen and not isinstance(stale.thing, Portfolio):
                        raise
                fresh = type(thing).objects.get(pk=thing.pk)
                if as_seen and fresh.revision != thing.revision:
                    raise Stale(fresh, expected=thing.revision, current=fresh.revision)
                thing = fresh

        return run

    return decorate

"""Calls to a store that fell silent are refused at once, until one of them finds it again."""

from __future__ import annotations

import pytest

from portfolio.store.objects.breaker import REST_S, SILENCES, WITHIN_S, Breaker, StoreSilent


class Moment:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moment() -> Moment:
    return Moment()


def is_refused(breaker: Breaker) -> bool:
    try:
        breaker.begin()
    except StoreSilent:
        return True
    return False


def falls_silent(breaker: Breaker, moment: Moment) -> None:
    call = breaker.begin()
    moment.now += 3
    breaker.fell_silent(call)


def test_an_answer_or_time_between_silences_makes_them_harmless(moment: Moment) -> None:
    breaker = Breaker(moment)
    for _ in range(SILENCES - 1):
        falls_silent(breaker, moment)
    breaker.answered(breaker.begin())
    for _ in range(SILENCES):
        falls_silent(breaker, moment)
        moment.now += WITHIN_S
    assert not is_refused(breaker)


def test_after_its_rest_one_call_tries_for_all(moment: Moment) -> None:
    breaker = Breaker(moment)
    for _ in range(SILENCES):
        falls_silent(breaker, moment)
    moment.now += REST_S - 1
    assert is_refused(breaker)
    moment.now += 1
    trial = breaker.begin()
    assert is_refused(breaker)
    moment.now += 3
    breaker.fell_silent(trial)
    moment.now += REST_S - 1
    assert is_refused(breaker)
    moment.now += 1
    trial = breaker.begin()
    assert is_refused(breaker)
    breaker.answered(trial)
    assert not is_refused(breaker)


def test_calls_that_began_together_are_silent_together(moment: Moment) -> None:
    breaker = Breaker(moment)
    first, *_others = [breaker.begin() for _ in range(SILENCES)]
    moment.now += 3
    late = breaker.begin()
    breaker.fell_silent(first)
    assert is_refused(breaker)
    breaker.answered(late)  # it was not silent after all
    assert not is_refused(breaker)

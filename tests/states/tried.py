"""An act of the domain beside what a model expects of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

from portfolio.errors import Refusal

QUIET = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def tried(expected: str | None, act: Callable[..., Any], *given: Any) -> Any:
    """What the act gave, which must be refused with the code that the model expects, or not at all where None."""
    done, code = None, None
    try:
        done = act(*given)
    except Refusal as refusal:
        code = refusal.code
    assert code == expected, f"{act.__name__}: {code}, where the model says {expected}"
    return done

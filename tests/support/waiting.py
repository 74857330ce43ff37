"""Waiting for what other processes and threads do: for the thing itself, never for a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.demo.http import eventually

LONG_S = 90  # on a machine with much else to do; a moment is usual


def await_until(condition: Callable[[], Any], what: str = "it did not come", seconds: float = LONG_S) -> None:
    eventually(condition, what, seconds)

"""Says what the verification of a file goes within: it may be long, and whoever began it lets others go meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

_around: ContextVar[Callable[[], AbstractContextManager[None]]] = ContextVar("around", default=nullcontext)


@contextmanager
def goes(around: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Makes each verification that the block begins go within what `around` returns."""
    token = _around.set(around)
    try:
        yield
    finally:
        _around.reset(token)


def under_way() -> AbstractContextManager[None]:
    """Returns what a verification goes within: nothing, unless `goes` said it."""
    return _around.get()()

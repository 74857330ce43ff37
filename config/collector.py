"""Python's collector of circular garbage, told what is here to stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def set_aside() -> None:
    """Takes all that is in memory now out of what the collector looks through: it stays as long as the process, and
    looking through it for what could go stops every thread for a fifth of a second, again and again.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def at_rest() -> Iterator[None]:
    """Keeps the collector off while a program is loaded: all that is made then stays, and looking through it again and
    again took a quarter of the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

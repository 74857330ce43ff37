"""Makes identifiers and nonces. A seed makes them repeatable, so that two runs can be compared byte by byte."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bson import ObjectId

_seed: ContextVar[Iterator[bytes] | None] = ContextVar("seed", default=None)


def new_id() -> ObjectId:
    """Returns a new identifier: under `repeatable()`, the next of the seeded series."""
    series = _seed.get()
    return ObjectId() if series is None else ObjectId(next(series)[:12])


def new_token() -> str:
    """Returns 256 random bits as text that is safe in an address: under `repeatable()`, the next of the
    seeded series.
    """
    series = _seed.get()
    return secrets.token_urlsafe(32) if series is None else next(series).hex()


def token_hash(token: str) -> str:
    """Returns the SHA-256, in hex, that is stored for a token: tokens are random, so one pass is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


@contextmanager
def repeatable(seed: str) -> Iterator[None]:
    """Makes `new_id` and `new_token` follow from `seed` alone inside the block (tests of secrecy, rehearsal of the
    demo).
    """

    def series() -> Iterator[bytes]:
        count = 0
        while True:
            yield hashlib.sha256(f"{seed}:{count}".encode()).digest()
            count += 1

    reset = _seed.set(series())
    try:
        yield
    finally:
        _seed.reset(reset)

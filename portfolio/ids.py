"""Where identifiers and nonces come from. Injected, so that two runs of the same acts can be compared byte by byte."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bson import ObjectId

_seed: ContextVar[Iterator[bytes] | None] = ContextVar("seed", default=None)


def new_id() -> ObjectId:
    """An identifier. Under `repeatable()`, the next one of the seeded series."""
    series = _seed.get()
    return ObjectId() if series is None else ObjectId(next(series)[:12])


def new_token() -> str:
    """256 bits, URL-safe text."""
    series = _seed.get()
    return secrets.token_urlsafe(32) if series is None else next(series).hex()


def token_hash(token: str) -> str:
    """What is stored of a token: tokens are random, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


@contextmanager
def repeatable(seed: str) -> Iterator[None]:
    """Within this block, identifiers and tokens follow from `seed` alone (tests of secrecy, the demo's rehearsal)."""

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

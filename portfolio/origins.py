"""Where a request comes from, kept as keyed digests: enough to see that two are the same, never to find out which."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from portfolio.connections import current


@dataclass(frozen=True)
class Origin:
    """network: of the address. device: of the address and the browser's name together; other phones may share both."""

    network: str
    device: str


def origin(address: str, agent: str) -> Origin:
    return Origin(keyed("origin", address), keyed("origin", f"{address}\n{agent}"))


def keyed(purpose: str, value: str) -> str:
    """HMAC-SHA256 under the newest key: after a change of key, nothing equals what was kept before."""
    return hmac.new(current().keys_for(purpose)[0], value.encode(), hashlib.sha256).hexdigest()

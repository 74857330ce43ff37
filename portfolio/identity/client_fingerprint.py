"""Digests the origin of a request with a key: two origins can be compared, but not recovered."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from portfolio.store.connections import current


@dataclass(frozen=True)
class Origin:
    """Keyed digests. network: of the address. device: of the address and the user agent; other phones may share both.

    browser: its family and system, in words.
    """

    network: str
    device: str
    browser: str = ""


def origin(address: str, agent: str) -> Origin:
    """Returns the origin of a request: keyed digests of its address and of both, and the browser's name. address: IP.
    agent: User-Agent.
    """
    return Origin(keyed("origin", address), keyed("origin", f"{address}\n{agent}"), browser_of(agent))


# What a browser calls itself, the more particular first: most of them also claim to be another one.
_BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox")),
    *(("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
_SYSTEMS = (
    *(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS")),
    *(("Mac OS X", "Mac"), ("Linux", "Linux")),
)


def browser_of(agent: str) -> str:
    """Returns « Firefox sur Windows »: enough for its owner to recognise it, no version; "" if unknown. agent:
    User-Agent.
    """
    named = [next((words for sign, words in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return " sur ".join(word for word in named if word)


def keyed(purpose: str, value: str) -> str:
    """Returns the HMAC-SHA-256 of the value, in hex, under the newest key of this purpose (as of `keys_for`): after a
    change of key, no value equals a stored one.
    """
    return hmac.new(current().keys_for(purpose)[0], value.encode(), hashlib.sha256).hexdigest()

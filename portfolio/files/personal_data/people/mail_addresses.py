"""Finds addresses of mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

LONGEST_LOCAL: Final = 64
_AT = re.compile(r"@|[ ]?[(\[](?:at|arobase|@)[)\]][ ]?", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.%+'’\-]{1,64}$")
_DOMAIN = re.compile(r"(?:\w[\w-]{0,62}\.){1,6}[A-Za-z]{2,24}(?![\w-])")
# The ids of a message are no addresses, though they look the same.
_OF_AN_ID = re.compile(
    r"(?:message-id|content-id|references|in-reply-to|x-ms-\S{1,40}|list-id|thread-\S{1,20})\s?:|\bcid:", re.IGNORECASE
)


def mail_addresses(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields something@domain.tld, and what is written so that programs do not read it: something(at)domain.tld."""
    for at in _AT.finditer(around.text):
        local = _LOCAL.search(around.text[max(0, at.start() - LONGEST_LOCAL) : at.start()])
        domain = _DOMAIN.match(around.text, at.end())
        if local is None or domain is None or _OF_AN_ID.search(around.line_before(at.start())):
            continue
        name = local[0].lstrip(".'’-%+")
        if name:
            yield PersonalValue("email", at.start() - len(name), domain.end())

"""Splits a format code into tokens, without deciding what they mean together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<blank>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|Standard)
    | (?P<half_day>AM/PM|A/P)
    | (?P<power>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+)
    | (?P<digit>[0\#?])
    | (?P<text>@)
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class Token(NamedTuple):
    """kind: the name of a group above, or `elapsed` for hours, minutes or seconds that do not start again at zero."""

    kind: str
    text: str

    def literal(self) -> str:
        """Returns what the token shows where it stands for itself."""
        if self.kind == "blank":
            return " "
        return self.text if self.kind in ("quoted", "escaped", "other") else ""


def tokens_of(code: str) -> list[Token]:
    return [Token(match.lastgroup or "other", match[match.lastgroup or 0]) for match in _TOKEN.finditer(code)]


def literals(tokens: Iterable[Token]) -> str:
    return "".join(token.literal() for token in tokens)

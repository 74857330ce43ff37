"""Shows a long list in parts: `page` in the address says which one, and whatever else the address asks stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

Item = TypeVar("Item")

AT_ONCE = 50
DIGITS = 6


@dataclass(frozen=True)
class ListPart(Generic[Item]):
    """items: of this part. number: which one, from 1, of so many parts. first: the rank of its first item among all, of
    which there are `total`.
    """

    items: Sequence[Item]
    number: int
    parts: int
    first: int
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1


def asked_part(everything: Sequence[Item], at_once: int = AT_ONCE) -> ListPart[Item]:
    """Returns the part of a list that the address asks for: the first one by default, the last one if it asks for more
    than there are.
    """
    typed = request.args.get("page", "")
    asked = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= DIGITS else 1
    parts = max(1, -(-len(everything) // at_once))
    number = min(max(asked, 1), parts)
    start = (number - 1) * at_once
    return ListPart(everything[start : start + at_once], number, parts, start + 1, len(everything))

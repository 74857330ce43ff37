"""Says what a box or a list of a form of Word displays: it has no result that could be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_CHOICES = 100
_LONGEST_CHOICE = 300
_AS_USUAL = 25  # the state that was never chosen


@dataclass
class BoxOrList:
    """A field of a form. ticked: None for one that is no box. chosen: a place among the choices of a list, from 0."""

    ticked: bool | None = None
    choices: list[str] = field(default_factory=list)
    chosen: int = 0

    def add_choice(self, words: str) -> None:
        if len(self.choices) < MOST_CHOICES:
            self.choices.append(words[:_LONGEST_CHOICE])

    def words(self) -> str:
        """Returns what the field displays; "" for one that is neither a box nor a list, or whose choice is lacking."""
        if self.ticked is not None:
            return "☒" if self.ticked else "☐"
        return self.choices[self.chosen] if 0 <= self.chosen < len(self.choices) else ""


def of_numbers(kind: int, state: int, usual: int, choices: list[str]) -> BoxOrList:
    """Returns a field from what .doc and .rtf store. kind: 1 for a box, 2 for a list. usual: its state where nobody
    chose another.
    """
    now = usual if state == _AS_USUAL else state
    return BoxOrList(bool(now) if kind == 1 else None, choices if kind == 2 else [], now)


class RichForm:
    """Follows the field of a form in rich text. words: its control words."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._choices = BoxOrList()
        self.words: dict[str, Callable[[int | None], None]] = {
            name: self._noting(name) for name in ("fftype", "ffres", "ffdefres")
        }

    def _noting(self, name: str) -> Callable[[int | None], None]:
        return lambda number: self._numbers.__setitem__(name, number or 0)

    def add_choice(self, words: str) -> None:
        self._choices.add_choice(words)

    def taken(self) -> str:
        """Returns what the field displays, and forgets it."""
        usual = self._numbers.get("ffdefres", 0)
        kind, state = self._numbers.get("fftype", 0), self._numbers.get("ffres", _AS_USUAL)
        value = of_numbers(kind, state, usual, self._choices.choices)
        self._numbers.clear()
        self._choices = BoxOrList()
        return value.words()

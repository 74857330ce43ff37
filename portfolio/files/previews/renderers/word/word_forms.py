"""Reads the boxes and lists of the forms of Word before 2007: whether one is ticked, what is chosen."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.files.previews.renderers.office_names import Attributes, is_on, number

_MOST_CHOICES = 100


class FormFields:
    """Handles the elements of such fields for the reader of a part, one field after the other."""

    def __init__(self) -> None:
        self._ticked: bool | None = None
        self._choices: list[str] | None = None
        self._chosen = 0
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "w:checkBox": lambda _: setattr(self, "_ticked", False),
            "w:ddList": lambda _: setattr(self, "_choices", []),
            "w:default": self._note_state,
            "w:checked": self._note_state,
            "w:result": self._note_state,
            "w:listEntry": self._note_choice,
        }

    def begin(self) -> None:
        """Forgets the field before, where another one begins or this one ends."""
        self._ticked, self._choices, self._chosen = None, None, 0

    def value(self) -> str | None:
        """Returns what the field displays; None for one that is neither a box nor a list, or of which the choice is not
        stored.
        """
        if self._ticked is not None:
            return "☒" if self._ticked else "☐"
        choices = self._choices or []
        return choices[self._chosen] if 0 <= self._chosen < len(choices) else None

    def _note_state(self, attributes: Attributes) -> None:
        if self._ticked is not None:
            self._ticked = is_on(attributes)
        elif self._choices is not None:
            self._chosen = number(attributes.get("val"))

    def _note_choice(self, attributes: Attributes) -> None:
        if self._choices is not None and len(self._choices) < _MOST_CHOICES:
            self._choices.append(attributes.get("val", "")[:300])

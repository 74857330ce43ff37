"""Reads the boxes and lists of the forms of Word before 2007: whether one is ticked, what is chosen."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.files.previews.renderers.documents.form_values import BoxOrList
from portfolio.files.previews.renderers.office_names import Attributes, is_on, number


class FormFields:
    """Handles the elements of such fields for the reader of a part, one field after the other."""

    def __init__(self) -> None:
        self._value, self._is_list = BoxOrList(), False
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "w:checkBox": lambda _: setattr(self._value, "ticked", False),
            "w:ddList": lambda _: setattr(self, "_is_list", True),
            "w:default": self._note_state,
            "w:checked": self._note_state,
            "w:result": self._note_state,
            "w:listEntry": self._note_choice,
        }

    def begin(self) -> None:
        """Forgets the field before, where another one begins or this one ends."""
        self._value, self._is_list = BoxOrList(), False

    def value(self) -> str:
        """Returns what the field displays; "" for one that is neither a box nor a list, or of which the choice is not
        stored.
        """
        return self._value.words()

    def _note_state(self, attributes: Attributes) -> None:
        if self._value.ticked is not None:
            self._value.ticked = is_on(attributes)
        elif self._is_list:
            self._value.chosen = number(attributes.get("val"))

    def _note_choice(self, attributes: Attributes) -> None:
        if self._is_list:
            self._value.add_choice(attributes.get("val", ""))

"""Reads the boxes and lists of the forms of Word in an OpenDocument text, as LibreOffice keeps them."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.files.previews.renderers.documents.field_words import NO_VALUE, mark_of
from portfolio.files.previews.renderers.documents.form_values import BoxOrList
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.office_names import Attributes, number

_BOX, _LIST = "FORMCHECKBOX", "FORMDROPDOWN"


class OdfFormFields:
    """Handles the elements of such fields for the reader of a text. write: writes words, with their mark."""

    def __init__(self, write: Callable[[str, TextMark | None], None]) -> None:
        self._write = write
        self._name = ""
        self._value = BoxOrList()
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "field:fieldmark": self._start,
            "field:param": self._note,
        }
        self.ends: dict[str, Callable[[], None]] = {"field:fieldmark": self._end}

    def _start(self, attributes: Attributes) -> None:
        self._name = attributes.get("type", "").rpartition(".")[2]
        self._value = BoxOrList(ticked=False if self._name == _BOX else None)

    def _note(self, attributes: Attributes) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if name == "Checkbox_Checked":
            self._value.ticked = value == "true"
        elif name == "Dropdown_ListEntry":
            self._value.add_choice(value)
        elif name == "Dropdown_Selected":
            self._value.chosen = number(value)

    def _end(self) -> None:
        if self._name in (_BOX, _LIST):
            self._write(self._value.words() or NO_VALUE, mark_of(self._name))

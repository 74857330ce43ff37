"""Reads the tracked changes of an OpenDocument text: what was added stands in it, what was deleted in front of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_blocks import plain_lines
from portfolio.files.previews.renderers.documents.prose_room import ProseRoom
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes

if TYPE_CHECKING:
    from portfolio.files.previews.renderers.opendocument.text import TextReader

_MOST_DELETED = 20_000  # signs of one deletion
_MOST_CHANGES = 20_000
_MOST_ACTIVE = 50


class TrackedChanges:
    """Handles the elements of changes for the reader of a text."""

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader
        self._id = ""
        self._insertions: dict[str, TextMark] = {}
        self._deletions: dict[str, tuple[TextMark, str]] = {}
        self._active: dict[str, TextMark] = {}
        self.has_other_formats = False
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "text:changed-region": lambda a: setattr(self, "_id", a.get("id", "")),
            "text:insertion": lambda _: self._start(),
            "text:deletion": lambda _: self._start(),
            "text:format-change": lambda _: setattr(self, "has_other_formats", True),
            "text:change-start": self._begin,
            "text:change-end": lambda a: self._active.pop(a.get("change-id", ""), None) and None,
            "text:change": self._show_deleted,
        }
        self.ends: dict[str, Callable[[], None]] = {
            "text:insertion": self._end_insertion,
            "text:deletion": self._end_deletion,
        }

    def active(self) -> list[TextMark]:
        """Returns the marks of the additions that are read now."""
        return list(self._active.values())

    def _start(self) -> None:
        self._reader.divert(ProseWriter(ProseRoom(signs=_MOST_DELETED)))

    def _end_insertion(self) -> None:
        self._reader.restore()
        if len(self._insertions) < _MOST_CHANGES:
            self._insertions[self._id] = marks.inserted(self._reader.author, self._reader.day)

    def _end_deletion(self) -> None:
        deleted = self._reader.restore()
        deleted.end_section()
        lines = [line for section in deleted.sections for line in plain_lines(section["blocks"])]
        if len(self._deletions) < _MOST_CHANGES:
            mark = marks.deleted(self._reader.author, self._reader.day)
            self._deletions[self._id] = (mark, " ¶ ".join(lines) or "¶")

    def _begin(self, attributes: Attributes) -> None:
        own_id = attributes.get("change-id", "")
        if own_id in self._insertions and len(self._active) < _MOST_ACTIVE:
            self._active[own_id] = self._insertions[own_id]

    def _show_deleted(self, attributes: Attributes) -> None:
        if deletion := self._deletions.get(attributes.get("change-id", "")):
            mark, text = deletion
            self._reader.write(text, mark)

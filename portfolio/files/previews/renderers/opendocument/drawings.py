"""Names what is drawn in an OpenDocument file: pictures, charts, objects, shapes with words, fields of forms."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_writer import write_lines
from portfolio.files.previews.renderers.office_names import Attributes
from portfolio.files.previews.renderers.opendocument.objects import object_lines
from portfolio.files.previews.renderers.package import Package

if TYPE_CHECKING:
    from portfolio.files.previews.renderers.opendocument.text import TextReader

_SHAPES = (
    "custom-shape", "rect", "circle", "ellipse", "line", "polyline", "polygon", "regular-polygon", "path", "connector",
    "caption", "measure",
)  # fmt: skip
_CONTROLS = (
    "text", "textarea", "formatted-text", "number", "date", "time", "checkbox", "radio", "listbox", "combobox",
    "button", "fixed-text", "password", "file", "value-range", "generic-control",
)  # fmt: skip
_MOST_CONTROLS = 2_000


@dataclass
class _Frame:
    """what: a picture, an object… words: its alternative text. signs: room for signs when it began."""

    signs: int
    what: str = ""
    words: str = ""
    object_part: str = ""
    is_title: bool = False


class Drawings:
    """Handles the elements of drawings for the reader of a text. boxed: whether words of shapes stand in boxes."""

    def __init__(self, package: Package, reader: TextReader, *, boxed: bool) -> None:
        self._package, self._reader, self._boxed = package, reader, boxed
        self._frames: list[_Frame] = []
        self._controls: dict[str, str] = {}
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "draw:frame": self._start,
            "draw:g": self._start,
            "draw:text-box": lambda _: self._open_box(),
            "draw:image": lambda _: self._note("Image"),
            "draw:plugin": lambda _: self._note("Vidéo ou son"),
            "draw:object-ole": lambda _: self._note("Objet incorporé"),
            "draw:object": self._note_object,
            "svg:title": lambda _: reader.collect(),
            "svg:desc": lambda _: reader.collect(),
            "draw:control": self._show_control,
            "draw:page-thumbnail": lambda _: reader.skip(),
        }
        self.starts |= {f"draw:{shape}": self._start_shape for shape in _SHAPES}
        self.starts |= {f"form:{control}": self._note_control for control in _CONTROLS}
        self.ends: dict[str, Callable[[], None]] = {
            "draw:frame": self._end,
            "draw:g": self._end,
            "draw:text-box": self._close_box,
            "svg:title": self._note_words,
            "svg:desc": self._note_words,
        }
        self.ends |= {f"draw:{shape}": self._end_shape for shape in _SHAPES}

    @property
    def in_title(self) -> bool:
        return bool(self._frames) and self._frames[-1].is_title

    @property
    def is_open(self) -> bool:
        return bool(self._frames)

    # --- frames and shapes ------------------------------------------------------------------------

    def _start(self, attributes: Attributes) -> None:
        self._frames.append(_Frame(self._reader.writer.room.signs, is_title=attributes.get("class") == "title"))
        self._reader.pause()

    def _end(self) -> None:
        self._reader.go_on()
        frame = self._frames.pop()
        if frame.object_part:
            self._show_object(frame)
        elif self._reader.writer.room.signs == frame.signs and (frame.what or frame.words):
            text, mark = marks.picture(frame.words, frame.what or "Dessin")
            self._reader.write(text, mark)

    def _start_shape(self, attributes: Attributes) -> None:
        self._start(attributes)
        self._open_box()

    def _end_shape(self) -> None:
        self._close_box()
        self._end()

    def _open_box(self) -> None:
        if self._boxed:
            self._reader.writer.open_box("Zone de texte")

    def _close_box(self) -> None:
        if self._boxed:
            self._reader.writer.close_box()
        else:
            self._reader.writer.end_paragraph()

    def _note(self, what: str) -> None:
        if self._frames and not self._frames[-1].what:
            self._frames[-1].what = what

    def _note_words(self) -> None:
        words = self._reader.collected()
        if self._frames:
            self._frames[-1].words = self._frames[-1].words or words

    # --- objects ----------------------------------------------------------------------------------

    def _note_object(self, attributes: Attributes) -> None:
        folder = posixpath.normpath(attributes.get("href", "")).lstrip("/")
        if self._frames:
            self._frames[-1].what = "Objet incorporé"
            if self._package.has(f"{folder}/content.xml"):
                self._frames[-1].object_part = f"{folder}/content.xml"

    def _show_object(self, frame: _Frame) -> None:
        title, lines = object_lines(self._package, frame.object_part)
        if title:
            write_lines(self._reader.writer, title, lines)
        else:
            text, mark = marks.picture(frame.words, frame.what)
            self._reader.write(text, mark)

    # --- fields of forms --------------------------------------------------------------------------

    def _note_control(self, attributes: Attributes) -> None:
        name = attributes.get("label") or attributes.get("title") or attributes.get("name", "")
        value = attributes.get("current-value") or attributes.get("value", "")
        if "current-state" in attributes or "state" in attributes:
            ticked = (attributes.get("current-state") or attributes.get("state")) == "checked"
            value = "☒" if ticked else "☐"
        if len(self._controls) < _MOST_CONTROLS and "id" in attributes:
            self._controls[attributes["id"]] = f"{name} : {value}" if name and value else name or value

    def _show_control(self, attributes: Attributes) -> None:
        words = self._controls.get(attributes.get("control", ""), "")
        self._reader.write(words[:300] or "champ sans nom", TextMark(marks.FIELD, "champ de formulaire"))

"""Follows what is drawn under the words of an OpenDocument slide or drawing, shape by shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from portfolio.files.previews.renderers.office_names import Attributes, PartReader
from portfolio.files.previews.renderers.opendocument.styles import StyleHandlers, Styles
from portfolio.files.previews.renderers.slides.drawn_under import DrawnUnder, Rectangle

FRAME, GROUP = "draw:frame", "draw:g"
_LINES: Final = (
    "draw:line",
    "draw:connector",
    "draw:polyline",
    "draw:measure",
    FRAME,
    GROUP,
)  # without a colour inside
SHAPES: Final = (
    *_LINES, "draw:custom-shape", "draw:rect", "draw:circle", "draw:ellipse", "draw:polygon", "draw:regular-polygon",
    "draw:path", "draw:caption",
)  # fmt: skip
_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d{1,6})?)(cm|mm|in|pt|pc|px)")
_MILLIMETRES: Final = {"cm": 10, "mm": 1, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96}


class Grounds:
    """What is under the words of the page that is read. styles: of its part."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._under = DrawnUnder()
        self._open: list[tuple[Rectangle | None, bool, bool]] = []  # where, whether filled, whether on paper
        self._white: list[bool] = []  # whether the words of each are white by its style

    def start_page(self, style: str, of_master: DrawnUnder) -> None:
        shaded = bool(of_master.shaded or self._styles.look("drawing-page", style).shaded)
        self._under = DrawnUnder(shaded, list(of_master.areas))

    def page(self) -> DrawnUnder:
        """Returns what the page draws, so far."""
        return self._under

    def start_shape(self, tag: str, attributes: Attributes) -> None:
        style = attributes.get("style-name", "")
        graphic, presentation = (self._styles.look(family, style) for family in ("graphic", "presentation"))
        shaded = presentation.shaded if graphic.shaded is None else graphic.shaded
        white = presentation.white if graphic.white is None else graphic.white
        self._white.append(self.is_white() if white is None else white)
        filled = tag not in _LINES if shaded is None else shaded
        area = _area(attributes)
        self._open.append((area, filled, not filled and self._under.is_paper(area)))

    def note_picture(self) -> None:
        """Notes that the frame which is read is filled by a picture."""
        if self._open:
            self._open[-1] = (self._open[-1][0], True, False)

    def end_shape(self) -> None:
        area, filled, _ = self._open.pop()
        self._white.pop()
        if filled:
            self._under.add(area)

    def is_on_paper(self) -> bool:
        """Returns whether nothing but white paper is under the shape that is read; False outside any."""
        return bool(self._open) and self._open[-1][2]

    def is_white(self) -> bool:
        """Returns whether the style of the shape that is read makes its words white; False outside any."""
        return bool(self._white) and self._white[-1]

    def follow(self, reader: PartReader) -> None:
        """Lets the reader of a part follow shapes and pictures, beside what it does with them."""
        for tag in SHAPES:
            reader.starts[tag] = self._starter(tag, reader.starts.get(tag, _pass))
            reader.ends[tag] = self._ender(reader.ends.get(tag, _end))
        shows = reader.starts.get("draw:image", _pass)

        def show(attributes: Attributes) -> None:
            self.note_picture()
            shows(attributes)

        reader.starts["draw:image"] = show

    def _starter(self, tag: str, start: Callable[[Attributes], None]) -> Callable[[Attributes], None]:
        def started(attributes: Attributes) -> None:
            self.start_shape(tag, attributes)
            start(attributes)

        return started

    def _ender(self, end: Callable[[], None]) -> Callable[[], None]:
        def ended() -> None:
            end()
            self.end_shape()

        return ended


def _pass(_attributes: Attributes) -> None:
    """Handles an element that a reader does not read."""


def _end() -> None:
    """Handles the end of one."""


class MastersGrounds(PartReader):
    """Reads what the masters of slides draw under their words. masters: by their names."""

    unread = frozenset({"presentation:notes", "style:handout-master", "office:text"})

    def __init__(self, styles: Styles) -> None:
        super().__init__()
        self.masters: dict[str, DrawnUnder] = {}
        self._grounds = Grounds(styles)
        self.starts = StyleHandlers(styles).starts | {"style:master-page": self._start_master}
        self.ends = {}
        self._grounds.follow(self)

    def _start_master(self, attributes: Attributes) -> None:
        self._grounds.start_page(attributes.get("style-name", ""), DrawnUnder())
        self.masters[attributes.get("name", "")] = self._grounds.page()


def masters_grounds(styles: Styles, pieces: Iterable[bytes]) -> dict[str, DrawnUnder]:
    """Returns what each master of slides draws, by its name. pieces: of the part of styles. Raises CannotShow where it
    declares entities or nests too deep.
    """
    reader = MastersGrounds(styles.copy())
    reader.read(pieces, lambda: False)
    return reader.masters


def _area(attributes: Attributes) -> Rectangle | None:
    """Returns where a shape stands, in millimetres; None if it is turned, or does not say."""
    lengths = [_millimetres(attributes.get(name, "")) for name in ("x", "y", "width", "height")]
    if "transform" in attributes:
        return None
    left, top, width, height = lengths
    if left is None or top is None or width is None or height is None:
        return None
    return Rectangle(left, top, width, height)


def _millimetres(length: str) -> float | None:
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _MILLIMETRES[match[2]] if match else None

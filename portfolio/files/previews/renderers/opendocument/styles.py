"""Reads the styles of an OpenDocument file: what is hidden, which lists have numbers, which slides are left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields

from portfolio.files.previews.renderers.documents.list_numbers import MOST_LEVELS, ListLevel
from portfolio.files.previews.renderers.office_names import Attributes, PartReader, number
from portfolio.files.previews.renderers.words.on_paper import is_tiny, is_white
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, place_of

_LONGEST_CHAIN = 20
_POINTS = re.compile(r"(\d{1,5}(?:\.\d{1,5})?)pt")
_MOST_STYLES = 20_000
_SHIFTS = {"super": ABOVE, "sub": BELOW}
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


@dataclass
class OdfLook:
    """How a style draws words. None: it leaves that to what is around them. font: its name, perhaps empty. shifted:
    above or below the line. white: its words; shaded: what is under them; tiny: smaller than anybody reads.
    """

    hidden: bool | None = None
    struck: bool | None = None
    shifted: str | None = None
    font: str = ""
    white: bool | None = None
    shaded: bool | None = None
    tiny: bool | None = None


_ASPECTS = tuple(each.name for each in fields(OdfLook))


@dataclass
class _OdfStyle(OdfLook):
    parent: str = ""
    outline: int = 0  # level of a heading, from 1
    list_name: str = ""


@dataclass
class Styles:
    """styles: by (family, name). lists: levels by the name of the list; that of headings under an empty name.
    on_colour: whether pages may have another colour than that of paper.
    """

    styles: dict[tuple[str, str], _OdfStyle] = field(default_factory=dict)
    lists: dict[str, dict[int, ListLevel]] = field(default_factory=dict)
    on_colour: bool = False
    _looks: dict[tuple[str, str], OdfLook] = field(default_factory=dict)

    def copy(self) -> Styles:
        """Returns styles to which others may be added, which are of one part alone."""
        return Styles(dict(self.styles), dict(self.lists), self.on_colour)

    def hides(self, family: str, name: str) -> bool:
        return next((style.hidden for style in self._chain(family, name) if style.hidden is not None), False)

    def look(self, family: str, name: str) -> OdfLook:
        """Returns how a style, with those that it stands on, draws words. To be called once all styles are read."""
        look = self._looks.get((family, name))
        if look is None:
            look = self._looks[family, name] = OdfLook()
            for style in self._chain(family, name):
                for aspect in _ASPECTS:
                    if getattr(look, aspect) in (None, ""):
                        setattr(look, aspect, getattr(style, aspect))
        return look

    def list_of(self, name: str) -> str:
        """Returns the name of the list that a paragraph style, or the first above it that names one, puts its
        paragraphs into; "" for none.
        """
        return next((style.list_name for style in self._chain("paragraph", name) if style.list_name), "")

    def is_title(self, name: str) -> bool:
        """Returns whether a paragraph style is that of the title of the document."""
        names = [name]
        while (style := self.styles.get(("paragraph", names[-1]))) is not None and len(names) < _LONGEST_CHAIN:
            names.append(style.parent)
        return bool({"Title", "Titre"} & set(names))

    def _chain(self, family: str, name: str) -> list[_OdfStyle]:
        chain = []
        for _ in range(_LONGEST_CHAIN):
            style = self.styles.get((family, name))
            if style is None:
                break
            chain.append(style)
            name = style.parent
        return chain


class StyleHandlers:
    """Handles the elements of styles for the reader of a part, which fills `styles`."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._style = _OdfStyle()
        self._levels: dict[int, ListLevel] = {}
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "style:style": self._start_style,
            "style:text-properties": self._note_words,
            "style:paragraph-properties": self._note_ground,
            "style:table-cell-properties": self._note_ground,
            "style:map": self._note_condition,
            "style:section-properties": self._note_section,
            "style:drawing-page-properties": self._note_page,
            "style:graphic-properties": self._note_fill,
            "text:list-style": lambda a: self._start_list(a.get("name", "")),
            "text:outline-style": lambda _: self._start_list(""),
            "text:list-level-style-number": self._number_level,
            "text:outline-level-style": self._number_level,
            "text:list-level-style-bullet": lambda a: self._add_level(a, ListLevel("bullet")),
            "text:list-level-style-image": lambda a: self._add_level(a, ListLevel("bullet")),
        }

    def _start_style(self, attributes: Attributes) -> None:
        self._style = _OdfStyle(
            parent=attributes.get("parent-style-name", ""),
            outline=number(attributes.get("default-outline-level")),
            list_name=attributes.get("list-style-name", ""),
        )
        if len(self._styles.styles) < _MOST_STYLES:
            self._styles.styles[attributes.get("family", ""), attributes.get("name", "")] = self._style

    def _note_display(self, attributes: Attributes) -> None:
        if "display" in attributes:
            self._style.hidden = attributes["display"] == "none"

    def _note_words(self, attributes: Attributes) -> None:
        self._note_display(attributes)
        self._note_ground(attributes)
        style = self._style
        if through := attributes.get("text-line-through-style") or attributes.get("text-line-through-type"):
            style.struck = through != "none"
        style.font = attributes.get("font-family") or attributes.get("font-name") or style.font
        if "text-position" in attributes:  # « super 58% », « 33% 58% »
            position = attributes["text-position"].partition(" ")[0]
            style.shifted = _SHIFTS.get(position) or place_of(position.rstrip("%"))
        if "color" in attributes or attributes.get("use-window-font-color") == "true":
            style.white = attributes.get("use-window-font-color") != "true" and is_white(attributes["color"])
        if size := _POINTS.fullmatch(attributes.get("font-size", "")):
            style.tiny = is_tiny(float(size[1]))

    def _note_section(self, attributes: Attributes) -> None:
        self._note_display(attributes)
        self._note_ground(attributes)

    def _note_ground(self, attributes: Attributes) -> None:
        if "background-color" in attributes:
            self._style.shaded = is_shade(attributes["background-color"])

    def _note_condition(self, attributes: Attributes) -> None:
        """Notes that a condition may colour what is under words. A format of numbers has conditions of another kind."""
        if "apply-style-name" in attributes and "base-cell-address" in attributes:
            self._style.shaded = True

    def _note_fill(self, attributes: Attributes) -> None:
        """Notes whether a shape has another colour inside than that of paper."""
        self._note_ground(attributes)
        fill, colour = attributes.get("fill"), attributes.get("fill-color")
        if fill is not None or colour is not None:
            self._style.shaded = fill != "none" and (fill not in (None, "solid") or colour is None or is_shade(colour))

    def _note_page(self, attributes: Attributes) -> None:
        self._note_fill(attributes)
        if "visibility" in attributes:
            self._style.hidden = attributes["visibility"] == "hidden"

    def _start_list(self, name: str) -> None:
        self._levels = {}
        if len(self._styles.lists) < _MOST_STYLES:
            self._styles.lists[name] = self._levels

    def _number_level(self, attributes: Attributes) -> None:
        sign = attributes.get("num-format", "")
        level = number(attributes.get("level"), 1)
        levels_shown = min(max(number(attributes.get("display-levels"), 1), 1), max(level, 1), MOST_LEVELS)
        numbers = ".".join(f"%{outer}" for outer in range(level - levels_shown + 1, level + 1)) if sign else ""
        pattern = attributes.get("num-prefix", "")[:20] + numbers + attributes.get("num-suffix", "")[:20]
        start = number(attributes.get("start-value"), 1)
        self._add_level(attributes, ListLevel(_FORMS.get(sign, "decimal") if sign else "none", pattern, start))

    def _add_level(self, attributes: Attributes, level: ListLevel) -> None:
        self._levels[min(max(number(attributes.get("level"), 1) - 1, 0), MOST_LEVELS)] = level


def is_shade(colour: str) -> bool:
    """Returns whether a colour under words is another than that of paper. colour: « #1f3864 », « transparent », or
    empty.
    """
    return colour not in ("", "transparent") and not is_white(colour)


class PagesReader(PartReader):
    """Reads whether the pages of a text have a colour, and notes it in its styles."""

    def __init__(self, styles: Styles) -> None:
        super().__init__()
        self._styles = styles
        self.unread = frozenset({"office:styles", "office:master-styles"})
        self.starts = {"style:page-layout-properties": self._note_page}
        self.ends = {}

    def _note_page(self, attributes: Attributes) -> None:
        drawn = attributes.get("fill") not in (None, "none", "solid")  # a picture, a gradient, lines
        if drawn or is_shade(attributes.get("background-color", "")):
            self._styles.on_colour = True


class StylesReader(PartReader):
    """Reads styles alone. automatic: also those that only this part uses."""

    def __init__(self, styles: Styles, *, automatic: bool) -> None:
        super().__init__()
        self.unread = frozenset({"office:master-styles"} | (set() if automatic else {"office:automatic-styles"}))
        self.starts = StyleHandlers(styles).starts
        self.ends = {}

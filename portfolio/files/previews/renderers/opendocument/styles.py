"""Reads the styles of an OpenDocument file: what is hidden, which lists have numbers, which slides are left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.documents.list_numbers import MOST_LEVELS, ListLevel
from portfolio.files.previews.renderers.office_names import Attributes, PartReader, number
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, place_of

_LONGEST_CHAIN = 20
_MOST_STYLES = 20_000
_SHIFTS = {"super": ABOVE, "sub": BELOW}
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


@dataclass
class _OdfStyle:
    parent: str = ""
    hidden: bool | None = None
    struck: bool | None = None
    font: str = ""
    shifted: str | None = None  # above or below the line
    outline: int = 0  # level of a heading, from 1
    list_name: str = ""


@dataclass
class Styles:
    """styles: by (family, name). lists: levels by the name of the list; that of headings under an empty name."""

    styles: dict[tuple[str, str], _OdfStyle] = field(default_factory=dict)
    lists: dict[str, dict[int, ListLevel]] = field(default_factory=dict)

    def copy(self) -> Styles:
        """Returns styles to which others may be added, which are of one part alone."""
        return Styles(dict(self.styles), dict(self.lists))

    def hides(self, family: str, name: str) -> bool:
        return next((style.hidden for style in self._chain(family, name) if style.hidden is not None), False)

    def strikes(self, family: str, name: str) -> bool | None:
        """Returns whether a style draws a line through its text; None where it leaves that to what is around it."""
        return next((style.struck for style in self._chain(family, name) if style.struck is not None), None)

    def font(self, family: str, name: str) -> str:
        """Returns the name of the font of a style; "" where it leaves that to what is around it."""
        return next((style.font for style in self._chain(family, name) if style.font), "")

    def shift(self, name: str) -> str:
        """Returns whether a style of text sets it above or below the line: ABOVE, BELOW, or ""."""
        return next((style.shifted for style in self._chain("text", name) if style.shifted is not None), "")

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
            "style:text-properties": self._note_display,
            "style:section-properties": self._note_display,
            "style:drawing-page-properties": self._note_visibility,
            "text:list-style": lambda a: self._start_list(a.get("name", "")),
            "text:outline-style": lambda _: self._start_list(""),
            "text:list-level-style-number": self._number_level,
            "text:outline-level-style": self._number_level,
            "text:list-level-style-bullet": lambda a: self._add_level(a, ListLevel("bullet")),
            "text:list-level-style-image": lambda a: self._add_level(a, ListLevel("bullet")),
        }

    def _start_style(self, attributes: Attributes) -> None:
        self._style = _OdfStyle(
            attributes.get("parent-style-name", ""),
            outline=number(attributes.get("default-outline-level")),
            list_name=attributes.get("list-style-name", ""),
        )
        if len(self._styles.styles) < _MOST_STYLES:
            self._styles.styles[attributes.get("family", ""), attributes.get("name", "")] = self._style

    def _note_display(self, attributes: Attributes) -> None:
        if "display" in attributes:
            self._style.hidden = attributes["display"] == "none"
        if through := attributes.get("text-line-through-style") or attributes.get("text-line-through-type"):
            self._style.struck = through != "none"
        self._style.font = attributes.get("font-family") or attributes.get("font-name") or self._style.font
        if "text-position" in attributes:  # « super 58% », « 33% 58% »
            position = attributes["text-position"].partition(" ")[0]
            self._style.shifted = _SHIFTS.get(position) or place_of(position.rstrip("%"))

    def _note_visibility(self, attributes: Attributes) -> None:
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


class StylesReader(PartReader):
    """Reads styles alone. automatic: also those that only this part uses."""

    def __init__(self, styles: Styles, *, automatic: bool) -> None:
        super().__init__()
        self.unread = frozenset({"office:master-styles"} | (set() if automatic else {"office:automatic-styles"}))
        self.starts = StyleHandlers(styles).starts
        self.ends = {}

"""Reads the styles and lists of a .docx: which paragraphs are headings, items of a list, hidden or struck
through.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields

from portfolio.files.previews.renderers.documents.list_numbers import MOST_LEVELS, Counters, ListLevel
from portfolio.files.previews.renderers.office_names import Attributes, PartReader, is_on, number
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.words.on_paper import is_tiny, is_white

LARGEST_STYLES = 16 << 20
_LONGEST_CHAIN = 20
_MOST_STYLES = 10_000
_HEADING = re.compile(r"(?:heading|titre)\s*([1-9])", re.IGNORECASE)


@dataclass
class ParagraphShape:
    """What a style, or a paragraph, says. None: nothing, so that the style it stands on decides.

    heading: level from 1, 0 for none. numbering: id of a list, 0 for none. level: in the list, from 0. white: its
    words; shaded: what is under them; tiny: smaller than anybody reads.
    """

    heading: int | None = None
    numbering: int | None = None
    level: int | None = None
    hidden: bool | None = None
    struck: bool | None = None
    white: bool | None = None
    shaded: bool | None = None
    tiny: bool | None = None

    def note_look(self, tag: str, attributes: Attributes) -> None:
        """Notes how words look. tag: one of LOOKS."""
        value = attributes.get("val", "")
        if tag == "w:color":
            self.white = is_white(value)
        elif tag == "w:sz":
            self.tiny = is_tiny(number(value) / 2)
        elif tag == "w:highlight":
            self.shaded = value not in ("none", "white")
        else:
            fill = attributes.get("fill", "auto")
            self.shaded = not (fill.lower() == "auto" or is_white(fill)) or value not in ("clear", "nil", "")

    def over(self, other: ParagraphShape) -> None:
        """Takes what this one does not say from the one it stands on."""
        for name in _SAID:
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))


LOOKS = ("w:color", "w:sz", "w:highlight", "w:shd")
_SAID = tuple(each.name for each in fields(ParagraphShape))


@dataclass
class _WordStyle(ParagraphShape):
    based_on: str = ""


@dataclass
class _List:
    abstract: str = ""
    overrides: dict[int, ListLevel] = field(default_factory=dict)
    restarts: dict[int, int] = field(default_factory=dict)


class StyleSheet(PartReader):
    """Styles by their id. empty: where the package has none."""

    unread = frozenset({"w:tblStylePr", "w:rPrChange", "w:pPrChange", "w:docDefaults", "w:latentStyles"})

    def __init__(self, package: Package, part: str | None) -> None:
        super().__init__()
        self._styles: dict[str, _WordStyle] = {}
        self._style = _WordStyle()
        self._default = ""
        self.starts = {
            "w:style": self._start_style,
            "w:name": self._note_name,
            "w:basedOn": lambda a: setattr(self._style, "based_on", a.get("val", "")),
            "w:outlineLvl": self._note_outline,
            "w:numId": lambda a: setattr(self._style, "numbering", number(a.get("val"))),
            "w:ilvl": lambda a: setattr(self._style, "level", number(a.get("val"))),
            "w:vanish": lambda a: setattr(self._style, "hidden", is_on(a)),
            "w:strike": lambda a: setattr(self._style, "struck", is_on(a)),
            "w:dstrike": lambda a: setattr(self._style, "struck", is_on(a)),
        } | {tag: self._look_noter(tag) for tag in LOOKS}
        self.ends = {}
        if part and package.has(part):
            self.read(package.pieces(part, LARGEST_STYLES), lambda: len(self._styles) > _MOST_STYLES)

    def _look_noter(self, tag: str) -> Callable[[Attributes], None]:
        return lambda attributes: self._style.note_look(tag, attributes)

    def _start_style(self, attributes: Attributes) -> None:
        self._style = self._styles[attributes.get("styleId", "")] = _WordStyle()
        if attributes.get("type") == "paragraph" and attributes.get("default") in ("1", "true"):
            self._default = attributes.get("styleId", "")

    def _note_name(self, attributes: Attributes) -> None:
        name = attributes.get("val", "")
        if match := _HEADING.fullmatch(name.strip()):
            self._style.heading = int(match[1])
        elif name.casefold() in ("title", "titre"):
            self._style.heading = 1

    def _note_outline(self, attributes: Attributes) -> None:
        level = number(attributes.get("val"), 9)
        self._style.heading = level + 1 if 0 <= level < 9 else 0

    def shape(self, style_id: str, own: ParagraphShape | None = None) -> ParagraphShape:
        """Returns what holds for a paragraph or run: what it says itself (`own`), else its style or those that it
        stands on; None in a field of which none says anything. style_id: empty for the default one.
        """
        whole = ParagraphShape()
        chain: list[ParagraphShape] = [own] if own else []
        name = style_id or self._default
        for _ in range(_LONGEST_CHAIN):
            style = self._styles.get(name)
            if style is None:
                break
            chain.append(style)
            name = style.based_on
        for link in chain:
            whole.over(link)
        return whole


class Numbering(PartReader):
    """Lists by their id, and where each stands."""

    unread = frozenset({"w:rPr", "w:pPr", "w:numPicBullet"})

    def __init__(self, package: Package, part: str | None) -> None:
        super().__init__()
        self._abstract: dict[str, dict[int, ListLevel]] = {}
        self._lists: dict[int, _List] = {}
        self._counters: dict[str, Counters] = {}
        self._levels: dict[int, ListLevel] = {}
        self._list = _List()
        self._level = self._override = 0
        self.starts = {
            "w:abstractNum": self._start_abstract,
            "w:num": self._start_list,
            "w:abstractNumId": lambda a: setattr(self._list, "abstract", a.get("val", "")),
            "w:lvlOverride": self._start_override,
            "w:startOverride": lambda a: self._list.restarts.update({self._override: number(a.get("val"), 1)}),
            "w:lvl": self._start_level,
            "w:start": lambda a: setattr(self._now(), "start", number(a.get("val"), 1)),
            "w:numFmt": lambda a: setattr(self._now(), "form", a.get("val", "decimal")),
            "w:lvlText": lambda a: setattr(self._now(), "pattern", a.get("val", "")[:60]),
        }
        self.ends = {}
        if part and package.has(part):
            self.read(package.pieces(part, LARGEST_STYLES), lambda: len(self._lists) > _MOST_STYLES)

    def _start_abstract(self, attributes: Attributes) -> None:
        self._levels = self._abstract[attributes.get("abstractNumId", "")] = {}

    def _start_list(self, attributes: Attributes) -> None:
        self._list = self._lists[number(attributes.get("numId"))] = _List()
        self._levels = self._list.overrides

    def _start_override(self, attributes: Attributes) -> None:
        self._override = number(attributes.get("ilvl"))

    def _start_level(self, attributes: Attributes) -> None:
        self._level = min(max(number(attributes.get("ilvl")), 0), MOST_LEVELS)
        self._levels[self._level] = ListLevel()

    def _now(self) -> ListLevel:
        return self._levels.setdefault(self._level, ListLevel())

    def next_marker(self, list_id: int, level: int) -> str | None:
        """Counts an item of a list (numId), and returns the marker to show before it; None for a list that the document
        does not have. level: from 0.
        """
        listed = self._lists.get(list_id)
        if listed is None:
            return None
        key = f"{list_id} of its own" if listed.restarts else listed.abstract
        counters = self._counters.setdefault(key, Counters())
        levels = self._abstract.get(listed.abstract, {}) | listed.overrides
        restart = listed.restarts.get(level)
        if restart is not None and level in levels:
            shape = levels[level]
            levels = levels | {level: ListLevel(shape.form, shape.pattern, restart)}
        return counters.next_marker(level, levels)

"""Says which placeholders of a slide have white words by their layout or master, where the slide says no colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from portfolio.files.previews.renderers.office_names import Attributes, PartReader
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.slides.powerpoint_grounds import CHANGES, COLOURS, SlideColours

_LARGEST_PART = 32 << 20
_MOST = 500  # placeholders of a part
_TITLES: Final = ("title", "ctrTitle")
_BODIES: Final = ("obj", "body", "subTitle")
_STYLES: Final = {"p:titleStyle": "title", "p:bodyStyle": "body", "p:otherStyle": "other"}


class Placeholder(NamedTuple):
    """What a shape of a slide stands for. role: its type, « obj » for one without type. number: its « idx »."""

    role: str
    number: str


@dataclass
class _Listed:
    """A placeholder of a layout or a master. white: by the level of a paragraph, from 0, where it says a colour."""

    placeholder: Placeholder
    white: dict[int, bool] = field(default_factory=dict)


class InheritedColours:
    """The colours of words that a layout and its master give. parts: the layout, the master, as far as they are."""

    def __init__(self, package: Package, layout: str | None, master: str | None, colours: SlideColours) -> None:
        self._package, self._parts, self._colours = package, (layout, master), colours
        self._read: tuple[_ColoursReader, _ColoursReader] | None = None

    def is_white(self, placeholder: Placeholder, level: int) -> bool:
        """Returns whether words of a paragraph are white; False where nothing says a colour."""
        if self._read is None:
            layout, master = self._parts
            self._read = (self._of(layout), self._of(master))
        layout_says, master_says = self._read
        above = layout_says.like(placeholder)
        for says in (
            above.white if above else {},
            master_says.of_role(above.placeholder.role if above else placeholder.role),
            master_says.styles.get(_style_of(placeholder.role), {}),
        ):
            if level in says:
                return says[level]
        return False

    def _of(self, part: str | None) -> _ColoursReader:
        reader = _ColoursReader(self._colours)
        if part and self._package.has(part):
            reader.read(self._package.pieces(part, _LARGEST_PART), lambda: False)
        return reader


def _style_of(role: str) -> str:
    return "title" if role in _TITLES else "body" if role in _BODIES else "other"


class _ColoursReader(PartReader):
    """Reads the placeholders of a layout or a master, and the styles of a master, by their names."""

    unread = frozenset({"p:bg", "p:spPr", "p:style", "a:p", "p:timing", "p:transition", "p:extLst", "a:ln"})

    def __init__(self, colours: SlideColours) -> None:
        super().__init__()
        self.styles: dict[str, dict[int, bool]] = {}
        self._colours = colours
        self._listed: list[_Listed] = []
        self._now: dict[int, bool] | None = None  # of what is read
        self._level = -1
        self._in_words = False
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "p:sp": lambda _: self._leave(),
            "p:ph": self._start_placeholder,
            "a:defRPr": lambda _: setattr(self, "_in_words", True),
            **{tag: self._style_starter(name) for tag, name in _STYLES.items()},
            **{f"a:lvl{number}pPr": self._level_starter(number - 1) for number in range(1, 10)},
            **dict.fromkeys(COLOURS, self._note),
            **{f"a:{change}": lambda _: self._say(white=False) for change in CHANGES},
            **dict.fromkeys(("a:gradFill", "a:pattFill", "a:blipFill"), lambda _: self._say_other()),
        }
        self.ends = {"p:sp": self._leave, "a:defRPr": lambda: setattr(self, "_in_words", False)}
        self.ends |= dict.fromkeys(_STYLES, self._leave)

    def like(self, placeholder: Placeholder) -> _Listed | None:
        """Returns the placeholder of a layout that one of a slide is made after; None for none."""
        same_number = (
            each for each in self._listed if placeholder.number and each.placeholder.number == placeholder.number
        )
        same_role = (each for each in self._listed if _alike(each.placeholder.role, placeholder.role))
        return next(same_number, None) or next(same_role, None)

    def of_role(self, role: str) -> dict[int, bool]:
        """Returns the colours of the placeholder of a master that one of a layout is made after."""
        return next((each.white for each in self._listed if _style_of(each.placeholder.role) == _style_of(role)), {})

    def _leave(self) -> None:
        self._now, self._level, self._in_words = None, -1, False

    def _start_placeholder(self, attributes: Attributes) -> None:
        listed = _Listed(Placeholder(attributes.get("type", "obj"), attributes.get("idx", "")))
        if len(self._listed) < _MOST:
            self._listed.append(listed)
        self._now = listed.white

    def _style_starter(self, name: str) -> Callable[[Attributes], None]:
        return lambda _: setattr(self, "_now", self.styles.setdefault(name, {}))

    def _level_starter(self, level: int) -> Callable[[Attributes], None]:
        return lambda _: setattr(self, "_level", level)

    def _note(self, attributes: Attributes) -> None:
        self._say(white=self._colours.is_white(attributes))

    def _say_other(self) -> None:
        self._say(white=False)
        self.skip()

    def _say(self, *, white: bool) -> None:
        if self._now is not None and self._in_words and self._level >= 0:
            self._now[self._level] = white


def _alike(role: str, other: str) -> bool:
    return role == other or role in _TITLES and other in _TITLES

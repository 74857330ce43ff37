"""Says which shapes of a slide of a .pptx stand on nothing but white paper: read for a slide with white words alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from portfolio.files.previews.renderers.office_names import Attributes, PartReader, number
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.slides.drawn_under import DrawnUnder, Rectangle, ShapeFill
from portfolio.files.previews.renderers.words.on_paper import is_white
from portfolio.files.previews.renderers.words.theme_colours import white_names
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.markup import BadMarkup

_LARGEST_SLIDE = 32 << 20
_SOLID_OF_THEME = 1001  # number of the plain background among those of a theme
_USUAL_NAMES: Final = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
# What makes another colour of one.
CHANGES: Final = ("lumMod", "lumOff", "lum", "tint", "shade", "alpha", "satMod", "hueMod", "inv", "comp", "gray")
COLOURS: Final = ("a:srgbClr", "a:schemeClr", "a:sysClr", "a:prstClr")


class SlideColours:
    """The names by which slides of a master call the white colours of its theme."""

    def __init__(self, package: Package, master: str | None) -> None:
        self._package, self._master = package, master
        self._white: set[str] | None = None

    def _white_names(self) -> set[str]:
        """Returns the names of the white colours: none for a master that cannot be read."""
        names = dict(_USUAL_NAMES)

        def note(tag: str, attributes: dict[str, str]) -> None:
            if tag == "clrMap":
                names.update(attributes)

        try:
            theme = self._package.first(self._master, "theme") if self._master else None
            self._package.each_tag(self._master, note, limit=_LARGEST_SLIDE)
        except (BadMarkup, CannotShow):
            return set()
        of_theme = white_names(self._package, theme)
        return {name for name in (*names, *of_theme) if names.get(name, name) in of_theme}

    def is_white(self, attributes: Attributes) -> bool:
        """Returns whether a colour is that of paper. attributes: of one of COLOURS."""
        value = attributes.get("lastClr") or attributes.get("val", "")
        if self._white is None:
            self._white = self._white_names()
        return is_white(value) or value == "white" or value in self._white


class SlideGrounds:
    """What is under the words of one slide. parts: its master, its layout, itself; None for those that it has not."""

    def __init__(self, package: Package, parts: list[str | None], colours: SlideColours) -> None:
        self._package, self._parts = package, [part for part in parts if part and package.has(part)]
        self.colours = colours
        self._on_paper: set[str] | None = None

    def is_on_paper(self, shape: str) -> bool:
        """Returns whether nothing but white paper is under a shape of the slide. shape: its identifier."""
        if self._on_paper is None:
            under, reader = DrawnUnder(), None
            for part in self._parts:
                reader = _GroundsReader(self.colours, under)
                reader.read(self._package.pieces(part, _LARGEST_SLIDE), lambda: False)
            self._on_paper = reader.on_paper - reader.elsewhere if reader and not under.shaded else set()
        return shape in self._on_paper


class _GroundsReader(PartReader):
    """Reads what a slide, a layout or a master draws, from the bottom up. on_paper, elsewhere: names of shapes."""

    unread = frozenset(
        {
            "p:txBody", "p:timing", "p:transition", "p:extLst", "a:extLst", "a:ln", "a:effectLst", "a:lnRef",
            "a:effectRef", "a:fontRef", "a:tbl", "p:oleObj", "p:blipFill", "p:txStyles", "a:scene3d", "a:sp3d",
        }
    )  # fmt: skip

    def __init__(self, colours: SlideColours, under: DrawnUnder) -> None:
        super().__init__()
        self.on_paper: set[str] = set()
        self.elsewhere: set[str] = set()
        self._colours, self._under = colours, under
        self._open: list[ShapeFill] = []
        self._in_page = False
        self.starts = self._starts()
        self.ends = self._ends()
        self.choose_forms()

    def _starts(self) -> dict[str, Callable[[Attributes], None]]:
        starts: dict[str, Callable[[Attributes], None]] = {
            "p:bg": self._start_page,
            "p:bgRef": self._note_page_of_theme,
            "a:overrideClrMapping": lambda _: setattr(self._under, "shaded", True),
            "p:cNvPr": self._note_name,
            "a:off": self._note_corner,
            "a:ext": self._note_size,
            "a:noFill": lambda _: self._fill(filled=False, white=False),
            "a:fillRef": self._note_fill_of_theme,
        }
        starts |= dict.fromkeys(
            ("a:gradFill", "a:blipFill", "a:pattFill", "a:grpFill"), lambda _: self._fill(filled=True, white=False)
        )
        starts |= dict.fromkeys(COLOURS, lambda a: self._fill(filled=True, white=self._colours.is_white(a)))
        starts |= {f"a:{change}": lambda _: self._fill(filled=True, white=False) for change in CHANGES}
        return starts | dict.fromkeys(_SHAPES, lambda _: self._open.append(ShapeFill()))

    def _ends(self) -> dict[str, Callable[[], None]]:
        ends: dict[str, Callable[[], None]] = {"p:bg": lambda: setattr(self, "_in_page", False)}
        ends |= {"p:pic": self._end_picture, "p:graphicFrame": self._end_picture}
        return ends | {"p:sp": self._end_shape, "p:cxnSp": self._pass_shape, "p:grpSp": self._pass_shape}

    def _start_page(self, _attributes: Attributes) -> None:
        self._in_page, self._under.shaded = True, None

    def _note_page_of_theme(self, attributes: Attributes) -> None:
        if number(attributes.get("idx")) > _SOLID_OF_THEME:
            self._under.shaded = True
            self.skip()

    def _fill(self, *, filled: bool, white: bool) -> None:
        if self._in_page:
            self._under.shaded = filled and not white
        elif self._open:
            self._open[-1].filled, self._open[-1].white = filled, filled and white

    def _note_fill_of_theme(self, attributes: Attributes) -> None:
        if self._open and self._open[-1].filled is None:
            self._open[-1].filled = attributes.get("idx", "0") != "0"
        self.skip()

    def _note_name(self, attributes: Attributes) -> None:
        if self._open:
            self._open[-1].name = attributes.get("id", "")

    def _note_corner(self, attributes: Attributes) -> None:
        if self._open:
            self._open[-1].corner = (_length(attributes.get("x")), _length(attributes.get("y")))

    def _note_size(self, attributes: Attributes) -> None:
        if self._open and "cx" in attributes and (corner := self._open[-1].corner):
            self._open[-1].area = Rectangle(*corner, _length(attributes["cx"]), _length(attributes.get("cy")))

    def _area(self) -> Rectangle | None:
        """Returns where the shape stands; inside a group, whose lengths are its own, where the outermost one does."""
        return self._open[0].area

    def _end_shape(self) -> None:
        area = self._area()
        shape = self._open.pop()
        paper = shape.white or not shape.filled and self._under.is_paper(area)
        (self.on_paper if paper else self.elsewhere).add(shape.name)
        if shape.filled and not shape.white:
            self._under.add(area)

    def _end_picture(self) -> None:
        self._under.add(self._area())
        self._open.pop()

    def _pass_shape(self) -> None:
        self._open.pop()


def _length(text: str | None) -> float:
    """Returns a length of a drawing, which may be negative and long; 0 for what is none."""
    return float(text) if text and len(text) < 20 and text.removeprefix("-").isdecimal() else 0


_SHAPES: Final = ("p:sp", "p:pic", "p:graphicFrame", "p:cxnSp", "p:grpSp")

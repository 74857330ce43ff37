"""Reads which colours of an office theme are that of paper: files name them by their place in the theme."""

from __future__ import annotations

from typing import Final

from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.words.on_paper import is_white
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.markup import BadMarkup

_NAMES: Final = ("lt1", "dk1", "lt2", "dk2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
_USUAL: Final = frozenset({"lt1"})
_LARGEST_THEME = 8 << 20


def white_names(package: Package, part: str | None) -> frozenset[str]:
    """Returns the names of the white colours of a theme: « lt1 » for most, without a theme (None), and for one that
    cannot be read.
    """
    if part is None or not package.has(part):
        return _USUAL
    known: dict[str, str] = {}
    name = ""

    def note(tag: str, attributes: dict[str, str]) -> None:
        nonlocal name
        if tag in _NAMES:
            name = tag
        elif tag in ("srgbClr", "sysClr") and name and name not in known:
            known[name] = attributes.get("lastClr") or attributes.get("val", "")
        elif tag == "fontScheme":
            name = ""

    try:
        package.each_tag(part, note, limit=_LARGEST_THEME)
    except (BadMarkup, CannotShow):
        return _USUAL
    return frozenset(name for name, colour in known.items() if is_white(colour)) if known else _USUAL


def is_white_cell_colour(attributes: dict[str, str], white_of_theme: frozenset[str]) -> bool:
    """Returns whether a colour of an .xlsx is that of paper. attributes: of « color », « fgColor ». white_of_theme: as
    `white_names` gives them.
    """
    if "rgb" in attributes:
        return is_white(attributes["rgb"][-6:])
    if "theme" in attributes:
        place = attributes["theme"]
        name = _NAMES[int(place)] if place.isdecimal() and len(place) < 3 and int(place) < len(_NAMES) else ""
        return name in white_of_theme and attributes.get("tint", "0").strip("-0.") == ""
    return attributes.get("indexed") in _WHITE_PLACES


_WHITE_PLACES: Final = ("1", "9", "65")  # of the palette that all workbooks share

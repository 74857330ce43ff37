"""Reads what the styles of a page of HTML do to its words: hidden, struck, white on white, tiny, in another font."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from portfolio.files.previews.renderers.words.on_paper import is_tiny, is_white

_MOST_RULES = 2_000
_BRACE = re.compile(r"[{}]")
_REMARK = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"[a-z][a-z0-9]*|(?:[a-z][a-z0-9]*)?[.#][\w-]{1,80}", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,5}(?:\.\d{0,5})?|\.\d{1,5})\s*(px|pt|)(?![\w%.])")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})")
_CLEAR: Final = ("none", "transparent", "inherit", "initial", "unset", "")
_NAMED: Final = {"white": "ffffff", "snow": "fffafa", "ghostwhite": "f8f8ff"}
_FAR_AWAY = re.compile(r"-\d{4,}")
_GROUNDS: Final = ("background", "background-color", "background-image")
_POINTS_OF_PIXEL = 0.75


class HtmlLook(NamedTuple):
    """What styles say of words. None: nothing, so that what is around them decides. shaded: whether what is under them
    has another colour than that of paper. font: perhaps empty.
    """

    hidden: bool = False
    struck: bool = False
    white: bool | None = None
    shaded: bool | None = None
    tiny: bool | None = None
    font: str = ""

    def over(self, around: HtmlLook) -> HtmlLook:
        """Returns what holds where this stands inside the other: what is hidden or struck there stays so."""
        return HtmlLook(
            self.hidden or around.hidden,
            self.struck or around.struck,
            around.white if self.white is None else self.white,
            around.shaded if self.shaded is None else self.shaded,
            around.tiny if self.tiny is None else self.tiny,
            self.font or around.font,
        )


class HtmlStyles:
    """The rules of a page that name one element, class or identifier; of others, that they may colour what is under
    words.
    """

    def __init__(self) -> None:
        self.may_shade = False
        self._rules: dict[str, str] = {}
        self._left = _MOST_RULES

    def add(self, text: str) -> None:
        """Reads the text of an element « style »."""
        depth = at = 0
        selectors = ""
        text = _REMARK.sub(" ", text)
        for brace in _BRACE.finditer(text):
            inside, at = text[at : brace.start()], brace.end()
            if brace[0] == "{":
                depth += 1
                selectors = inside
            else:
                self._rule(selectors, inside, simple=depth == 1)
                depth, selectors = max(depth - 1, 0), ""

    def _rule(self, selectors: str, style: str, *, simple: bool) -> None:
        for selector in selectors[:10_000].split(","):
            name = selector.strip().lower()
            self._left -= 1
            if simple and _SIMPLE.fullmatch(name) and self._left > 0:
                self._rules[name] = f"{self._rules.get(name, '')};{style[:2000]}"
            elif look_of(style[:2000]).shaded:
                self.may_shade = True

    def names(self, tag: str) -> bool:
        """Returns whether a rule names all elements of this name."""
        return tag in self._rules

    def style_of(self, tag: str, attributes: dict[str, str]) -> str:
        """Returns the style of an element: what the rules say, then its own."""
        own = attributes.get("style", "")
        if not self._rules:
            return own
        names = [f".{name}" for name in attributes.get("class", "").lower().split()[:20]]
        if identifier := attributes.get("id", "").lower():
            names.append(f"#{identifier}")
        rules = [self._rules.get(name, "") for name in (tag, *(each for name in names for each in (name, tag + name)))]
        return ";".join([*(each for each in rules if each), own])


@lru_cache(maxsize=512)
def look_of(style: str) -> HtmlLook:
    """Returns what a style does to words. style: « color: #fff; font-size: 1px »; of two that say the same, the last
    one holds.
    """
    declared = _declared(style)
    grounds = [declared[name] for name in _GROUNDS if name in declared]
    size = _SIZE.search(declared.get("font-size") or declared.get("font", "").partition("/")[0])
    lines = declared.get("text-decoration-line") or declared.get("text-decoration", "")
    return HtmlLook(
        hidden=_hides(declared),
        struck="line-through" in lines.lower().split(),
        white=is_white(_hexadecimal(declared["color"])) if "color" in declared else None,
        shaded=any(map(_is_shade, grounds)) if any(ground not in _CLEAR for ground in grounds) else None,
        tiny=_is_tiny(size) if size else None,
        font=declared.get("font-family", "").partition(",")[0].strip("\"' ")[:60],
    )


def of_attributes(attributes: dict[str, str]) -> HtmlLook:
    """Returns what attributes of before styles say: « <font color=white> », « <td bgcolor=blue> »."""
    colour, ground = attributes.get("color", ""), attributes.get("bgcolor", "")
    return HtmlLook(
        hidden="hidden" in attributes,
        white=is_white(_hexadecimal(colour)) if colour else None,
        shaded=bool(attributes.get("background")) or _is_shade(ground) if attributes.keys() & _UNDER else None,
        font=attributes.get("face", "").partition(",")[0],
    )


_UNDER: Final = {"background", "bgcolor"}


def _declared(style: str) -> dict[str, str]:
    declared = {}
    for each in style.split(";"):
        name, _, value = each.partition(":")
        if value := value.replace("!important", "").strip():
            declared[name.strip().lower()] = value
    return declared


def _hides(declared: dict[str, str]) -> bool:
    """Returns whether an element is not drawn, drawn through, folded to nothing, or drawn far outside the page."""
    return (
        declared.get("display", "").lower() == "none"
        or declared.get("visibility", "").lower() == "hidden"
        or declared.get("mso-hide", "").lower() == "all"
        or _is_zero(declared.get("opacity", ""))
        or _is_zero(declared.get("max-height", ""))
        or any(_FAR_AWAY.match(declared.get(name, "")) for name in ("text-indent", "left", "top", "margin-left"))
    )


def _is_zero(length: str) -> bool:
    return length[:1] in ("0", ".") and not length.lower().rstrip("pxtem%").strip("0.")


def _is_tiny(size: re.Match[str]) -> bool:
    points = float(size[1]) * (1 if size[2] == "pt" else _POINTS_OF_PIXEL)
    return points == 0 or bool(size[2]) and is_tiny(points)


def _is_shade(colour: str) -> bool:
    return colour.lower() not in _CLEAR and not is_white(_hexadecimal(colour))


def _hexadecimal(colour: str) -> str:
    """Returns « ffffff » for « #FFF », « white » or « rgb(255, 255, 255) »; what is no such colour, as it is."""
    colour = colour.strip().lower()
    if match := _RGB.match(colour):
        return "".join(f"{min(int(part), 255):02x}" for part in match.groups())
    bare = _NAMED.get(colour, colour.removeprefix("#"))
    return "".join(2 * sign for sign in bare) if len(bare) == 3 else bare

"""Reads the visible words of a page of HTML."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple

from portfolio.files.previews.renderers.words.html_styles import HtmlLook, HtmlStyles, look_of, of_attributes
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.words.struck_words import hidden, in_words, struck, tiny, white
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs, is_symbols

_UNSEEN = {"script", "style", "title", "template", "noscript", "svg", "math", "rp"}
_LAID_OUT = {"pre", "textarea", "listing"}
_OF_RUBY, _OPENS = {"ruby", "rt", "rp"}, " ("
_LINED_THROUGH = {"s", "del", "strike"}
_TELLING = {"style", "class", "id", "hidden", "face", "color", "bgcolor", "background"}  # attributes
_ORDINARY = HtmlLook()
_CLOSED_BY_NEXT = {"p", "li", "td", "th", "tr"}
_NEVER_CLOSED = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_MOST_OPEN = 300  # elements that are followed: the others inside are drawn as those around them
_SHIFTS = {"sup": ABOVE, "sub": BELOW}
_APART = {"td", "th", "option", "select", "textarea", "button", "label", "input"}
_WITHOUT_WORDS = {"hidden", "password", "image", "file", "color", "range"}  # types of fields
_BLOCKS = {
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip


def _typed(field: dict[str, str | None]) -> str:
    """Returns what a field of a form displays, after a space. field: its attributes."""
    kind = (field.get("type") or "").lower()
    if kind in ("checkbox", "radio"):
        return " ☒ " if "checked" in field else " ☐ "
    return "" if kind in _WITHOUT_WORDS else f" {field.get('value') or ''} "


class _Drawn(NamedTuple):
    """An element that is open. look: how its words are drawn, by all that is around them."""

    tag: str
    look: HtmlLook


def words_of(html: str) -> str:
    """Returns the visible words of a page, one block per line, as plain text: the caller escapes it."""
    reader = _Words()
    reader.feed(_ended(html))
    reader.close()
    lines = (" ".join(line.split()) for line in in_words("".join(reader.texts)).splitlines())
    return "\n".join(line for line in lines if line)


def _ended(html: str) -> str:
    """Returns the text without a last tag or comment that never ends: its end would be looked for at each sign."""
    comment = html.find("<!--", html.rfind("-->") + 1)
    html = html if comment < 0 else html[:comment]
    tag = html.find("<", html.rfind(">") + 1)
    return html if tag < 0 else html[:tag]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._unseen: list[str] = []
        self._shifts: list[str] = []
        self._guide = False  # how a word is read, above it
        self._laid_out = 0  # how many such elements are open
        self._drawn: list[_Drawn] = []  # elements that say how words are drawn, and those of the same names inside
        self._open: Counter[str] = Counter()  # their names
        self._sheet = HtmlStyles()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _OF_RUBY:
            self._end_guide()
        if tag == "rt" and not self._unseen:
            self.texts.append(_OPENS)
            self._guide = True
        elif tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _SHIFTS:
            self._shifts.append(_SHIFTS[tag])
        elif tag in _BLOCKS:
            self.texts.append("\n")
        elif tag in _APART:
            self.texts.append(" ")
        self._laid_out += tag in _LAID_OUT
        if tag == "input" and not self._unseen:
            self.texts.append(_typed(dict(attributes)))
        self._start_drawn(tag, attributes)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.texts.append("\n")
        elif tag == "input" and not self._unseen:
            self.texts.append(_typed(dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        self._end_drawn(tag)
        self._laid_out -= tag in _LAID_OUT and self._laid_out > 0
        if tag in _OF_RUBY:
            self._end_guide()
        elif tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        elif self._shifts[-1:] == [_SHIFTS.get(tag)]:
            self._shifts.pop()
        elif tag in _BLOCKS:
            self.texts.append("\n")

    def _end_guide(self) -> None:
        """Ends what stands above a word, or the brackets for browsers that do not know it: both need no end tag."""
        if self._unseen[-1:] == ["rp"]:
            self._unseen.pop()
        if self._guide:
            empty = self.texts[-1] == _OPENS
            self.texts[-1:] = [] if empty else [self.texts[-1], ")"]
        self._guide = False

    def handle_data(self, data: str) -> None:
        if self._unseen[-1:] == ["style"]:
            self._sheet.add(data)
        if not self._unseen:
            # A line end inside a paragraph is a space, but for a text that is laid out by its signs.
            words = data if self._laid_out else data.replace("\n", " ").replace("\r", " ")
            look = self._look
            words = raised(in_signs(look.font, words), self._shifts[-1] if self._shifts else "")
            if look.hidden:
                words = hidden(words)
            elif look.white and not (self._sheet.may_shade if look.shaded is None else look.shaded):
                words = white(words)
            elif look.tiny:
                words = tiny(words)
            elif look.struck:
                words = struck(words)
            self.texts.append(words)

    @property
    def _look(self) -> HtmlLook:
        return self._drawn[-1].look if self._drawn else _ORDINARY

    def _start_drawn(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _NEVER_CLOSED:
            return
        if tag in _CLOSED_BY_NEXT:
            self._end_drawn(tag)
        known = {name: value or "" for name, value in attributes if name in _TELLING}
        look = self._look
        if known or tag in _LINED_THROUGH or self._sheet.names(tag):
            look = self._inside(look, tag, known)
        if len(self._drawn) < _MOST_OPEN and (look != self._look or self._open[tag]):
            self._drawn.append(_Drawn(tag, look))
            self._open[tag] += 1

    def _inside(self, around: HtmlLook, tag: str, attributes: dict[str, str]) -> HtmlLook:
        """Returns how the words of an element are drawn. around: those of the element that it stands in."""
        of_tag, of_style = of_attributes(attributes), look_of(self._sheet.style_of(tag, attributes))
        own = of_style.over(of_tag)
        font = own.font if is_symbols(own.font) or around.font else ""
        struck_here = own.struck or tag in _LINED_THROUGH
        return own._replace(font=font, struck=struck_here).over(around)

    def _end_drawn(self, tag: str) -> None:
        if not self._open[tag]:
            return
        place = next(at for at in reversed(range(len(self._drawn))) if self._drawn[at].tag == tag)
        self._open.subtract(drawn.tag for drawn in self._drawn[place:])
        del self._drawn[place:]

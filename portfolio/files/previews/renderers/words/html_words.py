"""Reads the visible words of a page of HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.renderers.words.struck_words import hidden, in_words, struck
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs, is_symbols

_UNSEEN = {"script", "style", "title", "template", "noscript", "svg", "math", "rp"}
_OF_RUBY, _OPENS = {"ruby", "rt", "rp"}, " ("
_LINED_THROUGH = {"s", "del", "strike"}
_LINE_THROUGH = re.compile(r"text-decoration(?:-line)?\s*:[^;]*\bline-through\b", re.IGNORECASE)
_NO_DISPLAY = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_FONT = re.compile(r"font-family\s*:\s*[\"']?([^;,\"']{1,60})", re.IGNORECASE)
_CLOSED_BY_NEXT = {"p", "li", "td", "th", "tr"}
_NEVER_CLOSED = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_MOST_OPEN = 50  # elements that are followed: the others inside are drawn as those around them
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
    """An element that is open. struck: it draws a line through its words. hidden: it displays none of them. font: that
    it names, perhaps empty.
    """

    tag: str
    struck: bool
    hidden: bool
    font: str


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
        self._drawn: list[_Drawn] = []  # elements that say how words are drawn, and those of the same names inside

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
        if not self._unseen:
            # A line end inside a paragraph is a space.
            words = data.replace("\n", " ").replace("\r", " ")
            font = next((drawn.font for drawn in reversed(self._drawn) if drawn.font), "")
            words = raised(in_signs(font, words), self._shifts[-1] if self._shifts else "")
            if any(drawn.hidden for drawn in self._drawn):
                words = hidden(words)
            elif any(drawn.struck for drawn in self._drawn):
                words = struck(words)
            self.texts.append(words)

    def _start_drawn(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _NEVER_CLOSED:
            return
        if tag in _CLOSED_BY_NEXT:
            self._end_drawn(tag)
        known = {name: value or "" for name, value in attributes if name in ("style", "face", "hidden")}
        style = known.get("style", "")
        font = match[1] if (match := _FONT.search(style)) else known.get("face", "").partition(",")[0]
        if not self._drawn and not is_symbols(font):
            font = ""
        lined = tag in _LINED_THROUGH or bool(_LINE_THROUGH.search(style))
        unseen = "hidden" in known or bool(_NO_DISPLAY.search(style))
        if len(self._drawn) < _MOST_OPEN and (
            lined or unseen or font or any(drawn.tag == tag for drawn in self._drawn)
        ):
            self._drawn.append(_Drawn(tag, lined, unseen, font))

    def _end_drawn(self, tag: str) -> None:
        place = next((at for at in reversed(range(len(self._drawn))) if self._drawn[at].tag == tag), None)
        if place is not None:
            del self._drawn[place:]

"""Renders text files, decoded; of a web page, only its words; contacts as cards."""

from __future__ import annotations

import codecs
from html.parser import HTMLParser
from typing import BinaryIO

from portfolio.files.previews.preview_spec import CUT, MOST_SIGNS, WORDS_ONLY, Preview
from portfolio.files.previews.renderers import contacts
from portfolio.files.previews.renderers.documents.raised_signs import ABOVE, BELOW, raised
from portfolio.files.previews.sandbox import run
from portfolio.files.unicode_marks import unicode_in

LARGEST_READ = 4 * MOST_SIGNS  # UTF-8 takes at most four bytes per sign
_UNSEEN = {"script", "style", "title", "template", "noscript", "svg", "math", "rp"}
_OF_RUBY, _OPENS = {"ruby", "rt", "rp"}, " ("
_SHIFTS = {"sup": ABOVE, "sub": BELOW}
_BLOCKS = {
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip


def show(source: BinaryIO, kind: str, _what: str) -> Preview:
    data = source.read(LARGEST_READ + 1)
    text = decoded(data[:LARGEST_READ])
    cut = len(data) > LARGEST_READ
    notes = []
    if kind == "html":
        text, notes = words_of(text), [WORDS_ONLY]
    elif contacts.BEGINS.match(text):
        text, notes = contacts.contact_words(text)
    return words(text, notes, cut=cut)


def words(text: str, notes: list[str], *, cut: bool = False) -> Preview:
    beginning = text[:MOST_SIGNS]
    return Preview("words", notes + [CUT] * (cut or len(text) > MOST_SIGNS), text=beginning)


def decoded(data: bytes) -> str:
    """Returns the text of UTF-8, of UTF-16 with or without its mark, else of Windows-1252. The last sign may be cut: it
    is left out.
    """
    mark, encoding = unicode_in(data)
    if encoding:
        return codecs.getincrementaldecoder(encoding)("replace").decode(data[len(mark) :])
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def words_of(html: str) -> str:
    """Returns the visible words of a page, one block per line, as plain text: the caller escapes it."""
    reader = _Words()
    reader.feed(_ended(html))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.texts).splitlines())
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

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
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
        elif tag in ("td", "th"):
            self.texts.append(" ")

    def handle_startendtag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
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
            self.texts.append(raised(words, self._shifts[-1] if self._shifts else ""))


if __name__ == "__main__":
    run(show)

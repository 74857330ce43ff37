"""Renders text files, decoded; of a web page, only its words; contacts as cards."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from portfolio.files.previews.preview_spec import CUT, MOST_SIGNS, UNSEEN_ON_SCREEN, WORDS_ONLY, Preview
from portfolio.files.previews.renderers import contacts
from portfolio.files.previews.renderers.words.html_words import words_of
from portfolio.files.previews.renderers.words.struck_words import has_unseen
from portfolio.files.previews.sandbox import run
from portfolio.files.single_byte import best_reading
from portfolio.files.unicode_marks import unicode_in

_BROKEN_ARE_FEW = 4  # signs of UTF-8 for each that is torn: it is no other encoding
LARGEST_READ = 4 * MOST_SIGNS  # UTF-8 takes at most four bytes per sign


def show(source: BinaryIO, kind: str, _what: str) -> Preview:
    data = source.read(LARGEST_READ + 1)
    text = decoded(data[:LARGEST_READ])
    cut = len(data) > LARGEST_READ
    notes = []
    if kind == "html":
        text = words_of(text)
        notes = [WORDS_ONLY] + [UNSEEN_ON_SCREEN] * has_unseen(text)
    elif contacts.BEGINS.match(text):
        text, notes = contacts.contact_words(text)
    return words(text, notes, cut=cut)


def words(text: str, notes: list[str], *, cut: bool = False) -> Preview:
    beginning = text[:MOST_SIGNS]
    return Preview("words", notes + [CUT] * (cut or len(text) > MOST_SIGNS), text=beginning)


def decoded(data: bytes) -> str:
    """Returns the text of UTF-8, of UTF-16 with or without its mark, else of the encoding of one byte a sign that reads
    best; a few torn signs of UTF-8 are « � ». The last sign may be cut: it is left out.
    """
    mark, encoding = unicode_in(data)
    if encoding:
        return codecs.getincrementaldecoder(encoding)("replace").decode(data[len(mark) :])
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
        if _BROKEN_ARE_FEW * text.count("\ufffd") < beyond_ascii:
            return text
        return data.decode(best_reading(data).encoding, "replace")


if __name__ == "__main__":
    run(show)

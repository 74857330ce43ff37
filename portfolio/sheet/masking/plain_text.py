"""Reads a text as it looks: without accents, invisible characters and typographic forms. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def plain(text: str) -> str:
    """Returns the text with plain digits, letters and hyphens instead of １４, ⑭, Ⅻ, é or an accent alone; a raised or
    enclosed number stands apart: 14½ is no 141.
    """
    return "".join(form for character in text for form in _forms(character))


def _forms(character: str) -> Iterator[str]:
    category = unicodedata.category(character)
    if character.isascii():
        yield character
    elif category == "Nd":
        yield str(unicodedata.decimal(character))
    elif category == "Pd":
        yield "-"
    elif category[0] != "M" and category != "Cf":
        apart = " " if category == "No" else ""
        letters = unicodedata.normalize("NFKD", character)
        yield apart + "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M") + apart

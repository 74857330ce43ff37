"""Detects characters that are not drawn: control characters, and those that change the direction of a text.

Texts reach calendars, mails, lists and the sheet unchanged, where such a character hides part of a line or starts
another one.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode Bidirectional Algorithm (UAX 9), 2.
_IN_LINES = re.compile(f"[{_CONTROL}{_DIRECTION}]")
_IN_ONE_LINE = re.compile(f"[\t\n\r{_CONTROL}{_DIRECTION}]")


def refusal_of_unseen(text: str, *, one_line: bool = False) -> str | None:
    """Returns a French sentence that names the first invisible character and its place, or None.

    one_line: also rejects line breaks and tabs.
    """
    invisible = (_IN_ONE_LINE if one_line else _IN_LINES).search(text)
    if invisible is None:
        return None
    if invisible.group() in "\n\r\t":
        return "Écrivez ceci sur une seule ligne, sans tabulation."
    before = "".join(character if character.isprintable() else " " for character in text[: invisible.start()])[
        -20:
    ].strip()
    where = f"après « {before} »" if before else "au début"
    return (
        f"Ce texte contient un caractère invisible (U+{ord(invisible.group()):04X}) {where} : "
        "retapez cet endroit au clavier au lieu de le coller."
    )


_BLANK = frozenset("\u034f\u115f\u1160\u180e\u2800\u3164\uffa0")  # letters and marks that draw nothing


def is_seen(text: str) -> bool:
    """Returns True if any character is drawn: not only spaces, joiners, fillers and private characters."""
    return any(unicodedata.category(sign)[0] not in "ZC" and sign not in _BLANK for sign in text)

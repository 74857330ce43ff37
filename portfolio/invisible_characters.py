"""Characters that no reader sees: control characters, and those that turn the direction of what is written.

They reach calendars, mails, lists and the sheet as they are, where they hide what a line says or begin another one.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode Bidirectional Algorithm (UAX 9), 2.
_IN_LINES = re.compile(f"[{_CONTROL}{_DIRECTION}]")
_IN_ONE_LINE = re.compile(f"[\t\n\r{_CONTROL}{_DIRECTION}]")


def refusal_of_unseen(text: str, *, one_line: bool = False) -> str | None:
    """A French sentence that says which one stands where; None where there is none. one_line: no line break either."""
    found = (_IN_ONE_LINE if one_line else _IN_LINES).search(text)
    if found is None:
        return None
    if found.group() in "\n\r\t":
        return "Écrivez ceci sur une seule ligne, sans tabulation."
    before = "".join(character if character.isprintable() else " " for character in text[: found.start()])[-20:].strip()
    where = f"après « {before} »" if before else "au début"
    return (
        f"Ce texte contient un caractère invisible (U+{ord(found.group()):04X}) {where} : "
        "retapez cet endroit au clavier au lieu de le coller."
    )


_BLANK = frozenset("\u034f\u115f\u1160\u180e\u2800\u3164\uffa0")  # letters and marks that draw nothing


def is_seen(text: str) -> bool:
    """Whether anything of it is drawn: not only spaces, joiners, fillers, private characters."""
    return any(unicodedata.category(one)[0] not in "ZC" and one not in _BLANK for one in text)

"""Makes file names safe to show, and reads their extension."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 150
LONGEST_EXTENSION = 10
NAMELESS = "fichier"

# Control, format (bidirectional overrides, zero-width signs), lone surrogate, line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def safe_name(name: str) -> str:
    """Returns the name to store and show: no folder, NFC, nothing invisible, at most 150 characters.

    Truncation keeps the extension. A second call changes nothing. An empty result becomes « fichier ».
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    visible = "".join(sign for sign in last if unicodedata.category(sign) not in _INVISIBLE)
    # Windows drops final dots and spaces: « virus.exe . » would open as « virus.exe ».
    clean = unicodedata.normalize("NFC", visible).strip(" .\u00a0")
    if len(clean) > LONGEST_NAME:
        stem, ending = _parts(clean)
        room = LONGEST_NAME - (len(ending) + 1 if ending else 0)
        clean = stem[:room].rstrip(" .\u00a0") + (f".{ending}" if ending else "")
    return clean or NAMELESS


def extension(name: str) -> str:
    """Returns the extension of a safe name, in lower case, without its dot; empty if there is none."""
    return _parts(name)[1].lower()


def stem(name: str) -> str:
    """Returns a safe name without its extension."""
    return _parts(name)[0]


def _parts(name: str) -> tuple[str, str]:
    stem, _, ending = name.rpartition(".")
    if stem and ending.isalnum() and len(ending) <= LONGEST_EXTENSION:
        return stem, ending
    return name, ""

"""Says in French what is particular about a stretch of text: who deleted it, that it is hidden, where it leads."""

from __future__ import annotations

import re
from typing import NamedTuple

DELETED, INSERTED, HIDDEN, STRUCK, FIELD, LINK, PICTURE, REFERENCE = (
    "deleted", "inserted", "hidden", "struck", "field", "link", "picture", "reference",
)  # fmt: skip
_BY_WEIGHT = (DELETED, INSERTED, HIDDEN, STRUCK, PICTURE, REFERENCE, FIELD, LINK)  # the first one gives the appearance
_LONGEST_LABEL, _LONGEST_NAME = 300, 80
_NO_DAY = re.compile(r"0+-|\d+-0+-|\d+-\d+-0+(?!\d)")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?")


class TextMark(NamedTuple):
    """kind: one of the above. label: French words, perhaps empty."""

    kind: str
    label: str


HIDDEN_TEXT = TextMark(HIDDEN, "texte masqué")
WHITE_TEXT = TextMark(HIDDEN, "texte blanc")
TINY_TEXT = TextMark(HIDDEN, "caractères minuscules")
STRUCK_TEXT = TextMark(STRUCK, "barré")


def merged(marks: list[TextMark]) -> TextMark:
    """Returns one mark for several: the weightiest kind, and all labels. Raises StopIteration for an empty list."""
    kinds = {mark.kind for mark in marks}
    labels = dict.fromkeys(mark.label for mark in marks if mark.label)
    return TextMark(next(kind for kind in _BY_WEIGHT if kind in kinds), ", ".join(labels)[:_LONGEST_LABEL])


def inserted(author: str, date: str) -> TextMark:
    return TextMark(INSERTED, _by("ajouté", author, date))


def deleted(author: str, date: str) -> TextMark:
    return TextMark(DELETED, _by("supprimé", author, date))


def moved_here(author: str, date: str) -> TextMark:
    return TextMark(INSERTED, _by("déplacé ici", author, date))


def moved_away(author: str, date: str) -> TextMark:
    return TextMark(DELETED, _by("déplacé ailleurs", author, date))


def link(address: str) -> TextMark:
    return TextMark(LINK, address.strip()[:_LONGEST_LABEL])


def picture(words: str, what: str = "Image") -> tuple[str, TextMark]:
    """Returns (the text that stands for a picture, its mark). words: its alternative text, cut at _LONGEST_LABEL. what:
    its kind, in French.
    """
    words = " ".join(words.split())[:_LONGEST_LABEL]
    return (f"{what} : {words}" if words else f"{what} sans description"), TextMark(PICTURE, "")


def note_title(number: int, author: str, date: str) -> str:
    """Returns the French title of a comment. number: 0 where nothing in the text leads to it. author, date: as shown;
    "" if unknown.
    """
    return _by(f"Commentaire {number}" if number else "Commentaire", author, date, "de")


def moment(written: str) -> str:
    """Returns « 02/03/2026 10:00 » for a date of XML, in local time as office programs write it; else ""."""
    match = _MOMENT.match(written)
    if match is None:
        return ""
    year, month, day, hour, minute = match.groups()
    return f"{day}/{month}/{year}" + (f" {hour}:{minute}" if hour else "")


def packed_moment(packed: int) -> str:
    """Returns « 2026-03-02T10:00 » for a packed date of Word (DTTM); "" for one without a day or month."""
    minute, hour, day = packed & 63, packed >> 6 & 31, packed >> 11 & 31
    month, year = packed >> 16 & 15, (packed >> 20 & 511) + 1900
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}" if packed and month and day else ""


def _by(what: str, author: str, date: str, by: str = "par") -> str:
    author = " ".join(author.split())[:_LONGEST_NAME]
    day = "" if _NO_DAY.match(date) else moment(date) or date[:_LONGEST_NAME]
    return what + (f" {by} {author}" if author else "") + (f", le {day}" if day else "")

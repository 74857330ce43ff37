"""Days as French writes them, in pages, mails and papers alike."""

from __future__ import annotations

from datetime import date

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def day_in_words(day: date) -> str:
    """Returns the day in French: « 1er mars 2027 », « 3 mars 2027 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"

"""Tries what a line of a list asks for: a refusal is said in the line, and keeps no other line out."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.enrolment.lists.reading import ListRow
from portfolio.errors import Invalid, Refusal, Unavailable


def tried(row: ListRow, act: Callable[[], object], column_of: Callable[[str], str]) -> bool:
    """Returns whether an act was done; else says in the row why it was refused. column_of: returns the field of the
    list, or "row", where what is wrong with a field of the act is said. Raises Unavailable.
    """
    try:
        act()
    except Unavailable:
        raise
    except Invalid as invalid:
        for name, sentences in invalid.errors.items():
            row.errors.setdefault(column_of(name), []).extend(sentences)
    except Refusal as refusal:
        row.errors.setdefault("row", []).append(refusal.message)
    else:
        return True
    return False

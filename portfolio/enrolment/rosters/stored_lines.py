"""The lines of a list as an import stores them."""

from __future__ import annotations

from typing import Any

from portfolio.enrolment.lists.reading import ListRow

# line, values, places, errors, proposals, warnings and asked are those of a `ListRow`. homonyms: who it may be, with
# the sentence to show. known: the candidacy that it tells of, with `changes`, field -> [before, after]. done: the
# candidacy that was written.
StoredLine = dict[str, Any]
_LATER: StoredLine = {"places": {}, "proposals": {}, "asked": {}, "known": None, "changes": {}, "done": None}


def stored_line(row: ListRow) -> StoredLine:
    """Returns a line as it is stored before it is compared with who is enrolled."""
    return {**_LATER, **vars(row), "homonyms": []}


def whole(line: StoredLine) -> StoredLine:
    """Returns a line with all that is stored of lines today: one that an earlier version stored has less."""
    return {**_LATER, **line}

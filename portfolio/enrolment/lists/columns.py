"""The columns that a kind of list may have: the titles under which each is recognised, how a cell is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portfolio.identifiers import name_key

Value = str | bool

_EMPTY_WORDS = {"a", "d", "de", "du", "des", "l", "la", "le", "jj", "mm", "aaaa"}


class Several(StrEnum):
    """What is made of several columns for one thing: asked which, unless they agree; the first filled; all joined."""

    ASKED = "asked"
    FIRST = "first"
    JOINED = "joined"


@dataclass(frozen=True)
class Column:
    """A column to recognise. synonyms: other titles, the most telling first. read: raises Malformed. doubt: returns a
    warning about a value that is accepted. asks: returns the code of the question, of those of its kind of list, that
    must be answered before a cell counts as it was read. proposes: returns what was perhaps meant by a refused
    cell. empty: what a line without it says, None where it then says nothing, or is wrong.
    """

    title: str
    synonyms: tuple[str, ...]
    read: Callable[[str], Value]
    required: bool = False
    doubt: Callable[[str], str | None] | None = None
    asks: Callable[[str], str | None] | None = None
    proposes: Callable[[str], str | None] | None = None
    several: Several = Several.ASKED
    empty: Value | None = None


@dataclass(frozen=True)
class FullName:
    """A column that holds the name and the first name together. titles: under which it is recognised. family, given:
    fields that it is split into, each asked about unless the list has a column of its own for it.
    """

    titles: tuple[str, ...]
    family: str
    given: str


@dataclass(frozen=True)
class ListKind:
    """A kind of list. called: what a line is, in French (« candidat », « candidats »). telling: the fields
    without any of which a line tells of nobody and is left out. left_on, state: titles of the columns that say on which
    day somebody left, and in words whether they did. foreign: title of a column that another kind of list alone has ->
    what to say of the file.
    """

    called: str
    columns: Mapping[str, Column]
    telling: tuple[str, ...]
    full_name: FullName | None = None
    left_on: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)

    @property
    def titles(self) -> dict[str, str]:
        """Returns {title key: field}, with « full_name », « left_on » and « state » for what is no field."""
        known = dict.fromkeys(map(title_key, self.full_name.titles), FULL_NAME) if self.full_name else {}
        known |= {title_key(title): LEFT_ON for title in self.left_on}
        known |= {title_key(title): STATE for title in self.state}
        return known | {
            title_key(title): name
            for name, column in self.columns.items()
            for title in (column.title, *column.synonyms)
        }


FULL_NAME, LEFT_ON, STATE = "full_name", "left_on", "state"


def title_key(title: str) -> str:
    """Returns the key under which titles are compared: "N° de candidat", "n_candidat" and "N°Candidat" have the same;
    "PrénomÉlève" and "Prénom (élève)" too.
    """
    words = name_key(_without_hint(title)).split()
    return "".join(word for word in words if word not in _EMPTY_WORDS)


def _without_hint(title: str) -> str:
    """Returns the title without the star or the hint of a form: « Nom * », « Date (JJ/MM/AAAA) »."""
    return re.sub(r"\((?:jj|obligatoire|facultatif|optionnel|si )[^)]*\)|\*", "", title, flags=re.IGNORECASE)

"""Writes lists of candidates as schools send them, and reads what became of a line."""

from __future__ import annotations

from datetime import date

from portfolio.enrolment.lists.reading import ListRow, ReadList
from portfolio.enrolment.rosters.roster_parser import read_roster

HEADER = ["Nom de naissance", "Prénom(s)", "N° candidat", "Courriel", "Date de naissance", "Statut"]
LEFEVRE = ["Lefèvre", "Zoé", "01234567890", "zoe@exemple.fr", "12/03/2005", "scolaire"]
NGUYEN = ["Nguyen", "Marc", "01234567891", "marc@exemple.fr", "2004-11-30", "apprenti"]


def table(*lines: list[str], delimiter: str = ";") -> bytes:
    return "".join(delimiter.join(line) + "\r\n" for line in lines).encode()


def with_cell(column: str, value: str, line: list[str] = LEFEVRE) -> list[str]:
    return [value if title == column else cell for title, cell in zip(HEADER, line, strict=True)]


def roster_of(data: bytes, **said: dict[str, str]) -> ReadList:
    return read_roster(data, date(2026, 12, 2), "reader", **said)


def only_row(roster: ReadList) -> ListRow:
    assert roster.file_errors == []
    (row,) = roster.rows
    return row


def only_error(roster: ReadList) -> str:
    assert roster.rows == []
    (error,) = roster.file_errors
    assert error.endswith(".")
    return error

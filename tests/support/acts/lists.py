"""Writes lists of candidates as schools send them, and reads what became of a line."""

from __future__ import annotations

from portfolio.enrolment.rosters.roster_parser import Roster, RosterRow

HEADER = ["Nom de naissance", "Prénom(s)", "N° candidat", "Courriel", "Date de naissance", "Statut"]
LEFEVRE = ["Lefèvre", "Zoé", "01234567890", "zoe@exemple.fr", "12/03/2005", "scolaire"]
NGUYEN = ["Nguyen", "Marc", "01234567891", "marc@exemple.fr", "2004-11-30", "apprenti"]


def table(*lines: list[str], delimiter: str = ";") -> bytes:
    return "".join(delimiter.join(line) + "\r\n" for line in lines).encode()


def with_cell(column: str, value: str, line: list[str] = LEFEVRE) -> list[str]:
    return [value if title == column else cell for title, cell in zip(HEADER, line, strict=True)]


def only_row(roster: Roster) -> RosterRow:
    assert roster.file_errors == []
    (row,) = roster.rows
    return row


def only_error(roster: Roster) -> str:
    assert roster.rows == []
    (error,) = roster.file_errors
    assert error.endswith(".")
    return error

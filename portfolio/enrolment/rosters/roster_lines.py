"""Corrects a line of a list on the page, or leaves it aside, while it waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from portfolio.documents import RosterImport, School
from portfolio.documents.candidacies import RosterState
from portfolio.enrolment.lists.reading import ListRow, read_cell
from portfolio.enrolment.rosters.lost_zeros import LOST_ZEROS
from portfolio.enrolment.rosters.roster_columns import COLUMNS, SINGLE_NAME
from portfolio.enrolment.rosters.roster_import import ImportOver, waiting
from portfolio.enrolment.rosters.roster_marks import compared
from portfolio.enrolment.rosters.roster_parser import compare_lines
from portfolio.enrolment.rosters.stored_lines import StoredLine
from portfolio.errors import NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit

ASIDE = "Laissée de côté par l'établissement."


class NoSuchLine(NotNow):
    code = "no_such_line"
    source = RuleSource.INTEGRITY
    detail = "Cette ligne n'attend plus : elle est inscrite, ou laissée de côté. Rechargez la page."


def correct_line(by: Actor, roster: RosterImport, line: int, values: Mapping[str, str], at: datetime) -> RosterImport:
    """Corrects cells of a line that waits, compares all that wait anew, and returns the import. values: field -> as
    typed, "" to empty it; absent fields stay. A value that is still wrong is kept with its fault. Raises ImportOver,
    NoSuchLine.
    """
    require(by, Action.CONFIRM_IMPORT, roster)
    rows = _waiting(roster, line, at)
    read = [_read_again(row, values if row["line"] == line else {}) for row in rows]
    compare_lines(read)
    school = School.objects.get(pk=roster.school)
    anew = {row["line"]: row for row in compared(read, school, roster.session, roster.exam, at)}
    _commit_rows(by, roster, [anew.get(row["line"], row) for row in roster.rows], {}, at)
    return roster


def set_aside(by: Actor, roster: RosterImport, line: int, at: datetime) -> RosterImport:
    """Leaves aside a line that waits, and returns the import. Raises ImportOver, NoSuchLine."""
    require(by, Action.CONFIRM_IMPORT, roster)
    (row,) = [row for row in _waiting(roster, line, at) if row["line"] == line]
    text = " ; ".join(str(value) for value in row["values"].values() if isinstance(value, str))
    aside = [*roster.left_out, {"line": line, "text": text[:80], "why": ASIDE}]
    _commit_rows(by, roster, [other for other in roster.rows if other["line"] != line], {"left_out": aside}, at)
    return roster


def _waiting(roster: RosterImport, line: int, at: datetime) -> list[StoredLine]:
    """Returns the lines that wait, this one among them. Raises ImportOver, NoSuchLine."""
    if roster.state == RosterState.UNDONE or (roster.state == RosterState.PREVIEWED and roster.expires_at <= at):
        raise ImportOver()
    rows = waiting(roster)
    if line not in [row["line"] for row in rows]:
        raise NoSuchLine()
    return rows


def _commit_rows(
    by: Actor, roster: RosterImport, rows: list[StoredLine], beside: dict[str, list[StoredLine]], at: datetime
) -> None:
    left = sum(not row.get("done") for row in rows) if roster.state == RosterState.CONFIRMED else 0
    changes = [Change(roster, {"rows": rows, "waiting": left, **beside}, expected={"state": roster.state})]
    data = {"sha256": roster.sha256}
    commit(changes, event_by(by, at, f"school:{roster.school}", EventName.ROSTER_CORRECTED, roster, data))


def _read_again(row: StoredLine, corrected: Mapping[str, str]) -> ListRow:
    """Returns a line read anew from what is kept of it and what was typed."""
    kept = {name: str(value) for name, value in row["values"].items() if isinstance(value, str)}
    kept |= {"distance": "oui"} if row["values"].get("distance") is True else {}
    fresh = ListRow(row["line"], values={}, places=dict(row["places"]))
    for name, column in COLUMNS.items():
        read_cell(fresh, name, column, corrected.get(name, kept.get(name, "")).strip())
    touched = {"birth_date"} & corrected.keys(), {"birth_name", "given_names"} & corrected.keys()
    for code, reading in row["asked"].items():
        if code in (LOST_ZEROS, SINGLE_NAME):
            continue  # asked anew once compared
        if not (code == "two_digit_years" and touched[0]) and not (code == "split_names" and touched[1]):
            fresh.asked.setdefault(code, reading)
    if "row" in row["errors"] and not corrected:
        fresh.errors["row"] = row["errors"]["row"]
    return fresh

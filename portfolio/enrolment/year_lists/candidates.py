"""The candidates of a school's year: lines compared as those of a list of candidates alone, enrolled the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portfolio.documents import Candidacy, RosterImport, School
from portfolio.enrolment.enrol import form_decision
from portfolio.enrolment.lists.reading import ListRow, ReadList, type_cells
from portfolio.enrolment.rosters import roster_import
from portfolio.enrolment.rosters.roster_columns import COLUMNS
from portfolio.enrolment.rosters.roster_marks import compared
from portfolio.enrolment.rosters.roster_parser import as_roster
from portfolio.enrolment.rosters.stored_lines import StoredLine, whole
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import Circular


@dataclass
class CandidateLine:
    """A line and what it is about. stored: as an import stores it. chosen: somebody listed that it is no homonym."""

    stored: StoredLine
    chosen: bool = False

    @property
    def row(self) -> ListRow:
        names = ("line", "values", "places", "errors", "proposals", "warnings", "asked")
        return ListRow(**{name: self.stored[name] for name in names})

    @property
    def state(self) -> str:
        """Returns `added`, `wrong`, `known` or `ready`."""
        if self.stored["done"]:
            return "known" if self.stored["known"] and not self.stored["changes"] else "added"
        if self.stored["errors"]:
            return "wrong"
        return "known" if self.stored["known"] and not self.stored["changes"] else "ready"

    @property
    def differs(self) -> dict[str, list[str]]:
        return dict(self.stored["changes"]) if self.stored["known"] else {}

    @property
    def homonyms(self) -> list[str]:
        """Returns why this line may be of somebody who is there already, in French."""
        return [homonym["message"] for homonym in self.stored["homonyms"]]

    def prospect(self, school: School, sitting: tuple[str, str], circular: Circular, at: datetime) -> Candidacy:
        """Returns the candidacy as it would be, not written, for what else comes with the list to be compared with.
        sitting: session, exam (its code). circular: to which it would be pinned.
        """
        session, exam = sitting
        names = ("birth_name", "usage_name", "given_names", "birth_date", "division", "candidate_number", "status")
        listed = {name: self.row.values.get(name) for name in names}
        form = form_decision(school, exam, circular, self.row.values, at)
        return Candidacy(id=new_id(), school=school.id, session=session, ccf=form, **listed)


def compare_candidates(
    school: School,
    sitting: tuple[str, str],
    read: ReadList,
    typed: Mapping[int, Mapping[str, str]],
    homonyms: Sequence[int],
    at: datetime,
) -> tuple[ReadList, list[CandidateLine]]:
    """Returns the list and its lines compared with who is enrolled. sitting: session, exam (its code). typed: line ->
    {field: cell as corrected}. homonyms: lines that are to be enrolled all the same.
    """
    for row in read.rows:
        type_cells(row, COLUMNS, typed.get(row.line, {}))
    read = as_roster(read)
    stored = compared(read.rows, school, *sitting, at) if read.rows else []
    return read, [CandidateLine(whole(row), row["line"] in homonyms) for row in stored]


def enrol_lines(
    by: Actor,
    school: School,
    sitting: tuple[str, str],
    read: ReadList,
    sha256: str,
    at: datetime,
    homonyms: list[int],
    agreed: Sequence[str],
) -> RosterImport:
    """Enrols the lines that are right, and completes who is enrolled already, as the import of a list of candidates
    does; returns it: its other lines wait there. Raises what `roster_import.confirm` raises.
    """
    preview = roster_import.store_preview(by, school, sitting, read, sha256, at, school.list_titles)
    return roster_import.confirm(by, preview, homonyms, at, agreed)

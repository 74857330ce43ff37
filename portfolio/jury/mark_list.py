"""The bordereau: proposed marks to key into the national examination system, one candidate per line.

No import format of that system is public, so this is a CSV or a workbook for a person at a keyboard (and a
spreadsheet): no cell may become a formula, and a candidate number keeps its leading zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portfolio.identifiers import is_rehearsal
from portfolio.papers.csv_writer import listed
from portfolio.papers.xlsx_writer import listed_xlsx
from portfolio.rules.marks import format_mark
from portfolio.rules.texts.exam import exams

HEADER = (
    "Session",
    "Académie",
    "UAI",
    "N° candidat",
    "Nom de naissance",
    "Prénoms",
    "Épreuve",
    "Note proposée",
    "N° de fiche",
    "Empreinte",
)
FICTIF = "FICTIF"


@dataclass(frozen=True)
class MarkListRow:
    """One transmitted sheet: a `mark`, an `outcome_label`, or both if the circular gives a mark to an outcome.

    `digest`: of the content that the members signed.
    """

    session_code: str
    rehearsal: bool
    academy: str
    uai: str
    candidate_number: str
    birth_name: str
    given_names: str
    exam: str
    mark: Decimal | None
    outcome_label: str | None
    sheet_number: str
    digest: str


def mark_list_csv(rows: Sequence[MarkListRow]) -> bytes:
    """Returns the CSV, with one header line (`csv_writer.listed`) and the rows in their order.

    A rehearsal adds the column FICTIF, filled on every line. Raises ValueError if rehearsal and real rows are mixed,
    or if a row has neither a mark nor an outcome.
    """
    return listed(*_lines(rows))


def mark_list_xlsx(rows: Sequence[MarkListRow]) -> bytes:
    """Returns the same list as a workbook whose cells are text. Raises what `mark_list_csv` raises."""
    return listed_xlsx("Bordereau", *_lines(rows))


def _lines(rows: Sequence[MarkListRow]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Returns the header and the lines. Raises ValueError."""
    rehearsal = {row.rehearsal for row in rows}
    if len(rehearsal) > 1:
        raise ValueError("fictional and real candidates never share a list")
    mark_fictional = [FICTIF] if True in rehearsal else []
    return [*HEADER, *mark_fictional], [(*_values(row), *mark_fictional) for row in rows]


def _values(row: MarkListRow) -> tuple[str, ...]:
    return (
        row.session_code,
        row.academy,
        row.uai,
        row.candidate_number,
        row.birth_name,
        row.given_names,
        row.exam,
        _result(row),
        row.sheet_number,
        row.digest,
    )


def _result(row: MarkListRow) -> str:
    if row.mark is None and not row.outcome_label:
        raise ValueError(f"sheet {row.sheet_number} has neither a mark nor an outcome")
    mark = "" if row.mark is None else format_mark(row.mark)
    return " – ".join(filter(None, [mark, row.outcome_label]))


def mark_list_name(session: str, of: str, code: str, ending: str = "csv") -> str:
    """Returns the name of the file; that of a rehearsal begins with FICTIF. of: a UAI or "academie-CODE". code: of the
    exam, which is named where several are installed.
    """
    known = exams()
    fictional = f"{FICTIF}-" if is_rehearsal(session) else ""
    of_exam = f"-{known[code].name if code in known else code}" if len(known) > 1 else ""
    return f"{fictional}bordereau-{session}-{of}{of_exam}.{ending}"

"""Compares the marks keyed into the national examination system with the bordereau, line by line.

No import or export format of that system is public (the bordereau is keyed by hand), so a person copies or exports
what it displays: a number and a mark on each line. The text is not stored: the journal keeps the fact of the
comparison and the number of differences.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio.documents import Jury, School
from portfolio.errors import Invalid
from portfolio.identifiers import Malformed, candidate_number, name_key
from portfolio.jury.mark_list import MarkListRow
from portfolio.jury.sheets import jury_mark_rows, school_mark_list
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.marks import HUNDREDTH, format_mark, parse_mark
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit

MAX_CHARACTERS = 400_000
MAX_LINES = 5_000
KINDS = ("missing", "different", "zeros", "extra", "twice", "unreadable")
_OF_A_ROW = ("missing", "different", "zeros", "twice")
_CELLS = re.compile(r"\s*[;\t|]\s*|\s{2,}")
_TWO_WORDS = re.compile(r"(\S+)\s+(.+)")


@dataclass(frozen=True)
class Keyed:
    """A line as pasted. number: the candidate's, None if the line is unreadable.

    mark: exact, None if `words` is no mark.
    """

    line: int
    text: str
    number: str | None
    mark: Decimal | None
    words: str


@dataclass(frozen=True)
class Difference:
    """A difference. kind: one of KINDS; "zeros" for the same mark under a number that lacks leading zeros, or has too
    many. expected, keyed: as displayed, may be empty. lines: of the pasted text.
    """

    kind: str
    candidate_number: str
    name: str
    expected: str
    keyed: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class MarksComparison:
    """Counts of lines: expected, in the bordereau; keyed, in the pasted text; equal, the same number and mark in both.
    exam: its code, whose bordereau it is.
    """

    exam: str
    expected: int
    keyed: int
    equal: int
    differences: tuple[Difference, ...]

    @property
    def counts(self) -> dict[str, int]:
        count_of = Counter(difference.kind for difference in self.differences)
        return {"expected": self.expected, "keyed": self.keyed, "equal": self.equal} | {
            kind: count_of[kind] for kind in KINDS
        }


# --- pure -----------------------------------------------------------------------------------------


def read_keyed(text: str) -> list[Keyed]:
    """Returns the lines of a pasted text, each a number and a mark, None where it has none. Accepts `;`, tab, `|` or
    spaces between cells, decimal commas or points, an optional title line, and more than two cells (the mark is then
    the last one that is not empty). Raises Invalid on `keyed` if it is empty or too long.
    """
    lines = text.lstrip("\ufeff").splitlines()
    if len(text) > MAX_CHARACTERS or len(lines) > MAX_LINES:
        raise Invalid({"keyed": [f"Ce texte est trop long : {MAX_LINES} lignes au plus."]})
    read = [_keyed(number, line) for number, line in enumerate(lines, 1) if line.strip(' \t;"|')]
    if read and read[0].number is None and not any(letter.isdigit() for letter in read[0].text.partition(";")[0]):
        read = read[1:]  # titles
    if not read:
        raise Invalid(
            {"keyed": ["Collez ou choisissez ce qui a été saisi : une ligne par candidat, numéro puis note."]}
        )
    return read


def _keyed(line: int, text: str) -> Keyed:
    cells = [cell.strip(" \"'") for cell in _CELLS.split(text.strip())]
    if len(cells) == 1 and (split := _TWO_WORDS.fullmatch(cells[0])):
        cells = [split[1], split[2]]
    filled = [cell for cell in cells[1:] if cell]
    try:
        number = candidate_number(cells[0]) if filled else None
    except Malformed:
        number = None
    words = filled[-1] if filled else ""
    try:
        mark = parse_mark(words.removesuffix("/20").strip(), HUNDREDTH)
    except Malformed:
        mark = None
    return Keyed(line, text.strip()[:200], number, mark, words)


def compare(exam: str, rows: Sequence[MarkListRow], keyed: Sequence[Keyed]) -> MarksComparison:
    """Returns the counts and the differences: in the order of the bordereau, then extra lines, then unreadable ones.
    Pure. exam: the code of the one that the bordereau is of.
    """
    by_number = _by_number(rows, keyed)
    matched = zip(rows, _shared_out(rows, by_number), strict=True)
    differences = [difference for row, lines in matched if (difference := _difference(row, lines))]
    expected = {row.candidate_number for row in rows}
    differences += [
        Difference("extra", number, "", "", _words(lines), tuple(line.line for line in lines))
        for number, lines in by_number.items()
        if number not in expected
    ]
    differences += [
        Difference("unreadable", "", "", "", line.text, (line.line,)) for line in keyed if line.number is None
    ]
    equal = len(rows) - sum(difference.kind in _OF_A_ROW for difference in differences)
    return MarksComparison(exam, len(rows), len(keyed), equal, tuple(differences))


def _by_number(rows: Sequence[MarkListRow], keyed: Sequence[Keyed]) -> dict[str, list[Keyed]]:
    """Returns the keyed lines by candidate number. One whose number is of no row, but is that of a single candidate but
    for its leading zeros, which spreadsheets drop, stands under the number of this candidate.
    """
    expected = {row.candidate_number for row in rows}
    like: dict[str, list[str]] = {}
    for number in sorted(expected):
        like.setdefault(number.lstrip("0"), []).append(number)
    by_number: dict[str, list[Keyed]] = {}
    for line in keyed:
        if line.number is not None:
            alike = [] if line.number in expected else like.get(line.number.lstrip("0"), [])
            by_number.setdefault(alike[0] if len(alike) == 1 else line.number, []).append(line)
    return by_number


def _shared_out(rows: Sequence[MarkListRow], by_number: Mapping[str, list[Keyed]]) -> list[list[Keyed]]:
    """Returns the keyed lines of each row, in the order of the rows. A number has two rows where a sheet and an outcome
    of one candidate are both before the jury: each of them has the line that says the same, else one of those left; the
    last one, all that are left.
    """
    rows_of: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        rows_of.setdefault(row.candidate_number, []).append(place)
    shared: list[list[Keyed]] = [[] for _ in rows]
    for number, places in rows_of.items():
        left = list(by_number.get(number, []))
        for place in places:
            if same := next((line for line in left if _says_the_same(rows[place], line)), None):
                left.remove(same)
                shared[place].append(same)
        for place in places[:-1]:
            if left and not shared[place]:
                shared[place].append(left.pop(0))
        shared[places[-1]] = sorted([*shared[places[-1]], *left], key=lambda line: line.line)
    return shared


def _difference(row: MarkListRow, lines: list[Keyed]) -> Difference | None:
    name = f"{row.birth_name} {row.given_names}".strip()
    expected = _result(row)
    numbers = tuple(line.line for line in lines)
    if not lines:
        return Difference("missing", row.candidate_number, name, expected, "")
    if len(lines) > 1:
        return Difference("twice", row.candidate_number, name, expected, _said(row, lines), numbers)
    same, whole = _says_the_same(row, lines[0]), lines[0].number == row.candidate_number
    if same and whole:
        return None
    return Difference(
        "zeros" if same else "different", row.candidate_number, name, expected, _said(row, lines), numbers
    )


def _says_the_same(row: MarkListRow, keyed: Keyed) -> bool:
    return keyed.mark == row.mark if row.mark is not None else name_key(keyed.words) == name_key(_result(row))


def _result(row: MarkListRow) -> str:
    return format_mark(row.mark) if row.mark is not None else row.outcome_label or ""


def _words(lines: list[Keyed]) -> str:
    return " ; ".join(line.words for line in lines)


def _said(row: MarkListRow, lines: list[Keyed]) -> str:
    """Returns what the lines of a row say, each with its number where that one has other leading zeros."""
    return " ; ".join(
        line.words if line.number == row.candidate_number else f"{line.words} (saisi sous {line.number})"
        for line in lines
    )


# --- recorded -------------------------------------------------------------------------------------


def reconcile(
    by: Actor, school: School, session: str, text: str, at: datetime, exam: str | None = None
) -> MarksComparison:
    """Returns the comparison of the pasted text with the school's bordereau of one exam and session; records counts and
    a digest of the text, no number and no mark. exam: its code; None where there is one alone. Raises Invalid (on
    `keyed`, `session`, `exam`).
    """
    require(by, Action.RECONCILE_MARKS, school)
    listed = school_mark_list(by, school, session, exam)
    comparison = compare(listed.exam, listed.rows, read_keyed(text))
    _recorded(by, f"school:{school.id}", school, listed.session, text, comparison, at)
    return comparison


def reconcile_jury(by: Actor, jury: Jury, text: str, at: datetime) -> MarksComparison:
    """Returns the comparison of the pasted text with the bordereau of the jury (`jury_mark_rows`), for its exam
    service; records as `reconcile` does. Raises Invalid on `keyed`.
    """
    require(by, Action.RECONCILE_JURY_MARKS, jury)
    comparison = compare(jury.exam, jury_mark_rows(by, jury), read_keyed(text))
    _recorded(by, f"jury:{jury.id}", jury, jury.session, text, comparison, at)
    return comparison


def _recorded(
    by: Actor, chain: str, about: School | Jury, session: str, text: str, comparison: MarksComparison, at: datetime
) -> None:
    read = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    data = {"session": session, "exam": comparison.exam, "sha256": read, **comparison.counts}
    commit([], event_by(by, at, chain, EventName.MARK_LIST_RECONCILED, about, data))

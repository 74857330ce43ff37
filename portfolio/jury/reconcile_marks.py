"""Reading back what was keyed into the national examination system, line by line, against the bordereau.

No import format of that system is public (the bordereau is keyed by hand), so what it shows is copied or exported by a
person: a number and a mark on each line. Nothing of it is stored: the journal keeps that it was compared, and how many
lines differed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio.documents import School
from portfolio.errors import Invalid
from portfolio.identifiers import Malformed, candidate_number, name_key
from portfolio.jury.mark_list import MarkListRow
from portfolio.jury.sheets import school_mark_rows
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.marks import HUNDREDTH, format_mark, parse_mark
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit

MAX_CHARACTERS = 400_000
MAX_LINES = 5_000
KINDS = ("missing", "different", "extra", "twice", "unreadable")
_CELLS = re.compile(r"\s*[;\t|]\s*|\s{2,}")
_TWO_WORDS = re.compile(r"(\S+)\s+(.+)")


@dataclass(frozen=True)
class Keyed:
    """A line as it was pasted. number: of the candidate, or None where the line cannot be read. mark: exact, or None
    where what stands there is a word (`words`)."""

    line: int
    text: str
    number: str | None
    mark: Decimal | None
    words: str


@dataclass(frozen=True)
class Difference:
    """kind: of KINDS. expected, keyed: as people write them; empty where there is none. lines: of what was pasted."""

    kind: str
    candidate_number: str
    name: str
    expected: str
    keyed: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """expected: how many lines the bordereau has. keyed: how many were read. equal: how many say the same."""

    expected: int
    keyed: int
    equal: int
    differences: tuple[Difference, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(one.kind for one in self.differences)
        return {"expected": self.expected, "keyed": self.keyed, "equal": self.equal} | {
            kind: found[kind] for kind in KINDS
        }


# --- pure -----------------------------------------------------------------------------------------


def read_keyed(text: str) -> list[Keyed]:
    """number;mark lines: `;`, tab, `|` or spaces between them, comma or point decimals, a title line or not, more cells
    than two (the mark is then the last one that is not empty)."""
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
    said = [cell for cell in cells[1:] if cell]
    try:
        number = candidate_number(cells[0]) if said else None
    except Malformed:
        number = None
    words = said[-1] if said else ""
    try:
        mark = parse_mark(words.removesuffix("/20").strip(), HUNDREDTH)
    except Malformed:
        mark = None
    return Keyed(line, text.strip()[:200], number, mark, words)


def compare(rows: Sequence[MarkListRow], keyed: Sequence[Keyed]) -> Comparison:
    """Differences in the order of the bordereau, then what it does not have, then what cannot be read."""
    by_number: dict[str, list[Keyed]] = {}
    for one in keyed:
        if one.number is not None:
            by_number.setdefault(one.number, []).append(one)
    found = [(row, by_number.pop(row.candidate_number, [])) for row in rows]
    differences = [difference for row, said in found if (difference := _difference(row, said))]
    differences += [
        Difference("extra", number, "", "", _said(said), tuple(one.line for one in said))
        for number, said in by_number.items()
    ]
    differences += [Difference("unreadable", "", "", "", one.text, (one.line,)) for one in keyed if one.number is None]
    equal = len(rows) - sum(one.kind in ("missing", "different", "twice") for one in differences)
    return Comparison(len(rows), len(keyed), equal, tuple(differences))


def _difference(row: MarkListRow, said: list[Keyed]) -> Difference | None:
    name = f"{row.birth_name} {row.given_names}"
    expected = format_mark(row.mark) if row.mark is not None else row.outcome_label or ""
    lines = tuple(one.line for one in said)
    if not said:
        return Difference("missing", row.candidate_number, name, expected, "")
    if len(said) > 1:
        return Difference("twice", row.candidate_number, name, expected, _said(said), lines)
    keyed = said[0]
    same = keyed.mark == row.mark if row.mark is not None else name_key(keyed.words) == name_key(expected)
    return None if same else Difference("different", row.candidate_number, name, expected, _said(said), lines)


def _said(said: list[Keyed]) -> str:
    return " ; ".join(one.words for one in said)


# --- recorded -------------------------------------------------------------------------------------


def reconcile(by: Actor, school: School, session: str, text: str, at: datetime) -> Comparison:
    """Compares, and records that it was done: counts and a digest of what was read, no number and no mark.

    Raises Invalid.
    """
    require(by, Action.RECONCILE_MARKS, school)
    comparison = compare(school_mark_rows(by, school, session), read_keyed(text))
    read = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    data = {"session": session, "sha256": read, **comparison.counts}
    commit([], event_by(by, at, f"school:{school.id}", EventName.MARK_LIST_RECONCILED, school, data))
    return comparison

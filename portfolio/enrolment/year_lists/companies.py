"""Companies from a list: compared with those of the school, then added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from portfolio.documents import Company, School
from portfolio.enrolment.institutions import add_company
from portfolio.enrolment.lists.columns import ListKind
from portfolio.enrolment.lists.reading import ListRow, ReadList, type_cells
from portfolio.enrolment.lists.tried import tried
from portfolio.enrolment.moves.company_facts import FACTS, correct_company_of_school
from portfolio.enrolment.period_lists.columns import COLUMNS as OF_PERIODS
from portfolio.identifiers import name_key
from portfolio.policy.relations import Actor

_FIELD_OF = {"company": "name", "city": "city", "siret": "siret", "address": "address", "country": "country"}
_COLUMN_OF = {name: column for column, name in _FIELD_OF.items()}
COLUMNS = {name: OF_PERIODS[name] for name in _FIELD_OF}
COMPANIES = ListKind(called="entreprise", columns=COLUMNS, telling=("company", "siret"))


@dataclass
class CompanyLine:
    """A line and what it is about. known: the company that the school has already. differs: field -> [as known, as
    listed]. repeats: the line that adds it. before: field of the known company -> value that this line replaced.
    """

    row: ListRow
    known: Company | None = None
    differs: dict[str, list[str]] = field(default_factory=dict)
    repeats: CompanyLine | None = None
    added: Company | None = None
    before: dict[str, object] = field(default_factory=dict)

    @property
    def amendable(self) -> list[str]:
        """Returns the fields that differ and that the office may correct by this list."""
        return [] if self.row.errors else list(self.differs)

    @property
    def state(self) -> str:
        """Returns `added`, `corrected`, `wrong`, `known` or `ready`."""
        if self.added is not None or self.before:
            return "added" if self.added is not None else "corrected"
        settled = self.known is not None or self.repeats is not None
        return "wrong" if self.row.errors else "known" if settled else "ready"

    @property
    def values(self) -> dict[str, str | None]:
        """Returns what `add_company` takes."""
        return {name: str(self.row.values[column]) for column, name in _FIELD_OF.items() if self.row.values.get(column)}

    def prospect(self, school: School) -> Company:
        """Returns the company as it would be, not written, for what else comes with the list to be compared with."""
        return Company(school=school.id, **self.values)


def compare_companies(
    read: ReadList, of_school: Sequence[Company], typed: Mapping[int, Mapping[str, str]]
) -> list[CompanyLine]:
    """Returns the lines compared with the companies of the school, and with each other. typed: line -> {field: cell as
    corrected}. Pure.
    """
    lines = [CompanyLine(row) for row in read.rows]
    first_of: dict[str, CompanyLine] = {}
    for line in lines:
        type_cells(line.row, COLUMNS, typed.get(line.row.line, {}))
        values = line.row.values
        place = name_key(f"{values.get('company', '')} {values.get('city', '')}")
        _find_known(line, of_school, place)
        first = first_of.setdefault(str(values.get("siret") or place), line)
        line.repeats = None if first is line else first
        if line.known is None and line.repeats is None:
            _say_what_is_missing(line.row)
    return lines


def _find_known(line: CompanyLine, of_school: Sequence[Company], place: str) -> None:
    siret = line.row.values.get("siret") if "siret" not in line.row.errors else None
    for company in of_school:
        same_place = name_key(f"{company.name} {company.city}") == place
        if company.siret == siret if siret and company.siret else same_place:
            line.known = company
            break
    if line.known is None:
        return
    for column, name in _FIELD_OF.items():
        listed = str(line.row.values.get(column) or "")
        if listed and column not in line.row.errors and name_key(listed) != name_key(line.known[name] or ""):
            line.differs[column] = [line.known[name] or "", listed]


def _say_what_is_missing(row: ListRow) -> None:
    for name, words in (("company", "le nom"), ("city", "la ville")):
        if not row.values.get(name):
            row.errors.setdefault(name, []).append(f"Indiquez {words} de l'entreprise : cette cellule est vide.")
    if not row.values.get("siret") and not (row.values.get("country") and row.values.get("address")):
        sentence = "Indiquez le SIRET de cette entreprise, ou, si elle n'en a pas, son pays et son adresse."
        row.errors.setdefault("siret", []).append(sentence)


def add_companies(
    by: Actor, school: School, lines: Sequence[CompanyLine], amend: Mapping[int, Sequence[str]], at: datetime
) -> None:
    """Adds the company of each line that is right and not known yet, as the form does, and corrects the known ones as
    is asked. amend: line -> fields that differ and are to be as the list says. A line that is refused says why, and
    keeps no other out. Raises Unavailable.
    """
    for line in lines:
        chosen = [name for name in amend.get(line.row.line, ()) if name in line.amendable]
        if line.state == "ready":
            tried(line.row, partial(_add, by, school, line, at), _column_of)
        elif chosen:
            tried(line.row, partial(_correct, by, line, chosen, at), _column_of)


def _add(by: Actor, school: School, line: CompanyLine, at: datetime) -> None:
    line.added = add_company(by, school, line.values, at)


def _correct(by: Actor, line: CompanyLine, chosen: Sequence[str], at: datetime) -> None:
    """Gives the known company of a line what the list says in these columns."""
    assert line.known is not None
    facts: dict[str, str | None] = {name: line.known[name] for name in (*FACTS, "siret")}
    listed: dict[str, str | None] = {_FIELD_OF[column]: str(line.row.values[column]) for column in chosen}
    before: dict[str, object] = {name: facts[name] for name in listed}
    line.known = correct_company_of_school(by, line.known, facts | listed, at)
    line.before = before
    for column in chosen:
        line.differs.pop(column)


def _column_of(field: str) -> str:
    return _COLUMN_OF.get(field, "row")

"""Says what a list of periods wrote: companies, periods, corrections of periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from portfolio.documents import Company, Placement
from portfolio.documents.places import WrittenKind, WrittenRow
from portfolio.enrolment.period_lists.matching import PeriodLine


def rows_of_periods(lines: Iterable[PeriodLine]) -> Iterator[WrittenRow]:
    """Yields what these lines wrote; nothing of a line that wrote nothing."""
    for line in lines:
        if line.company_added is not None:
            yield row_of_company(line.company_added)
        if line.added is not None:
            yield WrittenRow(kind=WrittenKind.PERIOD, thing=line.added.id, label=_label(line, line.added))
        if line.known is not None and line.before:
            after = {name: line.known[name] for name in line.before}
            label, kind = _label(line, line.known), WrittenKind.PERIOD_CORRECTED
            yield WrittenRow(kind=kind, thing=line.known.id, label=label, before=dict(line.before), after=after)


def row_of_company(company: Company) -> WrittenRow:
    """Returns what says that a list added this company."""
    return WrittenRow(kind=WrittenKind.COMPANY, thing=company.id, label=f"{company.name}, {company.city}")


def _label(line: PeriodLine, placement: Placement) -> str:
    name = line.candidacy.display_name if line.candidacy is not None else ""
    dates = " au ".join(f"{date.fromisoformat(day):%d/%m/%Y}" for day in (placement.starts_on, placement.ends_on))
    return f"{name}, {placement.company_name}, du {dates}"

"""Says what the lists of a year wrote: candidates, teachers and whom they follow, companies, periods, tutors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bson import ObjectId

from portfolio.documents import Candidacy, Company, Portfolio, RosterImport
from portfolio.documents.fields import by_id
from portfolio.documents.places import WrittenKind, WrittenRow
from portfolio.enrolment.period_lists.matching import PeriodLine
from portfolio.enrolment.period_lists.written_rows import row_of_company, rows_of_periods
from portfolio.enrolment.year_lists.companies import CompanyLine
from portfolio.enrolment.year_lists.teachers import TeacherLine
from portfolio.enrolment.year_lists.tutors import TutorLine


def rows_of_year(rosters: Sequence[RosterImport], lines: Iterable[object]) -> Iterator[WrittenRow]:
    """Yields what was written: rosters, the imports of candidates just confirmed; lines, those of all the other sheets.
    Two queries.
    """
    yield from _rows_of_candidates(rosters)
    for line in lines:
        if isinstance(line, TeacherLine):
            yield from _rows_of_teacher(line)
        if isinstance(line, CompanyLine) and line.added is not None:
            yield row_of_company(line.added)
        if isinstance(line, CompanyLine) and line.known is not None and line.before:
            yield _row_of_corrected(line.known, line.before)
        if isinstance(line, PeriodLine):
            yield from rows_of_periods([line])
        if isinstance(line, TutorLine):
            yield from _rows_of_tutor(line)


def _rows_of_candidates(rosters: Sequence[RosterImport]) -> Iterator[WrittenRow]:
    """Yields those who were enrolled, with how often acts held them so far, then those who were corrected."""
    enrolled = [candidacy for roster in rosters for candidacy in roster.enrolled]
    candidacies, portfolios = by_id(Candidacy, enrolled), by_id(Portfolio, enrolled)
    for key, candidacy in candidacies.items():
        held = {"candidacy": candidacy.held, "portfolio": portfolios[key].held if key in portfolios else None}
        yield WrittenRow(kind=WrittenKind.CANDIDATE, thing=key, label=candidacy.display_name, after=held)
    for row in (row for roster in rosters for row in roster.rows):
        if row.get("done") and row.get("changes"):
            label = f"{row['values'].get('given_names', '')} {row['values'].get('birth_name', '')}".strip()
            kind, pairs = WrittenKind.CANDIDATE_CORRECTED, row["changes"]
            before, after = ({name: pair[place] for name, pair in pairs.items()} for place in (0, 1))
            yield WrittenRow(kind=kind, thing=ObjectId(row["done"]), label=label, before=before, after=after)


def _row_of_corrected(company: Company, before: dict[str, object]) -> WrittenRow:
    after = {name: company[name] for name in before}
    label, kind = f"{company.name}, {company.city}", WrittenKind.COMPANY_CORRECTED
    return WrittenRow(kind=kind, thing=company.id, label=label, before=before, after=after)


def _rows_of_teacher(line: TeacherLine) -> Iterator[WrittenRow]:
    if line.granted is not None and line.known is not None:
        yield WrittenRow(kind=WrittenKind.TEACHER, thing=line.known.id, label=line.name, grant=line.granted)
    if line.before and line.known is not None:
        kind, pair = WrittenKind.TEACHER_CORRECTED, {"before": line.before, "after": line.after}
        yield WrittenRow(kind=kind, thing=line.known.id, label=line.name, **pair)
    for named in line.named:
        label = f"Suivi de {named.candidacy.display_name}"
        pair = {"before": {"followers": named.before}, "after": {"followers": named.after}}
        yield WrittenRow(kind=WrittenKind.FOLLOWERS, thing=named.candidacy.id, label=label, **pair)


def _rows_of_tutor(line: TutorLine) -> Iterator[WrittenRow]:
    for written in line.written:
        period = written.placement
        label = f"{line.name}, {period.company_name}, {period.starts_on[:4]}"
        pair = {"before": written.before, "after": written.after}
        yield WrittenRow(kind=WrittenKind.TUTOR, thing=period.id, label=label, **pair)

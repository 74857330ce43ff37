"""A school's year from the files that it has: all sheets are shown together, then written together, in their order.

Candidates come first, then teachers and whom they follow, companies, periods, tutors. Each part writes as its own
form does, one commit a line (candidates: one commit): sent again after an interruption, the same files do the rest, and
nothing twice. Nothing of the files is kept but what they wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bson import ObjectId

from portfolio.documents import Candidacy, Company, ListImport, Placement, RosterImport, School
from portfolio.enrolment.enrol import circular_to_pin
from portfolio.enrolment.lists.reading import ListRow, ReadList, read_tables_as
from portfolio.enrolment.lists.remembered_titles import remember, remembered
from portfolio.enrolment.lists.written import record
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN
from portfolio.enrolment.period_lists.matching import PeriodLine
from portfolio.enrolment.period_lists.period_list import Beside, PeriodList, add_ready, compare_periods
from portfolio.enrolment.rosters.lost_zeros import LOST_ZEROS, zeros_answered
from portfolio.enrolment.rosters.roster_import import ASKED_FR, HomonymsUndecided, QuestionsUnanswered
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.enrolment.year_lists.candidates import CandidateLine, compare_candidates, enrol_lines
from portfolio.enrolment.year_lists.companies import CompanyLine, add_companies, compare_companies
from portfolio.enrolment.year_lists.sheets import KINDS, FoundSheet, ListOf, SentFile, Titles, found_sheets
from portfolio.enrolment.year_lists.teachers import FOLLOWS, TeacherLine, compare_teachers
from portfolio.enrolment.year_lists.teachers_written import add_teachers
from portfolio.enrolment.year_lists.tutor_columns import titles_of_tutors
from portfolio.enrolment.year_lists.tutors import TutorLine, compare_tutors, periods_to_come
from portfolio.enrolment.year_lists.tutors_written import write_tutors
from portfolio.enrolment.year_lists.written_rows import rows_of_year
from portfolio.errors import Refusal, Unavailable
from portfolio.identifiers import session_code
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.validation import check_fields

TAKE_OVER = "take_over"  # agreed: those whom others follow are followed by whom the list says
CellsOfLines = Mapping[int, Mapping[str, str]]
FieldsOfLines = Mapping[int, Sequence[str]]
NONE_TYPED: CellsOfLines = {}


class YearLine(Protocol):
    """What every line of the year has. state: `added`, `corrected`, `wrong`, `known`, `differs` or `ready`."""

    @property
    def row(self) -> ListRow: ...
    @property
    def state(self) -> str: ...
    @property
    def differs(self) -> dict[str, list[str]]: ...


@dataclass(frozen=True)
class YearForm:
    """What was sent. kinds: number of a sheet -> what somebody said that it is. titles: kind -> {key of a title:
    field}. cells: number of a sheet -> line -> {field: cell as corrected}. defaults: status and division of those of
    whom no list says it. agreed: codes of the questions that were answered, AMEND_KNOWN, TAKE_OVER. homonyms: number of
    a sheet -> lines that are of other people than their namesakes. amend: number of a sheet -> line -> fields that
    differ and are to be as the list says.
    """

    session: str
    files: Sequence[SentFile]
    exam: str | None = None
    kinds: Mapping[int, str] = field(default_factory=dict)
    titles: Titles = field(default_factory=dict)
    cells: Mapping[int, CellsOfLines] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    agreed: Sequence[str] = ()
    homonyms: Mapping[int, Sequence[int]] = field(default_factory=dict)
    amend: Mapping[int, FieldsOfLines] = field(default_factory=dict)


@dataclass
class YearSheet:
    """A sheet as it was found, read and compared. waits: id of the import where lines of candidates wait; roster: the
    one that was made just now.
    """

    source: FoundSheet
    read: ReadList = field(default_factory=ReadList)
    lines: Sequence[YearLine] = ()
    waits: ObjectId | None = None
    roster: RosterImport | None = None

    def of(self, *states: str) -> list[YearLine]:
        """Returns the lines in these states."""
        return [line for line in self.lines if line.state in states]


@dataclass
class YearLists:
    """All sheets of what was sent, in their order. session, exam: for which candidates are enrolled. written: what they
    wrote just now.
    """

    session: str
    exam: str
    sheets: list[YearSheet]
    written: ListImport | None = None

    def of_kind(self, kind: ListOf) -> list[YearSheet]:
        return [sheet for sheet in self.sheets if sheet.source.kind == kind]

    def of(self, *states: str) -> list[YearLine]:
        """Returns the lines of all sheets in these states."""
        return [line for sheet in self.sheets for line in sheet.of(*states)]

    @property
    def questions(self) -> dict[str, list[tuple[YearSheet, int, str]]]:
        """Returns what is asked about lines that would be written: code -> (sheet, line, how it was read)."""
        asked: dict[str, list[tuple[YearSheet, int, str]]] = defaultdict(list)
        for sheet in self.sheets:
            lines = _confirmed(sheet) if sheet.source.kind == ListOf.CANDIDATES else sheet.of("ready")
            for line in lines:
                for code, reading in line.row.asked.items():
                    asked[code].append((sheet, line.row.line, reading))
        return asked

    @property
    def undecided(self) -> list[tuple[YearSheet, CandidateLine]]:
        """Returns the lines of candidates that may be of somebody who is there, and of whom nobody said."""
        return [
            (sheet, line)
            for sheet in self.of_kind(ListOf.CANDIDATES)
            for line in sheet.of("ready")
            if isinstance(line, CandidateLine) and line.homonyms and not line.chosen
        ]


def _confirmed(sheet: YearSheet) -> list[YearLine]:
    """Returns the lines of candidates that a confirmation would take: none where no line has anything to write."""
    return sheet.of("ready", "known") if sheet.of("ready") else []


def read_year(by: Actor, school: School, form: YearForm, at: datetime) -> YearLists:
    """Returns what the files say, sheet by sheet and line by line; writes nothing. What a sheet would add is compared
    with what the school has and with what the other sheets would add. Raises Invalid on `session`, on `exam`;
    TooManyViews, ListsBusy.
    """
    require(by, Action.ENROL, school)
    session = check_fields({"session": form.session}, {"session": session_code})["session"]
    exam = chosen_exam(school, form.exam).code
    circular_to_pin(session, exam)
    titles = _titles(school, form)
    sheets = found_sheets(form.files, form.kinds, titles, by.journal_name)
    year = YearLists(session, exam, [YearSheet(sheet) for sheet in sheets])
    for sheet in year.sheets:
        sheet.read = _read(sheet, titles, form, at)
    enrolled = _enrolled(school, session)
    to_come: list[Candidacy] = []
    for sheet in year.of_kind(ListOf.CANDIDATES):
        to_come += _compare_candidates(school, year, sheet, form, at)
    companies = list(Company.objects(school=school.id)) if _needs_companies(year) else []
    for sheet in year.of_kind(ListOf.COMPANIES):
        lines = compare_companies(sheet.read, companies, form.cells.get(sheet.source.number, NONE_TYPED))
        sheet.lines = lines
        companies += [line.prospect(school) for line in lines if line.state == "ready"]
    for sheet in year.of_kind(ListOf.TEACHERS):
        _compare_teachers(school, sheet, [*enrolled, *to_come], form)
    beside = Beside([*enrolled, *to_come], companies, {candidacy.id for candidacy in to_come})
    for sheet in year.of_kind(ListOf.PERIODS):
        _compare_periods(by, school, year, sheet, beside, form)
    _compare_all_tutors(by, year, beside, form)
    return year


def _titles(school: School, form: YearForm) -> dict[str, dict[str, str]]:
    return {kind: remembered(school, kind) | dict(form.titles.get(kind, {})) for kind in ListOf}


def _enrolled(school: School, session: str) -> list[Candidacy]:
    return list(Candidacy.objects(school=school.id, session=session).order_by("name_key", "id"))


def _needs_companies(year: YearLists) -> bool:
    return any(year.of_kind(kind) for kind in (ListOf.COMPANIES, ListOf.PERIODS, ListOf.TUTORS))


def _read(sheet: YearSheet, titles: Titles, form: YearForm, at: datetime) -> ReadList:
    source = sheet.source
    if source.table is None or source.kind is None:
        return ReadList(file_errors=[source.fault] if source.fault else [])
    defaults = form.defaults if source.kind == ListOf.CANDIDATES else {}
    mapping = titles.get(source.kind, {})
    if source.kind == ListOf.TUTORS:
        mapping = titles_of_tutors(source.table.sheets[0], mapping)
    return read_tables_as(source.table, KINDS[source.kind], at.date(), mapping, defaults)


def _compare_candidates(
    school: School, year: YearLists, sheet: YearSheet, form: YearForm, at: datetime
) -> list[Candidacy]:
    """Compares the lines of a sheet of candidates; returns the candidacies that they would make, not written."""
    typed, homonyms = form.cells.get(sheet.source.number, NONE_TYPED), form.homonyms.get(sheet.source.number, ())
    sitting = year.session, year.exam
    sheet.read, lines = compare_candidates(school, sitting, sheet.read, typed, homonyms, at)
    sheet.lines = lines
    circular = circular_to_pin(*sitting)
    new = [line for line in lines if line.state == "ready" and not line.stored["known"]]
    return [line.prospect(school, sitting, circular, at) for line in new]


def _compare_teachers(school: School, sheet: YearSheet, candidates: Sequence[Candidacy], form: YearForm) -> None:
    typed = form.cells.get(sheet.source.number, NONE_TYPED)
    sheet.read, sheet.lines = compare_teachers(school, sheet.read, candidates, typed)


def _compare_periods(
    by: Actor, school: School, year: YearLists, sheet: YearSheet, beside: Beside, form: YearForm
) -> PeriodList:
    typed = form.cells.get(sheet.source.number, NONE_TYPED)
    periods = compare_periods(by, school, year.session, sheet.read, beside, typed)
    sheet.lines = periods.lines
    return periods


def _compare_all_tutors(by: Actor, year: YearLists, beside: Beside, form: YearForm) -> None:
    """Compares the sheets of tutors with the periods of the school, and with those that the other sheets would add."""
    sheets = year.of_kind(ListOf.TUTORS)
    lines = [line for sheet in year.of_kind(ListOf.PERIODS) for line in sheet.lines if isinstance(line, PeriodLine)]
    periods, companies = periods_to_come(lines, beside.companies) if sheets else ([], beside.companies)
    for sheet in sheets:
        _compare_tutors(by, sheet, beside.candidates, companies, periods, form)


def _compare_tutors(
    by: Actor,
    sheet: YearSheet,
    candidates: Sequence[Candidacy],
    companies: Sequence[Company],
    to_come: Sequence[Placement],
    form: YearForm,
) -> list[TutorLine]:
    typed = form.cells.get(sheet.source.number, NONE_TYPED)
    sheet.lines = lines = compare_tutors(by, sheet.read, candidates, companies, to_come, typed)
    return lines


# --- writing --------------------------------------------------------------------------------------


def add_year(by: Actor, school: School, form: YearForm, at: datetime) -> YearLists:
    """Writes every line that is right and new, and returns the lists as they stand then: a line that is refused says
    why, and keeps no other out. Takes what `read_year` takes and raises what it raises; QuestionsUnanswered,
    HomonymsUndecided, before anything is written; Unavailable.
    """
    require(by, Action.ENROL, school)
    year = read_year(by, school, form, at)
    _refuse_unanswered(year, form.agreed)
    remember(by, school, form.titles, at)
    try:
        _write(by, school, year, form, at)
    finally:  # what was written before a failure can be taken back too
        rosters = [sheet.roster for sheet in year.sheets if sheet.roster is not None]
        rows = rows_of_year(rosters, [line for sheet in year.sheets for line in sheet.lines])
        year.written = record(by, school, year.session, rows, at, [roster.id for roster in rosters])
    return year


def _write(by: Actor, school: School, year: YearLists, form: YearForm, at: datetime) -> None:
    """Writes the sheets, kind by kind, as `add_year` does. Raises Unavailable."""
    titles = _titles(school, form)
    for sheet in year.of_kind(ListOf.CANDIDATES):
        _enrol(by, school, year, sheet, form, at)
    enrolled = _enrolled(school, year.session)
    # Read anew, since they are compared with what the sheets before them wrote.
    for sheet in year.of_kind(ListOf.TEACHERS):
        sheet.read = _read(sheet, titles, form, at)
        _compare_teachers(school, sheet, enrolled, form)
        lines = [line for line in sheet.lines if isinstance(line, TeacherLine)]
        amend = dict(form.amend.get(sheet.source.number, {}))
        if TAKE_OVER in form.agreed:
            amend |= {line.row.line: [*amend.get(line.row.line, ()), FOLLOWS] for line in lines if line.taken}
        add_teachers(by, school, lines, amend, at)
        enrolled = _enrolled(school, year.session)
    for sheet in year.of_kind(ListOf.COMPANIES):
        of_companies = [line for line in sheet.lines if isinstance(line, CompanyLine)]
        add_companies(by, school, of_companies, form.amend.get(sheet.source.number, {}), at)
    for sheet in year.of_kind(ListOf.PERIODS):
        sheet.read = _read(sheet, titles, form, at)
        beside = Beside(enrolled, list(Company.objects(school=school.id)))
        periods = _compare_periods(by, school, year, sheet, beside, form)
        add_ready(by, school, periods, at, amend=AMEND_KNOWN in form.agreed)
    for sheet in year.of_kind(ListOf.TUTORS):
        sheet.read = _read(sheet, titles, form, at)
        companies = list(Company.objects(school=school.id))
        lines_of_tutors = _compare_tutors(by, sheet, enrolled, companies, (), form)
        write_tutors(by, lines_of_tutors, form.amend.get(sheet.source.number, {}), at)


def _refuse_unanswered(year: YearLists, agreed: Sequence[str]) -> None:
    """Raises QuestionsUnanswered, HomonymsUndecided."""
    answered = (set(agreed) - {LOST_ZEROS}) | ({LOST_ZEROS} if zeros_answered(agreed) else set())
    if unanswered := year.questions.keys() - answered:
        raise QuestionsUnanswered(questions=" ; ".join(ASKED_FR[code] for code in sorted(unanswered)))
    if undecided := year.undecided:
        raise HomonymsUndecided(lines=", ".join(str(line.row.line) for _, line in undecided))


def _enrol(by: Actor, school: School, year: YearLists, sheet: YearSheet, form: YearForm, at: datetime) -> None:
    """Enrols the candidates of a sheet, if one of its lines has something to write; says in each line why the whole is
    refused where it is. Raises Unavailable.
    """
    ready = sheet.of("ready")
    if not ready:
        return
    lines = [line for line in sheet.lines if isinstance(line, CandidateLine)]
    homonyms = [line.row.line for line in lines if line.chosen]
    # A second sheet is compared with those whom the first one enrolled.
    sitting = year.session, year.exam
    try:
        roster = enrol_lines(by, school, sitting, sheet.read, sheet.source.sha256, at, homonyms, form.agreed)
    except Unavailable:
        raise
    except Refusal as refusal:
        for line in ready:
            line.row.errors.setdefault("row", []).append(refusal.message)
        return
    sheet.lines = [CandidateLine(row, row["line"] in homonyms) for row in roster.rows]
    sheet.waits, sheet.roster = roster.id if roster.waiting else None, roster

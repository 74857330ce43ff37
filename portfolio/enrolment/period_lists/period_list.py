"""Reads a list of periods in companies, shows what it would add, and adds it.

Nothing of a list is kept but the periods: the same list sent again finds them, and adds only what is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from bson import ObjectId

from portfolio.documents import Candidacy, Company, ListImport, Person, Placement, School
from portfolio.documents.candidacies import PlacementKind, there_in_ccf
from portfolio.enrolment.institutions import new_company
from portfolio.enrolment.lists.reading import SPLIT_NAMES, UNLIKELY_DATES, ListRow, ReadList, read_list, type_cells
from portfolio.enrolment.lists.remembered_titles import remember, remembered
from portfolio.enrolment.lists.written import record
from portfolio.enrolment.period_lists.columns import COLUMNS, MOST_DAYS, PERIODS
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN, correct_known, keep_what_is_signed, tutor_of
from portfolio.enrolment.period_lists.matching import CANDIDACY, PeriodLine, find_candidate, find_company, find_known
from portfolio.enrolment.period_lists.tutor_cells import split_tutor
from portfolio.enrolment.period_lists.written_rows import rows_of_periods
from portfolio.enrolment.placements import (
    PlacementValues,
    placement_to_add,
    refuse_without_portfolio,
    unlikely_period,
    within,
)
from portfolio.errors import Invalid, NotNow, Refusal, RuleSource, Unavailable
from portfolio.identifiers import session_code
from portfolio.identity.accounts import ANOTHER_NAME, is_named
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import CandidateStatus
from portfolio.store.journal import AnyChange, Hold, HoldNone, Insert, commit
from portfolio.validation import check_fields
from portfolio.working_days import is_worked

PERIODS_KIND = "periods"
LONGEST_COUNTED = 1_100  # days of a period, three years: longer ones are mistyped
MOST_AT_ONCE = 200  # periods added by one request: the others wait for the next one
_COMPANY = {"company": "name", "city": "city", "siret": "siret", "address": "address", "country": "country"}
_COLUMN_OF = {name: column for column, name in _COMPANY.items()} | {
    "tutor.email": "tutor_email",
    "tutor.family_name": "tutor",
    "tutor.given_names": "tutor",
}
_USUAL = {
    CandidateStatus.APPRENTI: PlacementKind.APPRENTISSAGE,
    CandidateStatus.EXPERIENCE: PlacementKind.EMPLOI,
}

QUESTIONS = (SPLIT_NAMES, UNLIKELY_DATES)

Corrections = Mapping[int, Mapping[str, str]]


class NamesUnchecked(NotNow):
    code = "names_unchecked"
    source = RuleSource.INTEGRITY
    detail = "Vérifiez d'abord ce qui est demandé de ces lignes ({lines}), puis cochez."


@dataclass
class PeriodList:
    """A list of periods as read for a session. read: the file. lines: in its order. written: what it wrote just now."""

    session: str
    read: ReadList
    lines: list[PeriodLine] = field(default_factory=list)
    written: ListImport | None = None

    def of(self, *states: str) -> list[PeriodLine]:
        """Returns the lines in one of these states, which are those of `PeriodLine`."""
        return [line for line in self.lines if line.state in states]

    @property
    def questions(self) -> dict[str, list[tuple[int, str]]]:
        """Returns what is asked about the lines that are ready: code -> (line, how it was read)."""
        asked: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for line in self.of("ready"):
            for code, reading in line.row.asked.items():
                asked[code].append((line.row.line, reading))
        return asked


def read_periods(
    by: Actor,
    school: School,
    session: str,
    data: bytes,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    corrections: Corrections | None = None,
) -> PeriodList:
    """Returns what a list of periods says of candidates of this session, line by line; writes nothing. A file that
    cannot be read is in `read.file_errors`. mapping: {key of a title: field, "" not to read it}, beside what the school
    said of earlier lists. corrections: line -> {field: cell as typed}; « candidacy » is who was chosen. Raises Invalid
    on `session`, TooManyViews, ListsBusy.
    """
    require(by, Action.ENROL, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    titles = remembered(school, PERIODS_KIND) | dict(mapping or {})
    read = read_list(data, PERIODS, at.date(), by.journal_name, titles)
    enrolled = list(Candidacy.objects(school=school.id, session=session).order_by("name_key", "id"))
    of_school = list(Company.objects(school=school.id)) if read.rows else []
    return compare_periods(by, school, session, read, Beside(enrolled, of_school), corrections)


@dataclass(frozen=True)
class Beside:
    """What periods are compared with. candidates, companies: of the school; those to come with the same import stand
    among them, not written. to_come: ids of such candidates.
    """

    candidates: Sequence[Candidacy]
    companies: Sequence[Company]
    to_come: Collection[ObjectId] = ()


def compare_periods(
    by: Actor, school: School, session: str, read: ReadList, beside: Beside, corrections: Corrections | None
) -> PeriodList:
    """Returns a list of periods that was read, compared with what the school has; writes nothing. corrections: as for
    `read_periods`.
    """
    periods = PeriodList(session, read, [PeriodLine(row) for row in read.rows])
    for line in periods.lines:
        _correct(line.row, (corrections or {}).get(line.row.line, {}))
        split_tutor(line.row)
        _compare_dates(line, school.uai)
        find_candidate(line, beside.candidates)
        find_company(line, beside.companies)
        if line.candidacy is not None:
            _refuse_of_candidate(by, line, line.candidacy, to_come=line.candidacy.id in beside.to_come)
        _ask_about_dates(line)
    ids = {line.candidacy.id for line in periods.lines if line.candidacy is not None}
    find_known(periods.lines, Placement.objects(candidacy__in=list(ids)) if ids else ())
    keep_what_is_signed(periods.lines)
    _compare_addresses(periods.lines)
    _say_nameless(periods.lines)
    return periods


def _correct(row: ListRow, typed: Mapping[str, str]) -> None:
    """Puts what somebody typed in the place of cells."""
    if CANDIDACY in typed:
        row.values[CANDIDACY] = typed[CANDIDACY]
    type_cells(row, COLUMNS, typed)


def _say_nameless(lines: Iterable[PeriodLine]) -> None:
    """Says which of the periods to be added have no tutor yet."""
    for line in lines:
        if line.known is None and not line.row.values.get("tutor") and "tutor" not in line.row.errors:
            line.row.warnings.append("Tuteur à désigner : ce qui lui sera demandé attend qu'il soit enregistré.")


def _compare_dates(line: PeriodLine, uai: str) -> None:
    """Says of a line whose period ends before it starts, or is too short for its days; counts days that nobody said, as
    those worked at the school of this code.
    """
    if line.row.errors.keys() & {"starts_on", "ends_on", "days"}:
        return
    values = line.row.values
    if "days" not in values and not _count_days(line, uai):
        line.wrong("days", "Indiquez les jours : ces dates ne permettent pas de les compter.")
        return
    try:
        within(str(values["starts_on"]), str(values["ends_on"]), int(str(values["days"])))
    except Invalid as invalid:
        _refused(line, invalid)


def _ask_about_dates(line: PeriodLine) -> None:
    """Asks about the dates of a line that are probably slips of the hand."""
    if line.candidacy is None or line.row.errors.keys() & {"starts_on", "ends_on", "days"}:
        return
    days = [str(line.row.values[name]) for name in ("starts_on", "ends_on")]
    doubts = [doubt.sentence for doubt in unlikely_period(line.candidacy, _kind(line, line.candidacy), days)]
    if doubts:
        line.row.asked[UNLIKELY_DATES] = " ; ".join(doubts)


def _kind(line: PeriodLine, candidacy: Candidacy) -> str:
    return str(line.row.values.get("kind") or _USUAL.get(candidacy.status, PlacementKind.STAGE))


def _count_days(line: PeriodLine, uai: str) -> bool:
    """Returns whether the days of a line could be counted, from Monday to Friday without bank holidays."""
    values = line.row.values
    first, last = date.fromisoformat(str(values["starts_on"])), date.fromisoformat(str(values["ends_on"]))
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_COUNTED:
        return False
    worked = sum(is_worked(first + timedelta(days=passed), uai) for passed in range(length))
    if not 1 <= worked <= MOST_DAYS:
        return False
    values["days"], line.counted = str(worked), True
    line.row.warnings.append(f"Jours non dits : {worked}, du lundi au vendredi sans les jours fériés. Vérifiez-les.")
    return True


def _refuse_of_candidate(by: Actor, line: PeriodLine, candidacy: Candidacy, *, to_come: bool) -> None:
    """Says of a line whose candidate has no portfolio, gave up, or is not for this person to place. to_come: they are
    enrolled with the same import, by this person.
    """
    if not to_come and not may(by, Action.PLACE, candidacy):
        line.wrong("row", "Cette ligne est à ajouter par quelqu'un d'autre de l'établissement : elle vous concerne.")
    try:
        refuse_without_portfolio(candidacy)
    except NotNow as refusal:
        _refused(line, refusal)


def _compare_addresses(lines: Iterable[PeriodLine]) -> None:
    """Says where the address of a tutor is known here under another name."""
    addresses = {str(line.row.values.get("tutor_email", "")) for line in lines} - {""}
    people = {person.email: person for person in Person.objects(email__in=sorted(addresses))} if addresses else {}
    for line in lines:
        values = line.row.values
        person = people.get(values.get("tutor_email"))
        if person is None or line.known is not None or line.row.errors.keys() & {"tutor", "tutor_email"}:
            continue
        if not is_named(person, str(values["tutor_given_names"]), str(values["tutor"])):
            line.wrong("tutor_email", ANOTHER_NAME)


def _refused(line: PeriodLine, refusal: Refusal) -> None:
    """Puts in a line why an act refused it, at the cell that is to be corrected."""
    if isinstance(refusal, Invalid):
        for name, sentences in refusal.errors.items():
            line.row.errors.setdefault(_COLUMN_OF.get(name, name), []).extend(sentences)
    else:
        line.wrong("row", refusal.message)


# --- writing --------------------------------------------------------------------------------------


def add_periods(
    by: Actor,
    school: School,
    session: str,
    data: bytes,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    corrections: Corrections | None = None,
    agreed: Collection[str] = (),
) -> PeriodList:
    """Adds the periods of a list that are right and not known yet, each with its company and tutor, at most
    MOST_AT_ONCE; returns the list as it stands then: a line that is refused says why, and keeps no other out. agreed:
    codes of the `questions` whose readings were found right; AMEND_KNOWN for periods that differ to be corrected. Takes
    the rest as `read_periods`, and raises what it raises; NamesUnchecked.
    """
    require(by, Action.ENROL, school)
    periods = read_periods(by, school, session, data, at, mapping, corrections)
    unanswered = [line for code, readings in periods.questions.items() if code not in agreed for line, _ in readings]
    if unanswered:
        raise NamesUnchecked(lines=", ".join(map(str, sorted(set(unanswered)))))
    remember(by, school, {PERIODS_KIND: mapping or {}}, at)
    try:
        add_ready(by, school, periods, at, amend=AMEND_KNOWN in agreed)
    finally:  # what was written before a failure can be taken back too
        periods.written = record(by, school, periods.session, rows_of_periods(periods.lines), at)
    return periods


def add_ready(by: Actor, school: School, periods: PeriodList, at: datetime, *, amend: bool) -> None:
    """Adds the periods that are ready, as `add_periods` does. amend: corrects those that differ where nobody signed."""
    made: dict[str, Company] = {}
    acts: list[tuple[PeriodLine, Callable[[PeriodLine], None]]] = [
        *((line, partial(_add, by, school, made, at)) for line in periods.of("ready")[:MOST_AT_ONCE]),
        *((line, partial(correct_known, by, at)) for line in (periods.of("differs") if amend else [])[:MOST_AT_ONCE]),
    ]
    for line, act in acts:
        try:
            act(line)
        except Unavailable:
            raise
        except Refusal as refusal:
            _refused(line, refusal)


def _add(by: Actor, school: School, made: dict[str, Company], at: datetime, line: PeriodLine) -> None:
    """Adds the period of a line, and its company where it is new, in one commit. made: the companies that this list
    added. Raises what `add_placement` raises, AlreadyExists, MovedMeanwhile where it was added meanwhile.
    """
    candidacy = line.candidacy
    assert candidacy is not None
    company, added = line.company or made.get(line.company_key), list[AnyChange]()
    if company is None:
        values = line.row.values
        named = {name: str(values[column]) for column, name in _COMPANY.items() if values.get(column)}
        company = new_company(school, named, at)
        added.append(Insert(company))
    terms = _terms(line, candidacy)
    placement, changes, event = placement_to_add(by, candidacy, company, terms, at)
    same = {"candidacy": candidacy.id, "company": company.id, "cancelled_at": None}
    same |= {"starts_on": placement.starts_on, "ends_on": placement.ends_on}
    # The candidacy first: every act that adds a period of this candidate writes it.
    commit([Hold(candidacy, there_in_ccf(candidacy)), HoldNone(Placement, same), *added, *changes], event)
    made[line.company_key] = company
    line.added, line.company_added = placement, company if added else None


def _terms(line: PeriodLine, candidacy: Candidacy) -> PlacementValues:
    values = line.row.values
    return PlacementValues(
        kind=_kind(line, candidacy),
        starts_on=str(values["starts_on"]),
        ends_on=str(values["ends_on"]),
        days=int(str(values["days"])),
        missions=str(values["missions"]) if values.get("missions") else None,
        tutor=tutor_of(line.row) if values.get("tutor") else None,
        confirmed=True,  # `add_periods` asked
    )

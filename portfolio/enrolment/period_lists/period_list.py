"""Reads a list of periods in companies, shows what it would add, and adds it.

Nothing of a list is kept but the periods: the same list sent again finds them, and adds only what is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portfolio.documents import Candidacy, Company, Person, Placement, School
from portfolio.documents.candidacies import PlacementKind, there_in_ccf
from portfolio.enrolment.institutions import new_company
from portfolio.enrolment.lists.full_names import split_full_name
from portfolio.enrolment.lists.reading import (
    SPLIT_NAMES,
    UNLIKELY_DATES,
    ListRow,
    ReadList,
    cleaned,
    read_cell,
    read_list,
)
from portfolio.enrolment.period_lists.columns import COLUMNS, PERIODS
from portfolio.enrolment.period_lists.matching import CANDIDACY, PeriodLine, find_candidate, find_company, find_known
from portfolio.enrolment.placements import (
    PlacementValues,
    TutorValues,
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
    """A list of periods as read for a session. read: the file. lines: in its order."""

    session: str
    read: ReadList
    lines: list[PeriodLine] = field(default_factory=list)

    def of(self, state: str) -> list[PeriodLine]:
        """Returns the lines in a state: added, wrong, known, ready."""
        return [line for line in self.lines if line.state == state]

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
    cannot be read is in `read.file_errors`. mapping: {key of a title: field, "" not to read it}. corrections: line ->
    {field: cell as typed}; « candidacy » is who was chosen. Raises Invalid on `session`, TooManyViews, ListsBusy.
    """
    require(by, Action.ENROL, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    read = read_list(data, PERIODS, at.date(), by.journal_name, mapping)
    periods = PeriodList(session, read, [PeriodLine(row) for row in read.rows])
    for line in periods.lines:
        _correct(line.row, (corrections or {}).get(line.row.line, {}))
        _split_tutor(line.row)
        _compare_dates(line)
    enrolled = list(Candidacy.objects(school=school.id, session=session).order_by("name_key", "id"))
    of_school = list(Company.objects(school=school.id)) if periods.lines else []
    for line in periods.lines:
        find_candidate(line, enrolled)
        find_company(line, of_school)
        _refuse_of_candidate(by, line)
        _ask_about_dates(line)
    ids = {line.candidacy.id for line in periods.lines if line.candidacy is not None}
    find_known(periods.lines, Placement.objects(candidacy__in=list(ids)) if ids else ())
    _compare_addresses(periods.lines)
    return periods


def _correct(row: ListRow, typed: Mapping[str, str]) -> None:
    """Puts what somebody typed in the place of cells."""
    for name, cell in typed.items():
        if name == CANDIDACY:
            row.values[CANDIDACY] = cell
        elif name in COLUMNS:
            for known in (row.values, row.errors, row.proposals):
                known.pop(name, None)
            read_cell(row, name, COLUMNS[name], cleaned(cell))


def _split_tutor(row: ListRow) -> None:
    """Puts the family name and the given names of the tutor in `tutor` and `tutor_given_names`; asks where nothing says
    which is which.
    """
    written = row.values.get("tutor")
    if "tutor" in row.errors or row.values.get("tutor_given_names"):
        return
    if not written:
        row.errors["tutor"] = ["Indiquez le prénom et le nom du tuteur : cette cellule est vide."]
        return
    split = split_full_name(str(written))
    if not split.given:
        row.errors["tutor"] = ["Indiquez le prénom du tuteur avec son nom."]
        return
    row.values["tutor"], row.values["tutor_given_names"] = split.family, split.given
    if not split.sure:
        row.asked[SPLIT_NAMES] = f"{written} → {split.family} | {split.given}"


def _compare_dates(line: PeriodLine) -> None:
    """Says of a line whose period ends before it starts, or is too short for its days."""
    if line.row.errors.keys() & {"starts_on", "ends_on", "days"}:
        return
    values = line.row.values
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
    return str(line.row.values.get("kind") or _USUAL.get(CandidateStatus(candidacy.status), PlacementKind.STAGE))


def _refuse_of_candidate(by: Actor, line: PeriodLine) -> None:
    """Says of a line whose candidate has no portfolio, gave up, or is not for this person to place."""
    if line.candidacy is None:
        return
    if not may(by, Action.PLACE, line.candidacy):
        line.wrong("row", "Cette ligne est à ajouter par quelqu'un d'autre de l'établissement : elle vous concerne.")
    try:
        refuse_without_portfolio(line.candidacy)
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
    codes of the `questions` whose readings were found right. Takes the rest as `read_periods`, and raises what it
    raises; NamesUnchecked.
    """
    require(by, Action.ENROL, school)
    periods = read_periods(by, school, session, data, at, mapping, corrections)
    unanswered = [line for code, readings in periods.questions.items() if code not in agreed for line, _ in readings]
    if unanswered:
        raise NamesUnchecked(lines=", ".join(map(str, sorted(set(unanswered)))))
    made: dict[str, Company] = {}
    for line in periods.of("ready")[:MOST_AT_ONCE]:
        try:
            line.added = _add(by, school, line, made, at)
        except Unavailable:
            raise
        except Refusal as refusal:
            _refused(line, refusal)
    return periods


def _add(by: Actor, school: School, line: PeriodLine, made: dict[str, Company], at: datetime) -> Placement:
    """Adds the period of a line, and its company where it is new, in one commit; returns it. made: the companies that
    this list added. Raises what `add_placement` raises, AlreadyExists, MovedMeanwhile where it was added meanwhile.
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
    return placement


def _terms(line: PeriodLine, candidacy: Candidacy) -> PlacementValues:
    values = line.row.values
    tutor = TutorValues(
        family_name=str(values["tutor"]),
        given_names=str(values["tutor_given_names"]),
        email=str(values["tutor_email"]) if values.get("tutor_email") else None,
        function=str(values["tutor_function"]) if values.get("tutor_function") else None,
    )
    return PlacementValues(
        kind=_kind(line, candidacy),
        starts_on=str(values["starts_on"]),
        ends_on=str(values["ends_on"]),
        days=int(str(values["days"])),
        missions=str(values["missions"]) if values.get("missions") else None,
        tutor=tutor,
        confirmed=True,  # `add_periods` asked
    )

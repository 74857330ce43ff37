"""Tutors from a list: each line finds the periods that it is about, and what it says of their tutor is compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bson import ObjectId

from portfolio.documents import Candidacy, Company, Person, Placement
from portfolio.documents.fields import by_id
from portfolio.enrolment.lists.reading import ListRow, ReadList, type_cells
from portfolio.enrolment.period_lists.correcting import SIGNED, signed_among
from portfolio.enrolment.period_lists.matching import CANDIDACY, PeriodLine, find_candidate
from portfolio.enrolment.period_lists.tutor_cells import split_tutor
from portfolio.enrolment.placements import refuse_without_portfolio
from portfolio.enrolment.year_lists.tutor_columns import COLUMNS, OF_CANDIDATES
from portfolio.errors import NotNow
from portfolio.identifiers import name_key
from portfolio.identity.accounts import ANOTHER_NAME, is_named
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor

NOT_OURS = "Cette ligne est à enregistrer par quelqu'un d'autre de l'établissement : elle vous concerne."


@dataclass(frozen=True)
class WrittenTutor:
    """What a line changed of a period. before, after: field -> value."""

    placement: Placement
    before: dict[str, object]
    after: dict[str, object]


@dataclass
class TutorLine:
    """A line and what it is about. fits: candidates among whom somebody has to choose. to_name: periods without tutor;
    others: those of another tutor, where nobody signed; same: those of this tutor already; coming: those that come with
    the same lists under this tutor. completes: what the list adds about that tutor, of whom nothing was known: field ->
    value. differs: field -> [as known, as listed].
    """

    row: ListRow
    candidacy: Candidacy | None = None
    fits: Sequence[Candidacy] = ()
    to_name: list[Placement] = field(default_factory=list)
    others: list[Placement] = field(default_factory=list)
    same: list[Placement] = field(default_factory=list)
    coming: list[Placement] = field(default_factory=list)
    people: Mapping[ObjectId, Person] = field(default_factory=dict)
    completes: dict[str, str] = field(default_factory=dict)
    differs: dict[str, list[str]] = field(default_factory=dict)
    kept: str = ""
    added: bool = False
    corrected: bool = False
    written: list[WrittenTutor] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Returns `added`, `corrected`, `wrong`, `ready`, `differs` (it may be corrected) or `known`."""
        if self.added or self.corrected:
            return "added" if self.added else "corrected"
        if self.row.errors:
            return "wrong"
        if self.to_name or self.completes:
            return "ready"
        return "differs" if self.amendable else "known"

    @property
    def amendable(self) -> list[str]:
        """Returns the fields that differ and that the office may correct by this list."""
        return [] if self.row.errors else [name for name in self.differs if name != "tutor" or self.others]

    @property
    def name(self) -> str:
        return f"{self.row.values.get('tutor_given_names', '')} {self.row.values.get('tutor', '')}".strip()

    @property
    def where(self) -> str:
        """Returns which periods the line is about, in French."""
        periods = [*self.to_name, *self.others, *self.same, *self.coming]
        return ", ".join(sorted({f"{period.company_name} ({period.company_city})" for period in periods}, key=name_key))

    def wrong(self, name: str, sentence: str) -> None:
        self.row.errors.setdefault(name, []).append(sentence)


def compare_tutors(
    by: Actor,
    read: ReadList,
    enrolled: Sequence[Candidacy],
    companies: Sequence[Company],
    to_come: Sequence[Placement],
    typed: Mapping[int, Mapping[str, str]],
) -> list[TutorLine]:
    """Returns the lines compared with the periods of those who are enrolled. companies: of the school. to_come: periods
    that come with the same lists, not written. typed: line -> {field: cell as corrected}. Five queries at most,
    whatever the length.
    """
    lines = [TutorLine(row) for row in read.rows]
    for line in lines:
        type_cells(line.row, COLUMNS, typed.get(line.row.line, {}))
        if CANDIDACY in typed.get(line.row.line, {}):
            line.row.values[CANDIDACY] = typed[line.row.line][CANDIDACY]
        _find_candidate(line, enrolled)
    in_ccf = [candidacy.id for candidacy in enrolled if candidacy.in_ccf]
    live = list(Placement.objects(candidacy__in=in_ccf, cancelled_at=None).order_by("starts_on", "id")) if lines else []
    coming = {placement.id for placement in to_come}
    not_theirs = {candidacy.id for candidacy in enrolled if not may(by, Action.PLACE, candidacy)} if lines else set()
    for line in lines:
        line.to_name = _periods_of(line, [*live, *to_come], companies)
        if any(period.candidacy in not_theirs and period.id not in coming for period in line.to_name):
            line.wrong("row", NOT_OURS)
    _refuse_two_tutors(lines)
    _compare(lines)
    return lines


def _find_candidate(line: TutorLine, enrolled: Sequence[Candidacy]) -> None:
    """Sets whose tutor the line names, if it says so, and who that tutor is called; says what is to be corrected."""
    values = line.row.values
    if "tutor" not in line.row.errors and not values.get("tutor"):
        line.wrong("tutor", "Indiquez le nom du tuteur : cette cellule est vide.")
    else:
        split_tutor(line.row)
    if not any(values.get(name) for name in (*OF_CANDIDATES, CANDIDACY)):
        return
    read_as = PeriodLine(line.row)
    find_candidate(read_as, enrolled)
    line.candidacy, line.fits = read_as.candidacy, read_as.fits
    if line.candidacy is not None:
        try:
            refuse_without_portfolio(line.candidacy)
        except NotNow as refusal:
            line.wrong("row", refusal.message)


def _periods_of(line: TutorLine, live: Sequence[Placement], companies: Sequence[Company]) -> list[Placement]:
    """Returns the periods that a line is about; says why there is none, or which one is to be said."""
    values = line.row.values
    says_whom = any(values.get(name) for name in (*OF_CANDIDATES, CANDIDACY))
    says_where = any(values.get(name) for name in ("company", "siret"))
    if line.row.errors or not (says_whom or says_where):
        if not says_whom and not says_where and "siret" not in line.row.errors:
            line.wrong("company", "Indiquez le candidat, ou l'entreprise, dont cette personne est le tuteur.")
        return []
    theirs = [period for period in live if line.candidacy is None or period.candidacy == line.candidacy.id]
    there = _of_company(line, companies) if says_where else None
    periods = [period for period in theirs if there is None or period.company in there]
    if not periods:
        where = "dans cette entreprise " if says_where else ""
        whose = f"de {line.candidacy.display_name} " if line.candidacy is not None else "de cette session "
        sentence = f"Aucune période {whose}n'est enregistrée {where}: ajoutez-la d'abord, par une liste ou à sa page."
        line.wrong("company" if says_where else "row", sentence)
    elif len({period.company for period in periods}) > 1:
        names = ", ".join(
            sorted({f"{period.company_name} ({period.company_city})" for period in periods}, key=name_key)
        )
        line.wrong("company", f"Il y a des périodes dans plusieurs entreprises : indiquez laquelle ({names}).")
        return []
    return periods


def _of_company(line: TutorLine, companies: Sequence[Company]) -> set[ObjectId]:
    """Returns the ids of the companies that have the SIRET of a line, else its name, and its city where it is said."""
    values = line.row.values
    if siret := values.get("siret"):
        return {company.id for company in companies if company.siret == siret}
    name, city = name_key(str(values.get("company", ""))), name_key(str(values.get("city", "")))
    named = [company for company in companies if name_key(company.name) == name]
    return {company.id for company in named if not city or name_key(company.city) == city}


def _refuse_two_tutors(lines: Iterable[TutorLine]) -> None:
    """Says of a line that a line before it names another tutor of one of its periods; of a period that it names again,
    nothing is left to write.
    """
    named: dict[ObjectId, TutorLine] = {}
    for line in lines:
        if line.row.errors:
            continue
        before = [(placement, named.setdefault(placement.id, line)) for placement in line.to_name]
        clash = next((first for _, first in before if name_key(first.name) != name_key(line.name)), None)
        if clash is not None:
            sentence = (
                f"La ligne {clash.row.line} dit un autre tuteur pour la même période : indiquez de quel candidat "
                "chacun est le tuteur."
            )
            line.wrong("tutor", sentence)
        line.to_name = [placement for placement, first in before if first is line]


# --- what differs ---------------------------------------------------------------------------------


def _compare(lines: Sequence[TutorLine]) -> None:
    """Parts the periods of each line by who tutors them, and says what differs of that tutor."""
    periods = [placement for line in lines for placement in line.to_name]
    people = by_id(Person, (placement.tutor for placement in periods))
    addresses = sorted({str(line.row.values.get("tutor_email", "")) for line in lines} - {""})
    by_address = {person.email: person for person in Person.objects(email__in=addresses)} if addresses else {}
    tutored = [placement for placement in periods if placement.tutor is not None]
    signed = signed_among(tutored)
    for line in lines:
        line.people = people
        if line.row.errors:
            continue
        unparted, line.to_name = line.to_name, []
        for placement in unparted:
            _part(line, placement, signed)
        _compare_address(line, by_address.get(line.row.values.get("tutor_email")))
        _compare_function(line)
        _say_unsure(line)


def _part(line: TutorLine, placement: Placement, signed: set[ObjectId]) -> None:
    """Puts a period in the line by who tutors it."""
    if placement.tutor_name is None:
        line.to_name.append(placement)
        return
    same = set(name_key(placement.tutor_name).split()) == set(name_key(line.name).split())
    if placement.tutor is None:
        line.coming.append(placement)
        if not same:
            line.wrong("tutor", f"La liste des périodes dit un autre tuteur, {placement.tutor_name} : gardez-en un.")
        return
    if same:
        line.same.append(placement)
        return
    former = line.differs.setdefault("tutor", ["", line.name])
    former[0] = ", ".join(dict.fromkeys([*filter(None, [former[0]]), placement.shown_tutor]))
    if placement.id in signed and not names_alone(line, placement):
        line.kept = SIGNED
    else:
        line.others.append(placement)


def names_alone(line: TutorLine, placement: Placement) -> bool:
    """Returns whether the tutor of a period stays the same person, whom the list calls otherwise: the address is
    theirs.
    """
    listed = line.row.values.get("tutor_email")
    return bool(listed) and line.people[placement.tutor].email == listed


def _compare_address(line: TutorLine, known: Person | None) -> None:
    """Says whether the address of a line is known here under another name, or is not that of the tutor it names."""
    listed = line.row.values.get("tutor_email")
    if not listed or "tutor_email" in line.row.errors:
        return
    values = line.row.values
    theirs = {placement.tutor for placement in [*line.same, *line.others]}
    same_names = known is None or is_named(known, str(values["tutor_given_names"]), str(values["tutor"]))
    if known is not None and known.id not in theirs and not same_names:
        line.wrong("tutor_email", ANOTHER_NAME)
        return
    for key in dict.fromkeys(placement.tutor for placement in line.same):
        email = line.people[key].email
        if email is None:
            line.completes["tutor_email"] = str(listed)
        elif email != listed:
            line.differs["tutor_email"] = [email, str(listed)]


def _compare_function(line: TutorLine) -> None:
    listed = str(line.row.values.get("tutor_function") or "")
    if not listed or "tutor_function" in line.row.errors:
        return
    for placement in line.same:
        if placement.tutor_function is None:
            line.completes["tutor_function"] = listed
        elif name_key(placement.tutor_function) != name_key(listed):
            line.differs["tutor_function"] = [placement.tutor_function, listed]


def _say_unsure(line: TutorLine) -> None:
    """Says how a name was cut that the page does not ask about, since nothing new is to be written of it."""
    if not line.to_name and (line.others or line.same):
        for reading in line.row.asked.values():
            line.row.warnings.append(f"Nom lu ainsi : {reading}.")
        line.row.asked.clear()


# --- what comes with the same lists ---------------------------------------------------------------


def periods_to_come(lines: Iterable[PeriodLine], companies: Sequence[Company]) -> tuple[list[Placement], list[Company]]:
    """Returns the periods, and the companies of these that nobody knows yet, that lines of periods would add, not
    written.
    """
    made: dict[str, Company] = {}
    to_come: list[Placement] = []
    for line in lines:
        if line.state != "ready" or line.candidacy is None:
            continue
        values = line.row.values
        names = {name: values.get(column) for column, name in (("company", "name"), ("city", "city"))}
        company = line.company or made.setdefault(line.company_key, Company(siret=values.get("siret"), **names))
        tutor = f"{values.get('tutor_given_names', '')} {values.get('tutor', '')}".strip()
        called = {"company": company.id, "company_name": company.name, "company_city": company.city}
        days = {name: values.get(name) for name in ("starts_on", "ends_on")}
        to_come.append(Placement(candidacy=line.candidacy.id, tutor_name=tutor or None, **called, **days))
    return to_come, [*companies, *made.values()]

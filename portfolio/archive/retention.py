"""The register of a school's portfolios: the day from which each may be proposed for elimination, and what forbids it.

It eliminates nothing: elimination is a decision with a visa (code du patrimoine, L212-2), never a timer: see `slips.py`
and `eliminate.py`. The rule comes from the circular of each candidacy; for what the circular cannot know (an appeal),
the office places a hold (`archive/holds.py`).
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.archive.without_result import end_without_result
from portfolio.commission.office_outcomes import FRAUD
from portfolio.documents import Candidacy, EvidenceFile, Jury, OfficeOutcome, Portfolio, Result, School, Sheet
from portfolio.documents.portfolios import FileState, PortfolioState
from portfolio.documents.rows import Row
from portfolio.enrolment.pinned import circular_of
from portfolio.papers.csv_writer import listed
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import named

STATES = ("reached", "on_slip", "held", "waits", "reserved", "not_published", "eliminated")
WORDS = {
    "reached": "Durée atteinte",
    "on_slip": "Sur un bordereau",
    "held": "Conservation prolongée",
    "waits": "Durée en cours",
    "reserved": "Procédure en cours",
    "not_published": "Résultat non publié",
    "eliminated": "Éliminé",
}
HEADER = (
    *("Session", "Épreuve", "N° candidat", "Nom de naissance", "Prénoms"),
    *("Résultat publié le", "Pas avant le", "Situation", "Fichiers", "Octets"),
)


@dataclass(frozen=True)
class RegisterLine:
    """A line of the register. state: one of STATES. files, octets: of its pieces. published_at: of the result, or of
    the others' results where none is to come (`without_result`).

    earliest: None until every event that the rule waits for has happened.
    """

    candidacy: Row
    portfolio: Row
    state: str
    published_at: datetime | None
    earliest: datetime | None
    files: int
    octets: int


@dataclass(frozen=True)
class KeepingRule:
    """How long the portfolios of an exam (its code) are kept, in French. provisional: whether nobody read it in a
    circular. reached: how many may be proposed.
    """

    exam: str
    text: str
    provisional: bool
    reached: int


@dataclass(frozen=True)
class Register:
    """The register of one session. rules: of each exam that has portfolios in it, in the order of codes.

    next_session: the one whose publication the rule may also wait for. next_published_at: None before that publication.
    """

    session: str
    rules: tuple[KeepingRule, ...]
    next_session: str
    next_published_at: datetime | None
    lines: tuple[RegisterLine, ...]

    @property
    def counts(self) -> dict[str, int]:
        count_of = Counter(line.state for line in self.lines)
        return {state: count_of[state] for state in STATES}


def register(by: Actor, school: School, session: str, at: datetime) -> Register:
    """Returns the register of a school's portfolios of a session, of all its exams, in the order of names. Six queries,
    for any number of them, and three more where CCF asks nothing of some. Raises NotFound, Forbidden, UnknownCircular.
    """
    require(by, Action.ENROL, school)
    of_school = {"$and": [scope(by, Action.READ_PORTFOLIO, Portfolio), {"school": school.id, "session": session}]}
    portfolios = {raw["_id"]: Row(Portfolio, raw) for raw in Portfolio._get_collection().find(of_school)}
    ids = {"$in": list(portfolios)}
    rows = Candidacy._get_collection().find({"_id": ids}, batch_size=10_000).sort("name_key", 1)
    candidacies = [Row(Candidacy, raw) for raw in rows]
    published = end_without_result(candidacies) | _published(by, ids)
    reserved = _reserved(by, ids) - published.keys()
    weights = _weights(ids)
    following = next_session(session)
    no_wait = datetime.min.replace(tzinfo=at.tzinfo)
    after = dict(Jury.objects(academies=school.academy, session=following).scalar("exam", "published_at"))
    lines = []
    for candidacy in candidacies:
        rule = circular_of(candidacy).retention
        waits_for = after.get(candidacy.exam) if rule.until_next_session_published else no_wait
        earliest = earliest_day(published.get(candidacy.id), rule.months_after_publication, waits_for)
        own = portfolios[candidacy.id]
        state = _state_of(own) or _state(candidacy.id in reserved, published.get(candidacy.id), earliest, at)
        lines.append(
            RegisterLine(
                candidacy, own, state, published.get(candidacy.id), earliest, *weights.get(candidacy.id, (0, 0))
            )
        )
    return Register(session, _rules(lines), following, _all_of(after, candidacies), tuple(lines))


def _rules(lines: Sequence[RegisterLine]) -> tuple[KeepingRule, ...]:
    """Returns the rule of each exam, as the circular of its last line has it."""
    reached = Counter(line.candidacy.exam for line in lines if line.state == "reached")
    pinned = {line.candidacy.exam: circular_of(line.candidacy) for line in lines}
    return tuple(
        KeepingRule(code, rules.retention.text, rules.provisional, reached[code])
        for code, rules in sorted(pinned.items())
    )


def _all_of(published: dict[str, datetime | None], candidacies: Sequence[Row]) -> datetime | None:
    """Returns when the last of the exams of these candidacies was published; None if one is not. published: by exam."""
    days = [published.get(code) for code in {candidacy.exam for candidacy in candidacies} or published]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _published(by: Actor, ids: dict[str, list[ObjectId]]) -> dict[ObjectId, datetime]:
    query = {"$and": [scope(by, Action.READ_RESULT, Result), {"candidacy": ids, "published": True}]}
    rows = Result._get_collection().find(query, {"candidacy": 1, "published_at": 1}, batch_size=10_000)
    outcomes = {
        "$and": [scope(by, Action.READ_OUTCOME, OfficeOutcome), {"candidacy": ids, "published": True, "live": True}]
    }
    others = OfficeOutcome._get_collection().find(outcomes, {"candidacy": 1, "published_at": 1}, batch_size=10_000)
    return {row["candidacy"]: row["published_at"] for row in (*rows, *others)}


def _reserved(by: Actor, ids: dict[str, list[ObjectId]]) -> set[ObjectId]:
    query = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": ids, "live": True, "outcome": FRAUD}]}
    return set(Sheet._get_collection().distinct("candidacy", query))


def _weights(ids: dict[str, list[ObjectId]]) -> dict[ObjectId, tuple[int, int]]:
    """Returns {candidacy: (number of files kept, their size in bytes)}."""
    group = {"_id": "$candidacy", "files": {"$sum": 1}, "octets": {"$sum": "$size"}}
    kept = {"candidacy": ids, "state": FileState.VERIFIED, "discarded_at": None}
    rows = EvidenceFile._get_collection().aggregate([{"$match": kept}, {"$group": group}], batchSize=10_000)
    return {row["_id"]: (row["files"], row["octets"]) for row in rows}


# --- pure -----------------------------------------------------------------------------------------


def next_session(session: str) -> str:
    """Returns the code of the following session: "2028" after "2027", "2028R" after "2027R"."""
    return f"{int(session[:4]) + 1}{session[4:]}"


def earliest_day(published_at: datetime | None, months: int, waits_for: datetime | None) -> datetime | None:
    """Returns the later of `months` after the publication and `waits_for`; None while either has not happened. Pure."""
    if published_at is None or waits_for is None:
        return None
    return max(_months_after(published_at, months), waits_for)


def _months_after(moment: datetime, months: int) -> datetime:
    """Returns the same day, months later, or the last day of that month."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def _state_of(portfolio: Row) -> str | None:
    """Returns the state that a decision gives to the portfolio, before any date; None without any."""
    if portfolio.state == PortfolioState.ELIMINATED:
        return "eliminated"
    if portfolio.standing_hold is not None:
        return "held"
    return "on_slip" if portfolio.slip else None


def _state(reserved: bool, published_at: datetime | None, earliest: datetime | None, at: datetime) -> str:
    if reserved:
        return "reserved"
    if published_at is None:
        return "not_published"
    return "reached" if earliest is not None and earliest <= at else "waits"


def register_csv(lines: Sequence[RegisterLine], zone: str) -> bytes:
    """Returns the register as a CSV (`csv_writer.listed`), for the visa. zone: IANA name, for its days."""
    return listed(HEADER, [_written(line, ZoneInfo(zone)) for line in lines])


def _written(line: RegisterLine, zone: ZoneInfo) -> tuple[str, ...]:
    candidacy = line.candidacy
    dates = [f"{day.astimezone(zone):%d/%m/%Y}" if day else "" for day in (line.published_at, line.earliest)]
    person = (candidacy.shown_number, candidacy.birth_name, candidacy.given_names)
    return (
        candidacy.session,
        named(candidacy.exam),
        *person,
        *dates,
        WORDS[line.state],
        str(line.files),
        str(line.octets),
    )

"""The register of what a school keeps: since when each portfolio could be proposed for elimination, what forbids it.

Nothing here eliminates: that is a decision with a visa (code du patrimoine, L212-2), never a timer: see `slips.py` and
`eliminate.py`. The rule comes from the circular of each candidacy; what it does not know (an appeal) the office says by
a hold (`archive/holds.py`).
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Candidacy, EvidenceFile, Jury, Portfolio, Result, School, Sheet
from portfolio.documents.rows import Row
from portfolio.jury.jury import RESERVED
from portfolio.papers.csv_writer import listed
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.submission.submit import circular_of

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
    *("Session", "N° candidat", "Nom de naissance", "Prénoms"),
    *("Résultat publié le", "Pas avant le", "Situation", "Fichiers", "Octets"),
)


@dataclass(frozen=True)
class Kept:
    """state: of STATES. earliest: None until all that the rule waits for has happened. files, octets: of its pieces."""

    candidacy: Row
    portfolio: Row
    state: str
    published_at: datetime | None
    earliest: datetime | None
    files: int
    octets: int


@dataclass(frozen=True)
class Register:
    """next_session: whose publication is waited for too. next_published_at: None until then."""

    session: str
    rule: str
    next_session: str
    next_published_at: datetime | None
    lines: tuple[Kept, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.state for line in self.lines)
        return {state: found[state] for state in STATES}


def register(by: Actor, school: School, session: str, at: datetime) -> Register:
    """Of all portfolios of a session, in the order of names. Six commands, whatever their number."""
    require(by, Action.ENROL, school)
    of_school = {"$and": [scope(by, Action.READ_PORTFOLIO, Portfolio), {"school": school.id, "session": session}]}
    portfolios = {raw["_id"]: Row(Portfolio, raw) for raw in Portfolio._get_collection().find(of_school)}
    ids = {"$in": list(portfolios)}
    found = Candidacy._get_collection().find({"_id": ids}, batch_size=10_000).sort("name_key", 1)
    candidacies = [Row(Candidacy, raw) for raw in found]
    published = _published(by, ids)
    reserved = _reserved(by, ids) - published.keys()
    weights = _weights(ids)
    following = next_session(session)
    after = Jury.objects(academy=school.academy, session=following).first()
    next_published_at = after.published_at if after else None
    lines = []
    for one in candidacies:
        rule = circular_of(one).retention
        waits_for = next_published_at if rule.until_next_session_published else datetime.min.replace(tzinfo=at.tzinfo)
        earliest = earliest_day(published.get(one.id), rule.months_after_publication, waits_for)
        own = portfolios[one.id]
        state = _state_of(own) or _state(one.id in reserved, published.get(one.id), earliest, at)
        lines.append(Kept(one, own, state, published.get(one.id), earliest, *weights.get(one.id, (0, 0))))
    text = circular_of(candidacies[-1]).retention.text if candidacies else ""
    return Register(session, text, following, next_published_at, tuple(lines))


def _published(by: Actor, ids: dict[str, Any]) -> dict[ObjectId, datetime]:
    seen = {"$and": [scope(by, Action.READ_RESULT, Result), {"candidacy": ids, "published": True}]}
    rows = Result._get_collection().find(seen, {"candidacy": 1, "published_at": 1}, batch_size=10_000)
    return {row["candidacy"]: row["published_at"] for row in rows}


def _reserved(by: Actor, ids: dict[str, Any]) -> set[ObjectId]:
    seen = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": ids, "live": True, "outcome": RESERVED}]}
    return set(Sheet._get_collection().distinct("candidacy", seen))


def _weights(ids: dict[str, Any]) -> dict[ObjectId, tuple[int, int]]:
    """{candidacy: (files kept, their size)}"""
    group = {"_id": "$candidacy", "files": {"$sum": 1}, "octets": {"$sum": "$size"}}
    kept = {"candidacy": ids, "state": "verified", "discarded_at": None}
    rows = EvidenceFile._get_collection().aggregate([{"$match": kept}, {"$group": group}], batchSize=10_000)
    return {row["_id"]: (row["files"], row["octets"]) for row in rows}


# --- pure -----------------------------------------------------------------------------------------


def next_session(session: str) -> str:
    """ "2028" after "2027", "2028R" after "2027R"."""
    return f"{int(session[:4]) + 1}{session[4:]}"


def earliest_day(published_at: datetime | None, months: int, waits_for: datetime | None) -> datetime | None:
    """The later of `months` after the publication and what else is waited for; None while either has not happened."""
    if published_at is None or waits_for is None:
        return None
    return max(_months_after(published_at, months), waits_for)


def _months_after(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last one."""
    year, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + year, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def _state_of(portfolio: Row) -> str | None:
    """What people decided of it, before any date."""
    if portfolio.state == "eliminated":
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


def register_csv(lines: Sequence[Kept], zone: str) -> bytes:
    """For the visa."""
    return listed(HEADER, [_written(line, ZoneInfo(zone)) for line in lines])


def _written(line: Kept, zone: ZoneInfo) -> tuple[str, ...]:
    one = line.candidacy
    dates = [f"{day.astimezone(zone):%d/%m/%Y}" if day else "" for day in (line.published_at, line.earliest)]
    named = (one.session, one.candidate_number, one.birth_name, one.given_names)
    return (*named, *dates, WORDS[line.state], str(line.files), str(line.octets))

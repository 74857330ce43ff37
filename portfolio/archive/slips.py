"""Slips of elimination: drawn up by the office for a session, submitted to the archives, approved, refused, abandoned.

Nothing is eliminated here: `eliminate.py` carries out a slip with its visa (code du patrimoine, L212-2 and R212-14).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.archive.retention import KeepingRule, Register, RegisterLine, register
from portfolio.documents import EliminationSlip, Evidence, Portfolio, School, Submission
from portfolio.documents.eliminations import SlipLine, SlipState
from portfolio.documents.portfolios import PortfolioState
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid, NotNow, RuleSource, Stale
from portfolio.identifiers import session_code
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.exam import named
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, Change, ChangeAll, Insert, MovedMeanwhile, commit
from portfolio.validation import check_fields, checked_reason, day

MOST = 500  # portfolios on one slip: one transaction writes to all of them


class NothingReached(NotNow):
    code = "nothing_reached"
    source = RuleSource.CIRCULAR
    detail = (
        "Aucun portfolio de la session {session} n'a atteint sa durée de conservation, pour cette épreuve, sans être "
        "retenu ailleurs."
    )


class SlipDecided(NotNow):
    code = "slip_decided"
    source = RuleSource.INTEGRITY
    detail = "Ce bordereau n'attend plus de visa."


class SlipUnderWay(NotNow):
    code = "slip_under_way"
    source = RuleSource.INTEGRITY
    detail = "Ce bordereau est en cours d'exécution, exécuté ou déjà clos : il ne peut plus être abandonné."


def draw_up(by: Actor, school: School, session: str, at: datetime, exam: str | None = None) -> EliminationSlip:
    """Draws up a slip of every portfolio of the session and of one exam whose date is reached and that no procedure,
    hold or open slip keeps, MOST at most, and returns it. exam: its code; it may be left out where the session has one
    alone. Raises Invalid on `session`, on `exam`, NothingReached; MovedMeanwhile if another slip was drawn up, or a
    hold placed, at the same moment.
    """
    require(by, Action.DRAW_UP_SLIP, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    kept = register(by, school, session, at)
    rule = _chosen_rule(kept, exam)
    lines = [line for line in kept.lines if line.state == "reached" and line.candidacy.exam == rule.exam][:MOST]
    if not lines:
        raise NothingReached(session=session)
    slip = _slip(school, rule, sorted(lines, key=lambda line: line.candidacy.shown_number), at)
    slip.session = session
    slip.number = (
        f"{school.uai}-{session}-E{EliminationSlip.objects(school=school.id, session=session).count() + 1:02d}"
    )
    taken = Portfolio.objects(pk__in=[line.candidacy for line in slip.lines])
    free = [portfolio for portfolio in taken if _is_free(portfolio)]
    event = event_by(by, at, _chain(slip), EventName.ELIMINATION_SLIP_DRAWN_UP, slip, _counted(slip))
    try:
        if len(free) < len(lines):
            raise MovedMeanwhile()
        commit([Insert(slip), *(Change(portfolio, {"slip": slip.id}) for portfolio in free)], event)
    except (Stale, AlreadyExists):
        raise MovedMeanwhile() from None
    return slip


def _chosen_rule(kept: Register, exam: str | None) -> KeepingRule:
    """Returns the rule of the exam that is named, or of the only one. Raises NothingReached, Invalid on `exam`."""
    rules = {rule.exam: rule for rule in kept.rules}
    if not rules:
        raise NothingReached(session=kept.session)
    if not exam and len(rules) == 1:
        return kept.rules[0]
    if exam not in rules:
        raise Invalid({"exam": [f"Choisissez l'épreuve, parmi {' ; '.join(map(named, rules))}."]})
    return rules[exam]


def _is_free(portfolio: Portfolio) -> bool:
    """Returns True if no slip, hold or elimination has the portfolio."""
    kept = portfolio.slip is not None or portfolio.standing_hold is not None
    return not kept and portfolio.state != PortfolioState.ELIMINATED


def _source_in_words(rules: Circular) -> str:
    """Returns where the rule of conservation comes from: archives must not read « circulaire » of what none says."""
    kind = "modèle provisoire de la circulaire" if rules.provisional else "circulaire"
    return f"{kind} {rules.id}, version {rules.version}"


def _slip(school: School, rule: KeepingRule, lines: Sequence[RegisterLine], at: datetime) -> EliminationSlip:
    first_day, last_day = _extreme_days([line.candidacy.id for line in lines], academy_of(school.academy).timezone, at)
    rules = {circular_of(line.candidacy) for line in lines}
    return EliminationSlip(
        id=new_id(),
        created_at=at,
        school=school.id,
        academy=school.academy,
        exam=rule.exam,
        rule=rule.text,
        circular=", ".join(sorted(_source_in_words(circular) for circular in rules)),
        first_day=first_day,
        last_day=last_day,
        lines=[_line(line) for line in lines],
    )


def _line(line: RegisterLine) -> SlipLine:
    return SlipLine(
        candidacy=line.candidacy.id,
        candidate_number=line.candidacy.shown_number,
        published_at=line.published_at,
        earliest=line.earliest,
        files=line.files,
        octets=line.octets,
    )


def _extreme_days(candidacies: list[ObjectId], zone: str, at: datetime) -> tuple[str, str]:
    """Returns (first, last), the days of the first and last deposit or submission, ISO, in this time zone (IANA name);
    the day of `at` twice if the portfolios are empty.
    """
    moments = []
    for kind in (Evidence, Submission):
        group = {"_id": None, "first": {"$min": "$created_at"}, "last": {"$max": "$created_at"}}
        among = {"$match": {"candidacy": {"$in": candidacies}}}
        for row in kind._get_collection().aggregate([among, {"$group": group}]):
            moments += [row["first"], row["last"]]
    first, last = (min(moments), max(moments)) if moments else (at, at)
    return f"{first.astimezone(ZoneInfo(zone)):%Y-%m-%d}", f"{last.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def record_visa(by: Actor, slip: EliminationSlip, values: dict[str, Any], at: datetime) -> EliminationSlip:
    """Records the visa of the archives, and returns the slip. values: reference, given_on (ISO day), given_by (in
    words). Raises SlipDecided; Invalid if the day is before the slip or in the future.
    """
    require(by, Action.DECIDE_SLIP, slip)
    if slip.state != SlipState.DRAWN_UP:
        raise SlipDecided()
    given_on = check_fields(values, {"given_on": day})["given_on"]
    zone = ZoneInfo(academy_of(slip.academy).timezone)
    if not f"{slip.created_at.astimezone(zone):%Y-%m-%d}" <= given_on <= f"{at.astimezone(zone):%Y-%m-%d}":
        raise Invalid({"given_on": ["Le visa est donné après l'établissement du bordereau, et pas dans l'avenir."]})
    visa = {"visa_reference": values["reference"], "visa_on": given_on, "visa_by": values["given_by"]}
    event = event_by(by, at, _chain(slip), EventName.ELIMINATION_SLIP_APPROVED, slip, {"number": slip.number})
    commit([Change(slip, {"state": SlipState.APPROVED, **visa})], event)
    return slip


def record_refusal(by: Actor, slip: EliminationSlip, reason: str, at: datetime) -> EliminationSlip:
    """Records the refusal of the archives, which frees the portfolios of the slip, and returns the slip. Raises
    SlipDecided; Invalid if the reason is empty.
    """
    require(by, Action.DECIDE_SLIP, slip)
    if slip.state != SlipState.DRAWN_UP:
        raise SlipDecided()
    return _closed(by, slip, SlipState.REFUSED, EventName.ELIMINATION_SLIP_REFUSED, reason, at)


def abandon(by: Actor, slip: EliminationSlip, reason: str, at: datetime) -> EliminationSlip:
    """Abandons a slip, with or without a visa, before any elimination, and returns it. Raises SlipUnderWay; Invalid if
    the reason is empty.
    """
    require(by, Action.DECIDE_SLIP, slip)
    if slip.state not in (SlipState.DRAWN_UP, SlipState.APPROVED):
        raise SlipUnderWay()
    return _closed(by, slip, SlipState.ABANDONED, EventName.ELIMINATION_SLIP_ABANDONED, reason, at)


def _closed(
    by: Actor, slip: EliminationSlip, state: SlipState, name: EventName, reason: str, at: datetime
) -> EliminationSlip:
    closed = Change(slip, {"state": state, "reason": checked_reason(reason)})
    freed = ChangeAll(Portfolio, {"slip": slip.id}, {"slip": None})
    data = {"number": slip.number}
    commit([closed, freed], event_by(by, at, _chain(slip), name, slip, data))
    return slip


def _chain(slip: EliminationSlip) -> str:
    return f"school:{slip.school}"


def _counted(slip: EliminationSlip) -> dict[str, object]:
    portfolios = [str(line.candidacy) for line in slip.lines]
    return {"number": slip.number, "portfolios": portfolios, "files": slip.files, "octets": slip.octets}

"""Holds: keep a portfolio beyond its date, until lifted, for an appeal or a procedure unknown to the register."""

from __future__ import annotations

from datetime import datetime

from portfolio.archive.without_result import counts_from
from portfolio.documents import Candidacy, Portfolio
from portfolio.documents.portfolios import RetentionHold
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.errors import NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit, portfolio_chain
from portfolio.validation import checked_reason


class NotPublishedYet(NotNow):
    """Raised before publication: everything is kept anyway, and nothing that the candidate may see moves."""

    code = "result_not_published"
    source = RuleSource.DISCLOSURE
    detail = "Le résultat de ce candidat n'est pas publié : tout est conservé jusque-là, il n'y a rien à demander."


class AlreadyHeld(NotNow):
    code = "already_held"
    source = RuleSource.INTEGRITY
    detail = "Ce portfolio est déjà conservé au-delà de sa durée."


class NotHeld(NotNow):
    code = "not_held"
    source = RuleSource.INTEGRITY
    detail = "Ce portfolio n'est pas conservé au-delà de sa durée : il n'y a rien à lever."


def hold(by: Actor, portfolio: Portfolio, reason: str, at: datetime) -> Portfolio:
    """Holds the portfolio, with a reason, and returns it: until the hold is lifted it is not eliminated, even on a slip
    that has its visa. Raises Eliminated, NotPublishedYet, AlreadyHeld; Invalid if the reason is empty.
    """
    require(by, Action.HOLD_PORTFOLIO, portfolio)
    refuse_eliminated(portfolio)
    if counts_from(Candidacy.objects.get(pk=portfolio.candidacy)) is None:
        raise NotPublishedYet()
    if portfolio.standing_hold is not None:
        raise AlreadyHeld()
    placed = RetentionHold(reason=checked_reason(reason), by=by.journal_name, at=at)
    event = event_by(by, at, portfolio_chain(portfolio), EventName.PORTFOLIO_HELD, portfolio)
    commit([Change(portfolio, push={"holds": placed})], event)
    return portfolio


def lift(by: Actor, portfolio: Portfolio, reason: str, at: datetime) -> Portfolio:
    """Lifts the standing hold, with a reason, and returns the portfolio. Raises NotHeld; Invalid if the reason is
    empty.
    """
    require(by, Action.HOLD_PORTFOLIO, portfolio)
    standing = portfolio.standing_hold
    if standing is None:
        raise NotHeld()
    for name, value in {
        "lifted_because": checked_reason(reason),
        "lifted_by": by.journal_name,
        "lifted_at": at,
    }.items():
        setattr(standing, name, value)
    event = event_by(by, at, portfolio_chain(portfolio), EventName.PORTFOLIO_HOLD_LIFTED, portfolio)
    commit([Change(portfolio, {"holds": portfolio.holds})], event)
    return portfolio

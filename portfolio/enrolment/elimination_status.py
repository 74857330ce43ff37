"""Refuses acts on an eliminated portfolio, and words what remains of it."""

from __future__ import annotations

from datetime import date

from portfolio.documents import Candidacy, Portfolio
from portfolio.documents.fields import CandidacyThing
from portfolio.documents.portfolios import PortfolioState
from portfolio.documents.rows import Row
from portfolio.errors import NotNow, RuleSource
from portfolio.store.journal import Hold


class Eliminated(NotNow):
    code = "portfolio_eliminated"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce portfolio a été éliminé le {day} (bordereau n° {number}). Il n'en reste que l'inscription, le résultat et "
        "le journal des actes."
    )


def refuse_eliminated(portfolio: Portfolio | Row) -> None:
    """Raises Eliminated if this portfolio is."""
    if portfolio.state == PortfolioState.ELIMINATED:
        raise _refusal(portfolio)


def words_of(portfolio: Portfolio | Row) -> str:
    """Returns the French sentence that says when and by which slip an eliminated portfolio was. The caller knows that
    it is.
    """
    return _refusal(portfolio).message


def _refusal(portfolio: Portfolio | Row) -> Eliminated:
    elimination = portfolio.elimination
    return Eliminated(day=f"{date.fromisoformat(elimination.on):%d/%m/%Y}", number=elimination.slip_number)


def still_kept(thing: Candidacy | CandidacyThing) -> Hold:
    """Returns a hold that refuses the act if the portfolio is eliminated, or goes to another school, meanwhile. Raises
    Eliminated if it already is.

    thing: the candidacy, or anything below it.
    """
    portfolio = Portfolio.objects.get(pk=thing.candidacy)
    refuse_eliminated(portfolio)
    return Hold(portfolio, {"state": {"$ne": PortfolioState.ELIMINATED}, "school": thing.school})

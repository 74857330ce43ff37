"""What is said of a portfolio that was eliminated, wherever somebody still asks for what was in it."""

from __future__ import annotations

from datetime import date
from typing import Any

from portfolio.documents import Portfolio
from portfolio.errors import NotNow
from portfolio.store.journal import Hold


class Eliminated(NotNow):
    code = "portfolio_eliminated"
    detail = (
        "Ce portfolio a été éliminé le {day} (bordereau n° {number}). Il n'en reste que l'inscription, le résultat et "
        "le journal des actes."
    )


def refuse_eliminated(portfolio: Any) -> None:
    """portfolio: or a row of one. Raises Eliminated."""
    if portfolio.state == "eliminated":
        raise _refusal(portfolio)


def words_of(portfolio: Any) -> str:
    """What is said of an eliminated portfolio where it is not a refusal."""
    return _refusal(portfolio).message


def _refusal(portfolio: Any) -> Eliminated:
    said = portfolio.elimination
    return Eliminated(day=f"{date.fromisoformat(said.on):%d/%m/%Y}", number=said.slip_number)


def still_kept(thing: Any) -> Hold:
    """For acts on what stays below an eliminated portfolio: it must not be, nor become so meanwhile. Raises Eliminated.

    thing: the candidacy, or anything below it.
    """
    portfolio = Portfolio.objects.get(pk=thing.candidacy)
    refuse_eliminated(portfolio)
    return Hold(portfolio, {"state": {"$ne": "eliminated"}})

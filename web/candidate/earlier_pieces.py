"""Pieces of an earlier session: a candidate who is enrolled again chooses those that go into the new portfolio."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.sign_offs.earlier_pieces import Reuse
from portfolio.counting import many
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.sign_offs.reuse import taking
from portfolio.sign_offs.reuse.earlier import earlier_sessions
from portfolio.sign_offs.reuse.taking import MOST_AT_ONCE
from web.candidate import first_page
from web.forms import read_form
from web.pages import Pages

pages = Pages("candidate_earlier_pieces", __name__, "candidate")


@pages.shows("/portfolio/<oid:portfolio_id>/reprise", Action.DEPOSIT)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    sessions = earlier_sessions(by, portfolio)
    return first_page.portfolio_page(
        "earlier_pieces.html", portfolio, portfolio=portfolio, sessions=sessions, most=MOST_AT_ONCE
    )


@pages.acts("/portfolio/<oid:portfolio_id>/reprise", Action.DEPOSIT, back=show)
def reuse(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    """Takes the ticked pieces, and returns the page of pieces. Raises Invalid on `pieces` if none is ticked, or too
    many are; and what `taking.reuse` raises.
    """
    portfolio = first_page.own_portfolio(by, portfolio_id)
    try:
        chosen = read_form(Reuse)["pieces"]
    except Invalid:
        sentence = f"Cochez au moins une preuve, et {MOST_AT_ONCE} au plus à la fois."
        raise Invalid({"pieces": [sentence]}) from None
    pieces = taking.reuse(by, portfolio, chosen, at)
    flash(f"{many(len(pieces), 'preuve est reprise', 'preuves sont reprises')} dans ce portfolio.", "ok")
    return url_for("candidate_pieces.show", portfolio_id=portfolio_id)

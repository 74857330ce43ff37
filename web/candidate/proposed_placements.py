"""Periods in companies that the candidate proposes to the school."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, url_for

from api.enrolment.proposed_placements import NewProposedPlacement
from api.http.routing import find
from portfolio.documents import Candidacy, ProposedPlacement
from portfolio.enrolment import proposed_placements
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.candidate import first_page
from web.candidate.activities import activities
from web.forms import read_form
from web.pages import Pages, find_unchanged, made_once
from web.proposed import tutor_to_be_named
from web.terms import KINDS

pages = Pages("candidate_proposed_placements", __name__, "candidate")


@pages.shows("/portfolio/<oid:portfolio_id>/periodes/proposer", Action.DEPOSIT)
def new(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    return first_page.portfolio_page("propose_placement.html", portfolio, portfolio=portfolio, kinds=KINDS)


@pages.acts("/portfolio/<oid:portfolio_id>/periodes/proposer", Action.DEPOSIT, back=new)
def propose(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    candidacy = find(Candidacy, first_page.own_portfolio(by, portfolio_id).candidacy)
    values: Any = read_form(NewProposedPlacement(), **tutor_to_be_named())
    made_once(by, lambda: proposed_placements.propose(by, candidacy, values, at))
    flash("La période est proposée. Elle compte une fois que votre établissement l'a acceptée.", "ok")
    return url_for("candidate_activities.activities", portfolio_id=portfolio_id, _anchor="periodes")


def _activities_of(by: Actor, at: datetime, proposed_id: ObjectId) -> Response:
    return activities(by, at, find(ProposedPlacement, proposed_id).candidacy)


@pages.acts(
    "/portfolio/periodes-proposees/<oid:proposed_id>/retrait", Action.WITHDRAW_PROPOSED_PLACEMENT, back=_activities_of
)
def withdraw(by: Actor, at: datetime, proposed_id: ObjectId) -> str:
    require(by, Action.WITHDRAW_PROPOSED_PLACEMENT, find(ProposedPlacement, proposed_id))
    withdrawn = proposed_placements.withdraw(by, find_unchanged(ProposedPlacement, proposed_id), at)
    flash("La période proposée est retirée.", "ok")
    return url_for("candidate_activities.activities", portfolio_id=withdrawn.candidacy, _anchor="periodes")

"""What proves a candidate's case, to be read or printed: each act, each digest, and that nothing was changed since."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response

from api.http.routing import find
from portfolio.audit.proof import proof
from portfolio.documents import Candidacy, Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.office.first_page import framed, selection_of
from web.pages import Pages

pages = Pages("office_proof", __name__, "office")


@pages.shows("/etablissement/candidats/<oid:portfolio_id>/preuve", Action.READ_PROOF)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_PROOF, portfolio)
    return framed(
        "proof.html",
        selection_of(by, portfolio.school, at),
        "candidates",
        session=portfolio.session,
        candidacy=find(Candidacy, portfolio_id),
        proof=proof(by, portfolio, at),
    )

"""What proves a candidate's case, to be read or printed: each act, each digest, and that nothing was changed since."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response

from api.http.routing import find
from portfolio.audit.proof import proof
from portfolio.audit.verify_chains import Fault
from portfolio.documents import Candidacy, Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.sealing.sealed_fields import SEALED
from web.office import labels
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
        place_of=_place_of,
    )


def _place_of(fault: Fault) -> str:
    """Returns where a fault is: « acte A5, journal de l'appréciation », as the table of acts names it; or the thing."""
    kind = fault.chain.partition(":")[0]
    if kind not in labels.JOURNALS:
        return SEALED[kind].word if kind in SEALED else "hors de tout journal"
    journal = labels.JOURNALS[kind]
    return f"acte {kind[0].upper()}{fault.seq}, {journal}" if fault.seq else journal

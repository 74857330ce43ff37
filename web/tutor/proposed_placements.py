"""A tutor proposes another period of the same candidate in the same company."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, url_for

from api.enrolment.placements import NewPlacement
from api.http.routing import find
from portfolio.documents import Candidacy, Company, Person, Placement
from portfolio.documents.fields import read
from portfolio.enrolment import proposed_placements
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.layout import page
from web.mail_words import BY_THE_SCHOOL, if_it_leaves
from web.pages import Pages, made_once
from web.proposed import PROPOSED_STATES, proposed_of
from web.terms import KINDS

pages = Pages("tutor_proposed_placements", __name__)

PERIOD = ("kind", "starts_on", "ends_on", "days", "missions", "confirmed")


@pages.shows("/s/periodes/<oid:placement_id>/proposer", Action.CONTEST_PLACEMENT)
def new(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement, candidacy = _own(by, placement_id)
    return page(
        "tutor/propose_placement.html",
        placement=placement,
        candidacy=candidacy,
        kinds=KINDS,
        proposed=proposed_of(by, candidacy.id),
        states=PROPOSED_STATES,
        fictional=is_rehearsal(candidacy.session),
    )


@pages.acts("/s/periodes/<oid:placement_id>/proposer", Action.CONTEST_PLACEMENT, back=new)
def propose(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    placement, candidacy = _own(by, placement_id)
    values = read_form(NewPlacement, *PERIOD)
    company = read(Company, placement.company)
    terms: Any = values | {"company": {name: getattr(company, name) for name in proposed_placements.COMPANY}}
    made_once(by, lambda: proposed_placements.propose(by, candidacy, terms, at))
    answered = if_it_leaves(find(Person, by.id), "L'établissement vous répond par courriel.", BY_THE_SCHOOL)
    flash(f"La période est proposée. {answered}", "ok")
    return url_for("tutor_proposed_placements.new", placement_id=placement_id)


def _own(by: Actor, placement_id: ObjectId) -> tuple[Placement, Candidacy]:
    """Returns a period of the tutor and its candidate. Raises NotFound, Forbidden."""
    placement = find(Placement, placement_id)
    require(by, Action.CONTEST_PLACEMENT, placement)
    candidacy = find(Candidacy, placement.candidacy)
    require(by, Action.PROPOSE_PLACEMENT, candidacy)
    return placement, candidacy

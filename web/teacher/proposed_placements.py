"""A period in a company that was proposed, as who answers for the school reads it: accepted, corrected, or refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, url_for

from api.enrolment.proposed_placements import AcceptedPlacement
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.documents import Candidacy, Company, Person, Placement, ProposedPlacement
from portfolio.documents.places import by_place
from portfolio.enrolment import proposed_placements
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.mail_words import ON_THE_PERIOD, if_it_leaves
from web.pages import Pages, find_unchanged
from web.proposed import PROPOSED_STATES, tutor_to_be_named
from web.teacher.first_pages import candidate_page, framed

pages = Pages("teacher_proposed_placements", __name__, "teacher", "office")


@pages.shows("/classe/periodes-proposees/<oid:proposed_id>", Action.READ_PROPOSED_PLACEMENT)
def show(by: Actor, at: datetime, proposed_id: ObjectId) -> Response:
    proposed = find(ProposedPlacement, proposed_id)
    require(by, Action.READ_PROPOSED_PLACEMENT, proposed)
    companies = sorted(Company.objects(school=proposed.school), key=by_place)
    return framed(
        "proposed_placement.html",
        proposed,
        proposed=proposed,
        candidacy=find(Candidacy, proposed.candidacy),
        back=candidate_page(by, proposed.candidacy),
        states=PROPOSED_STATES,
        companies=[(str(company.id), f"{company.name}, {company.city}") for company in companies],
        may_answer=proposed.state == "proposed" and may(by, Action.ANSWER_PROPOSED_PLACEMENT, proposed),
    )


@pages.acts("/classe/periodes-proposees/<oid:proposed_id>/acceptation", Action.ANSWER_PROPOSED_PLACEMENT, back=show)
def accept(by: Actor, at: datetime, proposed_id: ObjectId) -> str:
    require(by, Action.ANSWER_PROPOSED_PLACEMENT, find(ProposedPlacement, proposed_id))
    values: Any = read_form(AcceptedPlacement(), **tutor_to_be_named())
    proposed = proposed_placements.accept(by, find_unchanged(ProposedPlacement, proposed_id), values, at)
    flash(f"La période est enregistrée. {_told(proposed)}", "ok")
    return url_for("teacher_placements.show", placement_id=find(Placement, proposed.placement).id)


@pages.acts("/classe/periodes-proposees/<oid:proposed_id>/refus", Action.ANSWER_PROPOSED_PLACEMENT, back=show)
def refuse(by: Actor, at: datetime, proposed_id: ObjectId) -> str:
    require(by, Action.ANSWER_PROPOSED_PLACEMENT, find(ProposedPlacement, proposed_id))
    reason = read_form(Reason).get("reason", "")
    proposed = proposed_placements.refuse(by, find_unchanged(ProposedPlacement, proposed_id), reason, at)
    flash(f"La période proposée est refusée. {_told(proposed)}", "ok")
    return candidate_page(by, proposed.candidacy)


def _told(proposed: ProposedPlacement) -> str:
    author = find(Person, proposed.author)
    return if_it_leaves(author, f"{author.name} reçoit votre réponse par courriel.", ON_THE_PERIOD)

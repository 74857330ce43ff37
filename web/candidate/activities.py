"""Activities, the placements they belong to, and who is asked to confirm them."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for
from marshmallow import Schema, fields, validate

from api.evidence.activities import ActivityChange, NewActivity
from api.http.routing import find
from api.http.schemas import Id, one_of
from api.sign_offs.requests import NewRequest
from portfolio.counting import agrees
from portfolio.documents import Activity, Attestation, Person, Placement, Portfolio
from portfolio.documents.fields import read
from portfolio.enrolment.training import training_of
from portfolio.errors import Invalid
from portfolio.evidence import deposit
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.status import SEATS
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.teachers import followers_of, replaced_for
from portfolio.submission.overview import overview
from web.candidate import first_page, labels
from web.everyone.list_parts import asked_part
from web.forms import read_form
from web.layout import day
from web.mail_words import BY_THE_TEACHER, if_it_leaves
from web.pages import Pages, find_unchanged, made_once
from web.proposed import PROPOSED_STATES, proposed_of

pages = Pages("candidate_activities", __name__, "candidate")

ACTIVITIES_AT_ONCE = 25


class SeveralRequests(Schema):
    seat = one_of(*SEATS, required=True)
    activities = fields.List(Id(), load_default=list, validate=validate.Length(max=100))
    person = Id(allow_none=True, load_default=None)


@pages.shows("/portfolio/<oid:portfolio_id>/activites", Action.DEPOSIT)
def activities(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    whole = overview(portfolio)
    lines = first_page.activities_of(whole)
    evaluations = {evaluation.placement: evaluation for evaluation in whole.evaluations}
    return first_page.portfolio_page(
        "activities.html",
        portfolio,
        portfolio=portfolio,
        activities=lines,
        shown=asked_part(lines, ACTIVITIES_AT_ONCE),
        askable={seat: [line for line in lines if line.may_be_asked(seat)] for seat in SEATS},
        teachers=followers_of(by, whole.candidacy),
        followed=bool(whole.candidacy.followers),
        replaced=replaced_for(by, whole.candidacy),
        placements=[(placement, evaluations.get(placement.id)) for placement in whole.placements],
        in_class=evaluations.get(None),
        training=training_of(whole.candidacy, whole.placements, at.date()),
        proposed=proposed_of(by, portfolio.candidacy),
        proposed_states=PROPOSED_STATES,
        candidate=whole.candidacy.person,
    )


@pages.acts("/portfolio/<oid:portfolio_id>/activites/confirmations", Action.DEPOSIT, back=activities)
def ask_for_several(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    first_page.own_portfolio(by, portfolio_id)
    values = read_form(SeveralRequests)
    if not values["activities"]:
        raise Invalid({"activities": ["Cochez au moins une activité."]})
    chosen = [find(Activity, activity_id) for activity_id in values["activities"]]
    for activity in chosen:
        require(by, Action.REQUEST_SIGN_OFF, activity)
    person = values["person"] if values["seat"] == "teacher" else None
    asked = requests.request_many(by, chosen, SignOffSeat(values["seat"]), person, at)
    flash(_confirmation(len(asked), asked[0]), "ok")
    return url_for("candidate_activities.activities", portfolio_id=portfolio_id)


def _confirmation(count: int, asked: Attestation) -> str:
    done = agrees(count, "La demande est enregistrée", f"Les {count} demandes sont enregistrées")
    if asked.person is None:
        return f"{done}. Tuteur à désigner : rien ne part avant que l'établissement l'ait enregistré."
    person = find(Person, asked.person)
    sent = f"{person.name} reçoit un message avec un lien. Vous verrez ici quand il l'ouvre et quand il répond."
    return f"{done}. {if_it_leaves(person, sent, BY_THE_TEACHER)}"


# --- one activity ---------------------------------------------------------------------------------


def _placements(candidacy_id: ObjectId) -> list[tuple[str, str]]:
    """Returns (id as text, French words) of the candidate's periods to choose from, by date; [] without any."""
    placements = Placement.objects(candidacy=candidacy_id, cancelled_at=None).order_by("starts_on", "id")
    return [
        (str(placement.id), f"{placement.company_name}, du {day(placement.starts_on)} au {day(placement.ends_on)}")
        for placement in placements
    ]


@pages.shows("/portfolio/<oid:portfolio_id>/activites/nouvelle", Action.DEPOSIT)
def new_activity(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    rules = overview(portfolio).referential
    placements = _placements(portfolio.candidacy)
    return first_page.portfolio_page(
        "new_activity.html", portfolio, portfolio=portfolio, placements=placements, rules=rules
    )


@pages.acts("/portfolio/<oid:portfolio_id>/activites/nouvelle", Action.DEPOSIT, back=new_activity)
def add_activity(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    values = read_form(NewActivity)
    added = made_once(by, lambda: deposit.add_activity(by, portfolio, values, at))
    flash("L'activité est ajoutée. Rattachez-lui vos preuves depuis la page de chaque preuve.", "ok")
    return url_for("candidate_activities.activity", activity_id=added.id)


@pages.shows("/portfolio/activite/<oid:activity_id>", Action.AMEND_ACTIVITY)
def activity(by: Actor, at: datetime, activity_id: ObjectId) -> Response:
    own_activity = find(Activity, activity_id)
    require(by, Action.AMEND_ACTIVITY, own_activity)
    portfolio = read(Portfolio, own_activity.candidacy)
    whole = overview(portfolio)
    line = next((line for line in first_page.activities_of(whole) if line.activity.id == own_activity.id), None)
    return first_page.portfolio_page(
        "activity.html",
        own_activity,
        activity=own_activity,
        portfolio=portfolio,
        line=line,
        shown=asked_part(line.pieces if line else []),
        files=whole.files,
        askable=[seat for seat in SEATS if line is not None and line.may_be_asked(seat)],
        contested=line is not None and line.contested,
        teachers=followers_of(by, whole.candidacy),
        followed=bool(whole.candidacy.followers),
        placements=_placements(own_activity.candidacy),
        rules=whole.referential,
        changeable=portfolio.state == "open" and own_activity.withdrawn_at is None,
        answered=labels.STATUS,
    )


@pages.acts("/portfolio/activite/<oid:activity_id>", Action.AMEND_ACTIVITY, back=activity)
def amend_activity(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    deposit.amend_activity(by, find_unchanged(Activity, activity_id), read_form(ActivityChange), at)
    flash("L'activité est enregistrée.", "ok")
    return url_for("candidate_activities.activity", activity_id=activity_id)


@pages.acts("/portfolio/activite/<oid:activity_id>/retirer", Action.AMEND_ACTIVITY, back=activity)
def withdraw_activity(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    withdrawn = deposit.withdraw_activity(by, find_unchanged(Activity, activity_id), at)
    flash(f"L'activité « {withdrawn.title} » est retirée.", "ok")
    return url_for("candidate_activities.activities", portfolio_id=withdrawn.candidacy)


@pages.acts("/portfolio/activite/<oid:activity_id>/confirmation", Action.AMEND_ACTIVITY, back=activity)
def ask(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    own_activity = find(Activity, activity_id)
    require(by, Action.AMEND_ACTIVITY, own_activity)
    values = read_form(NewRequest, seat=request.form.get("seat", ""))
    asked = made_once(by, lambda: requests.request(by, own_activity, SignOffSeat(values["seat"]), values["person"], at))
    flash(_confirmation(1, asked), "ok")
    return url_for("candidate_activities.activity", activity_id=activity_id)

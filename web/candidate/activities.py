"""Activities, the placements they belong to, and who is asked to confirm them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for
from marshmallow import Schema, fields, validate

from api.evidence.activities import ActivityChange, NewActivity
from api.http.routing import find
from api.http.schemas import Id, one_of
from api.sign_offs.attestations import NewRequest
from portfolio.counting import agrees
from portfolio.documents import Activity, Person, Placement, Portfolio
from portfolio.errors import Invalid
from portfolio.evidence import deposit
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.status import SEATS
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.teachers import followers_of
from portfolio.submission.overview import overview
from web.candidate import first_page, labels
from web.forms import read_form
from web.layout import day
from web.mail_words import BY_THE_TEACHER, if_it_leaves
from web.pages import Pages, find_unchanged, made_once

pages = Pages("candidate_activities", __name__, "candidate")


class SeveralRequests(Schema):
    seat = one_of(*SEATS, required=True)
    activities = fields.List(Id(), load_default=list, validate=validate.Length(max=100))
    person = Id(allow_none=True, load_default=None)


@pages.shows("/portfolio/<oid:portfolio_id>/activites", Action.DEPOSIT)
def activities(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own(by, portfolio_id)
    whole = overview(portfolio)
    listed = first_page.activities_of(whole)
    evaluations = {one.placement: one for one in whole.evaluations}
    return first_page.framed(
        "activities.html",
        portfolio,
        portfolio=portfolio,
        activities=listed,
        askable={name: [one for one in listed if _may_be_asked(one, name)] for name in SEATS},
        teachers=followers_of(by, whole.candidacy),
        placements=[{"placement": one, "evaluation": evaluations.get(one.id)} for one in whole.placements],
    )


def _may_be_asked(one: dict[str, Any], seat: str) -> bool:
    """A tutor who objected is left alone until the teacher has settled it (attest.Contested)."""
    contested = one["placement"] is not None and one["placement"].contested_at is not None
    wanted = any(each["name"] == seat and each["askable"] for each in one["seats"])
    return wanted and not (seat == "tutor" and contested)


@pages.acts("/portfolio/<oid:portfolio_id>/activites/confirmations", Action.DEPOSIT, back=activities)
def ask_for_several(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    first_page.own(by, portfolio_id)
    said = read_form(SeveralRequests)
    if not said["activities"]:
        raise Invalid({"activities": ["Cochez au moins une activité."]})
    wanted = [find(Activity, one) for one in said["activities"]]
    for one in wanted:
        require(by, Action.REQUEST_SIGN_OFF, one)
    person = said["person"] if said["seat"] == "teacher" else None
    asked = requests.request_many(by, wanted, SignOffSeat(said["seat"]), person, at)
    flash(_told(len(asked), find(Person, asked[0].person)), "ok")
    return url_for("candidate_activities.activities", portfolio_id=portfolio_id)


def _told(count: int, person: Person) -> str:
    done = agrees(count, "La demande est enregistrée", f"Les {count} demandes sont enregistrées")
    sent = f"{person.name} reçoit un message avec un lien. Vous verrez ici quand il l'ouvre et quand il répond."
    return f"{done}. {if_it_leaves(person, sent, BY_THE_TEACHER)}"


# --- one activity ---------------------------------------------------------------------------------


def _placements(candidacy: Any) -> list[tuple[str, str]]:
    found = Placement.objects(candidacy=candidacy, cancelled_at=None).order_by("starts_on", "id")
    return [(str(one.id), f"{one.company_name}, du {day(one.starts_on)} au {day(one.ends_on)}") for one in found]


@pages.shows("/portfolio/<oid:portfolio_id>/activites/nouvelle", Action.DEPOSIT)
def new_activity(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own(by, portfolio_id)
    rules = overview(portfolio).referential
    placements = _placements(portfolio.candidacy)
    return first_page.framed("new_activity.html", portfolio, portfolio=portfolio, placements=placements, rules=rules)


@pages.acts("/portfolio/<oid:portfolio_id>/activites/nouvelle", Action.DEPOSIT, back=new_activity)
def add_activity(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    portfolio = first_page.own(by, portfolio_id)
    said = read_form(NewActivity)
    made = made_once(by, lambda: deposit.add_activity(by, portfolio, said, at))
    flash("L'activité est ajoutée. Rattachez-lui vos preuves depuis la page de chaque preuve.", "ok")
    return url_for("candidate_activities.activity", activity_id=made.id)


@pages.shows("/portfolio/activite/<oid:activity_id>", Action.AMEND_ACTIVITY)
def activity(by: Actor, at: datetime, activity_id: ObjectId) -> Response:
    found = find(Activity, activity_id)
    require(by, Action.AMEND_ACTIVITY, found)
    portfolio = Portfolio.objects.get(pk=found.candidacy)
    whole = overview(portfolio)
    mine = next((one for one in first_page.activities_of(whole) if one["activity"].id == found.id), None)
    return first_page.framed(
        "activity.html",
        found,
        activity=found,
        portfolio=portfolio,
        mine=mine,
        askable=[name for name in SEATS if mine is not None and _may_be_asked(mine, name)],
        contested=mine is not None and mine["placement"] is not None and mine["placement"].contested_at is not None,
        teachers=followers_of(by, whole.candidacy),
        placements=_placements(found.candidacy),
        rules=whole.referential,
        changeable=portfolio.state == "open" and found.withdrawn_at is None,
        answered=labels.STATUS,
    )


@pages.acts("/portfolio/activite/<oid:activity_id>", Action.AMEND_ACTIVITY, back=activity)
def amend_activity(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    found = find_unchanged(Activity, activity_id)
    deposit.amend_activity(by, found, read_form(ActivityChange), at)
    flash("L'activité est enregistrée.", "ok")
    return url_for("candidate_activities.activity", activity_id=activity_id)


@pages.acts("/portfolio/activite/<oid:activity_id>/retirer", Action.AMEND_ACTIVITY, back=activity)
def withdraw_activity(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    found = deposit.withdraw_activity(by, find_unchanged(Activity, activity_id), at)
    flash(f"L'activité « {found.title} » est retirée.", "ok")
    return url_for("candidate_activities.activities", portfolio_id=found.candidacy)


@pages.acts("/portfolio/activite/<oid:activity_id>/confirmation", Action.AMEND_ACTIVITY, back=activity)
def ask(by: Actor, at: datetime, activity_id: ObjectId) -> str:
    found = find(Activity, activity_id)
    require(by, Action.AMEND_ACTIVITY, found)
    said = read_form(NewRequest, seat=request.form.get("seat", ""))
    asked = made_once(by, lambda: requests.request(by, found, SignOffSeat(said["seat"]), said["person"], at))
    flash(_told(1, find(Person, asked.person)), "ok")
    return url_for("candidate_activities.activity", activity_id=activity_id)

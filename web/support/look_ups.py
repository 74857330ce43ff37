"""One look-up at a time, by exact address or number: no list, and no act but to say whom to ask."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response

from api.http.routing import find
from api.identity.look_ups import LookUpAsked
from portfolio.boards.look_ups import look_up as looked_up
from portfolio.documents import Academy
from portfolio.identifiers import name_key
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web import terms
from web.forms import read_form
from web.layout import page
from web.office.labels import PERSON_STATES, ROLES
from web.pages import Pages
from web.support import labels

pages = Pages("support", __name__, "support")


@pages.shows("/assistance", Action.READ_ACADEMY)
def home(by: Actor, at: datetime) -> Response:
    helped = Academy.objects(__raw__=scope(by, Action.LOOK_UP_STATES, Academy))
    return page("support/home.html", academies=sorted(helped, key=lambda academy: name_key(academy.name)))


@pages.acts("/assistance/academies/<oid:academy_id>", Action.LOOK_UP_STATES, back=home)
def look_up(by: Actor, at: datetime, academy_id: ObjectId) -> Response:
    """Shows the states of one person (form: email or candidate_number). A POST, so that no URL holds an e-mail address
    or a number. Raises NotFound, Forbidden, Invalid, TooMany.
    """
    academy = find(Academy, academy_id)
    require(by, Action.LOOK_UP_STATES, academy)
    states = looked_up(by, academy, read_form(LookUpAsked), at)
    return page(
        "support/person.html",
        person=states,
        labels=labels,
        roles=ROLES,
        seats=terms.SEATS,
        account_states=PERSON_STATES,
    )

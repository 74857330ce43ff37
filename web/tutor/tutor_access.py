"""How a tutor comes in without an account: the link of a mail, a code to type, the QR code of a printed page.

Opening any of these pages changes nothing, however often and whoever opens it: mail scanners do. A button acts.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import segno
from bson import ObjectId
from flask import Response, current_app, request, session, url_for
from markupsafe import Markup
from marshmallow import Schema

from api.http.attempts import Tries
from api.http.routing import PUBLIC, find
from api.http.schemas import Id, Secret, text
from api.http.session import came_from, start
from api.sign_offs.paper import print_statement
from portfolio.documents import Attestation, Candidacy, Person, Placement, RealityEvaluation, SignIn
from portfolio.errors import NotFound
from portfolio.identifiers import is_rehearsal
from portfolio.identity import links, one_time_codes
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.inbox import Waiting, inbox
from web import resumed_forms
from web.forms import read_form
from web.layout import page
from web.pages import Pages

pages = Pages("tutor_access", __name__)

Asked = Waiting[Attestation] | Waiting[RealityEvaluation]


class Address(Schema):
    email = text(254, required=True)


class Typed(Schema):
    demande = Id(required=True)
    code = Secret(20)


# --- the link of a mail ---------------------------------------------------------------------------


@pages.shows("/s/<token>", PUBLIC)
def landing(at: datetime, token: str) -> Response:
    """Who asks, for whom, how long it takes; or why the link is over, and how to get another."""
    found = links.look(token, at)
    if found.link is None or found.state != "open":
        return page("tutor/ask.html", 410, over=found.state)
    person = Person.objects.get(pk=found.link.person)
    waiting = _asked_of(person)
    return page("tutor/landing.html", person=person, token=token, **_whose(waiting))


def _asked_of(person: Person) -> list[Asked]:
    found = inbox(Actor(person, SignIn(way="link")))
    return [*(one for one in found.sign_offs if one.about.seat == "tutor"), *found.reality]


def _whose(waiting: list[Asked]) -> dict[str, Any]:
    """First names and schools: what tells this request from another, and no more, to whoever holds the link."""
    whose = dict.fromkeys((one.candidacy.given_names, one.school.name) for one in waiting)
    fictional = any(is_rehearsal(one.candidacy.session) for one in waiting)
    minutes = max(1, round((40 + 20 * len(waiting)) / 60))
    return {"whose": list(whose), "count": len(waiting), "minutes": minutes, "fictional": fictional}


@pages.acts("/s/<token>", PUBLIC, back=landing)
def open_link(at: datetime, token: str) -> str:
    return _enter(*links.open_link(token, came_from(), at), at)


def _enter(visit: SignIn, token: str, at: datetime) -> str:
    """The token stays out of every address from here on; whoever was here before leaves nothing."""
    kept = session.get(resumed_forms.WHERE)
    by = Actor(Person.objects.get(pk=visit.person), visit)
    start(token, visit, by)
    return resumed_forms.take_back(by, at, kept) or url_for("tutor.inbox")


# --- a new link, a code ---------------------------------------------------------------------------


@pages.shows("/s/nouveau-lien", PUBLIC)
def ask(at: datetime) -> Response:
    return page("tutor/ask.html", over=None)


@pages.acts("/s/nouveau-lien", PUBLIC, back=ask, tries=Tries("link", asks=True))
def ask_link(at: datetime) -> Response:
    """The same answer whether or not somebody has the address."""
    one_time_codes.ask_link(read_form(Address)["email"], at)
    return page("tutor/sent.html")


@pages.acts("/s/code", PUBLIC, back=ask, tries=Tries("code", asks=True, from_anywhere=15))
def ask_code(at: datetime) -> str:
    asked = one_time_codes.ask_code(read_form(Address)["email"], at)
    return url_for("tutor_access.code", demande=asked.id)


@pages.shows("/s/code", PUBLIC)
def code(at: datetime) -> Response:
    """Where the six digits are typed; the address says for which request, which is no secret."""
    return page("tutor/code.html", asked=request.values.get("demande", ""))


@pages.acts("/s/code/entrer", PUBLIC, back=code)
def enter_code(at: datetime) -> str:
    said = read_form(Typed)
    return _enter(*one_time_codes.enter(said["demande"], said["code"], came_from(), at), at)


# --- the QR code of a printed page ----------------------------------------------------------------


@pages.shows("/qr/<oid:placement_id>", PUBLIC)
def scanned(at: datetime, placement_id: ObjectId) -> Response:
    """A reference, not a secret: the page names nobody, and hides the tutor's address, to which the code goes."""
    one_time_codes.tutor_of(placement_id)
    return page("tutor/scanned.html")


@pages.acts("/qr/<oid:placement_id>", PUBLIC, back=scanned, tries=Tries("qr", asks=True, from_anywhere=15))
def send_code(at: datetime, placement_id: ObjectId) -> str:
    asked = one_time_codes.ask_code_of_placement(placement_id, at)
    return url_for("tutor_access.code", demande=asked.id)


@pages.shows("/periodes/<oid:placement_id>/qr", Action.READ_PLACEMENT)
def to_print(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    """To be shown or printed by the candidate or a teacher: it holds no token."""
    placement = find(Placement, placement_id)
    require(by, Action.READ_PLACEMENT, placement)
    if placement.cancelled_at is not None:
        raise NotFound()
    address = f"{current_app.config['PUBLIC_URL']}{url_for('tutor_access.scanned', placement_id=placement.id)}"
    candidacy = Candidacy.objects.get(pk=placement.candidacy)
    return page("tutor/qr.html", placement=placement, candidacy=candidacy, address=address, drawing=_drawing(address))


@pages.shows("/periodes/<oid:placement_id>/attestation.pdf", Action.READ_PLACEMENT)
def on_paper(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    """For whoever would rather sign by hand."""
    return print_statement(by=by, at=at, placement_id=placement_id)


def _drawing(address: str) -> Markup:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=6, xmldecl=False, svgns=True, omitsize=True, dark="#000"
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - made of squares by segno, of nothing that anybody typed

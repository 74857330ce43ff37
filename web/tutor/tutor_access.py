"""How a tutor comes in without an account: the link of a mail, a code to type, the QR code of a printed page.

Opening any of these pages changes nothing, however often and whoever opens it: mail scanners do. A button acts.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from bson import ObjectId
from flask import Response, current_app, request, session, url_for
from markupsafe import Markup
from marshmallow import Schema

from api.http.admission import PUBLIC
from api.http.attempts import Tries
from api.http.routing import find
from api.http.schemas import Id, Secret, text
from api.http.session import request_origin, start
from api.sign_offs.paper import print_statement
from config.on_demand import on_demand
from portfolio.documents import Attestation, Candidacy, Person, Placement, RealityEvaluation, SignIn
from portfolio.documents.fields import read
from portfolio.errors import NotFound
from portfolio.identifiers import is_rehearsal
from portfolio.identity import links, one_time_codes
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.inbox import AwaitedAnswer, inbox, minutes_to_answer
from web import resumed_forms
from web.forms import read_form
from web.layout import page
from web.pages import Pages

if TYPE_CHECKING:
    import segno
else:
    segno = on_demand("segno")

pages = Pages("tutor_access", __name__)

WaitingRequest = AwaitedAnswer[Attestation] | AwaitedAnswer[RealityEvaluation]


class OwnAddress(Schema):
    email = text(254, required=True)


class Typed(Schema):
    demande = Id(required=True)
    code = Secret(20)


class Introduction(TypedDict):
    """What the landing page says to whoever holds the link: first names and schools, and no more.

    candidates: (first name, school). count: of requests. minutes: that answering will take.
    """

    candidates: list[tuple[str, str]]
    count: int
    minutes: int
    fictional: bool


# --- the link of a mail ---------------------------------------------------------------------------


@pages.shows("/s/<token>", PUBLIC)
def landing(at: datetime, token: str) -> Response:
    """Shows who asks, for whom, how long it takes; or (410) why the link is over, and how to get another. Changes
    nothing.
    """
    view = links.view_of(token, at)
    if view.link is None or view.state != "open":
        return page("tutor/ask.html", 410, link_state=view.state)
    person = Person.objects.get(pk=view.link.person)
    waiting = _waiting_for(person)
    return page("tutor/landing.html", person=person, token=token, **_introduction(waiting))


def _waiting_for(person: Person) -> list[WaitingRequest]:
    """Returns what this tutor is asked for, as the link will open it; [] if nothing waits."""
    waiting = inbox(Actor(person, SignIn(way="link")))
    return [*(request for request in waiting.sign_offs if request.about.seat == "tutor"), *waiting.reality]


def _introduction(waiting: list[WaitingRequest]) -> Introduction:
    candidates = dict.fromkeys(
        (request.candidacy.given_names or request.candidacy.birth_name, request.school.name) for request in waiting
    )
    fictional = any(is_rehearsal(request.candidacy.session) for request in waiting)
    minutes = minutes_to_answer(len(waiting))
    return {"candidates": list(candidates), "count": len(waiting), "minutes": minutes, "fictional": fictional}


@pages.acts("/s/<token>", PUBLIC, back=landing)
def open_link(at: datetime, token: str) -> str:
    return _start_visit(*links.open_link(token, request_origin(), at), at)


def _start_visit(visit: SignIn, token: str, at: datetime) -> str:
    """Signs the tutor in to this browser; returns the address where to go. token: of the sign-in `visit`; it stays out
    of every address from here on.
    """
    unsent_id = session.get(resumed_forms.SESSION_KEY)
    by = Actor(Person.objects.get(pk=visit.person), visit)
    start(token, visit, by)
    return resumed_forms.take_back(by, at, unsent_id) or url_for("tutor.inbox")


# --- a new link, a code ---------------------------------------------------------------------------


@pages.shows("/s/nouveau-lien", PUBLIC)
def ask(at: datetime) -> Response:
    return page("tutor/ask.html", link_state=None)


@pages.acts("/s/nouveau-lien", PUBLIC, back=ask, tries=Tries("link", asks=True))
def ask_link(at: datetime) -> Response:
    """Sends a link if a tutor has the address (form: email), and shows the same page if nobody has. Raises Invalid if
    the text is not an address.
    """
    one_time_codes.ask_link(read_form(OwnAddress)["email"], at)
    return page("tutor/sent.html")


@pages.acts("/s/code", PUBLIC, back=ask, tries=Tries("code", asks=True, from_anywhere=15))
def ask_code(at: datetime) -> str:
    code_request = one_time_codes.ask_code(read_form(OwnAddress)["email"], at)
    return url_for("tutor_access.code", demande=code_request.id)


@pages.shows("/s/code", PUBLIC)
def code(at: datetime) -> Response:
    """Shows where the six digits are typed; the address says for which request, which is no secret."""
    return page("tutor/code.html", code_request_id=request.values.get("demande", ""))


@pages.acts("/s/code/entrer", PUBLIC, back=code)
def enter_code(at: datetime) -> str:
    values = read_form(Typed)
    return _start_visit(*one_time_codes.enter(values["demande"], values["code"], request_origin(), at), at)


# --- the QR code of a printed page ----------------------------------------------------------------


@pages.shows("/qr/<oid:placement_id>", PUBLIC)
def scanned(at: datetime, placement_id: ObjectId) -> Response:
    """Offers to send a code to the tutor of this period, who is not named. Its address is a reference, not a secret.
    Raises NotFound for a cancelled period.
    """
    placement, tutor = one_time_codes.tutor_of(placement_id)
    return page("tutor/scanned.html", no_mail=tutor.no_mail_because, exam_code=placement.exam)


@pages.acts("/qr/<oid:placement_id>", PUBLIC, back=scanned, tries=Tries("qr", asks=True, from_anywhere=15))
def send_code(at: datetime, placement_id: ObjectId) -> str:
    code_request = one_time_codes.ask_code_of_placement(placement_id, at)
    return url_for("tutor_access.code", demande=code_request.id)


@pages.shows("/periodes/<oid:placement_id>/qr", Action.READ_PLACEMENT)
def to_print(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    """Shows the QR code of a period, to be read or printed by the candidate or a teacher: it holds no token. Raises
    NotFound (also for a cancelled one), Forbidden.
    """
    placement = find(Placement, placement_id)
    require(by, Action.READ_PLACEMENT, placement)
    if placement.cancelled_at is not None:
        raise NotFound()
    address = f"{current_app.config['PUBLIC_URL']}{url_for('tutor_access.scanned', placement_id=placement.id)}"
    candidacy = read(Candidacy, placement.candidacy)
    return page("tutor/qr.html", placement=placement, candidacy=candidacy, address=address, drawing=_qr_code(address))


@pages.shows("/periodes/<oid:placement_id>/attestation.pdf", Action.READ_PLACEMENT)
def on_paper(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    """Returns the statement as a PDF, for a tutor who would rather sign by hand. Raises NotFound, Forbidden,
    NothingToPrint.
    """
    return print_statement(by=by, at=at, placement_id=placement_id)


def _qr_code(address: str) -> Markup:
    svg = io.BytesIO()
    segno.make(address, error="m").save(svg, kind="svg", scale=6, xmldecl=False, svgns=True, omitsize=True, dark="#000")
    return Markup(svg.getvalue().decode())  # noqa: S704 - made of squares by segno, of nothing that anybody typed

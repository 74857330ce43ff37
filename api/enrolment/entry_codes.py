"""Codes on paper for candidates without an e-mail address, and the address that they give with them."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields

from api.http.admission import PUBLIC
from api.http.attempts import Tries
from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Secret, text
from portfolio.documents import Candidacy, Invitation, School
from portfolio.enrolment.entry_codes import coupons, making, redeeming
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("entry_codes", __name__, description="Codes de première connexion")
ENTRY_CODE = Tries("entry_code")


class ClassAsked(TypedDict):
    session: str
    division: str | None


class OfClass(Schema):
    session = text(5, required=True)
    division = text(50, load_default=None, metadata={"description": "une classe ; toutes si elle n'est pas dite"})


class AwaitedOut(Schema):
    candidacy = fields.Function(lambda awaited: str(awaited.candidacy.id), required=True, metadata={"type": "string"})
    person = fields.Function(lambda awaited: str(awaited.person.id), required=True, metadata={"type": "string"})
    name = fields.Function(lambda awaited: awaited.candidacy.display_name, required=True, metadata={"type": "string"})
    division = fields.Function(lambda awaited: awaited.candidacy.division, metadata={"type": ["string", "null"]})
    code_until = Instant(allow_none=True, metadata={"description": "fin de son code ; null : il n'en a pas qui vaille"})
    asked_at = Instant(
        allow_none=True, metadata={"description": "quand son adresse a été donnée ; elle reste à prouver"}
    )
    wrong_days = fields.Integer(
        required=True, metadata={"description": "essais de ce code avec une autre date de naissance"}
    )


class AwaitedListOut(Schema):
    items = fields.List(fields.Nested(AwaitedOut), required=True)


class GivenAddress(Schema):
    code = Secret(60, metadata={"description": "les douze signes du coupon"})
    birth_date = text(10, required=True, metadata={"format": "date"})
    email = text(254, required=True)


class AskedAddressOut(Schema):
    id = Id(required=True)
    expires_at = Instant(required=True, metadata={"description": "fin du lien envoyé à l'adresse"})


@routes.reads(
    "/schools/<oid:school_id>/entry-codes",
    Action.ENROL,
    AwaitedListOut,
    query=OfClass,
    title="Liste les candidats sans adresse e-mail qui ne sont pas encore venus ; jamais leurs codes.",
)
def list_awaited(by: Actor, at: datetime, school_id: ObjectId, asked: ClassAsked) -> dict[str, object]:
    return {"items": making.awaited(by, find(School, school_id), asked["session"], at, asked["division"])}


@routes.files(
    "/schools/<oid:school_id>/entry-codes.pdf",
    Action.ENROL,
    "application/pdf",
    query=OfClass,
    recorded=True,
    title="Fait un code pour chacun d'eux, à la place du précédent, et en donne les coupons à découper.",
)
def print_codes(by: Actor, at: datetime, school_id: ObjectId, asked: ClassAsked) -> Response:
    school = find(School, school_id)
    data = coupons.coupons_pdf(by, school, asked["session"], at, asked["division"])
    return attached(data, "application/pdf", "coupons.pdf")


@routes.files(
    "/candidacies/<oid:candidacy_id>/entry-code.pdf",
    Action.AMEND_CANDIDACY,
    "application/pdf",
    recorded=True,
    title="Fait un nouveau code pour un seul candidat, dont l'ancien ne vaut plus, et en donne le coupon.",
)
def print_code(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    return attached(coupons.coupon_pdf(by, find(Candidacy, candidacy_id), at), "application/pdf", "coupon.pdf")


@routes.asks(
    "/entry-codes/redeem",
    PUBLIC,
    AskedAddressOut,
    takes=GivenAddress,
    tries=ENTRY_CODE,
    title="Donne son adresse avec un code et sa date de naissance : le lien envoyé la prouve et ouvre le compte.",
)
def redeem(values: dict[str, str], at: datetime) -> Invitation:
    """Sends a link to the address, and returns its invitation. Repeating it sends another link; the former ends.
    values: of GivenAddress. Raises what `give_address` raises.
    """
    return redeeming.give_address(values["code"], values["birth_date"], values["email"], at)

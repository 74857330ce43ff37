"""Codes on paper for candidates, teachers and tutors without an e-mail address, and the address that they give."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId
from flask import Response
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.http.admission import PUBLIC
from api.http.attempts import Tries
from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Secret, text
from portfolio.documents import Candidacy, Invitation, Person, School
from portfolio.enrolment.entry_codes import coupons, making, redeeming, signatories, signatory_coupons
from portfolio.enrolment.entry_codes.signatories import AwaitedSignatory
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


ENDED = {"description": "son dernier code s'est arrêté après trop d'essais avec une autre réponse"}


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
    ended_by_tries = fields.Boolean(required=True, metadata=ENDED)


class AwaitedListOut(Schema):
    items = fields.List(fields.Nested(AwaitedOut), required=True)


TEACHERS, TUTORS = "teachers", "tutors"


class SignatoriesAsked(TypedDict):
    who: str
    session: NotRequired[str]
    division: str | None


class OfSignatories(Schema):
    who = fields.String(
        required=True,
        validate=validate.OneOf((TEACHERS, TUTORS)),
        metadata={"description": "`teachers` de l'établissement, ou `tutors` des candidats d'une session"},
    )
    session = text(5, metadata={"description": "des candidats ; à dire pour `tutors`"})
    division = text(50, load_default=None, metadata={"description": "une classe ; toutes si elle n'est pas dite"})

    @validates_schema
    def of_a_session(self, values: SignatoriesAsked, **_: object) -> None:
        """Raises ValidationError on `session` where tutors are asked for without one."""
        if values["who"] == TUTORS and not values.get("session"):
            raise ValidationError("Indiquez la session des candidats.", "session")


class AwaitedSignatoryOut(Schema):
    person = fields.Function(lambda awaited: str(awaited.person.id), required=True, metadata={"type": "string"})
    name = fields.Function(lambda awaited: awaited.person.name, required=True, metadata={"type": "string"})
    seat = fields.String(required=True, metadata={"description": "`teacher` ou `tutor`"})
    place = fields.String(required=True, metadata={"description": "entreprise et ville d'un tuteur ; vide sinon"})
    division = fields.String(required=True, metadata={"description": "classe de son candidat ; vide sinon"})
    candidate = fields.String(required=True, metadata={"description": "son candidat : distingue deux homonymes"})
    seated = fields.Boolean(
        required=True, metadata={"description": "siège à une commission : aucun coupon, son adresse est à noter"}
    )
    known_elsewhere = fields.Boolean(
        required=True,
        metadata={"description": "connu d'un autre établissement : aucun coupon, l'administrateur note son adresse"},
    )
    code_until = Instant(attribute="way.code_until", allow_none=True, metadata={"description": "fin de son code"})
    asked_at = Instant(
        attribute="way.asked_at",
        allow_none=True,
        metadata={"description": "quand son adresse a été donnée ; elle reste à prouver"},
    )
    wrong_names = fields.Integer(
        attribute="way.wrong_answers", required=True, metadata={"description": "essais de ce code avec un autre nom"}
    )
    ended_by_tries = fields.Boolean(attribute="way.ended_by_tries", required=True, metadata=ENDED)


class AwaitedSignatoriesOut(Schema):
    items = fields.List(fields.Nested(AwaitedSignatoryOut), required=True)


class RedeemedCode(TypedDict):
    code: str
    birth_date: NotRequired[str]
    family_name: NotRequired[str]
    email: str


class OwnCode(Schema):
    code = Secret(60, metadata={"description": "les douze signes du coupon"})
    email = text(254, required=True)


class GivenAddress(OwnCode):
    birth_date = text(10, required=True, metadata={"format": "date"})


class AddressGivenByName(OwnCode):
    family_name = text(100, required=True)


class AnyGivenAddress(OwnCode):
    birth_date = text(10, metadata={"format": "date", "description": "d'un candidat"})
    family_name = text(100, metadata={"description": "d'un professeur ou d'un tuteur, à la place de la date"})

    @validates_schema
    def says_who(self, values: RedeemedCode, **_: object) -> None:
        """Raises ValidationError on `birth_date` where neither it nor a family name is given."""
        if not values.get("birth_date") and not values.get("family_name"):
            raise ValidationError("Indiquez la date de naissance, ou le nom de famille.", "birth_date")


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


@routes.reads(
    "/schools/<oid:school_id>/signatory-codes",
    Action.ENROL,
    AwaitedSignatoriesOut,
    query=OfSignatories,
    title="Liste les professeurs ou les tuteurs sans adresse e-mail qui ne sont pas encore venus ; jamais leurs codes.",
)
def list_awaited_signatories(
    by: Actor, at: datetime, school_id: ObjectId, asked: SignatoriesAsked
) -> dict[str, list[AwaitedSignatory]]:
    school = find(School, school_id)
    if asked["who"] == TEACHERS:
        return {"items": signatories.awaited_teachers(by, school, at)}
    return {"items": signatories.awaited_tutors(by, school, asked.get("session", ""), at, asked["division"])}


@routes.files(
    "/schools/<oid:school_id>/signatory-codes.pdf",
    Action.ENROL,
    "application/pdf",
    query=OfSignatories,
    recorded=True,
    title="Fait un code pour chacun d'eux, à la place du précédent, et en donne les coupons à découper.",
)
def print_signatory_codes(by: Actor, at: datetime, school_id: ObjectId, asked: SignatoriesAsked) -> Response:
    school = find(School, school_id)
    if asked["who"] == TEACHERS:
        data = signatory_coupons.teachers_pdf(by, school, at)
    else:
        data = signatory_coupons.tutors_pdf(by, school, asked.get("session", ""), at, asked["division"])
    return attached(data, "application/pdf", "coupons.pdf")


@routes.files(
    "/schools/<oid:school_id>/people/<oid:person_id>/signatory-code.pdf",
    Action.ENROL,
    "application/pdf",
    recorded=True,
    title="Fait un nouveau code pour un seul professeur ou tuteur, à la place de l'ancien, et en donne le coupon.",
)
def print_signatory_code(by: Actor, at: datetime, school_id: ObjectId, person_id: ObjectId) -> Response:
    data = signatory_coupons.signatory_pdf(by, find(School, school_id), find(Person, person_id), at)
    return attached(data, "application/pdf", "coupon.pdf")


@routes.asks(
    "/entry-codes/redeem",
    PUBLIC,
    AskedAddressOut,
    takes=AnyGivenAddress,
    tries=ENTRY_CODE,
    title="Donne son adresse avec un code et sa date de naissance, ou son nom (professeur, tuteur) ; un lien suit.",
)
def redeem(values: RedeemedCode, at: datetime) -> Invitation:
    """Sends a link to the address, and returns its invitation. Repeating it sends another link; the former ends. Raises
    what `give_address` and `give_address_by_name` raise.
    """
    code, email = values["code"], values["email"]
    if "family_name" in values:
        return redeeming.give_address_by_name(code, values["family_name"], email, at)
    return redeeming.give_address(code, values.get("birth_date", ""), email, at)

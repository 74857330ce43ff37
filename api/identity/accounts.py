"""Invitations, accounts, oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.admission import PUBLIC, SIGNED_IN
from api.http.attempts import Tries
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, Secret, ThingOut, amended_out, one_of, represents, text
from api.http.session import actor, request_origin, start
from portfolio.documents import Academy, Person, School
from portfolio.documents.people import ROLES
from portfolio.enrolment import email_corrections
from portfolio.enrolment.corrections import staff_names
from portfolio.enrolment.moves import departures, suspensions
from portfolio.identity import accounts, invitations, rights, sign_ins
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, scope
from portfolio.policy.relations import Actor

routes = Routes("accounts", __name__, description="Comptes, invitations")
INVITED = Tries("invitation")


class Acceptance(Schema):
    token = Secret(200)
    password = Secret()


class GrantOut(Schema):
    id = Id(required=True)
    role = one_of(*ROLES, required=True)
    school = Id(allow_none=True)
    academy = fields.String(allow_none=True)
    academies = fields.List(
        fields.String(), metadata={"description": "d'un jury de plusieurs académies ; vide pour les autres droits"}
    )
    exam = fields.String(allow_none=True)
    session = fields.String(allow_none=True)
    candidacy = Id(allow_none=True)
    placement = Id(allow_none=True)
    teaches_profession = fields.Boolean(allow_none=True)
    waits = fields.Boolean(
        allow_none=True,
        metadata={"description": "ne compte pas encore : voir « Droits et comptes » (/account-changes)"},
    )
    counts_from = Instant(allow_none=True)
    deputy = fields.Boolean(
        allow_none=True, metadata={"description": "suppléant d'un jury : n'ouvre rien tant qu'il ne siège pas"}
    )
    sits_from = Instant(allow_none=True, metadata={"description": "depuis quand il siège à la place d'un titulaire"})
    revoked_at = Instant(allow_none=True)


@represents(Person)
class PersonOut(ThingOut):
    email = fields.String(
        required=True, allow_none=True, metadata={"description": "null : aucune adresse n'est connue"}
    )
    family_name = fields.String(required=True)
    given_names = fields.String(required=True)
    state = fields.String(required=True)
    address_failed_at = Instant(
        allow_none=True, metadata={"description": "depuis quand les courriels reviennent : l'adresse est à corriger"}
    )
    address_delayed_at = Instant(
        allow_none=True, metadata={"description": "depuis quand l'on sait que les courriels sont tous retardés"}
    )
    address_failure = fields.String(allow_none=True, metadata={"description": "code de la RFC 3463"})
    amended = amended_out("noms corrigés")
    suspended_because = fields.Function(
        lambda person: person.suspended_because if may(actor(), Action.SUSPEND, person) else None,
        metadata={"type": ["string", "null"]},
    )
    grants = fields.Function(
        lambda person: GrantOut(many=True).dump(rights.grants_shown(actor(), person)),
        required=True,
        metadata={"type": "array", "items": {"type": "object"}, "description": "ceux que le lecteur peut connaître"},
    )


class NewStaff(Schema):
    email = text(254, required=True)
    family_name = text(100, required=True)
    given_names = text(100, required=True)
    role = one_of(*accounts.STAFF_ROLES, required=True)
    session = text(5)
    exam = text(60, metadata={"description": "code de l'épreuve ; inutile s'il n'en est installé qu'une"})
    school = Id()
    deputy = fields.Boolean(load_default=False, metadata={"description": "suppléant, pour un jury seulement"})


class NewColleague(Schema):
    email = text(
        254,
        load_default=None,
        allow_none=True,
        metadata={"description": "null : d'un professeur dont personne ne sait l'adresse ; un coupon le fera entrer"},
    )
    family_name = text(100, required=True)
    given_names = text(100, required=True)
    role = one_of(*accounts.SCHOOL_ROLES, required=True)
    teaches_profession = fields.Boolean(load_default=False)


class NewAddress(Schema):
    email = text(254, required=True)


class CorrectedAddress(NewAddress):
    password = Secret(
        required=False,
        load_default=None,
        metadata={"description": "le sien, pour changer sa propre adresse"},
    )


class NewOwnAddress(NewAddress):
    password = Secret(metadata={"description": "le sien"})


class NewStaffName(Schema):
    family_name = text(100, required=True)
    given_names = text(100, required=True, metadata={"description": "« SANS PRENOM » de qui n'en a pas"})


class GrantToRevoke(Schema):
    """successor: the teacher of the same school who takes over what a teacher leaves."""

    grant = Id(required=True)
    successor = Id(allow_none=True)


@routes.reads("/me", SIGNED_IN, PersonOut, title="Montre qui est connecté, et ses droits.")
def show_me(by: Actor, at: datetime) -> Person:
    assert by.person is not None  # only people sign in
    return by.person


@routes.asks(
    "/me/address",
    SIGNED_IN,
    PersonOut,
    takes=NewOwnAddress,
    title="Change sa propre adresse, avec son mot de passe ; un courriel part à l'ancienne et à la nouvelle.",
)
def change_own_address(by: Actor, at: datetime, values: dict[str, str]) -> Person:
    """Changes one's own address, and returns the person. Repeating it finds the address there already, and is refused.
    values: of NewOwnAddress. Raises ChangeWaits, TooMany, Invalid on `email`, `password`.
    """
    return email_corrections.change_own(by, values["email"], values["password"], at)


@routes.asks(
    "/invitations/accept",
    PUBLIC,
    PersonOut,
    takes=Acceptance,
    tries=INVITED,
    title="Choisit son mot de passe avec une invitation, et ouvre une session.",
)
def accept_invitation(values: dict[str, Any], at: datetime) -> Person:
    """Sets one's own password, opens a session, and returns the person. An invitation serves once. values: of
    Acceptance. Raises InvitationOver, TooManyTokens, Invalid on `password`.
    """
    person = invitations.accept_invitation(values["token"], values["password"], at)
    started, token = sign_ins.sign_in(person.email, values["password"], "cookie", None, at, request_origin())
    start(token, started, Actor(person, at=at))
    return person


@routes.creates(
    "/academies/<oid:academy_id>/people",
    Action.INVITE_STAFF,
    PersonOut,
    takes=NewStaff,
    title="Invite un administrateur, un secrétariat, un membre de jury ou un inspecteur.",
)
def invite_staff(by: Actor, at: datetime, academy_id: ObjectId, values: dict[str, Any]) -> Person:
    return accounts.invite_staff(by, find(Academy, academy_id), values, at)


@routes.creates(
    "/schools/<oid:school_id>/people",
    Action.INVITE_TO_SCHOOL,
    PersonOut,
    takes=NewColleague,
    title="Invite un professeur ou un collègue du secrétariat dans l'établissement.",
)
def invite_to_school(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> Person:
    return accounts.invite_to_school(by, find(School, school_id), values, at)


@routes.reads(
    "/people",
    Action.READ_PERSON,
    page_of(PersonOut),
    query=PageQuery,
    title="Liste les personnes que l'on a invitées ou inscrites.",
)
def list_people(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return page(Person, scope(by, Action.READ_PERSON, Person), asked)


@routes.acts(
    "/people/<oid:person_id>/invite-again",
    Action.REVOKE_GRANT,
    PersonOut,
    title="Envoie une nouvelle invitation ; la précédente ne sert plus.",
)
def invite_again(by: Actor, at: datetime, expected: int, person_id: ObjectId) -> Person:
    return accounts.invite_again(by, find(Person, person_id, expected), at)


@routes.acts(
    "/people/<oid:person_id>/revoke-grant",
    Action.REVOKE_GRANT,
    PersonOut,
    takes=GrantToRevoke,
    title="Retire un droit à une personne ; d'un professeur, quelqu'un peut prendre la suite.",
)
def revoke_grant(by: Actor, at: datetime, expected: int, person_id: ObjectId, values: dict[str, Any]) -> Person:
    return departures.revoke_grant(by, find(Person, person_id, expected), values["grant"], at, values.get("successor"))


@routes.changes(
    "/people/<oid:person_id>/address",
    Action.CORRECT_ADDRESS,
    PersonOut,
    takes=CorrectedAddress,
    method="PUT",
    title="Corrige l'adresse d'une personne ; ce qui partait à l'ancienne part à la nouvelle.",
)
def correct_address(by: Actor, at: datetime, expected: int, person_id: ObjectId, values: dict[str, Any]) -> Person:
    return email_corrections.correct(by, find(Person, person_id, expected), values["email"], at, values["password"])


@routes.changes(
    "/people/<oid:person_id>/name",
    Action.CORRECT_NAME,
    PersonOut,
    takes=NewStaffName,
    method="PUT",
    title="Corrige le nom d'une personne du personnel ; ce qu'elle a signé garde celui d'avant.",
)
def correct_name(by: Actor, at: datetime, expected: int, person_id: ObjectId, values: staff_names.StaffNames) -> Person:
    return staff_names.correct_name(by, find(Person, person_id, expected), values, at)


@routes.acts(
    "/people/<oid:person_id>/try-address-again",
    Action.CORRECT_ADDRESS,
    PersonOut,
    title="Essaie de nouveau une adresse en échec : ce qui attendait repart.",
)
def try_address_again(by: Actor, at: datetime, expected: int, person_id: ObjectId) -> Person:
    return email_corrections.try_again(by, find(Person, person_id, expected), at)


@routes.acts(
    "/people/<oid:person_id>/suspend",
    Action.SUSPEND,
    PersonOut,
    takes=Reason,
    title="Suspend un compte : ses sessions et ses jetons cessent aussitôt.",
)
def suspend(by: Actor, at: datetime, expected: int, person_id: ObjectId, values: dict[str, Any]) -> Person:
    return suspensions.suspend(by, find(Person, person_id, expected), values["reason"], at)


@routes.acts("/people/<oid:person_id>/reinstate", Action.SUSPEND, PersonOut, title="Rétablit un compte suspendu.")
def reinstate(by: Actor, at: datetime, expected: int, person_id: ObjectId) -> Person:
    return suspensions.reinstate(by, find(Person, person_id, expected), at)

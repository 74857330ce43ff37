"""People: the first administrator, who is invited by whom and with which right, suspended and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.documents import Academy, Grant, Invitation, Person, School
from portfolio.errors import Forbidden, Invalid, NotNow
from portfolio.identifiers import email as email_address
from portfolio.identifiers import name_key, person_name, session_code
from portfolio.identity.dual_control import (
    asked_by_another,
    guard_grant,
    opens_marks,
    refuse_own,
    refused_while_waiting,
    suspended_or_back,
)
from portfolio.identity.invitations import (
    ended_invitations,
    ended_sign_ins,
    new_invitation,
    not_suspended,
    take_password,
)
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Insert, commit
from portfolio.validation import check_fields

STAFF_ROLES = ("administrator", "office", "jury", "inspector")
SCHOOL_ROLES = ("office", "teacher")
PERSON_CHECKS = {"email": email_address, "family_name": person_name, "given_names": person_name}
ANOTHER_NAME = (
    "Cette adresse est déjà celle d'une personne enregistrée sous un autre nom. Vérifiez l'adresse ; "
    "s'il s'agit bien de cette personne, écrivez ses nom et prénoms comme la première fois."
)


class AdministratorInvites(Forbidden):
    code = "administrator_invites"
    detail = "Seul l'administrateur peut renvoyer une invitation à cette personne."


class AlreadyGranted(NotNow):
    code = "already_granted"
    detail = "Cette personne a déjà ce rôle ici."


class OwnAccount(NotNow):
    code = "own_account"
    detail = "Vous ne pouvez pas suspendre votre propre compte : demandez-le à un autre administrateur."


class AlreadyAdministered(NotNow):
    code = "already_administered"
    detail = "Un administrateur existe déjà : il peut en inviter d'autres."


def _person_chain(person: Person) -> str:
    return f"person:{person.id}"


def create_first_administrator(email: str, family_name: str, given_names: str, password: str, at: datetime) -> Person:
    """By the command line only: several before any academy is open, later where no administrator is left.

    That last one waits as any other would, see `dual_control`.
    """
    opened = Academy.objects.first() is not None
    live = {"role": "administrator", "revoked_at": None}
    if opened and Person.objects(__raw__={"grants": {"$elemMatch": live}}).first():
        raise AlreadyAdministered()
    person = new_person(email, family_name, given_names, at)
    grant = Grant(role="administrator", granted_by="system", granted_at=at)
    changes, errands = guard_grant("system", person, grant, at) if opened else ([], [])
    person.grants.append(grant)
    take_password(person, password)
    event = Event(_person_chain(person), EventName.ADMINISTRATOR_CREATED, "system", at, person)
    commit([Insert(person), *changes], event, errands)
    return person


def new_person(email: str, family_name: str, given_names: str, at: datetime) -> Person:
    """A checked person, not yet written. Raises Invalid, field by field."""
    values = {"email": email, "family_name": family_name, "given_names": given_names}
    return Person(created_at=at, **check_fields(values, PERSON_CHECKS))


def known_or_new(
    email: str, family_name: str, given_names: str, at: datetime, birth_name: str | None = None
) -> tuple[Person, bool]:
    """(person, is new). Raises Invalid where the address is already another person's.

    A family may share an address: what one is granted must not open to the other. birth_name: another family name
    under which the same person may be known.
    """
    person = new_person(email, family_name, given_names, at)
    found = Person.objects(email=person.email).first()
    if found is None:
        return person, True
    if not is_named(found, given_names, family_name, birth_name):
        raise Invalid({"email": [ANOTHER_NAME]})
    return found, False


def is_named(person: Person, given_names: str, *family_names: str | None) -> bool:
    """Whether these are the person's names, whatever their case and accents."""
    family_keys = {name_key(name) for name in family_names if name}
    return name_key(person.family_name) in family_keys and name_key(person.given_names) == name_key(given_names)


def grant_changes(
    person: Person, is_new: bool, grant: Grant, at: datetime, school: Any = None
) -> list[Insert | Change]:
    """Writes the grant on a person, known or new, once; whoever has no way in yet also gets an invitation.

    Not a tutor: a link in a mail opens their sign-offs, and a convocation invites those who sit on a commission.
    Raises OwnGrant.
    """
    refuse_own(person.id, grant.granted_by)
    if is_new:
        person.grants.append(grant)
        if school is not None:
            person.schools.append(school)
        return [Insert(person), *_invited(person, grant, at)]
    granted = Change(person, push={"grants": grant}, expected={"grants": {"$not": _live(grant)}}, any_revision=True)
    if school is not None and school not in person.schools:
        granted.push["schools"] = school
    waits = person.state == "invited" and not Invitation.objects(person=person.id, used_at=None, expires_at__gt=at)
    return [granted, *_invited(person, grant, at)] if waits else [granted]


def _invited(person: Person, grant: Grant, at: datetime) -> list[Insert]:
    return [] if grant.role == "tutor" else [Insert(new_invitation(person, at))]


def _live(grant: Grant) -> dict[str, Any]:
    """The same grant still standing, as a condition on `grants`."""
    scope = {name: grant[name] for name in ("role", "school", "academy", "session", "candidacy", "placement")}
    return {"$elemMatch": scope | {"revoked_at": None}}


def invitation_errands(changes: list[Any]) -> list[Errand]:
    """One mail per invitation among the changes."""
    invitations = [change.document for change in changes if isinstance(change, Insert)]
    return [
        Errand("invitation", {"invitation": document.id})
        for document in invitations
        if isinstance(document, Invitation)
    ]


def invite_staff(by: Actor, academy: Any, values: dict[str, Any], at: datetime) -> Person:
    """An administrator invites offices, juries, inspectors. values: email, names, role, and its scope."""
    require(by, Action.INVITE_STAFF, academy)
    role = values["role"]
    if role not in STAFF_ROLES:
        raise Invalid({"role": [f"Rôle attendu : {', '.join(STAFF_ROLES)}."]})
    scope: dict[str, Any] = {}
    if role in ("jury", "inspector"):
        if not values.get("session"):
            raise Invalid({"session": ["Indiquez la session, par exemple 2027."]})
        scope = {"academy": academy.code, **check_fields(values, {"session": session_code})}
    if role == "office":
        school = School.objects(pk=values.get("school"), academy=academy.code).first()
        if school is None:
            raise Invalid({"school": ["Indiquez un établissement de cette académie."]})
        scope = {"school": school.id}
    return _invite(by, values, Grant(role=role, granted_by=by.journal_name, granted_at=at, **scope), at)


def invite_to_school(by: Actor, school: School, values: dict[str, Any], at: datetime) -> Person:
    """The office invites teachers and colleagues. values: email, names, role, teaches_profession."""
    require(by, Action.INVITE_TO_SCHOOL, school)
    if values["role"] not in SCHOOL_ROLES:
        raise Invalid({"role": [f"Rôle attendu : {', '.join(SCHOOL_ROLES)}."]})
    grant = Grant(role=values["role"], school=school.id, granted_by=by.journal_name, granted_at=at)
    if values["role"] == "teacher":
        grant.teaches_profession = bool(values.get("teaches_profession"))
    return _invite(by, values, grant, at)


def _invite(by: Actor, values: dict[str, Any], grant: Grant, at: datetime) -> Person:
    person, is_new = known_or_new(values["email"], values["family_name"], values["given_names"], at)
    if not is_new and Person.objects(__raw__={"_id": person.id, "grants": _live(grant)}):
        raise AlreadyGranted()
    waiting, letters = guard_grant(by.journal_name, person, grant, at)
    changes = grant_changes(person, is_new, grant, at, school=grant.school)
    data = {"role": grant.role, "grant": str(grant.id), "waits": bool(grant.waits)}
    event = event_by(by, at, _person_chain(person), EventName.PERSON_INVITED, person, data)
    commit([*changes, *waiting], event, [*invitation_errands(changes), *letters])
    return person


def invite_again(by: Actor, person: Person, at: datetime) -> Person:
    """A fresh invitation: for one that was lost, expired, or a forgotten password. Earlier ones stop working.

    It opens everything the person may do: a school does not ask it for whoever also judges, inspects, administers or
    runs another school, though a mail is all it would send. Raises AdministratorInvites.

    Where it would replace the password of somebody who opens marks, it waits: see `dual_control`.
    """
    require(by, Action.REVOKE_GRANT, person)
    offices = by.values("office", "school")
    higher = [g for g in person.live_grants if g.role in STAFF_ROLES and g.school not in offices]
    if higher and not by.has("administrator"):
        raise AdministratorInvites()
    if person.id != by.id and person.password and opens_marks(person):
        asked, letters = asked_by_another(by.journal_name, person, "invitation", at)
        event = event_by(by, at, _person_chain(person), EventName.INVITATION_ASKED, person)
        commit([Change(person), asked], event, letters)
        return person
    changes, errands = invitation_again(person, at)
    event = event_by(by, at, _person_chain(person), EventName.PERSON_INVITED_AGAIN, person)
    commit([Change(person), *changes], event, errands)
    return person


def invitation_again(person: Person, at: datetime) -> tuple[list[Any], list[Errand]]:
    """A fresh invitation instead of those under way."""
    invitation = new_invitation(person, at)
    changes: list[Any] = [ended_invitations(person, at), Insert(invitation)]
    return changes, [Errand("invitation", {"invitation": invitation.id})]


def suspend(by: Actor, person: Person, reason: str, at: datetime) -> Person:
    """Closes an account at once, on all its devices; what the person did stays theirs.

    A change of their way in that waits is refused: they could no longer do so themselves.
    """
    require(by, Action.SUSPEND, person)
    if person.id == by.id:
        raise OwnAccount()
    changes: list[Any] = [
        Change(person, {"state": "suspended", "suspended_because": reason}, expected=not_suspended()),
        ended_sign_ins(person, at),
        refused_while_waiting(by.journal_name, person, at, what={"$in": ["address", "invitation"]}),
    ]
    lines, letters = suspended_or_back(by.journal_name, person, "suspension", at)
    event = event_by(by, at, _person_chain(person), EventName.ACCOUNT_SUSPENDED, person)
    commit([*changes, *lines], event, letters)
    return person


def reinstate(by: Actor, person: Person, at: datetime) -> Person:
    """Opens a suspended account again, with the password it had."""
    require(by, Action.SUSPEND, person)
    state = "active" if person.password else "invited"
    change = Change(person, {"state": state, "suspended_because": None}, expected={"state": "suspended"})
    lines, letters = suspended_or_back(by.journal_name, person, "reinstatement", at)
    event = event_by(by, at, _person_chain(person), EventName.ACCOUNT_REINSTATED, person)
    commit([change, *lines], event, letters)
    return person

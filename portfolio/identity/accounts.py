"""Creates the first administrator, invites people with a right, prepares suspensions, which `suspensions` commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Academy, Grant, Invitation, Jury, Person, School
from portfolio.documents.account_changes import ChangeKind
from portfolio.documents.people import PersonState, Role
from portfolio.errors import Forbidden, Invalid, NotNow
from portfolio.identifiers import email as email_address
from portfolio.identifiers import given_names as given_names_of
from portfolio.identifiers import name_key, person_name, session_code
from portfolio.identity.dual_control import (
    asked_by_another,
    guard_grant,
    opens_marks,
    refuse_own,
    refused_while_waiting,
    suspension_or_reinstatement,
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
from portfolio.rules.texts.exam import installed_exam
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Hold, HoldAll, Insert, commit
from portfolio.validation import check_fields

STAFF_ROLES = (Role.ADMINISTRATOR, Role.OFFICE, Role.JURY, Role.INSPECTOR, Role.SUPPORT, Role.EXAM_SERVICE)
OF_ONE_SESSION = (Role.JURY, Role.INSPECTOR, Role.EXAM_SERVICE)
SCHOOL_ROLES = (Role.OFFICE, Role.TEACHER)
PERSON_CHECKS = {"email": email_address, "family_name": person_name, "given_names": given_names_of}
ANOTHER_NAME = (
    "Cette adresse est déjà celle d'une personne enregistrée sous un autre nom. Vérifiez l'adresse ; "
    "s'il s'agit bien de cette personne, écrivez ses nom et prénoms comme la première fois."
)

ADDRESS_NEEDED = "Indiquez l'adresse e-mail : le secrétariat n'entre que par une invitation."
NAMESAKE_HERE = "Un professeur de ce nom enseigne déjà ici : si c'est une autre personne, indiquez son adresse e-mail."


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
    """Creates an administrator, for the command line, and returns them, written: any number before the first academy,
    later only if none is left. In the latter case the grant waits, see `dual_control`. Raises AlreadyAdministered,
    Invalid (a field, or a weak password), AlreadyExists (the address).
    """
    opened = Academy.objects.first() is not None
    live = {"role": Role.ADMINISTRATOR, "revoked_at": None}
    if opened and Person.objects(__raw__={"grants": {"$elemMatch": live}}).first():
        raise AlreadyAdministered()
    person = new_person(email, family_name, given_names, at)
    grant = Grant(role=Role.ADMINISTRATOR, granted_by="system", granted_at=at)
    changes, errands = guard_grant("system", person, grant, at) if opened else ([], [])
    person.grants.append(grant)
    take_password(person, password)
    event = Event(_person_chain(person), EventName.ADMINISTRATOR_CREATED, "system", at, person)
    commit([Insert(person), *changes], event, errands)
    return person


def new_person(email: str | None, family_name: str, given_names: str, at: datetime) -> Person:
    """Returns a checked person, not yet written and without a grant. email: None if nobody knows it. Raises Invalid, by
    field.
    """
    values = {"family_name": family_name, "given_names": given_names} | ({"email": email} if email is not None else {})
    return Person(created_at=at, **check_fields(values, PERSON_CHECKS))


def known_or_new(
    email: str | None, family_name: str, given_names: str, at: datetime, birth_name: str | None = None
) -> tuple[Person, bool]:
    """Returns (person, is new); a new one is not yet written. email: None makes a new person, since nothing tells
    whether they are known. Raises Invalid for a malformed address or name, and if the address belongs to a person with
    another name.

    A family may share an address: the grant of one must not open to the other. birth_name: another family name
    under which the same person may be known.
    """
    person = new_person(email, family_name, given_names, at)
    known = Person.objects(email=person.email).first() if person.email is not None else None
    if known is None:
        return person, True
    if not is_named(known, given_names, family_name, birth_name):
        raise Invalid({"email": [ANOTHER_NAME]})
    return known, False


def is_named(person: Person, given_names: str, *family_names: str | None) -> bool:
    """Returns True if these are the given names and one of the family names (None is left out) of the person,
    regardless of case and accents.
    """
    family_keys = {name_key(name) for name in family_names if name}
    return name_key(person.family_name) in family_keys and name_key(person.given_names) == name_key(given_names)


def grant_changes(
    person: Person, is_new: bool, grant: Grant, at: datetime, school: ObjectId | None = None
) -> list[Insert | Change]:
    """Returns the changes that write the grant once, and an invitation if the person has no access yet.

    A tutor gets no invitation here: a link in a mail opens their sign-offs, and a convocation invites those who sit on
    a commission. Raises OwnGrant.
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
    waits = person.state == PersonState.INVITED and not Invitation.objects(
        person=person.id, used_at=None, expires_at__gt=at
    )
    return [granted, *_invited(person, grant, at)] if waits else [granted]


def _invited(person: Person, grant: Grant, at: datetime) -> list[Insert]:
    return [] if grant.role == Role.TUTOR else [Insert(new_invitation(person, at))]


def _live(grant: Grant) -> dict[str, object]:
    """Returns the MongoDB condition on `grants` that the same grant exists and is not revoked."""
    scope = {name: grant[name] for name in ("role", "school", "academy", "exam", "session", "candidacy", "placement")}
    # No academies are stored as [], or not at all in grants that are older than the field.
    academies: object = list(grant.academies) or {"$in": [None, []]}
    return {"$elemMatch": scope | {"academies": academies, "revoked_at": None}}


def invitation_errands(changes: Sequence[AnyChange]) -> list[Errand]:
    """Returns one errand per invitation that the changes insert, which mails it; [] if there is none."""
    invitations = [change.document for change in changes if isinstance(change, Insert)]
    return [
        Errand("invitation", {"invitation": document.id})
        for document in invitations
        if isinstance(document, Invitation)
    ]


def invite_staff(by: Actor, academy: Academy, values: dict[str, Any], at: datetime) -> Person:
    """Invites one of STAFF_ROLES, and returns the person. values: email, family_name, given_names, role, and its scope:
    session and exam (those of OF_ONE_SESSION; the exam may be left out where one is installed) or school (office);
    deputy (of a jury: the right opens nothing until its holder is seated). A grant that opens marks waits, see
    `dual_control`. Raises Invalid, AlreadyGranted, OwnGrant.
    """
    require(by, Action.INVITE_STAFF, academy)
    role = values["role"]
    if role not in STAFF_ROLES:
        raise Invalid({"role": [f"Rôle attendu : {', '.join(STAFF_ROLES)}."]})
    if values.get("deputy") and role != Role.JURY:
        raise Invalid({"deputy": ["Seul un jury a des suppléants : choisissez le rôle « Jury », ou décochez la case."]})
    scope: dict[str, Any] = {}
    if role in OF_ONE_SESSION:
        if not values.get("session"):
            raise Invalid({"session": ["Indiquez la session, par exemple 2027."]})
        scope = {"academy": academy.code, **check_fields(values, {"session": session_code})}
        scope["exam"] = installed_exam(values.get("exam")).code
    if role == Role.JURY:
        scope |= _of_several_academies(scope) | ({"deputy": True} if values.get("deputy") else {})
    if role == Role.SUPPORT:
        scope = {"academy": academy.code}
    if role == Role.OFFICE:
        school = School.objects(pk=values.get("school"), academy=academy.code).first()
        if school is None:
            raise Invalid({"school": ["Indiquez un établissement de cette académie."]})
        scope = {"school": school.id}
    return _invite(by, values, Grant(role=role, granted_by=by.journal_name, granted_at=at, **scope), at)


def _of_several_academies(scope: Mapping[str, str]) -> dict[str, object]:
    """Returns the academies of the jury that is open for this academy, exam and session, and the one that pilots; {}
    where it is for one academy, or not open yet.
    """
    jury = Jury.objects(academies=scope["academy"], exam=scope["exam"], session=scope["session"]).first()
    if jury is None or len(jury.academies) == 1:
        return {}
    return {"academy": jury.academy, "academies": list(jury.academies)}


def invite_to_school(by: Actor, school: School, values: dict[str, Any], at: datetime) -> Person:
    """Invites a teacher or office colleague, and returns the person. values: email (None of a teacher whose address
    nobody knows), family_name, given_names, role (one of SCHOOL_ROLES), teaches_profession (bool, of a teacher). Raises
    Invalid, AlreadyGranted, OwnGrant.
    """
    require(by, Action.INVITE_TO_SCHOOL, school)
    if values["role"] not in SCHOOL_ROLES:
        raise Invalid({"role": [f"Rôle attendu : {', '.join(SCHOOL_ROLES)}."]})
    grant = Grant(role=values["role"], school=school.id, granted_by=by.journal_name, granted_at=at)
    if values["role"] == Role.TEACHER:
        grant.teaches_profession = bool(values.get("teaches_profession"))
    alone = [] if values.get("email") else _alone_with_these_names(school, values)
    return _invite(by, values, grant, at, alone)


def _alone_with_these_names(school: School, values: Mapping[str, object]) -> list[AnyChange]:
    """Returns what keeps a teacher without address the only one of these names in the school: nothing else tells them
    apart. Raises Invalid on `email`.
    """
    if values["role"] != Role.TEACHER:
        raise Invalid({"email": [ADDRESS_NEEDED]})
    teaching = {"grants": {"$elemMatch": {"role": Role.TEACHER, "school": school.id, "revoked_at": None}}}
    unchanged = HoldAll(Person, teaching)
    given, family = str(values["given_names"]), str(values["family_name"])
    if any(is_named(person, given, family) for person in Person.objects(__raw__=teaching)):
        raise Invalid({"email": [NAMESAKE_HERE]})
    return [Hold(school, {}), unchanged]


def _invite(by: Actor, values: dict[str, Any], grant: Grant, at: datetime, held: Sequence[AnyChange] = ()) -> Person:
    """Invites a person with this right, and returns them. held: what must stay so until it is written. Raises
    AlreadyGranted.
    """
    person, is_new = known_or_new(values.get("email"), values["family_name"], values["given_names"], at)
    if not is_new and Person.objects(__raw__={"_id": person.id, "grants": _live(grant)}):
        raise AlreadyGranted()
    waiting, letters = guard_grant(by.journal_name, person, grant, at)
    changes = grant_changes(person, is_new, grant, at, school=grant.school)
    data = {"role": grant.role, "grant": str(grant.id), "waits": bool(grant.waits)}
    event = event_by(by, at, _person_chain(person), EventName.PERSON_INVITED, person, data)
    commit([*held, *changes, *waiting], event, [*invitation_errands(changes), *letters])
    return person


def invite_again(by: Actor, person: Person, at: datetime) -> Person:
    """Sends a new invitation and returns the person: for one that was lost or expired, or a forgotten password. Earlier
    ones stop working. It opens every right of the person: a school may not request it for a person who is also on a
    jury, an inspector, an administrator or in the office of another school (AdministratorInvites). If it would replace
    the password of a person who may read marks, it waits: see `dual_control`. Raises AdministratorInvites,
    AccountSuspended, ChangeWaits.
    """
    require(by, Action.REVOKE_GRANT, person)
    offices = by.values(Role.OFFICE, "school")
    higher = [g for g in person.live_grants if g.role in STAFF_ROLES and g.school not in offices]
    if higher and not by.has(Role.ADMINISTRATOR):
        raise AdministratorInvites()
    if person.id != by.id and person.password and opens_marks(person):
        asked, letters = asked_by_another(by.journal_name, person, ChangeKind.INVITATION, at)
        event = event_by(by, at, _person_chain(person), EventName.INVITATION_ASKED, person)
        commit([Change(person), asked], event, letters)
        return person
    changes, errands = invitation_again(person, at)
    event = event_by(by, at, _person_chain(person), EventName.PERSON_INVITED_AGAIN, person)
    commit([Change(person), *changes], event, errands)
    return person


def invitation_again(person: Person, at: datetime) -> tuple[list[AnyChange], list[Errand]]:
    """Returns the changes and the mail, not yet written, of a new invitation that replaces the pending ones."""
    invitation = new_invitation(person, at)
    changes: list[AnyChange] = [ended_invitations(person, at), Insert(invitation)]
    return changes, [Errand("invitation", {"invitation": invitation.id})]


@dataclass(frozen=True)
class StateOfAccount:
    """The suspension or reinstatement of an account, not yet written: changes, link and mails."""

    changes: list[AnyChange]
    event: Event
    letters: list[Errand]


def suspension(by: Actor, person: Person, reason: str, at: datetime) -> StateOfAccount:
    """Returns the end, not yet written, of all sign-ins of an account, on all its devices. Past acts stay valid.
    Refuses waiting changes of address and invitations: the person could no longer refuse them. Raises OwnAccount.
    """
    require(by, Action.SUSPEND, person)
    if person.id == by.id:
        raise OwnAccount()
    changes: list[AnyChange] = [
        Change(person, {"state": PersonState.SUSPENDED, "suspended_because": reason}, expected=not_suspended()),
        ended_sign_ins(person, at),
        refused_while_waiting(by.journal_name, person, at, what={"$in": [ChangeKind.ADDRESS, ChangeKind.INVITATION]}),
    ]
    lines, letters = suspension_or_reinstatement(by.journal_name, person, ChangeKind.SUSPENSION, at)
    event = event_by(by, at, _person_chain(person), EventName.ACCOUNT_SUSPENDED, person)
    return StateOfAccount([*changes, *lines], event, letters)


def reinstatement(by: Actor, person: Person, at: datetime) -> StateOfAccount:
    """Returns the opening, not yet written, of a suspended account, with its previous password."""
    require(by, Action.SUSPEND, person)
    state = PersonState.ACTIVE if person.password else PersonState.INVITED
    change = Change(person, {"state": state, "suspended_because": None}, expected={"state": PersonState.SUSPENDED})
    lines, letters = suspension_or_reinstatement(by.journal_name, person, ChangeKind.REINSTATEMENT, at)
    event = event_by(by, at, _person_chain(person), EventName.ACCOUNT_REINSTATED, person)
    return StateOfAccount([change, *lines], event, letters)

"""Choosing one's own password, by a link that serves once: a first way in, or a forgotten password anew."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from portfolio.documents import Candidacy, Invitation, Person, Placement, School, SignIn
from portfolio.errors import Invalid, NotNow
from portfolio.identity import passwords
from portfolio.identity.notices import notice
from portfolio.ids import new_token, token_hash
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, ChangeAll, commit

INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(hours=1)


class InvitationOver(NotNow):
    code = "invitation_over"
    detail = "Cette invitation a déjà servi ou a expiré. Demandez-en une nouvelle à l'établissement qui vous a invité."


class KeyRetired(NotNow):
    """The key an invitation was made under is no longer among SECRET_KEY: its link can no longer be written."""

    code = "invitation_key_retired"
    detail = "Cette invitation a été préparée avec une clé retirée depuis. Envoyez-en une nouvelle."


def new_invitation(person: Person, at: datetime, purpose: str = "enter") -> Invitation:
    until = at + (RESET_LASTS if purpose == "reset" else INVITATION_LASTS)
    invitation = Invitation(person=person.id, purpose=purpose, nonce=new_token(), expires_at=until, created_at=at)
    invitation.token_hash = token_hash(_derived_tokens(invitation)[0])
    return invitation


def invitation_token(invitation: Invitation) -> str:
    """Derived, not stored: whoever reads the database alone cannot make it; the worker that mails it can.

    It follows from the key of the day the invitation was made. Raises KeyRetired.
    """
    for token in _derived_tokens(invitation):
        if token_hash(token) == invitation.token_hash:
            return token
    raise KeyRetired()


def _derived_tokens(invitation: Invitation) -> list[str]:
    """One by key, newest first."""
    message = f"{invitation.id}:{invitation.nonce}".encode()
    macs = [hmac.new(key, message, hashlib.sha256).digest() for key in current().keys_for("invitation")]
    return [base64.urlsafe_b64encode(mac).decode().rstrip("=") for mac in macs]


def _waiting_invitation(token: str, at: datetime) -> Invitation | None:
    invitation = Invitation.objects(token_hash=token_hash(token), used_at=None).first()
    return invitation if invitation is not None and invitation.expires_at > at else None


def invitation_holds(token: str, at: datetime) -> bool:
    """Whether a password can still be chosen with this token. Reads only."""
    return _waiting_invitation(token, at) is not None


def accept_invitation(token: str, password: str, at: datetime) -> Person:
    """Sets one's own password; no other link still under way sets it again. Where one stood, its owner is told.

    Raises InvitationOver, Invalid.
    """
    invitation = _waiting_invitation(token, at)
    if invitation is None:
        raise InvitationOver()
    person = Person.objects.get(pk=invitation.person)
    if person.state == "suspended":
        raise InvitationOver()
    before, lost = person.password, person.totp if invitation.purpose == "enter" else None
    take_password(person, password)
    used = Change(invitation, {"used_at": at}, expected={"used_at": None}, any_revision=True)
    taken = {"password": person.password, "state": "active"}
    if invitation.purpose == "enter":
        taken["totp"] = None  # an authenticator that was lost: the school's invitation is the way back
    entered = Change(person, taken, expected=not_suspended(), any_revision=True)
    changes: list[Any] = [used, ended_invitations(person, at), entered, ended_sign_ins(person, at)]
    told = []
    if before is not None:
        told.append(notice(person, "password_changed", at))
    if lost is not None:
        told.append(notice(person, "authenticator_removed", at))
    try:
        commit(changes, Event(f"person:{person.id}", EventName.PASSWORD_SET, str(person.id), at, person), told)
    except NotNow as first_come:
        raise InvitationOver() from first_come
    return person


def not_suspended() -> dict[str, Any]:
    return {"state": {"$ne": "suspended"}}


def ended_sign_ins(person: Person, at: datetime, but: Any = None) -> ChangeAll:
    """Of what opens no longer: a password replaced, an account suspended. but: the sign-in that stays."""
    return ChangeAll(SignIn, {"person": person.id, "ended_at": None, "_id": {"$ne": but}}, {"ended_at": at})


def ended_invitations(person: Person, at: datetime) -> ChangeAll:
    """Every link under way by which they could choose a password."""
    return ChangeAll(Invitation, {"person": person.id, "used_at": None}, {"used_at": at})


def take_password(person: Person, password: str) -> None:
    personal = [person.family_name, person.given_names, person.email]
    faults = passwords.check(password, personal, _own_words(person))
    if faults:
        raise Invalid({"password": faults})
    person.password = passwords.hash(password)
    person.state = "active"


def _own_words(person: Person) -> list[str]:
    """What whoever knows this person would try: their school and its town, their birth date and number, their company.

    In three queries.
    """
    schools = School.objects(pk__in=[*person.schools, *(grant.school for grant in person.grants if grant.school)])
    words = [text for school in schools.only("name", "city", "uai") for text in (school.name, school.city, school.uai)]
    enrolled = list(Candidacy.objects(person=person.pk))
    for one in enrolled:
        words += [one.birth_name, one.usage_name, one.given_names, one.birth_date, one.candidate_number, one.division]
    beside = Placement.objects(
        __raw__={"$or": [{"candidacy": {"$in": [one.pk for one in enrolled]}}, {"tutor": person.pk}]}
    )
    for placement in beside.only("company_name", "company_city", "tutor_name"):
        words += [placement.company_name, placement.company_city, placement.tutor_name]
    return [word for word in words if word]

"""Lets a person choose a password by a link that works once, for a first access or a forgotten password."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, Invitation, Person, Placement, School, SignIn
from portfolio.documents.people import InvitationPurpose, PersonState
from portfolio.errors import Invalid, NotNow
from portfolio.identity import passwords
from portfolio.identity.dual_control import opens_marks
from portfolio.identity.notices import notice
from portfolio.identity.waiting_mails.leaving_again import mails_to_first_address
from portfolio.ids import new_token, token_hash
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, commit

INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(hours=1)


class InvitationOver(NotNow):
    code = "invitation_over"
    detail = "Cette invitation a déjà servi ou a expiré. Demandez-en une nouvelle à l'établissement qui vous a invité."


class KeyRetired(NotNow):
    """The key of the invitation is no longer in SECRET_KEY: its link can no longer be derived."""

    code = "invitation_key_retired"
    detail = "Cette invitation a été préparée avec une clé retirée depuis. Envoyez-en une nouvelle."


class AddressOfAnother(Invalid):
    code = "address_of_another"
    detail = (
        "Cette adresse est déjà celle d'un autre compte. Si c'est le vôtre, connectez-vous avec elle ; sinon, donnez "
        "une autre adresse avec votre code."
    )

    def __init__(self) -> None:
        super().__init__({"email": [self.detail]})


def new_invitation(
    person: Person, at: datetime, purpose: InvitationPurpose = InvitationPurpose.ENTER, email: str | None = None
) -> Invitation:
    """Returns an invitation to choose a password, not yet written; a RESET lasts shorter than an ENTER. email: the
    address that it proves, of a person who has none yet.
    """
    until = at + (RESET_LASTS if purpose == InvitationPurpose.RESET else INVITATION_LASTS)
    invitation = Invitation(person=person.id, purpose=purpose, nonce=new_token(), expires_at=until, created_at=at)
    invitation.email = email
    invitation.token_hash = token_hash(_derived_tokens(invitation)[0])
    return invitation


def invitation_token(invitation: Invitation) -> str:
    """Returns the token of the link, which is derived and not stored: the database alone does not give it. Raises
    KeyRetired if the key under which the invitation was made is no longer in the settings.
    """
    for token in _derived_tokens(invitation):
        if token_hash(token) == invitation.token_hash:
            return token
    raise KeyRetired()


def _derived_tokens(invitation: Invitation) -> list[str]:
    """Returns one URL-safe token per key, newest first."""
    message = f"{invitation.id}:{invitation.nonce}".encode()
    macs = [hmac.new(key, message, hashlib.sha256).digest() for key in current().keys_for("invitation")]
    return [base64.urlsafe_b64encode(mac).decode().rstrip("=") for mac in macs]


def _waiting_invitation(token: str, at: datetime) -> Invitation | None:
    invitation = Invitation.objects(token_hash=token_hash(token), used_at=None).first()
    if invitation is None or invitation.expires_at <= at:
        return None
    return None if invitation.email is not None and _reads_marks(invitation.person) else invitation


def _reads_marks(person: ObjectId) -> bool:
    """Returns True of who sits on a commission, or has a right that opens marks, since they gave an address with a
    code: the address is to be agreed on by a second person.
    """
    return bool(opens_marks(Person.objects.get(pk=person)))


def invitation_holds(token: str, at: datetime) -> bool:
    """Returns True if a password can still be chosen with this token: it is known, not used and not over.
    Only reads.
    """
    return _waiting_invitation(token, at) is not None


def accept_invitation(token: str, password: str, at: datetime) -> Person:
    """Sets the password, signs out every device, ends the other pending links, and returns the person. An ENTER removes
    an authenticator, too, and gives the person the address that it proves, to which leaves what was withheld until
    then. Notifies a person who had a password or an authenticator. Raises InvitationOver (unknown, used, expired,
    suspended), Invalid on `password`, AddressOfAnother.
    """
    invitation = _waiting_invitation(token, at)
    if invitation is None:
        raise InvitationOver()
    person = Person.objects.get(pk=invitation.person)
    if person.state == PersonState.SUSPENDED:
        raise InvitationOver()
    before, lost = person.password, person.totp if invitation.purpose == InvitationPurpose.ENTER else None
    proven: dict[str, Any] = {}
    if invitation.email is not None:
        proven = {"email": person.email}
        person.email = free_address(invitation.email)
    take_password(person, password)
    used = Change(invitation, {"used_at": at}, expected={"used_at": None}, any_revision=True)
    taken = {"password": person.password, "state": PersonState.ACTIVE, **({"email": person.email} if proven else {})}
    if invitation.purpose == InvitationPurpose.ENTER:
        taken["totp"] = None  # the invitation of the school replaces a lost authenticator
    entered = Change(person, taken, expected=not_suspended() | proven, any_revision=True)
    changes: list[AnyChange] = [used, ended_invitations(person, at), entered, ended_sign_ins(person, at)]
    notices = mails_to_first_address(person, at) if proven else []
    if before is not None:
        notices.append(notice(person, "password_changed", at))
    if lost is not None:
        notices.append(notice(person, "authenticator_removed", at))
    try:
        commit(changes, Event(f"person:{person.id}", EventName.PASSWORD_SET, str(person.id), at, person), notices)
    except NotNow as first_come:
        raise InvitationOver() from first_come
    return person


def free_address(email: str) -> str:
    """Returns the address (normalised), if no account has it. Raises AddressOfAnother."""
    if Person.objects(email=email).only("id").first() is not None:
        raise AddressOfAnother()
    return email


def not_suspended() -> dict[str, Any]:
    """Returns the MongoDB condition that the account is not suspended."""
    return {"state": {"$ne": PersonState.SUSPENDED}}


def ended_sign_ins(person: Person, at: datetime, but: ObjectId | None = None) -> ChangeAll:
    """Returns the change, not yet written, that ends all sign-ins of the person. but: id of the sign-in to keep."""
    return ChangeAll(SignIn, {"person": person.id, "ended_at": None, "_id": {"$ne": but}}, {"ended_at": at})


def ended_invitations(person: Person, at: datetime) -> ChangeAll:
    """Returns the change, not yet written, that ends every pending link to choose a password."""
    return ChangeAll(Invitation, {"person": person.id, "used_at": None}, {"used_at": at})


def take_password(person: Person, password: str) -> None:
    """Sets the password and the state ACTIVE on the document, not yet written. Raises Invalid on `password` with what
    to change.
    """
    personal = [word for word in (person.family_name, person.given_names, person.email) if word]
    faults = passwords.check(password, personal, _own_words(person))
    if faults:
        raise Invalid({"password": faults})
    person.password = passwords.hash(password)
    person.state = PersonState.ACTIVE


def _own_words(person: Person) -> list[str]:
    """Returns what an acquaintance would try: school and town, birth date, number, company. Three queries."""
    schools = School.objects(pk__in=[*person.schools, *(grant.school for grant in person.grants if grant.school)])
    words = [text for school in schools.only("name", "city", "uai") for text in (school.name, school.city, school.uai)]
    enrolled = list(Candidacy.objects(person=person.pk))
    for candidacy in enrolled:
        words += [candidacy.birth_name, candidacy.usage_name, candidacy.given_names, candidacy.birth_date]
        words += [candidacy.candidate_number, candidacy.division]
    beside = Placement.objects(
        __raw__={"$or": [{"candidacy": {"$in": [candidacy.pk for candidacy in enrolled]}}, {"tutor": person.pk}]}
    )
    for placement in beside.only("company_name", "company_city", "tutor_name"):
        words += [placement.company_name, placement.company_city, placement.tutor_name]
    return [word for word in words if word]

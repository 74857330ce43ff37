"""Corrects a wrong or dead e-mail address, or tries it again, by those who manage it. Earlier sign-offs stay valid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portfolio import identifiers
from portfolio.documents import Invitation, Person, Placement
from portfolio.documents.account_changes import ChangeKind
from portfolio.documents.people import Role
from portfolio.enrolment.placements import NoTutorYet, PlacementCancelled
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identity import links
from portfolio.identity.accounts import STAFF_ROLES, invitation_again
from portfolio.identity.attempts import Budget
from portfolio.identity.bounces import address_digest
from portfolio.identity.dual_control import (
    ChangeWaits,
    asked_by_another,
    change_waits,
    done_at_once,
    guarded,
    opens_marks,
    seats,
)
from portfolio.identity.invitations import ended_invitations
from portfolio.identity.notices import notice
from portfolio.identity.sign_ins import prove
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.identity.waiting_mails.leaving_again import (
    REMINDER,
    mails_that_leave_again,
    mails_to_first_address,
)
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, commit
from portfolio.validation import check_fields

WORKS = {"address_failed_at": None, "address_failure": None, "address_delayed_at": None}
OWN = Budget("own_address", 10, timedelta(days=1))  # tries, by person
RENEWED = ("invitation", "sign_offs", REMINDER)  # those that `moved_to` makes anew


class AddressInUse(NotNow):
    """The address gives access to the account: a school may not hand over what the account opens beyond that school."""

    code = "address_in_use"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette personne a déjà choisi un mot de passe, ou est connue d'un autre établissement ou pour un autre rôle : "
        "seul l'administrateur peut corriger son adresse. Un tuteur peut aussi être remplacé sur la période."
    )


def correct(by: Actor, person: Person, email: str, at: datetime, password: str | None = None) -> Person:
    """Corrects an address and returns the person: by the office, for a person it invited or enrolled who has not signed
    in yet; by an administrator at any time. If the account is another person's and opens marks, the change waits: see
    `dual_control`. The caller's own changes as `change_own` has it. Raises AccountSuspended, AddressInUse, ChangeWaits,
    Invalid (on `email`, `password`), TooMany.
    """
    require(by, Action.CORRECT_ADDRESS, person)
    if person.id == by.id:
        return change_own(by, email, password or "", at)
    offices = set(by.values(Role.OFFICE, "school"))
    higher = [grant for grant in person.live_grants if grant.role in STAFF_ROLES and grant.school not in offices]
    if not by.has(Role.ADMINISTRATOR) and (person.password or higher or not set(person.schools) <= offices):
        raise AddressInUse()
    _correct_another(by, person, email, at)
    return person


def change_own(by: Actor, email: str, password: str, at: datetime) -> Person:
    """Changes the address of the caller, with their password, and returns the person. Mails leave to both: the former
    address reads that it is no longer theirs, the new one that it is. Raises ChangeWaits, where another correction of
    it waits; Invalid (on `email`, `password`), TooMany: what is asked tells which addresses are known here.
    """
    assert by.person is not None
    if not password:
        raise Invalid({"password": ["Pour changer votre propre adresse, tapez votre mot de passe."]})
    OWN.take(by.journal_name, at)
    prove(by, password, at)
    if change_waits(by.id, ChangeKind.ADDRESS):
        raise ChangeWaits()
    _correct(by, by.person, email, at, [notice(by.person, "address_changed", at)])
    return by.person


def correct_tutor(by: Actor, placement: Placement, email: str, at: datetime) -> Placement:
    """Corrects a tutor's address, by a follower or the office, and returns the placement; the change waits once the
    tutor sits on a commission. Raises AccountSuspended, AddressInUse (the tutor has a password, or is known elsewhere),
    ChangeWaits, Invalid on `email`, PlacementCancelled, NoTutorYet.
    """
    tutor = _tutor_of(by, placement)
    known_here_alone = set(tutor.schools) <= {placement.school} and all(
        grant.role == Role.TUTOR for grant in tutor.live_grants
    )
    if tutor.password or not known_here_alone:
        raise AddressInUse()
    _correct_another(by, tutor, email, at)
    return placement


class AddressWorks(NotNow):
    code = "address_works"
    source = RuleSource.INTEGRITY
    detail = "Aucun courriel n'est revenu de cette adresse : rien n'attend d'y être envoyé de nouveau."


def try_again(by: Actor, person: Person, at: datetime) -> Person:
    """Lets mail leave again to an address that failed or delays, by the office or an administrator, and returns the
    person: the mailbox was emptied, the company's server mended. What came back or was withheld leaves again. Raises
    AddressWorks if it neither failed nor delays.
    """
    require(by, Action.CORRECT_ADDRESS, person)
    _try_again(by, person, at)
    return person


def try_tutor_again(by: Actor, placement: Placement, at: datetime) -> Placement:
    """Does as `try_again` for the tutor, by a follower or the office; returns the placement. Raises AddressWorks,
    PlacementCancelled, NoTutorYet.
    """
    _try_again(by, _tutor_of(by, placement), at)
    return placement


def _tutor_of(by: Actor, placement: Placement) -> Person:
    """Returns the tutor whose address `by` keeps. Raises NotFound, Forbidden, PlacementCancelled, NoTutorYet."""
    require(by, Action.AMEND_PLACEMENT, placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    if placement.tutor is None:
        raise NoTutorYet()
    return Person.objects.get(pk=placement.tutor)


def _try_again(by: Actor, person: Person, at: datetime) -> None:
    since = _unreached_since(person)
    if since is None or person.email is None:
        raise AddressWorks()
    event = event_by(by, at, f"person:{person.id}", EventName.ADDRESS_TRIED_AGAIN, person, {})
    commit([Change(person, dict(WORKS))], event, mails_that_leave_again(person, since, at))


def _unreached_since(person: Person) -> datetime | None:
    """Returns since when mail does not reach this person, who may never have had an address; None where it does."""
    since: list[datetime | None] = [person.address_failed_at, person.address_delayed_at]
    if person.email is None:
        since.append(person.created_at)
    return min(filter(None, since), default=None)


def _correct_another(by: Actor, person: Person, email: str, at: datetime) -> None:
    """Corrects another person's address, or makes the change wait if the account opens marks. At once while nothing
    could be taken over: they hold no seat, and of their guarded rights none counts yet and no password opens one.
    Raises Invalid on `email`, AccountSuspended, ChangeWaits.
    """
    if not seats(person) and not any(person.password or grant.counts(at) for grant in guarded(person)):
        _correct(by, person, email, at)
        return
    fresh = _free_address(person, email)
    asked, letters = asked_by_another(by.journal_name, person, ChangeKind.ADDRESS, at, fresh)
    data = {"address": address_digest(fresh)}
    event = event_by(by, at, f"person:{person.id}", EventName.ADDRESS_CORRECTION_ASKED, person, data)
    commit([Change(person), asked], event, letters)


def _correct(by: Actor, person: Person, email: str, at: datetime, more: Sequence[Errand] = ()) -> None:
    """Corrects at once; notifies the former address if the account was in use. more: other mails. Raises Invalid on
    `email`.
    """
    fresh = _free_address(person, email)
    changes, errands = moved_to(person, fresh, at)
    about = opens_marks(person)
    if about or person.password:
        addresses = {"email": fresh, "address_before": person.email}
        lines, letters = done_at_once(by.journal_name, person, ChangeKind.ADDRESS, at, about, **addresses)
        changes, errands = [*changes, *lines], [*errands, *letters]
    errands = [*errands, *more]
    data = {"address": address_digest(fresh)}
    commit(changes, event_by(by, at, f"person:{person.id}", EventName.ADDRESS_CORRECTED, person, data), errands)


def _free_address(person: Person, email: str) -> str:
    """Returns the new address in its normalised form.
    Raises Invalid on `email` if it is malformed, unchanged or taken.
    """
    fresh: str = check_fields({"email": email}, {"email": identifiers.email})["email"]
    if fresh == person.email:
        raise Invalid({"email": ["C'est déjà l'adresse enregistrée : indiquez la nouvelle."]})
    if Person.objects(email=fresh).only("id").first() is not None:
        raise Invalid({"email": ["Cette adresse est celle d'une autre personne enregistrée : vérifiez-la."]})
    return fresh


def moved_to(person: Person, fresh: str, at: datetime) -> tuple[list[AnyChange], list[Errand]]:
    """Returns the changes and mails, not yet written, of a new address: links sent to the old one end, those still
    needed are sent anew, with what came back or was withheld. A person with a password needs no invitation: a new one
    would remove their authenticator.
    """
    values = {"email": fresh, **WORKS}
    changes: list[AnyChange] = [Change(person, values, expected={"email": person.email})]
    changes += links.revocation(person.id, "address_corrected", at)
    if person.password is None and Invitation.objects(person=person.id, used_at=None).first() is not None:
        renewed, errands = invitation_again(person, at)
    else:
        renewed, errands = [ended_invitations(person, at)], []
    changes += renewed
    if any(grant.role == Role.TUTOR for grant in person.live_grants):
        errands.append(request_mail(person.id, SignOffSeat.TUTOR, at))
    since, missed = _unreached_since(person), list[Errand]()
    if person.email is None:
        missed = mails_to_first_address(person, at)
    elif since is not None:
        missed = mails_that_leave_again(person, since, at)
    return changes, [*errands, *(errand for errand in missed if errand.kind not in RENEWED)]

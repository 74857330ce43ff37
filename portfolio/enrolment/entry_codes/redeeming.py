"""Takes the address that a candidate gives with their code and birth date: the mail sent there opens the account."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from portfolio import identifiers
from portfolio.documents import Candidacy, Invitation, Person
from portfolio.documents.people import InvitationPurpose, PersonState
from portfolio.enrolment.entry_codes.code_words import digests_of
from portfolio.enrolment.entry_codes.making import WRONG_DAYS
from portfolio.errors import Invalid, NotNow, RuleSource, TooMany
from portfolio.identity.attempts import Budget
from portfolio.identity.bounces import address_digest
from portfolio.identity.invitations import free_address, new_invitation
from portfolio.policy.relations import SYSTEM
from portfolio.store.chains import CODE_HOLDER, Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Errand, Hold, Insert, commit
from portfolio.validation import check_fields, day

GIVEN = Budget("entry_code", 10, timedelta(days=1))  # addresses, by person: each is sent a mail, or told to be taken
# By code, wherever it is typed from: a coupon that was found opens nothing by guessing a day.
BIRTH_DATES = Budget("entry_code_birth_date", 5, timedelta(hours=1))
NOT_THAT_DAY = (
    "Ce n'est pas la date de naissance enregistrée pour ce coupon. Vérifiez que le coupon est bien le vôtre ; si la "
    "date est juste, dites-le au secrétariat de votre établissement."
)


class UnknownEntryCode(Invalid):
    code = "unknown_entry_code"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce code n'est pas reconnu. Vérifiez ses douze signes sur votre coupon ; s'ils sont justes, demandez un "
        "nouveau coupon au secrétariat de votre établissement."
    )

    def __init__(self) -> None:
        super().__init__({"code": [self.detail]})


class EntryCodeOver(NotNow):
    code = "entry_code_over"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce code ne vaut plus : il a expiré, ou un coupon plus récent l'a remplacé. Prenez votre dernier coupon, ou "
        "demandez-en un nouveau au secrétariat de votre établissement."
    )


class EntryCodeUsed(NotNow):
    code = "entry_code_used"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce code a déjà servi : votre compte a une adresse e-mail. Connectez-vous avec elle ; si vous n'avez plus le "
        "mot de passe, choisissez « Mot de passe oublié »."
    )


def give_address(code: str, birth_date: str, email: str, at: datetime) -> Invitation:
    """Asks for the mail that proves an address, given with a code by whoever was born that day (ISO), and returns the
    invitation that it carries: the address is the person's once a password is chosen by it. Until then the code serves
    again, for an address that was mistyped. Raises UnknownEntryCode, EntryCodeOver, EntryCodeUsed, TooMany, Invalid on
    `birth_date` and `email`, AddressOfAnother.
    """
    written = Invitation.objects(purpose=InvitationPurpose.CODE, token_hash__in=digests_of(code)).first()
    if written is None:
        raise UnknownEntryCode()
    person = Person.objects(pk=written.person).first()
    if person is None:  # the list that enrolled them was undone
        raise EntryCodeOver()
    if person.email is not None or person.password is not None:
        raise EntryCodeUsed()
    if written.used_at is not None or written.expires_at <= at or person.state == PersonState.SUSPENDED:
        raise EntryCodeOver()
    given = check_fields({"birth_date": birth_date, "email": email}, {"birth_date": day, "email": identifiers.email})
    _refuse_another_day(written, given["birth_date"], at)
    GIVEN.take(str(person.id), at)
    fresh = free_address(given["email"])
    invitation = new_invitation(person, at, email=fresh)
    before = {"person": person.id, "purpose": InvitationPurpose.ENTER, "used_at": None}
    changes: list[AnyChange] = [
        Hold(written, {"used_at": None}),
        ChangeAll(Invitation, before, {"used_at": at}),
        Insert(invitation),
    ]
    data = {"address": address_digest(fresh), "code": str(written.id)}
    # Whoever has the coupon and knows the day: nobody is signed in, and the candidate may be somebody else.
    event = Event(f"person:{person.id}", EventName.ENTRY_CODE_GIVEN, CODE_HOLDER, at, invitation, data)
    commit(changes, event, [Errand("invitation", {"invitation": invitation.id})])
    return invitation


def _refuse_another_day(written: Invitation, birth_date: str, at: datetime) -> None:
    """Raises Invalid on `birth_date` where no candidacy of the person has this day, TooMany; EntryCodeOver beyond
    WRONG_DAYS, which end the code.
    """
    code = str(written.id)
    BIRTH_DATES.take(code, at)
    try:
        tries = WRONG_DAYS.take(code, at)
    except TooMany:
        raise EntryCodeOver() from None
    born = list(Candidacy.objects(person=written.person).scalar("birth_date"))
    if any(hmac.compare_digest(birth_date, known) for known in born):
        BIRTH_DATES.give_back(code)
        WRONG_DAYS.give_back(code)
        return
    if tries == WRONG_DAYS.most:
        ended = event_by(SYSTEM, at, f"person:{written.person}", EventName.ENTRY_CODE_ENDED, written, {"code": code})
        commit([Change(written, {"used_at": at}, expected={"used_at": None}, any_revision=True)], ended)
    raise Invalid({"birth_date": [NOT_THAT_DAY]})

"""Takes the address that somebody gives with their code and what the coupon does not say: the birth date of a
candidate, the family name of a teacher or tutor. The mail sent there opens the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from portfolio import identifiers
from portfolio.documents import Candidacy, Invitation, Person
from portfolio.documents.people import InvitationPurpose, PersonState
from portfolio.enrolment.entry_codes.code_words import digests_of
from portfolio.enrolment.entry_codes.making import WRONG_ANSWERS
from portfolio.errors import Invalid, NotNow, RuleSource, TooMany
from portfolio.identity.accounts import is_named
from portfolio.identity.attempts import Budget
from portfolio.identity.bounces import address_digest
from portfolio.identity.dual_control import opens_marks
from portfolio.identity.invitations import free_address, new_invitation
from portfolio.policy.relations import SYSTEM
from portfolio.store.chains import CODE_HOLDER, Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Errand, Hold, Insert, commit
from portfolio.validation import check_fields, day

GIVEN = Budget("entry_code", 10, timedelta(days=1))  # addresses, by person: each is sent a mail, or told to be taken
# By code, wherever it is typed from: a coupon that was found opens nothing by guessing a day or a name.
ANSWERS = Budget("entry_code_birth_date", 5, timedelta(hours=1))
NOT_THAT_DAY = (
    "Ce n'est pas la date de naissance enregistrée pour ce coupon. Vérifiez que le coupon est bien le vôtre ; si la "
    "date est juste, dites-le au secrétariat de votre établissement."
)

NOT_THAT_NAME = (
    "Ce n'est pas le nom de famille enregistré pour ce coupon. Vérifiez que le coupon est bien le vôtre ; si le nom "
    "est juste, dites-le à l'établissement qui vous l'a remis."
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


class CodeAsksName(NotNow):
    code = "entry_code_asks_name"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce coupon est celui d'un professeur ou d'un tuteur : il demande votre nom de famille, pas une date de "
        "naissance. Choisissez « Je suis professeur ou tuteur »."
    )


class CodeAsksBirthDate(NotNow):
    code = "entry_code_asks_birth_date"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce coupon est celui d'un candidat : il demande votre date de naissance, pas un nom. Choisissez « Je suis "
        "candidat »."
    )


class AddressOfSameName(Invalid):
    """The address is that of an account under the same names: of a tutor of several candidates, say."""

    code = "address_of_same_name"
    source = RuleSource.INTEGRITY
    detail = (
        "Un compte à votre nom a déjà cette adresse. Demandez à l'établissement qui vous a remis ce coupon de vous "
        "désigner avec elle : ce qui vous attend se lira dans ce compte, et ce coupon ne servira plus."
    )

    def __init__(self) -> None:
        super().__init__({"email": [self.detail]})


def give_address(code: str, birth_date: str, email: str, at: datetime) -> Invitation:
    """Asks for the mail that proves an address, given with a code by the candidate who was born that day (ISO), and
    returns the invitation that it carries: the address is the person's once a password is chosen by it. Until then the
    code serves again, for an address that was mistyped. Raises what `_opened` raises; CodeAsksName, TooMany, Invalid
    on `birth_date` and `email`, AddressOfAnother.
    """
    written, person = _opened(code, at)
    born = _days_of(person)
    if not born:
        raise CodeAsksName()
    given = check_fields({"birth_date": birth_date, "email": email}, {"birth_date": day, "email": identifiers.email})
    _take_answer(written, "birth_date", given["birth_date"] in born, NOT_THAT_DAY, at)
    return _ask(written, person, given["email"], at)


def give_address_by_name(code: str, family_name: str, email: str, at: datetime) -> Invitation:
    """Does as `give_address` for a teacher or tutor of that family name, regardless of case and accents. Raises what
    `_opened` raises; CodeAsksBirthDate, TooMany, Invalid on `family_name` and `email`, AddressOfSameName,
    AddressOfAnother.
    """
    written, person = _opened(code, at)
    if _days_of(person):
        raise CodeAsksBirthDate()
    given = check_fields(
        {"family_name": family_name, "email": email}, {"family_name": _name, "email": identifiers.email}
    )
    same = given["family_name"] == identifiers.name_key(person.family_name)
    _take_answer(written, "family_name", same, NOT_THAT_NAME, at)
    known = Person.objects(email=given["email"]).first()
    if known is not None and is_named(known, person.given_names, person.family_name):
        raise AddressOfSameName()
    return _ask(written, person, given["email"], at)


def _name(typed: str) -> str:
    """Returns the key of a family name. Raises Malformed without letters."""
    key = identifiers.name_key(typed)
    if not key:
        raise identifiers.Malformed("Tapez votre nom de famille, en lettres.")
    return key


def _days_of(person: Person) -> list[str]:
    """Returns the birth dates (ISO) of the candidacies of a person; [] for who is no candidate."""
    return list(Candidacy.objects(person=person.id).scalar("birth_date"))


def _opened(code: str, at: datetime) -> tuple[Invitation, Person]:
    """Returns a code that opens, and whose it is. Raises UnknownEntryCode, EntryCodeUsed; EntryCodeOver, also of who
    reads marks since it was made.
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
    if opens_marks(person):
        raise EntryCodeOver()
    return written, person


def _ask(written: Invitation, person: Person, given: str, at: datetime) -> Invitation:
    """Writes the invitation that proves an address, in place of those asked for before, and returns it. Raises what
    `free_address` raises.
    """
    fresh = free_address(given)
    invitation = new_invitation(person, at, email=fresh)
    before = {"person": person.id, "purpose": InvitationPurpose.ENTER, "used_at": None}
    changes: list[AnyChange] = [
        Hold(written, {"used_at": None}),
        ChangeAll(Invitation, before, {"used_at": at}),
        Insert(invitation),
    ]
    data = {"address": address_digest(fresh), "code": str(written.id)}
    # Whoever has the coupon and knows what it does not say: nobody is signed in, and it may be somebody else.
    event = Event(f"person:{person.id}", EventName.ENTRY_CODE_GIVEN, CODE_HOLDER, at, invitation, data)
    commit(changes, event, [Errand("invitation", {"invitation": invitation.id})])
    return invitation


def _take_answer(written: Invitation, field: str, right: bool, sentence: str, at: datetime) -> None:
    """Takes a try of a code; gives it back where the answer is `right`, and takes an address of GIVEN. Raises Invalid
    on the field with the sentence otherwise, TooMany; EntryCodeOver beyond WRONG_ANSWERS, which end the code.
    """
    code = str(written.id)
    ANSWERS.take(code, at)
    try:
        tries = WRONG_ANSWERS.take(code, at)
    except TooMany:
        raise EntryCodeOver() from None
    if right:
        ANSWERS.give_back(code)
        WRONG_ANSWERS.give_back(code)
        GIVEN.take(str(written.person), at)
        return
    if tries == WRONG_ANSWERS.most:
        ended = event_by(SYSTEM, at, f"person:{written.person}", EventName.ENTRY_CODE_ENDED, written, {"code": code})
        commit([Change(written, {"used_at": at}, expected={"used_at": None}, any_revision=True)], ended)
    raise Invalid({field: [sentence]})

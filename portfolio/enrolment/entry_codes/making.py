"""Says which candidates without an address have not come yet, and makes a code for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.documents import Candidacy, Invitation, Person, School
from portfolio.documents.fields import by_id
from portfolio.documents.people import InvitationPurpose, PersonState
from portfolio.enrolment.entry_codes.code_words import digests_of, new_code
from portfolio.errors import NotNow, RuleSource
from portfolio.identity.attempts import Budget
from portfolio.ids import new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Insert, commit

CODE_LASTS = timedelta(days=30)
AT_ONCE = 200
WRONG_DAYS = Budget("entry_code_wrong_days", 15, CODE_LASTS)  # by code: then it ends, and is printed again


class NobodyWithoutAddress(NotNow):
    code = "nobody_without_address"
    source = RuleSource.LIMIT
    detail = "Personne n'attend de code ici : chaque candidat a une adresse e-mail, ou est déjà venu."


class CodeNotNeeded(NotNow):
    code = "entry_code_not_needed"
    source = RuleSource.INTEGRITY
    detail = "Ce candidat n'attend pas de code : il a une adresse e-mail, est déjà venu, ou a abandonné."


class TooManyCodes(NotNow):
    code = "too_many_codes"
    source = RuleSource.LIMIT
    detail = "Plus de {most} codes à la fois : imprimez-les classe par classe."


@dataclass(frozen=True)
class Awaited:
    """A candidate without an address who has not come yet. code_until: when their code ends, None where they have none
    that still opens. asked_at: when they last gave an address, which the mail sent there has not proven yet.
    wrong_days: how often another birth date was given with that code.
    """

    candidacy: Candidacy
    person: Person
    code_until: datetime | None
    asked_at: datetime | None
    wrong_days: int


@dataclass(frozen=True)
class EntryCode:
    """A code in words, this once, and whose it is."""

    candidacy: Candidacy
    code: str
    until: datetime


def awaited(by: Actor, school: School, session: str, at: datetime, division: str | None = None) -> list[Awaited]:
    """Returns the candidates of a session, of one class or all (None), who have no address and have not come yet, in
    the order of classes and names. Four queries.
    """
    require(by, Action.ENROL, school)
    of_class = {"school": school.id, "session": session} | ({"division": division} if division else {})
    enrolled = Candidacy.objects(abandoned=None, **of_class).order_by("division", "name_key", "id")
    return _who_have_not_come(list({candidacy.person: candidacy for candidacy in enrolled}.values()), at)


def awaited_of(by: Actor, candidacy: Candidacy, at: datetime) -> Awaited | None:
    """Returns how one candidate is awaited; None if they have an address, came already or gave up."""
    require(by, Action.AMEND_CANDIDACY, candidacy)
    return next(iter(_who_have_not_come([candidacy] if candidacy.abandoned is None else [], at)), None)


def _who_have_not_come(candidacies: Sequence[Candidacy], at: datetime) -> list[Awaited]:
    people = by_id(Person, (candidacy.person for candidacy in candidacies))
    waiting = [candidacy for candidacy in candidacies if _has_not_come(people[candidacy.person])]
    codes, asked = _ways_in([candidacy.person for candidacy in waiting], at)
    tries = WRONG_DAYS.taken((str(code.id) for code in codes.values()), at)
    return [
        Awaited(
            candidacy,
            people[candidacy.person],
            code_until=code.expires_at if code else None,
            asked_at=asked.get(candidacy.person),
            wrong_days=tries.get(str(code.id), 0) if code else 0,
        )
        for candidacy in waiting
        for code in [codes.get(candidacy.person)]
    ]


def _has_not_come(person: Person) -> bool:
    return person.email is None and person.password is None and person.state == PersonState.INVITED


def _ways_in(people: Iterable[ObjectId], at: datetime) -> tuple[dict[ObjectId, Invitation], dict[ObjectId, datetime]]:
    """Returns the code of each person that opens, and when the address was given that waits to be proven."""
    live = list(Invitation.objects(person__in=list(people), used_at=None, expires_at__gt=at))
    codes = {invitation.person: invitation for invitation in live if invitation.purpose == InvitationPurpose.CODE}
    return codes, {invitation.person: invitation.created_at for invitation in live if invitation.email is not None}


def make_codes(by: Actor, school: School, session: str, at: datetime, division: str | None = None) -> list[EntryCode]:
    """Makes a code for each of `awaited`, in place of the one they had, and returns them: each opens for CODE_LASTS,
    and is in words in this answer alone. Raises NobodyWithoutAddress, TooManyCodes.
    """
    require(by, Action.ENROL, school)
    waiting = awaited(by, school, session, at, division)
    if not waiting:
        raise NobodyWithoutAddress()
    if len(waiting) > AT_ONCE:
        raise TooManyCodes(most=AT_ONCE)
    return _made(by, school, waiting, at)


def make_code_of(by: Actor, candidacy: Candidacy, at: datetime) -> EntryCode:
    """Makes a code for one candidate, in place of a coupon that was lost, and returns it, in words this once: the code
    they had and the links asked for with it end at once, those of others stay. Raises CodeNotNeeded.
    """
    waiting = awaited_of(by, candidacy, at)
    if waiting is None:
        raise CodeNotNeeded()
    return _made(by, School.objects.get(pk=candidacy.school), [waiting], at)[0]


def _made(by: Actor, school: School, waiting: Sequence[Awaited], at: datetime) -> list[EntryCode]:
    """Writes a code for each of them, in place of what they had, and returns the codes in words."""
    until = at + CODE_LASTS
    made = [EntryCode(candidate.candidacy, new_code(), until) for candidate in waiting]
    ids = [candidate.person.id for candidate in waiting]
    before = {"person": {"$in": ids}, "used_at": None}  # the links too that were asked for with a lost coupon
    changes: list[AnyChange] = [ChangeAll(Invitation, before, {"used_at": at})]
    kept = [_kept(code, at) for code in made]
    changes += [Insert(code) for code in kept]
    # At the revision that was read: of two who print at once, the second is told to begin again.
    changes += [Change(candidate.person, expected={"email": None, "password": None}) for candidate in waiting]
    data = {
        "people": list(map(str, ids)),
        "codes": [str(code.id) for code in kept],
        "replaced": sum(candidate.code_until is not None for candidate in waiting),
    }
    commit(changes, event_by(by, at, f"school:{school.id}", EventName.ENTRY_CODES_MADE, school, data))
    return made


def _kept(made: EntryCode, at: datetime) -> Invitation:
    """Returns what is stored of a code, not yet written: its digest, never the code."""
    return Invitation(
        created_at=at,
        person=made.candidacy.person,
        purpose=InvitationPurpose.CODE,
        nonce=new_token(),
        token_hash=digests_of(made.code)[0],
        expires_at=made.until,
    )

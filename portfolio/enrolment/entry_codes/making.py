"""Says which candidates without an address have not come yet, and makes a code for each of them; `signatories` does so
for teachers and tutors.
"""

from __future__ import annotations

from collections.abc import Sequence
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
WRONG_ANSWERS = Budget("entry_code_wrong_days", 15, CODE_LASTS)  # by code: then it ends, and is printed again


class NobodyWithoutAddress(NotNow):
    code = "nobody_without_address"
    source = RuleSource.LIMIT
    detail = "Personne n'attend de code ici : chacun a une adresse e-mail, ou est déjà venu."


class CodeNotNeeded(NotNow):
    code = "entry_code_not_needed"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette personne n'attend pas de code : elle a une adresse e-mail, est déjà venue, ou n'a plus de rôle ici "
        "(candidat qui a abandonné, tuteur ou professeur remplacé)."
    )


class TooManyCodes(NotNow):
    code = "too_many_codes"
    source = RuleSource.LIMIT
    detail = "Plus de {most} codes à la fois : imprimez-les classe par classe."


@dataclass(frozen=True)
class Awaited:
    """A candidate without an address who has not come yet. code_until: when their code ends, None where they have none
    that still opens. asked_at: when they last gave an address, which the mail sent there has not proven yet.
    wrong_days: how often another birth date was given with that code. ended_by_tries: so often that their last code
    ended.
    """

    candidacy: Candidacy
    person: Person
    code_until: datetime | None
    asked_at: datetime | None
    wrong_days: int
    ended_by_tries: bool


@dataclass(frozen=True)
class WayIn:
    """How a person who has not come yet may come in; the fields are those of `Awaited`."""

    code_until: datetime | None
    asked_at: datetime | None
    wrong_answers: int
    ended_by_tries: bool


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
    waiting = [candidacy for candidacy in candidacies if has_not_come(people[candidacy.person])]
    if not waiting:
        return []
    ways = ways_in([candidacy.person for candidacy in waiting], at)
    return [
        Awaited(
            candidacy, people[candidacy.person], way.code_until, way.asked_at, way.wrong_answers, way.ended_by_tries
        )
        for candidacy in waiting
        for way in [ways[candidacy.person]]
    ]


def has_not_come(person: Person) -> bool:
    """Returns True for somebody invited who has neither an address nor a password."""
    return person.email is None and person.password is None and person.state == PersonState.INVITED


def ways_in(people: Sequence[ObjectId], at: datetime) -> dict[ObjectId, WayIn]:
    """Returns how each of these people may come in: {person id: the code that opens, the address that waits to be
    proven}. Two queries.
    """
    unexpired = list(Invitation.objects(person__in=list(people), expires_at__gt=at).order_by("id"))
    last = {invitation.person: invitation for invitation in unexpired if invitation.purpose == InvitationPurpose.CODE}
    codes = {person: code for person, code in last.items() if code.used_at is None}
    live = [invitation for invitation in unexpired if invitation.used_at is None and invitation.email is not None]
    asked = {invitation.person: invitation.created_at for invitation in live}
    tries = WRONG_ANSWERS.taken((str(code.id) for code in last.values()), at)
    tried = {person: tries.get(str(code.id), 0) for person, code in last.items()}
    return {
        person: WayIn(
            code_until=codes[person].expires_at if person in codes else None,
            asked_at=asked.get(person),
            wrong_answers=tried[person] if person in codes else 0,
            ended_by_tries=person not in codes and tried.get(person, 0) >= WRONG_ANSWERS.most,
        )
        for person in people
    }


def make_codes(by: Actor, school: School, session: str, at: datetime, division: str | None = None) -> list[EntryCode]:
    """Makes a code for each of `awaited`, in place of the one they had, and returns them: each opens for CODE_LASTS,
    and is in words in this answer alone. Raises NobodyWithoutAddress, TooManyCodes.
    """
    require(by, Action.ENROL, school)
    waiting = awaited(by, school, session, at, division)
    if not waiting:
        raise NobodyWithoutAddress()
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
    replaced = sum(candidate.code_until is not None for candidate in waiting)
    codes = write_codes(by, school, [candidate.person for candidate in waiting], replaced, at)
    return [EntryCode(candidate.candidacy, codes[candidate.person.id], at + CODE_LASTS) for candidate in waiting]


def write_codes(
    by: Actor, school: School, people: Sequence[Person], replaced: int, at: datetime
) -> dict[ObjectId, str]:
    """Writes a code for each of these people, in place of what they had, and returns the codes in words: {person id:
    code}. replaced: how many of them had one that opens. Raises TooManyCodes.
    """
    if len(people) > AT_ONCE:
        raise TooManyCodes(most=AT_ONCE)
    made = {person.id: new_code() for person in people}
    before = {"person": {"$in": list(made)}, "used_at": None}  # the links too that were asked for with a lost coupon
    changes: list[AnyChange] = [ChangeAll(Invitation, before, {"used_at": at})]
    kept = [_kept(person, code, at) for person, code in made.items()]
    changes += [Insert(code) for code in kept]
    # At the revision that was read: of two who print at once, the second is told to begin again.
    changes += [Change(person, expected={"email": None, "password": None}) for person in people]
    data = {
        "people": list(map(str, made)),
        "codes": [str(code.id) for code in kept],
        "replaced": replaced,
    }
    commit(changes, event_by(by, at, f"school:{school.id}", EventName.ENTRY_CODES_MADE, school, data))
    return made


def _kept(person: ObjectId, code: str, at: datetime) -> Invitation:
    """Returns what is stored of the code of a person, not yet written: its digest, never the code."""
    return Invitation(
        created_at=at,
        person=person,
        purpose=InvitationPurpose.CODE,
        nonce=new_token(),
        token_hash=digests_of(code)[0],
        expires_at=at + CODE_LASTS,
    )

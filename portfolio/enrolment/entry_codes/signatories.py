"""Says which teachers and tutors without an address have not come yet, and makes a code for each of them.

They have no birth date here: with the code they give their family name, which their coupon does not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, Person, Placement, School
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import by_id
from portfolio.documents.people import PersonState, Role, by_name
from portfolio.enrolment.entry_codes.making import (
    CODE_LASTS,
    CodeNotNeeded,
    NobodyWithoutAddress,
    WayIn,
    has_not_come,
    ways_in,
    write_codes,
)
from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import is_rehearsal
from portfolio.identity.dual_control import guarded
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat

NOT_COME = {"email": None, "password": None, "state": PersonState.INVITED}


class SeatedWithoutAddress(NotNow):
    """Whoever sits on a commission reads marks: the way in that the office gives them waits for a second person."""

    code = "seated_without_address"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette personne siège à une commission convoquée : un coupon ne suffit plus. Notez son adresse e-mail à la "
        "page de son compte ; une autre personne la confirme."
    )


class KnownElsewhere(NotNow):
    """An account that serves another school too is no office's to open, by its address or by a coupon."""

    code = "known_elsewhere"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette personne est connue aussi d'un autre établissement : un coupon imprimé ici ouvrirait ce qui l'attend "
        "là-bas. Demandez à l'administrateur de noter son adresse e-mail ; un tuteur peut aussi signer sur papier, ou "
        "être remplacé sur la période."
    )


class AwaitedSeat(NamedTuple):
    """Somebody and what they are there; the fields are those of `AwaitedSignatory`."""

    person: Person
    seat: SignOffSeat
    place: str = ""
    division: str = ""
    candidate: str = ""
    rehearses: bool = False


@dataclass(frozen=True)
class AwaitedSignatory:
    """A teacher, or a tutor, without an address who has not come yet. place: company and city of a tutor, "" of a
    teacher. division, candidate: class and name of the tutor's candidate, "" where none is known; with the name, two
    namesakes are told apart. rehearses: nobody but candidates of a rehearsal has them. seated: on a commission that is
    convened; known_elsewhere: to a school whose office the reader is not: no code is made. way: their code, and the
    address that waits to be proven.
    """

    person: Person
    seat: SignOffSeat
    place: str
    division: str
    candidate: str
    rehearses: bool
    seated: bool
    known_elsewhere: bool
    way: WayIn

    @property
    def able(self) -> bool:
        """Returns True where a code may be made."""
        return not (self.seated or self.known_elsewhere)


@dataclass(frozen=True)
class SignatoryCode:
    """A code in words, this once, and whose it is."""

    signatory: AwaitedSignatory
    code: str
    until: datetime


def only_rehearses(school: School) -> bool:
    """Returns True for a school whose candidates are all of rehearsals. One query."""
    sessions = Candidacy.objects(school=school.id).distinct("session")
    return bool(sessions) and all(map(is_rehearsal, sessions))


def awaited_teachers(by: Actor, school: School, at: datetime) -> list[AwaitedSignatory]:
    """Returns the teachers of a school who have no address and have not come yet, in the order of names. Five
    queries.
    """
    require(by, Action.ENROL, school)
    live = {"grants": {"$elemMatch": {"role": Role.TEACHER, "school": school.id, "revoked_at": None}}}
    people = sorted(Person.objects(__raw__=live | NOT_COME), key=by_name)
    rehearses = only_rehearses(school)
    return _awaited(by, [AwaitedSeat(person, SignOffSeat.TEACHER, rehearses=rehearses) for person in people], at)


def awaited_tutors(
    by: Actor, school: School, session: str, at: datetime, division: str | None = None
) -> list[AwaitedSignatory]:
    """Returns the tutors of the candidates of a session, of one class or all (None), who have no address and have not
    come yet, in the order of classes and of their own names. Six queries.
    """
    require(by, Action.ENROL, school)
    of_class = {"school": school.id, "session": session} | ({"division": division} if division else {})
    enrolled = Candidacy.objects(abandoned=None, **of_class).order_by("division", "name_key", "id")
    return _awaited(by, _tutors_of(list(enrolled)), at)


def _tutors_of(enrolled: Sequence[Candidacy]) -> list[AwaitedSeat]:
    """Returns the tutors of the periods of these candidates, each once, in the order of classes and names."""
    return sorted(_each_tutor(enrolled), key=lambda seat: (seat.division, by_name(seat.person)))


def _each_tutor(enrolled: Sequence[Candidacy]) -> Iterator[AwaitedSeat]:
    """Yields the tutors of the periods of these candidates, each once, under the first class that has them."""
    of_candidate: dict[ObjectId, list[Placement]] = {candidacy.id: [] for candidacy in enrolled}
    live = Placement.objects(candidacy__in=list(of_candidate), cancelled_at=None, tutor__ne=None)
    for placement in live.order_by("starts_on", "id"):
        of_candidate[placement.candidacy].append(placement)
    known = by_id(Person, (placement.tutor for periods in of_candidate.values() for placement in periods))
    listed: set[ObjectId] = set()
    for candidacy in enrolled:
        for placement in of_candidate[candidacy.id]:
            if placement.tutor not in listed and placement.tutor in known:
                listed.add(placement.tutor)
                place = f"{placement.company_name}, {placement.company_city}"
                yield AwaitedSeat(
                    known[placement.tutor],
                    SignOffSeat.TUTOR,
                    place,
                    candidacy.division or "",
                    candidacy.display_name,
                    is_rehearsal(candidacy.session),
                )


def _awaited(by: Actor, seats: Iterable[AwaitedSeat], at: datetime) -> list[AwaitedSignatory]:
    """Returns those who have not come, with how they may come in; whoever reads marks, or gives rights, is invited by
    mail alone.
    """
    waiting = [seat for seat in seats if has_not_come(seat.person) and not guarded(seat.person)]
    ids = [seat.person.id for seat in waiting]
    ways = ways_in(ids, at)
    seated = set(Commission.objects(members__in=ids, state=CommissionState.CONVENED).distinct("members"))
    offices = set(by.values(Role.OFFICE, "school"))
    return [
        AwaitedSignatory(
            *seat,
            seated=seat.person.id in seated,
            known_elsewhere=not set(seat.person.schools) <= offices,
            way=ways[seat.person.id],
        )
        for seat in waiting
    ]


def awaited_signatory(by: Actor, school: School, person: Person, at: datetime) -> AwaitedSignatory | None:
    """Returns how one teacher or tutor of a school is awaited; None if they have an address, came already or hold no
    seat there.
    """
    require(by, Action.ENROL, school)
    if person.teaches_in(school.id):
        teacher = AwaitedSeat(person, SignOffSeat.TEACHER, rehearses=only_rehearses(school))
        return next(iter(_awaited(by, [teacher], at)), None)
    periods = Placement.objects(school=school.id, tutor=person.id, cancelled_at=None).scalar("candidacy")
    enrolled = Candidacy.objects(pk__in=list(periods), school=school.id, abandoned=None).order_by("division", "id")
    theirs = (seat for seat in _tutors_of(list(enrolled)) if seat.person.id == person.id)
    awaited = next(iter(_awaited(by, theirs, at)), None)
    return None if awaited is None else replace(awaited, person=person)  # at the revision that was read


def make_codes_of_teachers(by: Actor, school: School, at: datetime) -> list[SignatoryCode]:
    """Makes a code for each of `awaited_teachers` who is `able` to have one, in place of the one they had, and returns
    them, in words this once. Raises NobodyWithoutAddress, TooManyCodes.
    """
    return _made(by, school, awaited_teachers(by, school, at), at)


def make_codes_of_tutors(
    by: Actor, school: School, session: str, at: datetime, division: str | None = None
) -> list[SignatoryCode]:
    """Does as `make_codes_of_teachers` for `awaited_tutors`. Raises NobodyWithoutAddress, TooManyCodes."""
    return _made(by, school, awaited_tutors(by, school, session, at, division), at)


def make_code_of_signatory(by: Actor, school: School, person: Person, at: datetime) -> SignatoryCode:
    """Makes a code for one teacher or tutor, in place of a coupon that was lost, and returns it, in words this once:
    the code they had and the links asked for with it end at once, those of others stay. Raises CodeNotNeeded,
    KnownElsewhere, SeatedWithoutAddress.
    """
    require(by, Action.READ_PERSON, person)
    waiting = awaited_signatory(by, school, person, at)
    if waiting is None:
        raise CodeNotNeeded()
    if waiting.seated:
        raise SeatedWithoutAddress()
    if waiting.known_elsewhere:
        raise KnownElsewhere()
    return _made(by, school, [waiting], at)[0]


def _made(by: Actor, school: School, waiting: Sequence[AwaitedSignatory], at: datetime) -> list[SignatoryCode]:
    """Writes the codes of those who are `able` to have one, and returns them. Raises NobodyWithoutAddress."""
    able = [signatory for signatory in waiting if signatory.able]
    if not able:
        raise NobodyWithoutAddress()
    replaced = sum(signatory.way.code_until is not None for signatory in able)
    codes = write_codes(by, school, [signatory.person for signatory in able], replaced, at)
    return [SignatoryCode(signatory, codes[signatory.person.id], at + CODE_LASTS) for signatory in able]

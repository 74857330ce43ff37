"""Describes the relations of a person to a document as data.

A predicate gives clauses of `field in values`. `permissions.require` evaluates them on one document;
`permissions.scope` turns the same clauses into a MongoDB query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, Grant, Jury, Person, School, SignIn
from portfolio.documents.commissions import CommissionState
from portfolio.documents.people import WITHOUT_PASSWORD, Role, TokenScope
from portfolio.documents.rows import Row
from portfolio.errors import Forbidden
from portfolio.policy.actions import Action
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5

Clause = dict[str, list[Any]]


# What a link or a code in a mail opens, whatever the other rights of the person: the tutor's own sign-offs, never a
# commission.
SIGN_OFFS_ALONE = frozenset(
    {
        Action.READ_CANDIDACY,
        Action.READ_PLACEMENT,
        Action.READ_ACTIVITY,
        Action.READ_EVIDENCE,
        Action.READ_FILE,
        Action.READ_ATTESTATION,
        Action.READ_REALITY,
        Action.READ_SCAN,
        Action.ATTEST_AS_TUTOR,
        Action.CONCUR_REALITY,
        Action.CONTEST_PLACEMENT,
        Action.DEPOSIT_CERTIFICATE,
        Action.READ_CERTIFICATE,
        Action.PROPOSE_PLACEMENT,
        Action.READ_PROPOSED_PLACEMENT,
        Action.WITHDRAW_PROPOSED_PLACEMENT,
    }
)


class Actor:
    """The author of an action: a person with live grants, or the system. Relations are read once, when first needed.

    may_only_read: the caller is a program whose token has the scope `read`.
    sign_in: how the person signed in. With a link or a code, only tutor grants count, for SIGN_OFFS_ALONE.
    confirmed: the person typed a second factor recently; without it no tutor sits on a commission.
    at: the instant of the action. None if it does not matter: grants that still wait do not count then (`Grant`).
    """

    def __init__(
        self,
        person: Person | Row | None,
        sign_in: SignIn | Row | None = None,
        confirmed: bool | None = None,
        at: datetime | None = None,
    ) -> None:
        # A row until the document is asked for, whose changes are then seen here too.
        self.person_as_read: Person | Row | None = person
        self.sign_in_as_read: SignIn | Row | None = sign_in
        self.at = at
        self.confirmed = sign_in is None if confirmed is None else confirmed
        self.confined = sign_in is not None and sign_in.way in WITHOUT_PASSWORD
        self.may_only_read = sign_in is not None and sign_in.scope == TokenScope.READ
        self._given = _grants_of(person)
        held = [grant for grant in self._given if grant.counts(at)]
        self.grants = [grant for grant in held if grant.role == Role.TUTOR or not self.confined]
        self._clauses: dict[Predicate, list[Clause]] = {}
        self.opened: dict[Action, list[tuple[Clause, list[ObjectId]]]] = {}  # this and what follows, by `permissions`
        self.looked_at: dict[type, list[str]] = {}
        self.allowed: dict[tuple[object, ...], list[str]] = {}

    @property
    def person(self) -> Person | None:
        """Returns the author as a document, made when first asked for (rights need none); None for the system."""
        read = self.person_as_read
        person: Person | None = Person._from_son(read.stored()) if isinstance(read, Row) else read
        self.person_as_read = person
        return person

    @property
    def sign_in(self) -> SignIn | None:
        """Returns how they signed in as a document, made as `person` is; None where it is not known."""
        read = self.sign_in_as_read
        sign_in: SignIn | None = SignIn._from_son(read.stored()) if isinstance(read, Row) else read
        self.sign_in_as_read = sign_in
        return sign_in

    @property
    def id(self) -> ObjectId:
        assert self.person_as_read is not None
        return ObjectId(self.person_as_read.id)

    def anew(self) -> Actor:
        """Returns the same author with their rights and relations as they are stored now: for an act that commits
        several times. The system is itself.
        """
        if self.person_as_read is None:
            return self
        return Actor(Person.objects.get(pk=self.id), self.sign_in, self.confirmed, self.at)

    @property
    def journal_name(self) -> str:
        return "system" if self.person_as_read is None else str(self.id)

    def sign_in_excludes(self, action: Action) -> bool:
        """Returns True if the way the person signed in excludes this action."""
        return self.confined and action not in SIGN_OFFS_ALONE

    def values(self, role: str, name: str, **having: object) -> list[Any]:
        """Returns the field `name` of the grants of this role whose other fields equal `having`; [] if there are none.
        Leaves out empty fields: None would match every document that has no such field.
        """
        grants = [grant for grant in self.grants if grant.role == role]
        grants = [grant for grant in grants if all(getattr(grant, name) == value for name, value in having.items())]
        return [getattr(grant, name) for grant in grants if getattr(grant, name) is not None]

    def academies_of(self, *roles: Role) -> list[str]:
        """Returns the codes of the academies of the grants of these roles, sorted; [] if there are none."""
        return sorted({code for grant in self.grants if grant.role in roles for code in grant.region})

    def has(self, role: str) -> bool:
        return any(grant.role == role for grant in self.grants)

    def clauses(self, predicate: Predicate) -> list[Clause]:
        """Returns the clauses of the predicate for this person, computed once per actor."""
        if predicate not in self._clauses:
            self._clauses[predicate] = predicate.clauses(self)
        return self._clauses[predicate]

    @cached_property
    def own_candidacies(self) -> list[ObjectId]:
        """Returns the ids of the candidacies of which this person is the candidate, revoked grants included."""
        return [
            grant.candidacy for grant in self._given if grant.role == Role.CANDIDATE and grant.candidacy is not None
        ]

    @cached_property
    def followed(self) -> list[ObjectId]:
        """Returns the ids of the candidacies that this teacher follows, in schools where the teacher grant still
        counts.
        """
        schools = self.values(Role.TEACHER, "school")
        if not schools:
            return []
        query = {"followers": self.id, "school": {"$in": schools}}
        return [row["_id"] for row in Candidacy._get_collection().find(query, {"_id": 1})]

    @cached_property
    def academies_served(self) -> list[str]:
        """Returns the codes of the academies where this person sits on a jury or runs the office of a school,
        sorted.
        """
        schools = self.values(Role.OFFICE, "school")
        offices = School._get_collection().distinct("academy", {"_id": {"$in": schools}}) if schools else []
        return sorted({*self.academies_of(Role.JURY), *offices})

    @cached_property
    def juries(self) -> list[Jury]:
        """Returns the juries open for the exam, the session and an academy of a right of a jury that counts; [] without
        any. One query.
        """
        rights = [grant for grant in self.grants if grant.role == Role.JURY and grant.region]
        there = [{"academies": {"$in": grant.region}, "exam": grant.exam, "session": grant.session} for grant in rights]
        return list(Jury.objects(__raw__={"$or": there})) if there else []

    @cached_property
    def seats(self) -> list[tuple[ObjectId, ObjectId]]:
        """Returns (commission id, candidacy id) for each live commission this person sits on with a grant that
        counts.
        """
        if self.confined or not (self.has(Role.TEACHER) or self.has(Role.TUTOR)):
            return []
        query = {"members": self.id, "state": CommissionState.CONVENED}
        rows = Commission._get_collection().find(query, {"candidacy": 1, "school": 1, "seats": 1})
        return [(row["_id"], row["candidacy"]) for row in rows if self.holds_a_seat(Row(Commission, row))]

    def holds_a_seat(self, commission: Commission | Row) -> bool:
        """Returns True if the grant behind their seat on this commission still counts.

        The tutor needs a grant on the candidacy, the follower on the school, the second professor on any school.
        """
        grounds = {
            MemberQuality.TUTOR: self.confirmed and commission.candidacy in self.values(Role.TUTOR, "candidacy"),
            MemberQuality.FOLLOWER: commission.school in self.values(Role.TEACHER, "school"),
            MemberQuality.SECOND_PROFESSOR: bool(self.values(Role.TEACHER, "school")),
        }
        mine = [seat for seat in commission.seats if seat.person == self.id and seat.left_at is None]
        return any(grounds[seat.quality] for seat in mine)


def _grants_of(person: Person | Row | None) -> list[Grant]:
    held = [] if person is None else person.grants or ()
    return [Grant._from_son(dict(grant)) for grant in held] if isinstance(person, Row) else list(held)


SYSTEM = Actor(None)


@dataclass(frozen=True)
class Predicate:
    """A relation. words: completes "a person who …". only: the words of its restriction, if any.

    clauses: at least one must hold, with all its fields. as_candidate: the relation is that of the candidate.
    falls_short: relations of those who do not satisfy it, though they nearly do, each with the refusal that tells them.
    """

    words: str
    clauses: Callable[[Actor], list[Clause]]
    only: str = ""
    as_candidate: bool = False
    falls_short: tuple[tuple[Predicate, type[Forbidden]], ...] = ()

    @property
    def sentence(self) -> str:
        return f"{self.words}, {self.only}" if self.only else self.words


EXAM_THERE = ("academy", "exam", "session")


def _field_in(field: str, values: Callable[[Actor], list[Any]]) -> Callable[[Actor], list[Clause]]:
    def clauses(by: Actor) -> list[Clause]:
        accepted = values(by)
        return [{field: accepted}] if accepted else []

    return clauses


def _region(role: Role, *names: str) -> Callable[[Actor], list[Clause]]:
    """Returns the clauses of a role: of each of its grants that has all these fields, that they are the document's."""
    return lambda by: clauses_of((grant for grant in by.grants if grant.role == role), *names)


def clauses_of(grants: Iterable[Grant], *names: str) -> list[Clause]:
    """Returns a clause for each of the grants that has all these fields: that they are the document's."""
    held = [{name: _scope_of(grant, name) for name in names} for grant in grants]
    return [of for of in held if all(of.values())]


def _scope_of(grant: Grant, name: str) -> list[str]:
    """Returns what a grant names of this field: academies, or one exam or session; [] where it names none."""
    return grant.region if name == "academy" else [grant[name]] if grant[name] else []


def whole_juries(clauses: Iterable[Clause]) -> list[Clause]:
    """Returns the clauses of grants of a jury as said of juries: that the academies are exactly those of the grant."""
    return [{"academies": [clause.pop("academy")], **clause} for clause in clauses]


is_the_candidate = Predicate(
    "is the candidate", _field_in("candidacy", lambda by: by.values(Role.CANDIDATE, "candidacy")), as_candidate=True
)
follows_the_candidate = Predicate("follows the candidate", _field_in("candidacy", lambda by: by.followed))
teaches_in_the_school = Predicate(
    "teaches in the school", _field_in("school", lambda by: by.values(Role.TEACHER, "school"))
)
runs_the_office = Predicate(
    "runs the school's office", _field_in("school", lambda by: by.values(Role.OFFICE, "school"))
)
runs_the_arriving_office = Predicate(
    "runs the office of the school that the candidate would join",
    _field_in("to_school", lambda by: by.values(Role.OFFICE, "school")),
)
runs_an_office_here = Predicate(
    "runs the office of one of the person's schools", _field_in("schools", lambda by: by.values(Role.OFFICE, "school"))
)
tutors_the_placement = Predicate(
    "tutors the placement", _field_in("placement", lambda by: by.values(Role.TUTOR, "placement"))
)
tutors_the_candidate = Predicate(
    "tutors the candidate", _field_in("candidacy", lambda by: by.values(Role.TUTOR, "candidacy"))
)
judges_the_candidate = Predicate(
    "sits on the candidate's commission", _field_in("candidacy", lambda by: [candidacy for _, candidacy in by.seats])
)
sits_on_the_commission = Predicate(
    "sits on this commission", _field_in("commission", lambda by: [commission for commission, _ in by.seats])
)
belongs_to_the_academy = Predicate(
    "sits on a jury of the academy or inspects it",
    _field_in("academy", lambda by: by.academies_of(Role.JURY, Role.INSPECTOR)),
)
sits_on_the_jury = Predicate("sits on the jury of the exam and session", _region(Role.JURY, *EXAM_THERE))
is_of_this_jury = Predicate(
    "is of this jury, for all its academies", lambda by: whole_juries(_region(Role.JURY, *EXAM_THERE)(by))
)
serves_the_exam = Predicate("is of the exam service, for the exam and session", _region(Role.EXAM_SERVICE, *EXAM_THERE))
inspects_the_academy = Predicate("inspects the academy, for the exam and session", _region(Role.INSPECTOR, *EXAM_THERE))
inspects_the_exam = Predicate(
    "inspects an academy for the exam and session", _region(Role.INSPECTOR, "exam", "session")
)
helps_in_the_academy = Predicate(
    "helps people of the academy (support)", _field_in("academy", lambda by: by.values(Role.SUPPORT, "academy"))
)
administers = Predicate("administers", lambda by: [{}] if by.has(Role.ADMINISTRATOR) else [])
is_that_person = Predicate("is that person", _field_in("id", lambda by: [by.id] if by.person_as_read else []))
owns_it = Predicate("is that person", _field_in("person", lambda by: [by.id] if by.person_as_read else []))
wrote_it = Predicate("wrote it", _field_in("author", lambda by: [by.id] if by.person_as_read else []))
fills_it_in_alone = Predicate("fills it in alone", _field_in("member", lambda by: [by.id] if by.person_as_read else []))


serves_in_the_academy = Predicate(
    "sits on a jury of the academy or runs an office there", _field_in("academies", lambda by: by.academies_served)
)
sits_on_the_same_jury = Predicate(
    "sits on the jury it is about",
    _field_in("juries", lambda by: [key for g in by.grants if g.role == Role.JURY for key in jury_keys(g)]),
)


class JuryNamed(NamedTuple):
    """A jury as `AccountChange.juries` names it. academies: codes, sorted. exam: its code."""

    academies: list[str]
    session: str
    exam: str


def jury_key(academies: Sequence[str], session: str, exam: str) -> str:
    """Returns the key of a jury, for `AccountChange.juries`: "10 2027 <exam>", "01+10 2027 <exam>" of one for several.
    academies: codes, sorted. exam: its code.
    """
    return f"{'+'.join(academies)} {session} {exam}"


def jury_in(key: str) -> JuryNamed:
    """Returns what a key of `AccountChange.juries` names. Those that were written before grants said their exam,
    "<academy> <session>", are sealed as they are: all of them are of E5.
    """
    academies, session, *exam = key.split(" ")
    return JuryNamed(academies.split("+"), session, exam[0] if exam else BTS_ASSURANCE_E5)


def jury_keys(grant: Grant) -> list[str]:
    """Returns the keys under which changes name the jury of a grant (`jury_in`), or the exam service of one of its
    academies; [] where its scope is not whole.
    """
    if not (grant.region and grant.session and grant.exam):
        return []
    served = [jury_key([code], grant.session, grant.exam) for code in grant.region]
    before = keys_before(grant.region, grant.session, grant.exam)
    return list(dict.fromkeys([jury_key(grant.region, grant.session, grant.exam), *served, *before]))


def keys_before(academies: Sequence[str], session: str, exam: str) -> list[str]:
    """Returns the keys under which changes named these (academy codes) before grants said their exam: of E5 alone."""
    return [f"{code} {session}" for code in academies] if exam == BTS_ASSURANCE_E5 else []


def is_among(value: object, values: Sequence[object]) -> bool:
    """Returns True if the value of a field is one of a clause's or, of a list, if one of its items is, or the whole
    list, as MongoDB's `$in` has it.
    """
    if isinstance(value, list):
        return list(value) in values or any(item in values for item in value)
    return value in values


def where(predicate: Predicate, words: str, **fields: list[Any]) -> Predicate:
    """Returns the predicate restricted to documents whose fields have one of these values. words: the restriction, in
    English, for the table of permissions.
    """
    return Predicate(
        predicate.words,
        lambda by: [_joined(clause, fields) for clause in predicate.clauses(by)],
        words,
        predicate.as_candidate,
        predicate.falls_short,
    )


def both(first: Predicate, second: Predicate) -> Predicate:
    """Returns a predicate that holds on a document where both hold. AssertionError, when it is used, if both have a
    clause on one field.
    """
    return Predicate(
        first.words,
        lambda by: [_joined(a, b) for a in first.clauses(by) for b in second.clauses(by)],
        f"where this person {second.words}",
    )


def _joined(first: Clause, second: Clause) -> Clause:
    # On a field of both clauses, the second would silently replace the first.
    assert not first.keys() & second.keys(), f"{first.keys() & second.keys()} is in both clauses"
    return {**first, **second}

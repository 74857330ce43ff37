"""Who somebody is to a thing: sentences made of data.

A predicate gives clauses of `field in values`. `permissions.require` evaluates them on one thing, `permissions.scope`
turns the same clauses into a MongoDB query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, Grant, Person, School, SignIn
from portfolio.documents.people import WITHOUT_PASSWORD
from portfolio.policy.actions import Action

Clause = dict[str, list[Any]]


# What a link or a code in a mail opens, whatever else the person may do: a tutor's own sign-offs, never a commission.
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
    }
)


class Actor:
    """Somebody who acts: a person with live grants, or the system. Relations are read once, when first needed.

    may_only_read: they are a program with a token made for that.
    sign_in: how they came. By a link or a code, they are a tutor and nothing else, and do SIGN_OFFS_ALONE.
    confirmed: they typed a second factor not long ago, without which no tutor sits on a commission.
    at: when they act; None where it does not matter: a right that still waits is then none of theirs, see `Grant`.
    """

    def __init__(
        self,
        person: Person | None,
        sign_in: SignIn | None = None,
        confirmed: bool | None = None,
        at: datetime | None = None,
    ) -> None:
        self.person = person
        self.sign_in = sign_in
        self.confirmed = sign_in is None if confirmed is None else confirmed
        self.confined = sign_in is not None and sign_in.way in WITHOUT_PASSWORD
        self.may_only_read = sign_in is not None and sign_in.scope == "read"
        held = [] if person is None else [grant for grant in person.grants if grant.counts(at)]
        self.grants: list[Grant] = [grant for grant in held if grant.role == "tutor" or not self.confined]
        self._clauses: dict[Predicate, list[Clause]] = {}

    @property
    def id(self) -> ObjectId:
        assert self.person is not None
        return ObjectId(self.person.id)

    @property
    def journal_name(self) -> str:
        return "system" if self.person is None else str(self.person.id)

    def is_kept_from(self, action: Action) -> bool:
        return self.confined and action not in SIGN_OFFS_ALONE

    def values(self, role: str, name: str, **having: Any) -> list[Any]:
        """A grant that names no scope opens nothing: None would match every thing that has no such field."""
        found = [grant for grant in self.grants if grant.role == role]
        found = [grant for grant in found if all(getattr(grant, name) == value for name, value in having.items())]
        return [getattr(grant, name) for grant in found if getattr(grant, name) is not None]

    def has(self, role: str) -> bool:
        return any(grant.role == role for grant in self.grants)

    def clauses(self, predicate: Predicate) -> list[Clause]:
        """What the predicate comes to for this person, worked out once however long the list that is shown."""
        if predicate not in self._clauses:
            self._clauses[predicate] = predicate.clauses(self)
        return self._clauses[predicate]

    @property
    def own_candidacies(self) -> list[Any]:
        """Those of which this person is the candidate, even where the grant was withdrawn."""
        grants = self.person.grants if self.person else []
        return [grant.candidacy for grant in grants if grant.role == "candidate" and grant.candidacy is not None]

    @cached_property
    def followed(self) -> list[ObjectId]:
        """Candidacies this teacher follows, within schools where the grant still stands."""
        schools = self.values("teacher", "school")
        if not schools:
            return []
        query = {"followers": self.id, "school": {"$in": schools}}
        return [row["_id"] for row in Candidacy._get_collection().find(query, {"_id": 1})]

    @cached_property
    def academies_served(self) -> list[str]:
        """Academies of which this person sits on a jury, or runs a school's office."""
        schools = self.values("office", "school")
        offices = School._get_collection().distinct("academy", {"_id": {"$in": schools}}) if schools else []
        return sorted({*self.values("jury", "academy"), *offices})

    @cached_property
    def seats(self) -> list[tuple[ObjectId, ObjectId]]:
        """(commission, candidacy) of the live commissions this person sits on, while the grant they sit by stands."""
        if self.confined or not (self.has("teacher") or self.has("tutor")):
            return []
        query = {"members": self.id, "state": "convened"}
        rows = Commission._get_collection().find(query, {"candidacy": 1, "school": 1, "seats": 1})
        return [(row["_id"], row["candidacy"]) for row in rows if self._still_sits(row)]

    def _still_sits(self, commission: dict[str, Any]) -> bool:
        """A tutor by the candidate's tutorship, the follower by the school, a second professor by any school."""
        grounds = {
            "tutor": self.confirmed and commission["candidacy"] in self.values("tutor", "candidacy"),
            "follower": commission["school"] in self.values("teacher", "school"),
            "second_professor": bool(self.values("teacher", "school")),
        }
        mine = [seat for seat in commission["seats"] if seat["person"] == self.id and seat.get("left_at") is None]
        return any(grounds[seat["quality"]] for seat in mine)


SYSTEM = Actor(None)


@dataclass(frozen=True)
class Predicate:
    """words: as read aloud after "a person who …". only: what narrows it, in words.

    clauses: any of them suffices; all fields of one must hold. as_candidate: it is about one's own candidacy.
    """

    words: str
    clauses: Callable[[Actor], list[Clause]]
    only: str = ""
    as_candidate: bool = False

    @property
    def said(self) -> str:
        return f"{self.words}, {self.only}" if self.only else self.words


def _one(field: str, values: Callable[[Actor], list[Any]]) -> Callable[[Actor], list[Clause]]:
    def clauses(by: Actor) -> list[Clause]:
        found = values(by)
        return [{field: found}] if found else []

    return clauses


def _region(role: str) -> Callable[[Actor], list[Clause]]:
    def clauses(by: Actor) -> list[Clause]:
        regions = [(g.academy, g.session) for g in by.grants if g.role == role]
        return [{"academy": [academy], "session": [session]} for academy, session in regions if academy and session]

    return clauses


is_the_candidate = Predicate(
    "is the candidate", _one("candidacy", lambda by: by.values("candidate", "candidacy")), as_candidate=True
)
follows_the_candidate = Predicate("follows the candidate", _one("candidacy", lambda by: by.followed))
teaches_in_the_school = Predicate("teaches in the school", _one("school", lambda by: by.values("teacher", "school")))
teaches_the_profession = Predicate(
    "teaches professional subjects in the school",
    _one("school", lambda by: by.values("teacher", "school", teaches_profession=True)),
)
runs_the_office = Predicate("runs the school's office", _one("school", lambda by: by.values("office", "school")))
runs_an_office_here = Predicate(
    "runs the office of one of the person's schools", _one("schools", lambda by: by.values("office", "school"))
)
tutors_the_placement = Predicate("tutors the placement", _one("placement", lambda by: by.values("tutor", "placement")))
tutors_the_candidate = Predicate("tutors the candidate", _one("candidacy", lambda by: by.values("tutor", "candidacy")))
judges_the_candidate = Predicate(
    "sits on the candidate's commission", _one("candidacy", lambda by: [candidacy for _, candidacy in by.seats])
)
sits_on_the_commission = Predicate(
    "sits on this commission", _one("commission", lambda by: [commission for commission, _ in by.seats])
)
belongs_to_the_academy = Predicate(
    "sits on a jury of the academy or inspects it",
    _one("academy", lambda by: by.values("jury", "academy") + by.values("inspector", "academy")),
)
sits_on_the_jury = Predicate("sits on the session's jury", _region("jury"))
inspects_the_academy = Predicate("inspects the academy", _region("inspector"))
administers = Predicate("administers", lambda by: [{}] if by.has("administrator") else [])
is_that_person = Predicate("is that person", _one("id", lambda by: [by.id] if by.person else []))
owns_it = Predicate("is that person", _one("person", lambda by: [by.id] if by.person else []))
fills_it_in_alone = Predicate("fills it in alone", _one("member", lambda by: [by.id] if by.person else []))


serves_in_the_academy = Predicate(
    "sits on a jury of the academy or runs an office there", _one("academies", lambda by: by.academies_served)
)
sits_on_the_same_jury = Predicate(
    "sits on the jury it is about",
    _one(
        "juries",
        lambda by: [jury_key(g.academy, g.session) for g in by.grants if g.role == "jury" and g.academy and g.session],
    ),
)


def jury_key(academy: str, session: str) -> str:
    """A jury in one word, as `AccountChange` names those it is about."""
    return f"{academy} {session}"


def where(predicate: Predicate, words: str, **fields: list[Any]) -> Predicate:
    """The predicate, only on things whose fields hold one of these values."""
    return Predicate(
        predicate.words,
        lambda by: [_joined(clause, fields) for clause in predicate.clauses(by)],
        words,
        predicate.as_candidate,
    )


def both(one: Predicate, other: Predicate) -> Predicate:
    return Predicate(
        one.words,
        lambda by: [_joined(a, b) for a in one.clauses(by) for b in other.clauses(by)],
        f"where this person {other.words}",
    )


def _joined(one: Clause, other: Clause) -> Clause:
    """Both clauses at once. On a field that both speak of, the second would silently replace the first."""
    assert not one.keys() & other.keys(), f"{one.keys() & other.keys()} said twice"
    return {**one, **other}

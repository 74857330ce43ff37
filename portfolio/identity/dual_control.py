"""Requires two people for a right to read a mark, or to give such a right (docs/decisions/0025)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from portfolio.documents import Academy, AccountChange, Commission, Grant, Jury, Person, School
from portfolio.documents.account_changes import ChangeKind, ChangeState
from portfolio.documents.commissions import CommissionState
from portfolio.documents.people import ROLES, PersonState, Role, counting
from portfolio.errors import Forbidden, NotNow
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.deciding import replaced_in
from portfolio.policy.relations import Actor, JuryNamed, jury_in, jury_key, keys_before
from portfolio.policy.table import POLICY
from portfolio.store.journal import ChangeAll, Errand, Insert

WAITS = timedelta(days=1)
MARKS = ("proposed_mark", "final_mark")
GIVES_RIGHTS = (Action.INVITE_STAFF, Action.INVITE_TO_SCHOOL)


class OwnGrant(Forbidden):
    code = "own_grant"
    detail = (
        "Personne ne se donne un droit à soi-même, ni ne se désigne comme tuteur ou comme professeur chargé du suivi : "
        "demandez-le à une autre personne de l'établissement ou à l'administrateur."
    )


class ChangeWaits(NotNow):
    code = "change_waits"
    detail = (
        "Un changement du même ordre attend déjà pour cette personne : confirmez-le ou refusez-le d'abord, "
        "sur la page « Droits et comptes »."
    )


class AccountSuspended(NotNow):
    code = "account_suspended"
    detail = (
        "Ce compte est suspendu : cette personne ne pourrait pas refuser le changement. Rétablissez le compte d'abord."
    )


class _ByGrantAlone(Actor):
    """An actor with one right and nothing else: no candidate to follow, no commission to sit on, no jury that is open,
    no office of an academy. It asks the database for nothing: modules that are imported read it.
    """

    followed: list[Any] = []  # noqa: RUF012
    seats: list[Any] = []  # noqa: RUF012
    juries: list[Jury] = []  # noqa: RUF012
    academies_served: list[str] = []  # noqa: RUF012

    def __init__(self, role: Role) -> None:
        everywhere = {"school": new_id(), "academy": "10", "exam": "e", "session": "2027", "candidacy": new_id()}
        grant = Grant(role=role, placement=new_id(), teaches_profession=True, granted_by="", **everywhere)
        super().__init__(Person(id=new_id(), grants=[grant]))


def _opens_by_itself(role: Role, actions: Iterable[Action]) -> bool:
    """Returns True if POLICY opens one of the actions to this right alone, except as the candidate."""
    by = _ByGrantAlone(role)
    who = (predicate for action in actions for predicate in POLICY[action].who)
    return any(predicate.clauses(by) for predicate in who if not predicate.as_candidate)


_ON_MARKS = [action for action, rule in POLICY.items() if any(name in rule.kind._fields for name in MARKS)]  # type: ignore[attr-defined]
MARK_READING = frozenset(role for role in ROLES if _opens_by_itself(role, _ON_MARKS))
GUARDED = MARK_READING | {role for role in ROLES if _opens_by_itself(role, GIVES_RIGHTS)}


def refuse_own(person: ObjectId, by: str) -> None:
    """Raises OwnGrant if the author (journal name `by`) is the person with this id."""
    if str(person) == by:
        raise OwnGrant()


def guarded(person: Person) -> list[Grant]:
    """Returns the live grants of the person that open a mark or give such grants, waiting ones included; [] if none."""
    return [grant for grant in person.live_grants if grant.role in GUARDED]


def seats(person: Person) -> list[Grant]:
    """Returns the seats on convened commissions, which read marks, as grants in the school of each."""
    role = Role.TEACHER if any(grant.role == Role.TEACHER for grant in person.live_grants) else Role.TUTOR
    schools = Commission.objects(members=person.id, state=CommissionState.CONVENED).distinct("school")
    return [Grant(role=role, school=school) for school in schools]


def opens_marks(person: Person) -> list[Grant]:
    """Returns why other people must know of a change to this person: guarded grants, else seats; [] if they read no
    mark.
    """
    return guarded(person) or seats(person)


def guard_grant(by: str, person: Person, grant: Grant, at: datetime) -> tuple[list[Insert], list[Errand]]:
    """Makes a guarded grant wait, in memory: for a second person, or for a day or two where there is none. by: journal
    name. Returns the changes and mails to commit with it; both empty for another grant.
    """
    if grant.role not in GUARDED:
        return [], []
    change = AccountChange(id=new_id(), created_at=at, what=ChangeKind.GRANT, person=person.id, by=by, grant=grant.id)
    _about(change, [grant])
    seconds = who_may_confirm(change, at)
    grant.waits = True
    gone = [] if seconds else _lately_seconds(change, at)
    if not seconds:
        grant.counts_from = at + (2 * WAITS if gone else WAITS)
        change.counts_from = grant.counts_from
    readers = seconds or [*offices_of(change, at), *gone]
    return [Insert(change)], [*letters(change, readers), *_comes_due(change)]


def asked_by_another(
    by: str, person: Person, what: str, at: datetime, email: str | None = None
) -> tuple[Insert, list[Errand]]:
    """Returns, unwritten, a change that counts in WAITS, and its mails. by: journal name; what: ADDRESS (with the new
    `email`) or INVITATION. Raises AccountSuspended, ChangeWaits.
    """
    if person.state == PersonState.SUSPENDED:
        raise AccountSuspended()
    if change_waits(person.id, what):
        raise ChangeWaits()
    change = AccountChange(id=new_id(), created_at=at, what=what, person=person.id, by=by, email=email)
    change.address_before = person.email
    change.counts_from = at + WAITS
    _about(change, opens_marks(person))
    return Insert(change), [*letters(change, [person, *_informed(change, at)]), *_comes_due(change)]


def done_at_once(
    by: str, person: Person, what: str, at: datetime, about: list[Grant], **values: object
) -> tuple[list[Insert], list[Errand]]:
    """Returns, unwritten, the record of an act that takes effect at once, and its mails to the person and, if they may
    read marks, to those who may confirm. by: journal name. what: a ChangeKind. about: `opens_marks`, or the ended
    grant. values: other fields of AccountChange.
    """
    change = AccountChange(
        id=new_id(), created_at=at, what=what, person=person.id, by=by, state=ChangeState.DONE, **values
    )
    _about(change, about)
    theirs = what != ChangeKind.ADDRESS or person.password  # an address never used may belong to a stranger
    readers = [*([person] if theirs else []), *(_informed(change, at) if about else [])]
    return [Insert(change)], letters(change, readers)


def ended(by: str, person: Person, grant: Grant, at: datetime) -> tuple[list[Insert], list[Errand]]:
    """Returns, unwritten, the record and mails of the end of a guarded grant, which takes effect at once; both empty
    for another grant. by: journal name.
    """
    if grant.role not in GUARDED:
        return [], []
    return done_at_once(by, person, ChangeKind.GRANT_END, at, [grant], grant=grant.id)


def suspension_or_reinstatement(by: str, person: Person, what: str, at: datetime) -> tuple[list[Insert], list[Errand]]:
    """Returns, unwritten, the record and mails of a suspension or reinstatement (`what`) of a person who may read
    marks; both empty for anybody else. by: journal name.
    """
    about = opens_marks(person)
    return done_at_once(by, person, what, at, about) if about else ([], [])


def change_waits(person: ObjectId, what: str) -> bool:
    """Returns True if a change of this kind (`what`, a ChangeKind) waits for the person with this id."""
    return AccountChange.objects(person=person, what=what, state=ChangeState.WAITING).first() is not None


def refused_while_waiting(by: str, person: Person, at: datetime, **about: object) -> ChangeAll:
    """Returns the change, not yet written, that refuses what waits for this person. by: journal name. about: further
    conditions on fields of AccountChange.
    """
    waiting = {"person": person.id, "state": ChangeState.WAITING, **about}
    return ChangeAll(AccountChange, waiting, {"state": ChangeState.REFUSED, "settled_by": by, "settled_at": at})


def _about(change: AccountChange, grants: list[Grant]) -> None:
    """Fills in, on the unwritten change, whom it concerns: all academies for an administrator, none for a person who
    reads no mark.
    """
    change.role = min((grant.role for grant in grants), key=ROLES.index, default=None)
    regional = [grant for grant in grants if grant.role in (Role.JURY, Role.EXAM_SERVICE)]
    change.juries = [jury_key(grant.region, grant.session, grant.exam) for grant in regional]
    change.schools = [grant.school for grant in grants if grant.role in (Role.OFFICE, Role.TEACHER, Role.TUTOR)]
    change.deputy = grants[0].deputy if len(grants) == 1 else None
    if any(grant.role == Role.ADMINISTRATOR for grant in grants):
        change.academies = sorted(Academy.objects.scalar("code"))
        return
    codes = {code for grant in regional for code in grant.region}
    codes |= set(School.objects(pk__in=change.schools).scalar("academy")) if change.schools else set()
    change.academies = sorted(codes)


# --- who may confirm, who is informed -------------------------------------------------------------------


def who_may_confirm(change: AccountChange, at: datetime) -> list[Person]:
    """Returns the active people who may confirm this change at that instant: administrators and holders of the same
    right, but for a titular member of a jury whom a deputy replaces; never its author or the person concerned; [] if
    there are none.
    """
    able = _counting(change, [{"role": Role.ADMINISTRATOR}, *_offices_of_schools(change)], at)
    known = {person.id for person in able} | _replaced(change, at)
    return able + [person for person in _counting(change, _same_juries(change), at) if person.id not in known]


def _informed(change: AccountChange, at: datetime) -> list[Person]:
    """Returns those who may confirm, or could were they not replaced, else the offices of the academies concerned; []
    if there are neither.
    """
    rights: list[dict[str, object]] = [{"role": Role.ADMINISTRATOR}]
    holders = _counting(change, [*rights, *_offices_of_schools(change), *_same_juries(change)], at)
    return holders or offices_of(change, at)


def _lately_seconds(change: AccountChange, at: datetime) -> list[Person]:
    """Returns those who could have confirmed, but were suspended or lost their right within the last day."""
    same: list[dict[str, Any]] = [{"role": Role.ADMINISTRATOR}, {"juries": {"$in": _held_as(change)}}]
    same.append({"role": Role.OFFICE, "schools": {"$in": change.schools}})
    lately = {
        "what": {"$in": [ChangeKind.GRANT_END, ChangeKind.DEPUTY_UNSEATED, ChangeKind.SUSPENSION]},
        "created_at": {"$gt": at - WAITS},
        "$or": same,
    }
    gone = AccountChange.objects(__raw__=lately).distinct("person")
    return [person for person in Person.objects(pk__in=gone) if _is_second(person, change)]


def offices_of(change: AccountChange, at: datetime) -> list[Person]:
    """Returns the active people in the offices of the academies concerned, except the author and the person
    concerned.
    """
    schools = School.objects(academy__in=change.academies).scalar("id")
    return _counting(change, [{"role": Role.OFFICE, "school": {"$in": list(schools)}}], at)


def _same_juries(change: AccountChange) -> list[dict[str, Any]]:
    return [_holding(jury_in(key)) for key in change.juries]


def _offices_of_schools(change: AccountChange) -> list[dict[str, object]]:
    return [{"role": Role.OFFICE, "school": school} for school in change.schools]


def _replaced(change: AccountChange, at: datetime) -> set[ObjectId]:
    """Returns the ids of those who are replaced in the juries that a change concerns; one query."""
    named = [jury_in(key) for key in change.juries]
    there = [{"academies": {"$in": jury.academies}, "exam": jury.exam, "session": jury.session} for jury in named]
    return replaced_in(Jury.objects(__raw__={"$or": there}), at) if there else set()


def _holding(jury: JuryNamed) -> dict[str, object]:
    """Returns the condition on a grant that it is of this jury or, of one academy, of the jury that the academy has."""
    of_exam = {"role": Role.JURY, "session": jury.session, "exam": jury.exam}
    if len(jury.academies) > 1:
        return of_exam | {"academies": jury.academies}
    (code,) = jury.academies
    return of_exam | {"$and": [{"$or": [{"academy": code}, {"academies": code}]}]}


def _held_as(change: AccountChange) -> list[str]:
    """Returns the keys of the rights whose holders may confirm: of an academy, also that of the jury it shares; of E5,
    also those written before.
    """
    keys = list(change.juries)
    for named in map(jury_in, change.juries):
        keys += keys_before(named.academies, named.session, named.exam)
        for jury in Jury.objects(academies__all=named.academies, session=named.session, exam=named.exam):
            keys.append(jury_key(jury.academies, jury.session, jury.exam))
    return keys


def _counting(change: AccountChange, rights: list[dict[str, Any]], at: datetime) -> list[Person]:
    """Returns active people, except the author and the person concerned, with a grant that counts at `at`. rights:
    conditions on a grant, any of which is enough.
    """
    held = [{"grants": {"$elemMatch": right | counting(at)}} for right in rights]
    if not held:
        return []
    holders = Person.objects(__raw__={"state": PersonState.ACTIVE, "$or": held})
    return [person for person in holders if _is_second(person, change)]


def _is_second(person: Person, change: AccountChange) -> bool:
    return bool(person.id != change.person and str(person.id) != change.by)


def letters(change: AccountChange, readers: Iterable[Person]) -> list[Errand]:
    """Returns one mail per reader. The author gets none, except about their own account."""
    ids = dict.fromkeys(to.id for to in readers if str(to.id) != change.by or to.id == change.person)
    return [Errand("account_change", {"change": change.id, "person": person_id}) for person_id in ids]


def _comes_due(change: AccountChange) -> list[Errand]:
    if change.counts_from is None:
        return []
    return [Errand("account_change_due", {"change": change.id}, due_at=change.counts_from)]

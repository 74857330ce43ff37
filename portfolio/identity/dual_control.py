"""Whoever may open a mark, or let somebody do so, is let in by two people (docs/decisions/0025)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portfolio.documents import Academy, AccountChange, Commission, Grant, Person, School
from portfolio.documents.people import ROLES
from portfolio.errors import Forbidden, NotNow
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import POLICY
from portfolio.policy.relations import Actor, jury_key
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
    """Somebody with one right and nothing else: neither a candidate to follow nor a commission to sit on."""

    followed: list[Any] = []  # noqa: RUF012
    seats: list[Any] = []  # noqa: RUF012

    def __init__(self, role: str) -> None:
        everywhere = {"school": new_id(), "academy": "10", "session": "2027", "candidacy": new_id()}
        grant = Grant(role=role, placement=new_id(), teaches_profession=True, granted_by="", **everywhere)
        super().__init__(Person(id=new_id(), grants=[grant]))


def _opens_by_itself(role: str, actions: Iterable[Action]) -> bool:
    """Whether POLICY opens one of them to whoever holds this right, but for what is about themselves."""
    by = _ByGrantAlone(role)
    who = (predicate for action in actions for predicate in POLICY[action].who)
    return any(predicate.clauses(by) for predicate in who if not predicate.as_candidate)


_ON_MARKS = [action for action, rule in POLICY.items() if any(name in rule.kind._fields for name in MARKS)]  # type: ignore[attr-defined]
MARK_READING = frozenset(role for role in ROLES if _opens_by_itself(role, _ON_MARKS))
GUARDED = MARK_READING | {role for role in ROLES if _opens_by_itself(role, GIVES_RIGHTS)}


def refuse_own(person: Any, by: str) -> None:
    """by: the journal's name of who gives."""
    if str(person) == by:
        raise OwnGrant()


def guarded(person: Person) -> list[Grant]:
    """Rights of theirs that open a mark, or give such rights, those that still wait included."""
    return [grant for grant in person.live_grants if grant.role in GUARDED]


def seats(person: Person) -> list[Grant]:
    """Where a commission that they sit on is convened, they read marks: as rights in the school of each."""
    role = "teacher" if any(grant.role == "teacher" for grant in person.live_grants) else "tutor"
    schools = Commission.objects(members=person.id, state="convened").distinct("school")
    return [Grant(role=role, school=school) for school in schools]


def opens_marks(person: Person) -> list[Grant]:
    """What makes their way in another's affair, too: their guarded rights, otherwise their seats."""
    return guarded(person) or seats(person)


def guard_grant(by: str, person: Person, grant: Grant, at: datetime) -> tuple[list[Insert], list[Errand]]:
    """Makes a guarded right wait; answers what is written and mailed with it."""
    if grant.role not in GUARDED:
        return [], []
    change = AccountChange(id=new_id(), created_at=at, what="grant", person=person.id, by=by, grant=grant.id)
    _about(change, [grant])
    seconds = who_may_confirm(change, at)
    grant.waits = True
    gone = [] if seconds else _lately_seconds(change, at)
    if not seconds:
        grant.counts_from = at + (2 * WAITS if gone else WAITS)
        change.counts_from = grant.counts_from
    told = seconds or [*offices_of(change, at), *gone]
    return [Insert(change)], [*_letters(change, told), *_comes_due(change)]


def asked_by_another(
    by: str, person: Person, what: str, at: datetime, email: str | None = None
) -> tuple[Insert, list[Errand]]:
    """A change of somebody's way in that waits a day, told to them and to whoever answers for it.

    Raises AccountSuspended, ChangeWaits.
    """
    if person.state == "suspended":
        raise AccountSuspended()
    if change_waits(person.id, what):
        raise ChangeWaits()
    change = AccountChange(id=new_id(), created_at=at, what=what, person=person.id, by=by, email=email)
    change.address_before = person.email
    change.counts_from = at + WAITS
    _about(change, opens_marks(person))
    return Insert(change), [*_letters(change, [person, *_told(change, at)]), *_comes_due(change)]


def done_at_once(
    by: str, person: Person, what: str, at: datetime, about: list[Grant], **values: Any
) -> tuple[list[Insert], list[Errand]]:
    """An act that waits for nobody, to be read on the page; told to them and, where they open marks, to whoever
    answers for it. about: `opens_marks`, or the right that ended. values: other fields of AccountChange."""
    change = AccountChange(id=new_id(), created_at=at, what=what, person=person.id, by=by, state="done", **values)
    _about(change, about)
    theirs = what != "address" or person.password  # an address where nobody came in yet is perhaps a stranger's
    told = [*([person] if theirs else []), *(_told(change, at) if about else [])]
    return [Insert(change)], _letters(change, told)


def ended(by: str, person: Person, grant: Grant, at: datetime) -> tuple[list[Insert], list[Errand]]:
    """The end of a guarded right; nothing waits for it."""
    if grant.role not in GUARDED:
        return [], []
    return done_at_once(by, person, "grant_end", at, [grant], grant=grant.id)


def suspended_or_back(by: str, person: Person, what: str, at: datetime) -> tuple[list[Insert], list[Errand]]:
    """what: suspension, reinstatement; of somebody who opens marks. Nothing waits for it."""
    about = opens_marks(person)
    return done_at_once(by, person, what, at, about) if about else ([], [])


def change_waits(person: Any, what: str) -> bool:
    """person: an id. what: of AccountChange."""
    return AccountChange.objects(person=person, what=what, state="waiting").first() is not None


def refused_while_waiting(by: str, person: Person, at: datetime, **about: Any) -> ChangeAll:
    """Every change of theirs that waits. about: which ones, as conditions on other fields of AccountChange."""
    waiting = {"person": person.id, "state": "waiting", **about}
    return ChangeAll(AccountChange, waiting, {"state": "refused", "settled_by": by, "settled_at": at})


def _about(change: AccountChange, grants: list[Grant]) -> None:
    """Whose affair it is: of an administrator, every academy's; of somebody who opens no mark, no academy's."""
    change.role = min((one.role for one in grants), key=ROLES.index, default=None)
    change.juries = [jury_key(one.academy, one.session) for one in grants if one.role == "jury"]
    change.schools = [one.school for one in grants if one.role in ("office", "teacher", "tutor")]
    if any(one.role == "administrator" for one in grants):
        change.academies = sorted(Academy.objects.scalar("code"))
        return
    codes = {one.academy for one in grants if one.role == "jury"}
    codes |= set(School.objects(pk__in=change.schools).scalar("academy")) if change.schools else set()
    change.academies = sorted(codes)


# --- who is asked, who is told ----------------------------------------------------------------------


def who_may_confirm(change: AccountChange, at: datetime) -> list[Person]:
    """Second persons of the place: administrators, and holders of the very right, whose own rights count."""
    return _counting(change, [{"role": "administrator"}, *_same_rights(change)], at)


def _told(change: AccountChange, at: datetime) -> list[Person]:
    """Who may confirm; the offices where there is nobody."""
    return who_may_confirm(change, at) or offices_of(change, at)


def _lately_seconds(change: AccountChange, at: datetime) -> list[Person]:
    """Who could have confirmed it, had they not been suspended or lost their right within the day."""
    same: list[dict[str, Any]] = [{"role": "administrator"}, {"juries": {"$in": change.juries}}]
    same.append({"role": "office", "schools": {"$in": change.schools}})
    lately = {"what": {"$in": ["grant_end", "suspension"]}, "created_at": {"$gt": at - WAITS}, "$or": same}
    gone = AccountChange.objects(__raw__=lately).distinct("person")
    return [one for one in Person.objects(pk__in=gone) if one.id != change.person and str(one.id) != change.by]


def offices_of(change: AccountChange, at: datetime) -> list[Person]:
    schools = School.objects(academy__in=change.academies).scalar("id")
    return _counting(change, [{"role": "office", "school": {"$in": list(schools)}}], at)


def _same_rights(change: AccountChange) -> list[dict[str, Any]]:
    juries = (one.split(" ") for one in change.juries)
    rights: list[dict[str, Any]] = [{"role": "jury", "academy": code, "session": session} for code, session in juries]
    return rights + [{"role": "office", "school": school} for school in change.schools]


def _counting(change: AccountChange, rights: list[dict[str, Any]], at: datetime) -> list[Person]:
    """People at work who hold one of these, but for who asks and whom it is about."""
    counts = {"revoked_at": None, "$or": [{"waits": {"$ne": True}}, {"counts_from": {"$lte": at}}]}
    held = [{"grants": {"$elemMatch": right | counts}} for right in rights]
    found = Person.objects(__raw__={"state": "active", "$or": held})
    return [one for one in found if one.id != change.person and str(one.id) != change.by]


def _letters(change: AccountChange, told: Iterable[Person]) -> list[Errand]:
    """One each. Nobody reads a mail about what they did to another; about their own account, everybody does."""
    people = dict.fromkeys(one.id for one in told if str(one.id) != change.by or one.id == change.person)
    return [Errand("account_change", {"change": change.id, "person": one}) for one in people]


def _comes_due(change: AccountChange) -> list[Errand]:
    if change.counts_from is None:
        return []
    return [Errand("account_change_due", {"change": change.id}, due_at=change.counts_from)]

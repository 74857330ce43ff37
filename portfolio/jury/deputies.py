"""Seats a deputy of a jury in the place of a titular member, until that member returns (docs/decisions/0060).

The right of a deputy is given as any other of the jury, by two people; it opens nothing until somebody else of the
jury, or the administrator, records here whom they replace, why and since when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Grant, Jury, Person
from portfolio.documents.account_changes import ChangeKind
from portfolio.documents.people import PersonState, Role, by_name
from portfolio.documents.places import Seating
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Forbidden, Invalid, NotNow, RuleSource
from portfolio.identifiers import name_key
from portfolio.identity.dual_control import done_at_once
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_session
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, commit
from portfolio.validation import check_fields, checked_reason
from portfolio.validation import day as iso_day


class OwnSeat(Forbidden):
    code = "own_seat"
    source = RuleSource.INTEGRITY
    detail = (
        "Personne ne décide de son propre siège : ni le suppléant ni le titulaire. Demandez-le à une autre personne du "
        "jury ou à l'administrateur."
    )


class SeatTaken(NotNow):
    code = "seat_taken"
    source = RuleSource.INTEGRITY
    detail = (
        "Un suppléant siège déjà à la place de ce titulaire, ou ce suppléant siège déjà pour un autre : enregistrez "
        "d'abord le retour du titulaire."
    )


class NotSeated(NotNow):
    code = "deputy_not_seated"
    source = RuleSource.INTEGRITY
    detail = "Ce suppléant ne siège pas, ou ne siège plus : il n'y a pas de retour à enregistrer."


class NewSeating(TypedDict):
    """A seating as it is asked for. deputy, titular: ids of people. since: the ISO day from which the deputy sits, in
    the time zone of the academy that pilots; None for today. confirmed: an unlikely one was asked about.
    """

    deputy: ObjectId
    titular: ObjectId
    reason: str
    since: str | None
    confirmed: NotRequired[bool]


RightsHeld = dict[ObjectId, tuple[Person, Grant]]


@dataclass(frozen=True)
class JuryMember:
    """A person with a right in the jury. in_force: it is confirmed, and no day is awaited. replaces: of a deputy who is
    seated, the name of the titular; replaced_by: of a titular, the name of the deputy who is seated for them; None
    otherwise. since: from when the deputy sits, now or on a day to come, of both.
    """

    person: ObjectId
    name: str
    deputy: bool
    in_force: bool
    suspended: bool
    replaces: str | None
    replaced_by: str | None
    since: datetime | None


@dataclass(frozen=True)
class SeatingLine:
    """A seating in words: names, and the instants between which the deputy sits. ended_at: None while they do."""

    deputy: str
    titular: str
    because: str
    since: datetime
    seated_by: str
    ended_at: datetime | None
    ended_by: str | None


def seat_deputy(by: Actor, jury: Jury, values: NewSeating, at: datetime) -> Jury:
    """Seats a deputy for a titular member, and returns the jury: the right of the deputy counts until the titular
    returns. Raises OwnSeat, SeatTaken, DateToConfirm; Invalid, by field.
    """
    require(by, Action.SEAT_DEPUTY, jury)
    if by.id in (values["deputy"], values["titular"]):
        raise OwnSeat()
    held = _rights_in(jury)
    deputy, titular = _named(held, values["deputy"], values["titular"], at)
    since, because = _from_instant(jury, values["since"], at), checked_reason(values["reason"])
    standing = _standing(jury)
    if any(taken.titular == titular.id or taken.deputy == deputy.id for taken in standing):
        raise SeatTaken()
    unusual = asked_unless_confirmed(values, far_from_session([values["since"]], jury.session, 1))
    whose = {"deputy": deputy.id, "titular": titular.id}
    seating = Seating(**whose, since=since, because=because, seated_by=by.id, seated_at=at)
    grant = held[deputy.id][1]
    grant.sits_from = since
    about = {"grant": grant.id, "titular": titular.id, "counts_from": since if since > at else None}
    lines, letters = done_at_once(by.journal_name, deputy, ChangeKind.DEPUTY_SEATED, at, [grant], **about)
    seated = Change(jury, push={"seatings": seating}, expected=jury.seatings_as_read, any_revision=True)
    changes: list[AnyChange] = [seated, _rights_of(deputy), *lines]
    changes.append(Hold(titular, {"revision": titular.revision}))
    event = event_by(by, at, _chain(jury), EventName.DEPUTY_SEATED, jury, {"seating": str(seating.id)} | unusual)
    commit(changes, event, letters)
    return jury


def end_seating(by: Actor, jury: Jury, deputy: ObjectId, at: datetime) -> Jury:
    """Records that the titular whom this deputy (id of a person) replaces is back, and returns the jury: the right of
    the deputy opens nothing any more, at once. The titular may record it, and the deputy. Raises NotSeated.
    """
    require(by, Action.END_SEATING, jury)
    seating = next((standing for standing in jury.seatings if standing.sits(deputy)), None)
    if seating is None:
        raise NotSeated()
    person, grant = _rights_in(jury)[deputy]
    unmoved = jury.seatings_as_read
    seating.ended_by, seating.ended_at, grant.sits_from = by.id, at, None
    about = {"grant": grant.id, "titular": seating.titular}
    lines, letters = done_at_once(by.journal_name, person, ChangeKind.DEPUTY_UNSEATED, at, [grant], **about)
    freed = Change(jury, {"seatings": jury.seatings}, expected=unmoved, any_revision=True)
    changes: list[AnyChange] = [freed, _rights_of(person), *lines]
    event = event_by(by, at, _chain(jury), EventName.DEPUTY_UNSEATED, jury, {"seating": str(seating.id)})
    commit(changes, event, letters)
    return jury


def members_of(by: Actor, jury: Jury, at: datetime) -> list[JuryMember]:
    """Returns who has a right in exactly this jury, titular members first, by name. Two queries at most. Raises
    NotFound, Forbidden.
    """
    require(by, Action.READ_MEMBERS, jury)
    held = _rights_in(jury)
    standing = _standing(jury)
    names = _names_in(jury, held)
    replaces = {seating.deputy: names[seating.titular] for seating in standing}
    replaced = {seating.titular: names[seating.deputy] for seating in standing}
    since = {person: seating.since for seating in standing for person in (seating.deputy, seating.titular)}
    members = [
        JuryMember(
            person=person.id,
            name=person.name,
            deputy=bool(grant.deputy),
            in_force=grant.in_force(at),
            suspended=person.state == PersonState.SUSPENDED,
            replaces=replaces.get(person.id),
            replaced_by=replaced.get(person.id),
            since=since.get(person.id),
        )
        for person, grant in held.values()
    ]
    return sorted(members, key=lambda member: (member.deputy, name_key(member.name), member.person))


def seatings_of(by: Actor, jury: Jury) -> list[SeatingLine]:
    """Returns the seatings of the deputies of the jury, the latest first. One query. Raises NotFound, Forbidden."""
    require(by, Action.READ_MEMBERS, jury)
    names = _names_in(jury, {})
    return [
        SeatingLine(
            deputy=names[seating.deputy],
            titular=names[seating.titular],
            because=seating.because,
            since=seating.since,
            seated_by=names[seating.seated_by],
            ended_at=seating.ended_at,
            ended_by=names[seating.ended_by] if seating.ended_by else None,
        )
        for seating in reversed(jury.seatings)
    ]


def rights_beside(by: Actor, jury: Jury) -> list[str]:
    """Returns the names, sorted, of those whose right is over one academy of a jury for several and who are not of that
    jury: no page of it is theirs, and they decide nothing there; [] for a jury of one academy. One query. Raises
    NotFound, Forbidden.
    """
    require(by, Action.READ_MEMBERS, jury)
    if len(jury.academies) == 1:
        return []
    people = _with_a_right(jury, {"academy": {"$in": list(jury.academies)}, "academies": {"$in": [None, []]}})
    return [person.name for person in sorted(people, key=by_name) if _right_in(person, jury) is None]


def _with_a_right(jury: Jury, over: Mapping[str, object]) -> list[Person]:
    """Returns those with a live right of a jury, of this exam and session; one query, on the session of rights. over: a
    MongoDB condition on the academies of the right.
    """
    right = {"role": Role.JURY, "session": jury.session, "exam": jury.exam, "revoked_at": None, **over}
    among = {"grants.session": jury.session, "grants": {"$elemMatch": right}}
    return list(Person.objects(__raw__=among).order_by("id"))


def _rights_in(jury: Jury) -> RightsHeld:
    """Returns {id: person, their live right in exactly this jury}; one query."""
    pairs = ((person, _right_in(person, jury)) for person in _with_a_right(jury, {}))
    return {person.id: (person, grant) for person, grant in pairs if grant is not None}


def _right_in(person: Person, jury: Jury) -> Grant | None:
    """Returns the live right of the person in exactly this jury; None without any."""
    for grant in person.live_grants:
        of_exam = grant.role == Role.JURY and (grant.session, grant.exam) == (jury.session, jury.exam)
        if of_exam and grant.region == list(jury.academies):
            return grant
    return None


def _standing(jury: Jury) -> list[Seating]:
    return [seating for seating in jury.seatings if seating.ended_at is None]


def _named(held: RightsHeld, deputy: ObjectId, titular: ObjectId, at: datetime) -> tuple[Person, Person]:
    """Returns the deputy and the titular of these ids. Raises Invalid, by field, where either has no such right in this
    jury, or it waits; on `deputy`, if their account is suspended.
    """
    errors = {}
    if deputy not in held or not held[deputy][1].deputy:
        errors["deputy"] = ["Choisissez un suppléant de ce jury."]
    elif held[deputy][0].state == PersonState.SUSPENDED or not held[deputy][1].in_force(at):
        errors["deputy"] = ["Le droit de ce suppléant attend d'être confirmé, ou son compte est suspendu."]
    if titular not in held or held[titular][1].deputy or not held[titular][1].in_force(at):
        errors["titular"] = ["Choisissez un titulaire de ce jury, dont le droit compte."]
    if errors:
        raise Invalid(errors)
    return held[deputy][0], held[titular][0]


def _from_instant(jury: Jury, since: str | None, at: datetime) -> datetime:
    """Returns the instant from which the deputy sits: now, or the first of a day to come. Raises Invalid on `since`."""
    if since is None:
        return at
    zone = ZoneInfo(academy_of(jury.academy).timezone)
    first, today = date.fromisoformat(check_fields({"since": since}, {"since": iso_day})["since"]), at.astimezone(zone)
    if first < today.date():
        late = "Un droit ne s'ouvre pas dans le passé : choisissez aujourd'hui ou un jour à venir, et dites le reste "
        raise Invalid({"since": [f"{late}dans le motif."]})
    return at if first == today.date() else datetime.combine(first, time(), zone)


def _rights_of(person: Person) -> Change:
    """Returns the change, not yet written, of the rights of a person, refused if anything of them moved meanwhile."""
    unmoved = {"revision": person.revision}
    return Change(person, {"grants": person.grants}, expected=unmoved, any_revision=True)


def _names_in(jury: Jury, held: RightsHeld) -> dict[ObjectId, str]:
    """Returns {id: name} of the members of the jury and of all that its seatings name."""
    names = {person.id: person.name for person, _ in held.values()}
    named = {id for s in jury.seatings for id in (s.deputy, s.titular, s.seated_by, s.ended_by) if id}
    gone = named - names.keys()
    others = Person.objects(pk__in=gone).only("given_names", "family_name") if gone else ()
    return names | {person.id: person.name for person in others}


def _chain(jury: Jury) -> str:
    return f"jury:{jury.id}"

"""Replaces a teacher by another one of the school from one day to another: the substitute follows the candidates, and
is asked for what waits; afterwards the titular follows them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Person, School
from portfolio.documents.fields import instant
from portfolio.documents.places import TeacherReplacement
from portfolio.enrolment.institutions import academy_of, today_in
from portfolio.enrolment.moves.addressees import HandedOn
from portfolio.enrolment.moves.followers import given_back, taken_over, teachers_of
from portfolio.errors import Invalid
from portfolio.identity.dual_control import refuse_own
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_today
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Hold, commit
from portfolio.store.outbox import DONE, ErrandOutcome, ErrandRow
from portfolio.validation import check_fields, day, period

TELLS, DUE = "replacement", "replacement_due"
RECORDED, BEGAN, AMENDED, ENDED = "recorded", "began", "amended", "ended"
A_DAY = timedelta(days=1)
YEARS = 2  # that a replacement may last, before its day is asked about: nobody prescribes any


class ReplacementValues(TypedDict, total=False):
    """absent, substitute: teachers of the school (ids). division: the class that it is about, None for all. starts_on,
    ends_on: ISO days, both included; no end for one that is meant to last. confirmed: an unlikely one was asked about.
    """

    absent: ObjectId
    substitute: ObjectId
    division: str | None
    starts_on: str
    ends_on: str | None
    confirmed: bool


class ReplacementEndValues(TypedDict, total=False):
    """replacement: its id. ends_on: the new last day (ISO); None to end it at once. confirmed: as above."""

    replacement: ObjectId
    ends_on: str | None
    confirmed: bool


def replace_teacher(by: Actor, school: School, values: ReplacementValues, at: datetime) -> School:
    """Records that a teacher is replaced, and returns the school; it begins at once where its first day has come. Both
    are told by mail. Raises DateToConfirm; Invalid by field; OwnGrant if the caller names themselves; MovedMeanwhile if
    one of them left, or somebody was followed, at that moment.
    """
    require(by, Action.REPLACE_TEACHER, school)
    checked = check_fields(dict(values), {"starts_on": day, "ends_on": day})
    period(checked["starts_on"], checked.get("ends_on"))
    recorded = TeacherReplacement(
        absent=values["absent"],
        substitute=values["substitute"],
        division=values.get("division") or None,
        recorded_at=at,
        **checked,
    )
    today = today_in(school.academy, at).isoformat()
    people = _both(by, school, recorded, today, at)
    data = {"replacement": str(recorded.id), "starts_on": recorded.starts_on, "ends_on": recorded.ends_on}
    data |= _asked(school, values, (recorded.starts_on, recorded.ends_on), at)
    events = [event_by(by, at, _chain(school), EventName.REPLACEMENT_RECORDED, school, data)]
    begins = recorded.starts_on <= today
    handed = _begun(by, school, recorded, people, at) if begins else HandedOn(list(_holds(people)))
    what = BEGAN if begins else RECORDED
    errands = [*_told(school, recorded, what), *_to_come(school, recorded), *handed.errands]
    commit([*handed.changes, Change(school, push={"replacements": recorded})], [*events, *handed.events], errands)
    return school


def _both(by: Actor, school: School, asked: TeacherReplacement, today: str, at: datetime) -> dict[ObjectId, Person]:
    """Returns {id: person} of the absent one and the substitute. Raises Invalid, OwnGrant."""
    refuse_own(asked.substitute, by.journal_name)
    people = teachers_of(school.id, (asked.absent, asked.substitute), at)
    errors: dict[str, list[str]] = {}
    for name in ("absent", "substitute"):
        if asked[name] not in people:
            errors[name] = ["Cette personne n'est pas un professeur en activité de l'établissement."]
    if asked.absent == asked.substitute:
        errors["substitute"] = ["Un professeur ne se remplace pas lui-même : choisissez une autre personne."]
    if asked.ends_on is not None and asked.ends_on < today:
        errors["ends_on"] = ["Ce jour est passé : le remplacement serait déjà fini."]
    for known in school.replacements:
        if known.ended_at is None and _meet(known, asked):
            same = None in (known.division, asked.division) or known.division == asked.division
            if known.absent == asked.absent and same:
                errors.setdefault("absent", ["Ce professeur est déjà remplacé à ces dates : changez ce remplacement."])
            if known.substitute == asked.absent:
                errors.setdefault("absent", ["Cette personne en remplace une autre à ces dates : finissez-le d'abord."])
            if known.absent == asked.substitute:
                errors.setdefault("substitute", ["Cette personne est elle-même remplacée à ces dates."])
    if errors:
        raise Invalid(errors)
    return people


def _asked(
    school: School, values: Mapping[str, object], days: Iterable[str | None], at: datetime
) -> dict[str, list[str]]:
    """Returns what the link says of days that were confirmed. Raises DateToConfirm."""
    return asked_unless_confirmed(values, far_from_today(days, today_in(school.academy, at), YEARS))


def _meet(first: TeacherReplacement, second: TeacherReplacement) -> bool:
    """Returns True if both have a day in common."""
    far = date.max.isoformat()
    return bool(first.starts_on <= (second.ends_on or far) and second.starts_on <= (first.ends_on or far))


def end_replacement(by: Actor, school: School, values: ReplacementEndValues, at: datetime) -> School:
    """Changes the last day of a replacement, or ends it at once: where it had begun, the titular follows again. Returns
    the school; both are told by mail. Raises DateToConfirm; Invalid on `replacement`, `ends_on`; MovedMeanwhile as
    `replace_teacher`.
    """
    require(by, Action.REPLACE_TEACHER, school)
    ended = _of(school, values["replacement"])
    if ended is None or ended.ended_at is not None:
        raise Invalid({"replacement": ["Ce remplacement est déjà fini : relisez la page."]})
    last = check_fields({"ends_on": values.get("ends_on")}, {"ends_on": day}).get("ends_on")
    unusual = _asked(school, values, [last], at)
    if last is not None and last >= today_in(school.academy, at).isoformat():
        period(ended.starts_on, last)
        ended.ends_on = last
        data = {"replacement": str(ended.id), "ends_on": last} | unusual
        event = event_by(by, at, _chain(school), EventName.REPLACEMENT_AMENDED, school, data)
        letters = [*_told(school, ended, AMENDED), *_to_come(school, ended)]
        commit([Change(school, {"replacements": school.replacements})], event, letters)
        return school
    _end(by, school, ended, at)
    return school


def due(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Begins or ends a replacement whose day has come (payload: school, replacement), and returns the outcome: settled,
    too_early, or done. Raises Stale or MovedMeanwhile on a concurrent act: the row is tried again.
    """
    school = School.objects.get(pk=row["payload"]["school"])
    replacement = _of(school, row["payload"]["replacement"])
    if replacement is None or replacement.ended_at is not None:
        return ErrandOutcome("settled")
    today = today_in(school.academy, at).isoformat()
    if replacement.ends_on is not None and replacement.ends_on < today:
        _end(SYSTEM, school, replacement, at)
    elif replacement.began_at is None and replacement.starts_on <= today:
        _begin(school, replacement, at)
    else:
        return ErrandOutcome("too_early")
    return DONE


def _begin(school: School, begun: TeacherReplacement, at: datetime) -> None:
    """Begins a replacement on its day; where one of both no longer teaches there, it ends without having begun."""
    people = teachers_of(school.id, (begun.absent, begun.substitute), at)
    if len(people) < 2:
        _end(SYSTEM, school, begun, at)
        return
    handed = _begun(SYSTEM, school, begun, people, at)
    change = Change(school, {"replacements": school.replacements})
    commit([*handed.changes, change], handed.events, [*_told(school, begun, BEGAN), *handed.errands])


def _begun(
    by: Actor, school: School, begun: TeacherReplacement, people: dict[ObjectId, Person], at: datetime
) -> HandedOn:
    """Returns, not yet written, what changes as it begins, and notes on it that it began; one without end is over as it
    begins: nothing is given back.
    """
    handed = taken_over(by, begun, people[begun.absent], people[begun.substitute], school, at)
    begun.began_at = at
    begun.ended_at = at if begun.ends_on is None else None
    data = {"replacement": str(begun.id)}
    handed.events.append(event_by(by, at, _chain(school), EventName.REPLACEMENT_BEGAN, school, data))
    return handed


def _end(by: Actor, school: School, ended: TeacherReplacement, at: datetime) -> None:
    """Ends a replacement; what had begun is given back to the titular, if they still teach there."""
    handed = HandedOn()
    titular = teachers_of(school.id, [ended.absent], at).get(ended.absent)
    if ended.began_at is not None and titular is not None:
        substitute = Person.objects.get(pk=ended.substitute)
        handed = given_back(by, ended, titular, substitute, school, at)
    ended.ended_at = at
    data = {"replacement": str(ended.id)}
    events = [event_by(by, at, _chain(school), EventName.REPLACEMENT_ENDED, school, data), *handed.events]
    change = Change(school, {"replacements": school.replacements})
    commit([*handed.changes, change], events, [*_told(school, ended, ENDED), *handed.errands])


def _of(school: School, replacement_id: ObjectId) -> TeacherReplacement | None:
    return next((known for known in school.replacements if known.id == replacement_id), None)


def _holds(people: dict[ObjectId, Person]) -> list[AnyChange]:
    return [Hold(person, {}) for person in people.values()]


def _told(school: School, about: TeacherReplacement, what: str) -> list[Errand]:
    """Returns one mail to each of both. what: RECORDED, BEGAN, AMENDED or ENDED."""
    payload = {"school": school.id, "replacement": about.id, "what": what}
    return [Errand(TELLS, payload | {"person": person}) for person in (about.absent, about.substitute)]


def _to_come(school: School, about: TeacherReplacement) -> list[Errand]:
    """Returns the errands of its first day, while it has not begun, and of the day after its last one."""
    payload = {"school": school.id, "replacement": about.id}
    days = [about.starts_on] if about.began_at is None else []
    days += [(date.fromisoformat(about.ends_on) + A_DAY).isoformat()] if about.ends_on else []
    zone = ZoneInfo(academy_of(school.academy).timezone)
    midnights = {on: instant(datetime.combine(date.fromisoformat(on), time(0, 1), zone)) for on in days}
    return [Errand(DUE, payload, f"{DUE}:{about.id}:{on}", due_at) for on, due_at in midnights.items()]


def _chain(school: School) -> str:
    return f"school:{school.id}"

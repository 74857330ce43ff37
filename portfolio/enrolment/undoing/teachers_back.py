"""Takes back what a list corrected of a teacher."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person, School
from portfolio.documents.people import Role
from portfolio.documents.places import WrittenRow
from portfolio.enrolment.corrections.staff_names import StaffNames, correct_name
from portfolio.enrolment.corrections.teaching import correct_teaching
from portfolio.enrolment.undoing.use import ADDRESS_STAYS, CHANGED, InPart, ListUse
from portfolio.policy.relations import Actor

NAMES, TEACHES = ("family_name", "given_names"), "teaches_profession"


def teacher_corrected(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Calls a teacher as before the list, and gives back the charge of professional teaching, or takes it; an address
    that was given stays.
    """
    fields = [name for name in row.after if name != "email"]
    if not fields:
        return ADDRESS_STAYS
    person = Person.objects(pk=row.thing).first()
    if person is None:
        return None  # it left with the right that the list gave
    school = School.objects.get(pk=use.written.school)
    now = {name: _now(person, school, name) for name in fields}
    if any(value not in (row.after[name], row.before[name]) for name, value in now.items()):
        return CHANGED
    named = {name: row.before[name] for name in NAMES if name in now and now[name] != row.before[name]}
    if named:
        names = {name: str(person[name]) for name in NAMES} | named
        correct_name(by, person, StaffNames(**names), at)  # type: ignore[typeddict-item]
    if TEACHES in now and now[TEACHES] != row.before[TEACHES]:
        correct_teaching(by, school, person, bool(row.before[TEACHES]), at)
    return InPart(ADDRESS_STAYS) if "email" in row.after else None


def _now(person: Person, school: School, name: str) -> object:
    """Returns the value of a field of a teacher as it is now; None of the charge where they teach here no more."""
    if name != TEACHES:
        return person[name]
    here = [grant for grant in person.live_grants if grant.role == Role.TEACHER and grant.school == school.id]
    return any(grant.teaches_profession for grant in here) if here else None

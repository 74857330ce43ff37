"""Lists the rights of a person that a reader may know, and prepares the end of one, which `departures` commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Grant, Jury, Person
from portfolio.documents.account_changes import ChangeKind
from portfolio.documents.people import Role
from portfolio.documents.rows import Row
from portfolio.errors import Invalid
from portfolio.identity.dual_control import done_at_once, ended, refused_while_waiting
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Insert


def grants_shown(by: Actor, person: Person | Row) -> list[Any]:
    """Returns the grants of the person that `by` may know, revoked ones included: all for an administrator and the
    person; for an office, those of its school, and those of candidates and tutors, which have no school, if the person
    is known only to its school.
    """
    grants = person.grants or []
    if by.has(Role.ADMINISTRATOR) or person.id == by.id:
        return list(grants)
    offices = set(by.values(Role.OFFICE, "school"))
    without_school = {Role.CANDIDATE, Role.TUTOR} if set(person.schools or []) <= offices else set()
    return [grant for grant in grants if grant["school"] in offices or grant["role"] in without_school]


@dataclass(frozen=True)
class Revocation:
    """The end of a grant, not yet written: changes, link and mails."""

    grant: Grant
    changes: list[AnyChange]
    event: Event
    letters: list[Errand]


def revocation(by: Actor, person: Person, grant_id: ObjectId, at: datetime) -> Revocation:
    """Returns the end, not yet written, of a live grant of the person: an office only those of its school, an
    administrator any. A seating in a jury ends with the right of the deputy, or with that of the titular whose seat it
    is; a change that waits for this grant is refused. Raises Invalid on `grant` if it is not there, revoked, or another
    school's.
    """
    require(by, Action.REVOKE_GRANT, person)
    offices = set(by.values(Role.OFFICE, "school"))
    grants = [grant for grant in person.live_grants if grant.id == grant_id]
    if not grants or not (by.has(Role.ADMINISTRATOR) or grants[0].school in offices):
        raise Invalid({"grant": ["Ce droit n'existe pas, est déjà retiré, ou relève d'un autre établissement."]})
    grants[0].revoked_at, grants[0].sits_from = at, None
    overtaken = refused_while_waiting(by.journal_name, person, at, grant=grant_id)
    changes: list[AnyChange] = [Change(person, {"grants": person.grants}), overtaken]
    ended_seats, lines, letters = _seatings_ended(by, person, grants[0], at)
    data = {"role": grants[0].role, "grant": str(grant_id)}
    event = event_by(by, at, f"person:{person.id}", EventName.GRANT_REVOKED, person, data)
    records, mails = ended(by.journal_name, person, grants[0], at)
    return Revocation(grants[0], [*changes, *ended_seats, *records, *lines], event, [*mails, *letters])


def _seatings_ended(
    by: Actor, person: Person, grant: Grant, at: datetime
) -> tuple[list[Change], list[Insert], list[Errand]]:
    """Returns, unwritten, what ends the seatings of a jury with a right: those of the deputy who holds it and those of
    the titular whose seat it is, with the records and mails for the deputies of the latter. All empty if none stands.
    """
    here = {"academies": grant.region, "exam": grant.exam, "session": grant.session}
    jury = Jury.objects(__raw__=here).first() if grant.role == Role.JURY else None
    standing = [seating for seating in jury.seatings if seating.ended_at is None] if jury is not None else []
    ending = [seating for seating in standing if person.id in (seating.deputy, seating.titular)]
    if jury is None or not ending:
        return [], [], []
    unmoved = jury.seatings_as_read
    for seating in ending:
        seating.ended_by, seating.ended_at = by.id, at
    changes = [Change(jury, {"seatings": jury.seatings}, expected=unmoved, any_revision=True)]
    lines: list[Insert] = []
    letters: list[Errand] = []
    for seating in ending:
        if seating.titular == person.id:
            deputy = Person.objects.get(pk=seating.deputy)
            seat = next(right for right in deputy.live_grants if right.deputy and _is_in(right, jury))
            seat.sits_from = None
            held = {"revision": deputy.revision}
            changes.append(Change(deputy, {"grants": deputy.grants}, expected=held, any_revision=True))
            about = {"grant": seat.id, "titular": person.id}
            records, mails = done_at_once(by.journal_name, deputy, ChangeKind.DEPUTY_UNSEATED, at, [seat], **about)
            lines, letters = lines + records, letters + mails
    return changes, lines, letters


def _is_in(grant: Grant, jury: Jury) -> bool:
    """Returns True if this right of a jury is in exactly this one."""
    of_exam = grant.role == Role.JURY and (grant.session, grant.exam) == (jury.session, jury.exam)
    return bool(of_exam and grant.region == list(jury.academies))

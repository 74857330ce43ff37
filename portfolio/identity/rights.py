"""Lists the rights of a person that a reader may know, and prepares the end of one, which `departures` commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Grant, Jury, Person
from portfolio.documents.people import Role
from portfolio.documents.rows import Row
from portfolio.errors import Invalid
from portfolio.identity.dual_control import ended, refused_while_waiting
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand


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
    administrator any. A deputy of a jury sits no more, and a change that waits for this grant is refused. Raises
    Invalid on `grant` if it is not there, revoked, or another school's.
    """
    require(by, Action.REVOKE_GRANT, person)
    offices = set(by.values(Role.OFFICE, "school"))
    grants = [grant for grant in person.live_grants if grant.id == grant_id]
    if not grants or not (by.has(Role.ADMINISTRATOR) or grants[0].school in offices):
        raise Invalid({"grant": ["Ce droit n'existe pas, est déjà retiré, ou relève d'un autre établissement."]})
    grants[0].revoked_at, grants[0].sits_from = at, None
    overtaken = refused_while_waiting(by.journal_name, person, at, grant=grant_id)
    changes: list[AnyChange] = [Change(person, {"grants": person.grants}), overtaken]
    changes += _seating_ended(by, person, grants[0], at)
    data = {"role": grants[0].role, "grant": str(grant_id)}
    event = event_by(by, at, f"person:{person.id}", EventName.GRANT_REVOKED, person, data)
    lines, letters = ended(by.journal_name, person, grants[0], at)
    return Revocation(grants[0], [*changes, *lines], event, letters)


def _seating_ended(by: Actor, person: Person, grant: Grant, at: datetime) -> list[Change]:
    """Returns the change, not yet written, that ends the seating of a deputy whose right ends; [] if none sits."""
    here = {"academies": grant.region, "exam": grant.exam, "session": grant.session}
    jury = Jury.objects(__raw__=here).first() if grant.deputy else None
    ending = [seating for seating in jury.seatings if seating.sits(person.id)] if jury is not None else []
    if jury is None or not ending:
        return []
    for seating in ending:
        seating.ended_by, seating.ended_at = by.id, at
    return [Change(jury, {"seatings": jury.seatings}, expected={"revision": jury.revision}, any_revision=True)]

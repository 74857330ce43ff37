"""Rights as they stand: those that a reader may know of, and their end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.documents import Person
from portfolio.errors import Invalid
from portfolio.identity.dual_control import ended, refused_while_waiting
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit


def grants_shown(by: Actor, person: Any) -> list[Any]:
    """The person's grants that `by` may know of: an office knows those of its school, not what somebody is elsewhere.

    person: a document or a row of one. What candidates and tutors are granted names no school: it is told to an office
    where the person is known to its school alone.
    """
    grants = person.grants or []
    if by.has("administrator") or person.id == by.id:
        return list(grants)
    offices = set(by.values("office", "school"))
    told = {"candidate", "tutor"} if set(person.schools or []) <= offices else set()
    return [grant for grant in grants if grant["school"] in offices or grant["role"] in told]


def revoke_grant(by: Actor, person: Person, grant_id: Any, at: datetime) -> Person:
    """An office revokes only grants of its own school; an administrator any."""
    require(by, Action.REVOKE_GRANT, person)
    offices = set(by.values("office", "school"))
    grants = [grant for grant in person.live_grants if grant.id == grant_id]
    if not grants or not (by.has("administrator") or grants[0].school in offices):
        raise Invalid({"grant": ["Ce droit n'existe pas, est déjà retiré, ou relève d'un autre établissement."]})
    grants[0].revoked_at = at
    overtaken = refused_while_waiting(by.journal_name, person, at, grant=grant_id)
    changes: list[Any] = [Change(person, {"grants": person.grants}), overtaken]
    data = {"role": grants[0].role, "grant": str(grant_id)}
    event = event_by(by, at, f"person:{person.id}", EventName.GRANT_REVOKED, person, data)
    lines, letters = ended(by.journal_name, person, grants[0], at)
    commit([*changes, *lines], event, letters)
    return person

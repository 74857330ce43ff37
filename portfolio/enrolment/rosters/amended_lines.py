"""Corrects, from a line of a list, somebody who is enrolled already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from portfolio.documents import Candidacy, Person
from portfolio.enrolment.corrections.kept import told_of_sheets
from portfolio.enrolment.email_corrections import moved_to
from portfolio.enrolment.enrol import amendment
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.journal import AnyChange, Errand, MovedMeanwhile


def amended_by_line(
    by: Actor, candidacy: Candidacy, corrections: Mapping[str, list[str]], line: int, at: datetime
) -> tuple[list[AnyChange], list[Errand]]:
    """Returns the changes and mails, not yet written, of what a line corrects; none where all of it is so already.
    corrections: field -> [before, after], as the line was compared. Raises MovedMeanwhile if a value is neither by now,
    Invalid by line and field.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    values = {}
    for name, (before, after) in corrections.items():
        now = candidacy[name] or "" if name != "email" else before
        if now not in (before, after):
            raise MovedMeanwhile()
        if now != after:
            values[name] = after
    address = values.pop("email", None)
    changes: list[AnyChange] = []
    letters: list[Errand] = []
    try:
        if values:
            changes += amendment(candidacy, dict(values))[0]
            letters = told_of_sheets(by, [candidacy.id])
    except Invalid as invalid:
        raise Invalid({f"ligne {line}, {name}": faults for name, faults in invalid.errors.items()}) from invalid
    if address is None:
        return changes, letters
    person = Person.objects.get(pk=candidacy.person)
    if person.email == address:
        return changes, letters
    if person.email is not None:
        raise MovedMeanwhile()
    moved, errands = moved_to(person, address, at)
    return [*moved, *changes], [*letters, *errands]  # a change of their name commutes with it, not the other way round

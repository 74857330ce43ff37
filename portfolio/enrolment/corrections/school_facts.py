"""Corrects the name and the city of a school. What was frozen keeps what it said."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from portfolio.documents import School
from portfolio.enrolment.corrections.amended import amended_by
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit


class SchoolFacts(TypedDict):
    name: str
    city: str


def correct_school(by: Actor, school: School, values: SchoolFacts, at: datetime) -> School:
    """Corrects the name and the city of a school, by its office or an administrator, and returns it. Raises Invalid by
    field where one is empty, or neither changes.
    """
    require(by, Action.CORRECT_SCHOOL, school)
    facts = {"name": " ".join(values["name"].split()), "city": " ".join(values["city"].split())}
    if missing := {name: ["Indiquez-le."] for name, fact in facts.items() if not fact}:
        raise Invalid(missing)
    right = amended_by(by, school, facts, at)
    if not right:
        raise Invalid({"name": ["C'est déjà ce qui est enregistré : indiquez ce qui est juste."]})
    data = {"fields": sorted(right.keys() - {"amended"})}
    event = event_by(by, at, f"school:{school.id}", EventName.SCHOOL_CORRECTED, school, data)
    commit([Change(school, right)], event)
    return school

"""Corrects what a school knows of a company: its name, where it is, its number. Periods of past sessions, and what was
frozen, keep what they said.
"""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Company, Placement, School
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.institutions import new_company
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, commit

FACTS = ("name", "city", "address", "local_number", "country")


def correct_company(by: Actor, placement: Placement, values: dict[str, str | None], at: datetime) -> Placement:
    """Corrects the company of a period, which bears its name and city, as all periods there of sessions to come do;
    returns the period. values: name, city, address, siret (a missing one stays), local_number, country. Raises
    PlacementCancelled, Eliminated, Invalid by field; AlreadyExists if the SIRET is another company's of the school.
    """
    require(by, Action.AMEND_PLACEMENT, placement)
    school = School.objects.get(pk=placement.school)
    require(by, Action.ADD_COMPANY, school)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    company = Company.objects.get(pk=placement.company)
    right = new_company(school, {**values, "siret": values.get("siret") or company.siret}, at)
    facts = {name: getattr(right, name) for name in FACTS}
    if right.siret is not None:
        facts["siret"] = right.siret
    called = {"company_name": right.name, "company_city": right.city}
    there = {"company": company.id, "cancelled_at": None, "session": {"$gte": str(at.year + (at.month >= 9))}}
    changes: list[AnyChange] = [still_kept(placement), Change(company, facts), Change(placement, called)]
    changes.append(ChangeAll(Placement, {**there, "_id": {"$ne": placement.id}}, called))
    commit(changes, event_by(by, at, f"school:{school.id}", EventName.COMPANY_CORRECTED, company))
    return placement

"""Corrects what a school knows of a company: its name, where it is, its number. Periods of past sessions, and what was
frozen, keep what they said.
"""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from portfolio.documents import Company, Placement, School
from portfolio.enrolment.corrections.kept import told_of_submissions
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.institutions import new_company
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.identifiers import session_in_preparation
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
    facts = _right_facts(school, company, values, at)
    changes: list[AnyChange] = [still_kept(placement), Change(company, facts), Change(placement, _called(facts))]
    changes.append(ChangeAll(Placement, _there(company, at) | {"_id": {"$ne": placement.id}}, _called(facts)))
    letters = told_of_submissions(by, [placement.candidacy, *_whose(company, at)])
    commit(changes, event_by(by, at, f"school:{school.id}", EventName.COMPANY_CORRECTED, company), letters)
    return placement


def correct_company_of_school(by: Actor, company: Company, values: dict[str, str | None], at: datetime) -> Company:
    """Corrects a company that a school knows, whether or not a period is there, with what its periods of sessions to
    come bear; returns the company. values: as for `correct_company`. Raises Invalid by field; AlreadyExists if the
    SIRET is another company's of the school.
    """
    school = School.objects.get(pk=company.school)
    require(by, Action.ADD_COMPANY, school)
    facts = _right_facts(school, company, values, at)
    changes: list[AnyChange] = [Change(company, facts), ChangeAll(Placement, _there(company, at), _called(facts))]
    letters = told_of_submissions(by, _whose(company, at))
    commit(changes, event_by(by, at, f"school:{school.id}", EventName.COMPANY_CORRECTED, company), letters)
    return company


def _right_facts(
    school: School, company: Company, values: dict[str, str | None], at: datetime
) -> dict[str, str | None]:
    """Returns what the company is to be, a SIRET that is not given staying. Raises Invalid."""
    right = new_company(school, {**values, "siret": values.get("siret") or company.siret}, at)
    facts = {name: getattr(right, name) for name in FACTS}
    return facts | ({"siret": right.siret} if right.siret is not None else {})


def _called(facts: dict[str, str | None]) -> dict[str, str | None]:
    return {"company_name": facts["name"], "company_city": facts["city"]}


def _whose(company: Company, at: datetime) -> list[ObjectId]:
    """Returns the candidacies (ids) that have a period there which bears what it is called now. One query."""
    return list(Placement.objects(__raw__=_there(company, at)).distinct("candidacy"))


def _there(company: Company, at: datetime) -> dict[str, object]:
    """Returns the MongoDB condition on the periods there that bear what it is called now."""
    session = {"$gte": session_in_preparation(at)}
    return {"company": company.id, "school": company.school, "cancelled_at": None, "session": session}

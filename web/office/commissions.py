"""The school's commissions: when they meet, who has none yet, convocations on paper and in a calendar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response

from api.http.downloads import attached
from api.http.routing import find
from portfolio.commission import convocations
from portfolio.commission.agenda import clashes_with
from portfolio.commission.calendars.events import calendar_file
from portfolio.commission.on_paper import blank_grids
from portfolio.documents import Candidacy, Commission
from portfolio.documents.candidacies import IN_CCF
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import CommissionRules
from web.office.first_page import Selection, framed, selection_of
from web.pages import Pages

pages = Pages("office_commissions", __name__, "office")


@dataclass(frozen=True)
class ExamWindow:
    """When the commissions of an exam (its code) meet, and how many candidates have a date or wait for one."""

    exam: str
    rules: CommissionRules
    convened: int
    waiting: int


@pages.shows("/etablissement/<oid:school_id>/commissions", Action.ENROL)
def commissions(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    people = _people(selection)
    meetings = _convened(by, selection, people)
    zone = ZoneInfo(selection.zone)
    days = groupby(meetings, key=lambda commission: commission.meets_at.astimezone(zone).date())
    convened = {commission.candidacy for commission in meetings}
    waiting = [candidacy for candidacy in people.values() if candidacy.id not in convened]
    return framed(
        "commissions.html",
        selection,
        "commissions",
        days=[(day, list(of_day)) for day, of_day in days],
        people=people,
        waiting=waiting,
        windows=_windows(people, waiting),
        clashes={(clash.meets_at, clash.person) for clash in clashes_with(meetings)},
        at=at,
    )


def _windows(people: dict[ObjectId, Candidacy], waiting: list[Candidacy]) -> list[ExamWindow]:
    """Returns the window of commissions of each exam of these people, as the circular of its first one has it."""
    first: dict[str, Candidacy] = {}
    for candidacy in people.values():
        first.setdefault(candidacy.exam, candidacy)
    total, without = (Counter(candidacy.exam for candidacy in of) for of in (people.values(), waiting))
    return [
        ExamWindow(code, circular_of(candidacy).commission, total[code] - without[code], without[code])
        for code, candidacy in sorted(first.items())
    ]


def _people(selection: Selection) -> dict[ObjectId, Candidacy]:
    """Returns {candidacy id: candidacy} of those in CCF of the session and class, in the order of names."""
    query = {"school": selection.school.id, "session": selection.session, **IN_CCF}
    query |= {"division": selection.division} if selection.division else {}
    return {candidacy.id: candidacy for candidacy in Candidacy.objects(__raw__=query).order_by("name_key", "id")}


def _convened(by: Actor, selection: Selection, people: dict[ObjectId, Candidacy]) -> list[Commission]:
    mine = scope(by, Action.CHANGE_COMMISSION, Commission)
    query = {"school": selection.school.id, "session": selection.session, "state": "convened"}
    meetings = Commission.objects(__raw__={"$and": [mine, query, {"candidacy": {"$in": list(people)}}]})
    return list(meetings.order_by("meets_at", "id"))


@pages.shows("/etablissement/<oid:school_id>/commissions.ics", Action.ENROL)
def agenda(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    data = calendar_file(_convened(by, selection, _people(selection)), at)
    return attached(data, "text/calendar; charset=utf-8; method=PUBLISH", f"commissions-{selection.session}.ics")


@pages.shows("/etablissement/<oid:school_id>/convocations.pdf", Action.ENROL)
def all_convocations(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    data = convocations.convocations_pdf(by, _convened(by, selection, _people(selection)), _today(at, selection.zone))
    return attached(data, "application/pdf", f"convocations-{selection.session}.pdf")


@pages.shows("/etablissement/<oid:school_id>/grilles.pdf", Action.ENROL)
def all_blank_grids(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Returns the PDF of the blank grids of the session and class, for a meeting without network. Raises NotFound,
    Forbidden, NoGridToPrint, TooManyGrids.
    """
    selection = selection_of(by, school_id, at)
    data = blank_grids.blank_grids_pdf(by, _convened(by, selection, _people(selection)), _today(at, selection.zone))
    return attached(data, "application/pdf", f"grilles-{selection.session}.pdf")


@pages.shows("/etablissement/commissions/<oid:commission_id>/convocations.pdf", Action.CHANGE_COMMISSION)
def convocation(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    require(by, Action.CHANGE_COMMISSION, commission)
    day = _today(at, academy_of(commission.academy).timezone)
    return attached(convocations.convocations_pdf(by, [commission], day), "application/pdf", "convocations.pdf")


def _today(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()

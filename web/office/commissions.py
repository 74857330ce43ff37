"""The school's commissions: when they meet, who has none yet, convocations on paper and in a calendar."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response

from api.http.downloads import attached
from api.http.routing import find
from portfolio.commission import convocations
from portfolio.commission.agenda import calendar_file, clashes_with
from portfolio.commission.on_paper import blank_grids
from portfolio.documents import Candidacy, Commission
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.office.first_page import Selection, framed, selection_of
from web.pages import Pages

pages = Pages("office_commissions", __name__, "office")


@pages.shows("/etablissement/<oid:school_id>/commissions", Action.ENROL)
def commissions(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    people = _people(selection)
    meetings = _convened(by, selection, people)
    zone = ZoneInfo(selection.zone)
    days = groupby(meetings, key=lambda commission: commission.meets_at.astimezone(zone).date())
    convened = {commission.candidacy for commission in meetings}
    first = next(iter(people.values()), None)
    return framed(
        "commissions.html",
        selection,
        "commissions",
        days=[(day, list(of_day)) for day, of_day in days],
        people=people,
        waiting=[candidacy for candidacy in people.values() if candidacy.id not in convened],
        rules=circular_of(first).commission if first else None,
        clashes={(clash.meets_at, clash.person) for clash in clashes_with(meetings)},
        count=len(meetings),
        at=at,
    )


def _people(selection: Selection) -> dict[ObjectId, Candidacy]:
    """Returns {candidacy id: candidacy} of those in CCF of the session and class, in the order of names."""
    query = {"school": selection.school.id, "session": selection.session, "ccf__form": "ccf"}
    query |= {"division": selection.division} if selection.division else {}
    return {candidacy.id: candidacy for candidacy in Candidacy.objects(**query).order_by("name_key", "id")}


def _convened(by: Actor, selection: Selection, people: dict[ObjectId, Candidacy]) -> list[Commission]:
    mine = scope(by, Action.CHANGE_COMMISSION, Commission)
    query = {"school": selection.school.id, "session": selection.session, "state": "convened"}
    meetings = Commission.objects(__raw__={"$and": [mine, query, {"candidacy": {"$in": list(people)}}]})
    return list(meetings.order_by("meets_at", "id"))


@pages.shows("/etablissement/<oid:school_id>/commissions.ics", Action.ENROL)
def agenda(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    data = calendar_file(_convened(by, selection, _people(selection)), at)
    return attached(data, "text/calendar; charset=utf-8; method=PUBLISH", f"commissions-e5-{selection.session}.ics")


@pages.shows("/etablissement/<oid:school_id>/convocations.pdf", Action.ENROL)
def all_convocations(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    data = convocations.convocations_pdf(by, _convened(by, selection, _people(selection)), _today(at, selection.zone))
    return attached(data, "application/pdf", f"convocations-e5-{selection.session}.pdf")


@pages.shows("/etablissement/<oid:school_id>/grilles.pdf", Action.ENROL)
def all_blank_grids(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Returns the PDF of the blank grids of the session and class, for a meeting without network. Raises NotFound,
    Forbidden, NoGridToPrint, TooManyGrids.
    """
    selection = selection_of(by, school_id, at)
    data = blank_grids.blank_grids_pdf(by, _convened(by, selection, _people(selection)), _today(at, selection.zone))
    return attached(data, "application/pdf", f"grilles-e5-{selection.session}.pdf")


@pages.shows("/etablissement/commissions/<oid:commission_id>/convocations.pdf", Action.CHANGE_COMMISSION)
def convocation(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    require(by, Action.CHANGE_COMMISSION, commission)
    day = _today(at, academy_of(commission.academy).timezone)
    return attached(convocations.convocations_pdf(by, [commission], day), "application/pdf", "convocations-e5.pdf")


def _today(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()

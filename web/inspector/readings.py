"""The inspector's pages: when commissions meet, and how far the portfolios of each school are. Nothing of a piece."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from bson import ObjectId
from flask import Response, request

from api.archive import eliminations
from api.http.routing import find
from portfolio.boards.class_board import current_session
from portfolio.commission.calendar import calendar, school_conformity, watched_schools
from portfolio.documents import Academy, EliminationSlip, School
from portfolio.enrolment.institutions import academy_of
from portfolio.identifiers import is_rehearsal, session_in_preparation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from web.layout import page
from web.office import labels
from web.pages import Pages

pages = Pages("inspector", __name__, "inspector")


def _session(by: Actor, at: datetime) -> tuple[list[str], str | None]:
    sessions = sorted(set(by.values("inspector", "session")))
    asked = request.args.get("session")
    return sessions, asked if asked in sessions else current_session(sessions, at)


@pages.shows("/inspection", Action.READ_CALENDAR)
def home(by: Actor, at: datetime) -> Response:
    sessions, session = _session(by, at)
    watched = by.values("inspector", "academy")
    meetings = [row for row in calendar(by, session) if row.academy in watched] if session else []
    zones = {academy.code: academy.timezone for academy in Academy.objects(code__in=watched)}
    return page(
        "inspector/home.html",
        session=session,
        sessions=sessions,
        days=[(day, list(rows)) for day, rows in groupby(meetings, key=lambda row: row.day)],
        commissions=sum(row.commissions for row in meetings),
        schools=watched_schools(by, session) if session else [],
        zones=zones,
        fictional=bool(session and is_rehearsal(session)),
    )


@pages.shows("/inspection/etablissements/<oid:school_id>", Action.READ_CALENDAR)
def school(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    school = find(School, school_id)
    conformity = school_conformity(by, school, request.args.get("session") or session_in_preparation(at))
    return page(
        "inspector/school.html",
        school=school,
        conformity=conformity,
        slips=_slips(by, school, conformity.session),
        slip_states=labels.SLIPS,
        zone=academy_of(school.academy).timezone,
        fictional=is_rehearsal(conformity.session),
    )


def _slips(by: Actor, school: School, session: str) -> list[EliminationSlip]:
    mine = {"$and": [scope(by, Action.READ_SLIP, EliminationSlip), {"school": school.id, "session": session}]}
    return list(EliminationSlip.objects(__raw__=mine).only("number", "exam", "state", "created_at").order_by("-id"))


@pages.shows("/inspection/eliminations/<oid:slip_id>/bordereau.pdf", Action.READ_SLIP)
def slip_pdf(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    return eliminations.slip_pdf(by, at, slip_id)


@pages.shows("/inspection/eliminations/<oid:slip_id>/attestation.pdf", Action.READ_SLIP)
def certificate(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    return eliminations.certificate_pdf(by, at, slip_id)

"""Dates of commissions: those of the candidates that a teacher follows, fixed singly or in series; calendar files."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.commission.commissions import NewCommission, Replacement
from api.http.downloads import attached
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.boards.class_board import current_session
from portfolio.commission import amend, convene
from portfolio.commission.agenda import LONGEST_MIN, SHORTEST_MIN, clashes_with, slots, unconvened
from portfolio.commission.calendars.events import calendar_file
from portfolio.commission.members import empty_seats
from portfolio.documents import Candidacy, Commission, Person, Placement
from portfolio.documents.fields import by_id
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid, NotFound, Refusal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.unlikely_dates import CONFIRMED
from web.appointments import beside_the_day, instant_asked
from web.forms import read_form
from web.mail_words import members_words
from web.pages import Pages, find_unchanged, made_once
from web.teacher.first_pages import exam_asked, framed, schools_of

pages = Pages("teacher_commissions", __name__, "teacher", "office")

SECOND = "professor"  # in the place of a tutor's id: the second professor named for the series


@pages.shows("/classe/commissions", Action.READ_COMMISSION)
def dates(by: Actor, at: datetime) -> Response:
    sessions = sorted(Candidacy.objects(followers=by.id).distinct("session"))
    asked = request.values.get("session")
    session = asked if asked in sessions else current_session(sessions, at)
    query = {"$and": [scope(by, Action.READ_COMMISSION, Commission), {"session": session, "state": "convened"}]}
    commissions = list(Commission.objects(__raw__=query).order_by("meets_at", "id"))
    everybody = unconvened(by, session) if session else []
    exams = sorted({candidate.candidacy.exam for candidate in everybody})
    exam = exam_asked(exams)
    waiting = [candidate for candidate in everybody if candidate.candidacy.exam == exam]
    listed: list[Commission | Candidacy] = [*commissions, *(candidate.candidacy for candidate in waiting)]
    zone = ZoneInfo(academy_of(listed[0].academy).timezone if listed else "Europe/Paris")
    days = groupby(commissions, key=lambda commission: commission.meets_at.astimezone(zone).date())
    return framed(
        "commissions.html",
        session=session,
        sessions=sessions,
        days=[(day, list(meetings)) for day, meetings in days],
        candidates=by_id(Candidacy, (commission.candidacy for commission in commissions)),
        waiting=waiting,
        exam=exam,
        exams=exams,
        rules=circular_of(waiting[0].candidacy).commission if waiting else None,
        clashes={clash.meets_at for clash in clashes_with(commissions)},
        schools=schools_of(by),
        zone=zone.key,
    )


# --- a series -------------------------------------------------------------------------------------


@pages.acts("/classe/commissions", Action.CONVENE, back=dates)
def convene_series(by: Actor, at: datetime) -> str:
    chosen = [ObjectId(value) for value in request.form.getlist("candidacies") if ObjectId.is_valid(value)]
    following = {candidacy.id: candidacy for candidacy in Candidacy.objects(pk__in=chosen, followers=by.id)}
    if len(following) < len(set(chosen)):
        raise NotFound()
    if not chosen:
        raise Invalid({"candidacies": ["Cochez au moins un candidat."]})
    form = read_form(NewCommission, "place", "mode", "tutor_absence")
    zone = academy_of(following[chosen[0]].academy).timezone
    hours = slots(instant_asked(zone), _minutes_asked(), len(chosen))
    wanted = [(following[key], _values(by, key, hour, form)) for key, hour in zip(chosen, hours, strict=True)]
    try:
        made_once(by, lambda: convene.convene_many(by, wanted, at)[0])
    except Refusal as refusal:
        rank = getattr(refusal, "rank", None)
        if rank is not None and isinstance(refusal, Invalid):
            name = wanted[rank][0].display_name
            reasons = [line for lines in refusal.errors.values() for line in lines] or [refusal.message]
            raise Invalid({f"second-{chosen[rank]}": [f"{name} : {' '.join(reasons)}"]}) from refusal
        raise
    convened = Commission.objects(candidacy__in=[candidacy.id for candidacy, _ in wanted], state="convened")
    members = {member for commission in convened for member in commission.members}
    flash(f"Commissions fixées : {len(wanted)}. {members_words(members)}", "ok")
    for commission in convened:
        _warn_outside(following[commission.candidacy], commission)
    return url_for("teacher_commissions.dates", session=wanted[0][0].session)


def _minutes_asked() -> int:
    """Returns how long a commission lasts, in minutes. Raises Invalid on `minutes`."""
    minutes = request.form.get("minutes", "")
    if not (minutes.isdecimal() and len(minutes) <= 4 and SHORTEST_MIN <= int(minutes) <= LONGEST_MIN):
        raise Invalid({"minutes": [f"Un nombre de minutes entre {SHORTEST_MIN} et {LONGEST_MIN}."]})
    return int(minutes)


def _is_confirmed() -> bool:
    """Returns True if the form says to fix the dates that were asked about."""
    return "anyway" in request.form


def _values(by: Actor, candidacy_id: ObjectId, meets_at: datetime, form: dict[str, Any]) -> dict[str, Any]:
    second = request.form.get(f"second-{candidacy_id}", "")
    alone = second == SECOND
    named = request.form.get("second_professor", "").strip() if alone else second
    absence = form.get("tutor_absence") if alone else None
    shared = {"place": form.get("place", ""), "mode": form.get("mode"), CONFIRMED: _is_confirmed()}
    shared |= {"meets_at": meets_at, "lasts_min": _minutes_asked()}
    return shared | {"professor": by.id, "second": named, "tutor_absence": absence}


# --- one candidate --------------------------------------------------------------------------------


@pages.shows("/classe/candidats/<oid:candidacy_id>/commission", Action.CONVENE)
def new_commission(by: Actor, at: datetime, candidacy_id: ObjectId) -> Response:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.CONVENE, candidacy)
    followers = [(person.id, person.name) for person in Person.objects(pk__in=candidacy.followers)]
    placements = Placement.objects(candidacy=candidacy.id, cancelled_at=None).order_by("-starts_on")
    tutors = {
        placement.tutor: f"{placement.tutor_name}, {placement.company_name}"
        for placement in placements
        if placement.tutor
    }
    return framed(
        "commission_new.html",
        candidacy,
        candidacy=candidacy,
        followers=followers,
        tutors=tutors,
        rules=circular_of(candidacy).commission,
        me=by.id,
    )


@pages.acts("/classe/candidats/<oid:candidacy_id>/commission", Action.CONVENE, back=new_commission)
def convene_commission(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.CONVENE, candidacy)
    form = read_form(NewCommission, "place", "mode", "professor", "tutor_absence")
    zone = academy_of(candidacy.academy).timezone
    values = form | _values(by, candidacy.id, instant_asked(zone), form)
    values["professor"] = form["professor"]
    try:
        commission = made_once(by, lambda: convene.convene(by, candidacy, values, at))
    except Invalid as refusal:
        raise beside_the_day(refusal, "meets_at") from None
    flash(f"La commission est fixée. {members_words(commission.members)}", "ok")
    _warn_outside(candidacy, commission)
    return url_for("teacher_commissions.show", commission_id=commission.id)


def _warn_outside(candidacy: Candidacy, commission: Commission) -> None:
    if convene.outside_window(candidacy, commission.meets_at):
        flash("Cette date est hors de la période provisoire des commissions : vérifiez-la.", "warn")


# --- one commission -------------------------------------------------------------------------------


@pages.shows("/classe/commissions/<oid:commission_id>", Action.READ_COMMISSION)
def show(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    require(by, Action.READ_COMMISSION, commission)
    changes = may(by, Action.CHANGE_COMMISSION, commission) and commission.state == "convened"
    return framed(
        "commission.html",
        commission,
        commission=commission,
        candidacy=find(Candidacy, commission.candidacy),
        sitting=[seat for seat in commission.seats if seat.left_at is None],
        gone=empty_seats([commission], at).get(commission.id, {}) if changes else {},
        changes=changes,
        clashes=clashes_with([commission]) if changes else [],
    )


@pages.acts("/classe/commissions/<oid:commission_id>/date", Action.CHANGE_COMMISSION, back=show)
def move(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    require(by, Action.CHANGE_COMMISSION, find(Commission, commission_id))
    commission = find_unchanged(Commission, commission_id)
    zone = academy_of(commission.academy).timezone
    place = read_form(NewCommission, "place").get("place", "")
    meets_at = instant_asked(zone)
    try:
        amend.move(by, commission, meets_at, place, at, lasts_min=_minutes_asked(), confirmed=_is_confirmed())
    except Invalid as refusal:
        raise beside_the_day(refusal, "meets_at") from None
    gone = empty_seats([commission], at).get(commission.id, ())
    flash(f"La commission est déplacée. {members_words(commission.members, gone)}", "ok")
    _warn_outside(find(Candidacy, commission.candidacy), commission)
    return url_for("teacher_commissions.show", commission_id=commission_id)


@pages.acts("/classe/commissions/<oid:commission_id>/membre", Action.CHANGE_COMMISSION, back=show)
def replace_member(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    require(by, Action.CHANGE_COMMISSION, find(Commission, commission_id))
    commission = find_unchanged(Commission, commission_id)
    concerned = list(commission.members)
    commission = amend.replace_member(by, commission, read_form(Replacement()), at)
    flash(f"Le membre est remplacé. {members_words({*concerned, *commission.members})}", "ok")
    return url_for("teacher_commissions.show", commission_id=commission_id)


@pages.acts("/classe/commissions/<oid:commission_id>/annulation", Action.CHANGE_COMMISSION, back=show)
def cancel(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    require(by, Action.CHANGE_COMMISSION, find(Commission, commission_id))
    commission = find_unchanged(Commission, commission_id)
    amend.cancel(by, commission, read_form(Reason()).get("reason", ""), at)
    flash(f"La commission est annulée. {members_words(commission.members)}", "ok")
    return url_for("teacher_commissions.show", commission_id=commission_id)


# --- calendars ------------------------------------------------------------------------------------


@pages.shows("/classe/commissions/agenda.ics", Action.READ_COMMISSION)
def my_agenda(by: Actor, at: datetime) -> Response:
    """Returns the commissions on which this person sits, as an iCalendar file."""
    query = {"$and": [scope(by, Action.READ_COMMISSION, Commission), {"members": by.id, "state": "convened"}]}
    mine = Commission.objects(__raw__=query).order_by("meets_at", "id")
    return _ics(calendar_file(mine, at, member=by.person))


@pages.shows("/classe/commissions/<oid:commission_id>/agenda.ics", Action.READ_COMMISSION)
def agenda(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    require(by, Action.READ_COMMISSION, commission)
    return _ics(calendar_file([commission], at))


def _ics(data: bytes) -> Response:
    return attached(data, "text/calendar; charset=utf-8; method=PUBLISH", "commissions.ics")


@pages.app_template_filter()
def local(value: datetime, zone: str) -> datetime:
    """Returns the instant in this time zone (IANA name), for the fields of a form."""
    return value.astimezone(ZoneInfo(zone))

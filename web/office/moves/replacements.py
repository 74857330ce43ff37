"""Teachers who are replaced for a time, or for good: who, by whom, from when to when; how each one ends."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response, flash, url_for

from api.enrolment.replacements import NewReplacement, ReplacementEnd
from api.http.routing import find
from portfolio.documents import Candidacy, Commission, Person, School
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import by_id
from portfolio.documents.places import TeacherReplacement
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.moves import replacements
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.candidates import teachers_of
from web.office.first_page import Selection, framed, selection_of
from web.pages import Pages, find_unchanged, made_once

pages = Pages("office_replacements", __name__, "office")


@pages.shows("/etablissement/<oid:school_id>/remplacements", Action.REPLACE_TEACHER)
def listed(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at, Action.REPLACE_TEACHER)
    latest = list(reversed(selection.school.replacements))
    commissions = _commissions(selection, latest, at)
    return framed(
        "replacements.html",
        selection,
        "people",
        replacements=latest,
        people=by_id(Person, {person for known in latest for person in (known.absent, known.substitute)}),
        teachers=teachers_of(school_id),
        divisions=[(name, name) for name in selection.divisions],
        commissions=commissions,
        candidates=by_id(Candidacy, (commission.candidacy for commission in commissions)),
        today=today_in(selection.school.academy, at).isoformat(),
    )


def _commissions(selection: Selection, recorded: list[TeacherReplacement], at: datetime) -> list[Commission]:
    """Returns the commissions to come where somebody sits who is replaced that day, the first one first. One query."""
    away = [replacement for replacement in recorded if replacement.ended_at is None]
    sits = {"members": {"$in": [replacement.absent for replacement in away]}, "school": selection.school.id}
    query = sits | {"state": CommissionState.CONVENED, "meets_at": {"$gte": at}}
    meetings, zone = list(Commission.objects(__raw__=query).order_by("meets_at")), ZoneInfo(selection.zone)
    return [meeting for meeting in meetings if any(_away(known, meeting, zone) for known in away)]


def _away(known: TeacherReplacement, meeting: Commission, zone: ZoneInfo) -> bool:
    """Returns True if somebody who sits is replaced on the day of the meeting."""
    on = meeting.meets_at.astimezone(zone).date().isoformat()
    return bool(known.absent in meeting.members and known.starts_on <= on <= (known.ends_on or on))


@pages.acts("/etablissement/<oid:school_id>/remplacements", Action.REPLACE_TEACHER, back=listed)
def record(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.REPLACE_TEACHER, find(School, school_id))
    values = replacements.ReplacementValues(**read_form(NewReplacement))  # type: ignore[typeddict-item]
    school = made_once(by, lambda: replacements.replace_teacher(by, find(School, school_id), values, at))
    recorded = school.replacements[-1]
    done = recorded.began_at is not None
    begins = " et commence" if done else ""
    flash(f"Le remplacement est enregistré{begins} : les deux sont prévenus par courriel.", "ok")
    return url_for("office_replacements.listed", school_id=school_id)


@pages.acts("/etablissement/<oid:school_id>/remplacements/fin", Action.REPLACE_TEACHER, back=listed)
def end(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.REPLACE_TEACHER, find(School, school_id))
    values = replacements.ReplacementEndValues(**read_form(ReplacementEnd))  # type: ignore[typeddict-item]
    replacements.end_replacement(by, find_unchanged(School, school_id), values, at)
    flash("C'est enregistré : les deux sont prévenus par courriel.", "ok")
    return url_for("office_replacements.listed", school_id=school_id)

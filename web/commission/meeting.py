"""The meeting as it was held, and the second professor named on the spot when the tutor did not come."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import flash, request, url_for

from api.commission.commissions import NewMeeting, SecondProfessor
from api.http.routing import find
from portfolio.commission import meeting
from portfolio.documents import Assessment, Commission
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.appointments import beside_the_day, instant_asked
from web.commission.accord import accord
from web.forms import read_form
from web.pages import Pages, find_unchanged

pages = Pages("commission_meeting", __name__, "teacher", "tutor", of_a_commission=True)


@pages.acts("/commissions/<oid:commission_id>/reunion", Action.APPRAISE, back=accord)
def record_meeting(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    """Records the meeting (form: day and hour, in the academy's zone; place, present, note, confirmed) and returns
    where to go. Raises Invalid (at the fields of this form) and what `meeting.record_meeting` raises.
    """
    require(by, Action.APPRAISE, find(Assessment, commission_id))
    commission = find_unchanged(Commission, commission_id)
    present = [ObjectId(value) for value in request.form.getlist("present") if ObjectId.is_valid(value)]
    held = meeting.HeldMeeting(
        **read_form(NewMeeting, "place", "note"),
        held_at=instant_asked(academy_of(commission.academy).timezone),
        present=present,
        on_paper="on_paper" in request.form,
        confirmed="confirmed" in request.form,
    )
    try:
        meeting.record_meeting(by, commission, held, at)
    except Invalid as refusal:
        raise beside_the_day(refusal, "held_at") from None
    flash("La réunion est enregistrée.", "ok")
    return _back(commission_id)


@pages.acts("/commissions/<oid:commission_id>/second-professeur", Action.CHANGE_COMMISSION, back=accord)
def name_second_professor(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    """Seats a second professor (form: arriving, reason) in the place of the tutor, and returns where to go. Raises
    Invalid and what `meeting.name_second_professor` raises.
    """
    require(by, Action.CHANGE_COMMISSION, find(Commission, commission_id))
    values = read_form(SecondProfessor())
    commission = find_unchanged(Commission, commission_id)
    arrived = meeting.name_second_professor(by, commission, values["arriving"], values["reason"], at)
    flash(f"{arrived.seats[-1].name} siège à la place du tuteur.", "ok")
    return _back(commission_id)


def _back(commission_id: ObjectId) -> str:
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor="reunion")

"""Records the meeting of a commission as it was held: when, where, who was there. The sheet says this, and is drawn up
and signed after it (arrêté, annexe II D, E5: « la commission […] se réunit »).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.commission.amend import changeable, replace_member, while_open
from portfolio.commission.assess import refuse_once_drawn_up, submission_of
from portfolio.commission.convene import in_words
from portfolio.commission.doubtful_dates import doubts
from portfolio.documents import Assessment, Commission, School
from portfolio.documents.commissions import Meeting, Seat
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import exam
from portfolio.rules.unlikely_dates import Doubt, ask_about
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, assessment_chain, commit


class MeetingNotYetHeld(Invalid):
    code = "meeting_not_yet_held"
    source = RuleSource.INTEGRITY
    detail = "Cette réunion n'a pas encore eu lieu : elle s'enregistre quand elle est tenue, ou après."


class MemberMissing(Invalid):
    code = "member_missing"
    source = RuleSource.ARRETE
    detail = (
        "La commission se réunit à deux ({text}) : si le tuteur n'est pas venu, "
        "nommez un deuxième professeur, avec le motif ; si un professeur n'est pas venu, faites-le remplacer."
    )


class NoTutorSits(NotNow):
    code = "no_tutor_sits"
    source = RuleSource.INTEGRITY
    detail = "Aucun tuteur ne siège à cette commission : un deuxième professeur y est déjà nommé."


@dataclass(frozen=True)
class HeldMeeting:
    """What the members say of their meeting. held_at: aware. present: ids of the members who were there. on_paper: they
    wrote by hand on a blank grid. confirmed: whether they confirmed a date that they were asked about.
    """

    held_at: datetime
    place: str
    present: Collection[ObjectId]
    note: str | None = None
    on_paper: bool = False
    confirmed: bool = False


def record_meeting(by: Actor, commission: Commission, held: HeldMeeting, at: datetime) -> Commission:
    """Records the meeting as it was held, and returns the commission; again, until the sheet is drawn up, corrects it.
    Raises MeetingNotYetHeld, MemberMissing, DateToConfirm, SheetIsOut, Eliminated; Invalid without a place.
    """
    assessment = Assessment.objects.get(pk=commission.id)
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    if held.held_at > at:
        raise MeetingNotYetHeld({"held_at": ["Donnez le jour et l'heure où vous vous êtes réunis."]})
    missing = [seat.name for seat in seats(commission) if seat.person not in held.present]
    if missing:
        absent = f"Absent : {', '.join(missing)}."
        raise MemberMissing({"present": [absent]}, text=exam(commission.exam).citation)
    unusual = list(_doubts(commission, assessment, held.held_at))
    if not held.confirmed:
        ask_about(unusual)
    meeting = Meeting(
        held_at=held.held_at,
        place=in_words("place", held.place),
        present=commission.members,
        note=(held.note or "").strip() or None,
        on_paper=held.on_paper,
        recorded_by=by.id,
        recorded_at=at,
    )
    data = {"present": [str(person) for person in commission.members], "unusual": [doubt.code for doubt in unusual]}
    event = event_by(by, at, assessment_chain(commission), EventName.MEETING_RECORDED, commission, data)
    commit([Change(commission, {"meeting": meeting}), while_open(assessment)], event)
    return commission


def name_second_professor(by: Actor, commission: Commission, arriving: str, reason: str, at: datetime) -> Commission:
    """Seats a second professor, on the spot, in the place of the tutor who did not come, and returns the commission.

    arriving: an id or an e-mail address. reason: of the tutor's absence, printed on the sheet. Raises NoTutorSits, and
    what `replace_member` raises.
    """
    changeable(by, commission)
    tutor = next((seat for seat in seats(commission) if seat.quality == MemberQuality.TUTOR), None)
    if tutor is None:
        raise NoTutorSits()
    why = in_words("reason", reason)
    values = {"leaving": tutor.person, "arriving": arriving, "reason": why, "tutor_absence": why}
    return replace_member(by, commission, values, at)


def seats(commission: Commission) -> list[Seat]:
    """Returns the seats still held, in the order of the members."""
    held = {seat.person: seat for seat in commission.seats if seat.left_at is None}
    return [held[person] for person in commission.members]


def _doubts(commission: Commission, assessment: Assessment, held_at: datetime) -> Iterator[Doubt]:
    """Yields what is to be confirmed of a meeting that was held."""
    zone = ZoneInfo(academy_of(commission.academy).timezone)
    convened = commission.meets_at.astimezone(zone).date()
    if held_at.astimezone(zone).date() != convened:
        yield Doubt("other_day", f"la commission était convoquée le {convened:%d/%m/%Y}")
    submission = None if assessment.outcome else submission_of(assessment)
    if submission is not None and held_at < submission.created_at:
        handed_in = submission.created_at.astimezone(zone)
        yield Doubt("before_submission", f"la remise appréciée est du {handed_in:%d/%m/%Y à %H h %M}, après la réunion")
    yield from doubts(held_at, zone, School.objects.get(pk=commission.school).uai)

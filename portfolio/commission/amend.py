"""Changes a commission that is convened: moves it, cancels it, replaces a member. What was written before is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.commission.convene import (
    appointment,
    in_words,
    invitations_for,
    letter,
    letters,
    new_grid,
    seat_of,
    what_is_unusual,
)
from portfolio.commission.doubtful_dates import doubts_on_appointment
from portfolio.commission.members import MemberTwice, check_members, standing
from portfolio.documents import (
    Assessment,
    Candidacy,
    Commission,
    Grid,
    Invitation,
    Sheet,
)
from portfolio.documents.commissions import AssessmentState, CommissionState, Seat
from portfolio.errors import Invalid, NotNow, RuleSource, Stale
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import exam
from portfolio.rules.unlikely_dates import ask_about
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import (
    Change,
    Errand,
    Hold,
    Insert,
    assessment_chain,
    commit,
)

WRITTEN = ("appreciation", "proposed_mark", "outcome", "outcome_reference")


class CommissionCancelled(NotNow):
    code = "commission_cancelled"
    source = RuleSource.INTEGRITY
    detail = "Cette commission est annulée : convoquez-en une autre."


class MembersAtWork(NotNow):
    code = "members_at_work"
    source = RuleSource.INTEGRITY
    detail = "Un membre de la commission enregistrait au même moment : recommencez."


class SheetIsOut(NotNow):
    code = "sheet_is_out"
    source = RuleSource.INTEGRITY
    detail = "Une fiche d'évaluation est établie : elle doit être annulée, avec un motif, avant tout changement."


def move(
    by: Actor,
    commission: Commission,
    meets_at: datetime,
    place: str,
    at: datetime,
    *,
    lasts_min: int | None = None,
    confirmed: bool = True,
) -> Commission:
    """Changes the date, the length and the place, writes to the members, and returns the commission; a meeting recorded
    before is to be held, and recorded, again. meets_at: aware. lasts_min: in minutes; None keeps it. confirmed: False
    asks about an unusual date. Raises CommissionCancelled, SheetIsOut, OutsideCalendar, DateToConfirm; Invalid without
    a place.
    """
    assessment = changeable(by, commission)
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    if not confirmed:
        ask_about(doubts_on_appointment(commission, meets_at, at))
    unusual = what_is_unusual(candidacy, meets_at, at)
    event = event_by(by, at, assessment_chain(commission), EventName.COMMISSION_MOVED, commission, unusual)
    lasts_min = lasts_min or commission.lasts_min
    changes: list[Change | Hold] = [
        Change(commission, {**appointment(candidacy, meets_at, place), "lasts_min": lasts_min, "meeting": None}),
        while_open(assessment),
    ]
    commit(changes, event, letters(commission, "moved"))
    return commission


def cancel(by: Actor, commission: Commission, reason: str, at: datetime) -> Commission:
    """Cancels the commission, with a reason, writes to the members, and returns it; another one may then be convened.
    The grids and the appreciation are kept, and no longer read. Raises CommissionCancelled, SheetIsOut; Invalid without
    a reason.
    """
    assessment = changeable(by, commission)
    changed = Change(commission, {"state": CommissionState.CANCELLED, "cancel_reason": in_words("reason", reason)})
    event = event_by(by, at, assessment_chain(commission), EventName.COMMISSION_CANCELLED, commission)
    commit([changed, while_open(assessment)], event, letters(commission, "cancelled"))
    return commission


def changeable(by: Actor, commission: Commission) -> Assessment:
    """Returns the commission's assessment. Raises CommissionCancelled if it is, SheetIsOut if a sheet is in force."""
    require(by, Action.CHANGE_COMMISSION, commission)
    if commission.state != CommissionState.CONVENED:
        raise CommissionCancelled()
    if Sheet.objects(candidacy=commission.candidacy, live=True).first():
        raise SheetIsOut()
    return Assessment.objects.get(pk=commission.id)


def while_open(assessment: Assessment) -> Hold:
    """Returns the guard of a commit that changes the commission: it holds only while the assessment is open, so that
    the commit raises MovedMeanwhile once a sheet was drawn up.
    """
    return Hold(assessment, {"state": AssessmentState.OPEN})


def replace_member(by: Actor, commission: Commission, values: dict[str, Any], at: datetime) -> Commission:
    """Replaces a member, with a reason, and returns the commission. values: leaving (id), arriving (id or e-mail),
    reason, tutor_absence. The leaving member's grid, the shared grid, the appreciation and the mark are kept but no
    longer used. The grid of the remaining member continues, and is closed to the arriving one. Raises
    CommissionCancelled, SheetIsOut, MembersAtWork, Invalid, or a refusal of `check_members`.
    """
    assessment = changeable(by, commission)
    leaving, reason = _sitting(commission, values["leaving"]), in_words("reason", values["reason"])
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    index = commission.members.index(leaving.person)
    people = [values["arriving"] if person == leaving.person else person for person in commission.members]
    professor, second = (standing(candidacy, person) for person in people)
    arriving = (professor, second)[index]
    if arriving.person == leaving.person:
        raise MemberTwice()
    reason_given = (values.get("tutor_absence") or "").strip()
    absence = reason_given or (None if second.tutors else commission.tutor_absence)
    quality = (MemberQuality.FOLLOWER, check_members(professor, second, absence, exam(commission.exam)))[index]
    leaving.left_at, leaving.left_reason = at, reason
    # Known people: `check_members` refuses a person whom no id or address names.
    members = [ObjectId(professor.person), ObjectId(second.person)]
    seats = [*commission.seats, seat_of(arriving, quality, at)]
    invited = invitations_for(seats[-1:], at)
    changes = [
        *(Insert(invitation) for invitation in invited.values()),
        Change(commission, {"seats": seats, "members": members, "tutor_absence": absence, "meeting": None}),
        _set_aside(assessment, members, at),
        *_set_aside_grids(commission, leaving.person, members[index], members, at),
    ]
    data = {"left": str(leaving.person), "arrived": str(arriving.person), "quality": quality}
    event = event_by(by, at, assessment_chain(commission), EventName.MEMBER_REPLACED, commission, data)
    try:
        commit(changes, event, _told(commission, leaving.person, members, members[index], invited))
    except Stale as stale:
        if isinstance(stale.thing, Commission):
            raise
        raise MembersAtWork() from None
    return commission


def _told(
    commission: Commission,
    left: ObjectId,
    members: Sequence[ObjectId],
    arrived: ObjectId,
    invited: dict[ObjectId, Invitation],
) -> Iterator[Errand]:
    """Yields a letter to each of those whom a replacement concerns: who leaves, who comes, who stays. members: those
    who sit from now on.
    """
    yield letter(commission, left, "left", {})
    for member in members:
        yield letter(commission, member, "convened" if member == arrived else "joined", invited)


def _sitting(commission: Commission, person: ObjectId) -> Seat:
    """Returns the seat that the person still holds. Raises Invalid if there is none."""
    seats: list[Seat] = commission.seats
    for seat in seats:
        if seat.person == person and seat.left_at is None:
            return seat
    raise Invalid({"leaving": ["Cette personne ne siège pas à cette commission."]})


def _set_aside(assessment: Assessment, members: list[ObjectId], at: datetime) -> Change:
    """Returns the change that empties the appreciation and the mark, and keeps them in `earlier`."""
    written = {name: getattr(assessment, name) for name in WRITTEN if getattr(assessment, name) is not None}
    if not written:
        return Change(assessment, {"members": members}, expected={"state": AssessmentState.OPEN})
    if "proposed_mark" in written:
        written["proposed_mark"] = str(written["proposed_mark"])
    kept = {"members": list(assessment.members), "until": at, **written}
    emptied = {"members": members, **dict.fromkeys(WRITTEN)}
    return Change(assessment, emptied, push={"earlier": kept}, expected={"state": AssessmentState.OPEN})


def _set_aside_grids(
    commission: Commission, leaving: ObjectId, arriving: ObjectId, members: list[ObjectId], at: datetime
) -> list[Change | Insert]:
    """Returns the changes that replace the leaving member's grid, and the shared one if not empty, by empty grids."""
    changes: list[Change | Insert] = []
    for grid in Grid.objects(commission=commission.id, live=True):
        if grid.member != leaving and (grid.member or not (grid.degrees or grid.observations)):
            changes.append(Change(grid, {"members": members, "opened": False}))
            continue
        changes.append(Change(grid, {"live": False, "opened": False}))
        changes.append(Insert(new_grid(commission, arriving if grid.member else None, members, at)))
    return changes

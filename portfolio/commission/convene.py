"""Convenes commissions: exactly two members, a date, a place, a way of scoring (arrêté, annexe II D, E5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.commission.agenda import refuse_clashes
from portfolio.commission.doubtful_dates import doubts_on_appointment
from portfolio.commission.members import MemberStanding, check_members, standing
from portfolio.documents import (
    Assessment,
    Candidacy,
    Commission,
    Grid,
    Invitation,
    OfficeOutcome,
    Person,
    School,
)
from portfolio.documents.candidacies import ExamForm, there_in_ccf
from portfolio.documents.commissions import USUALLY_LASTS_MIN, CommissionState, Seat
from portfolio.documents.fields import place_of
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.moves.abandonment import Abandoned
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid, NotNow, Refusal, RuleSource
from portfolio.identity.invitations import new_invitation
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import GridMode, MemberQuality
from portfolio.rules.texts.circular_terms import CommissionRules
from portfolio.rules.texts.exam import exam
from portfolio.rules.unlikely_dates import CONFIRMED, ask_about
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import (
    AlreadyExists,
    AnyChange,
    Errand,
    Hold,
    HoldNone,
    Insert,
    assessment_chain,
    commit,
)


class ModeNotAllowed(Invalid):
    code = "mode_not_allowed"
    source = RuleSource.CIRCULAR
    detail = "La circulaire ne permet pas cette manière d'apprécier."


class OutsideCalendar(Invalid):
    code = "outside_calendar"
    source = RuleSource.CIRCULAR
    detail = "La circulaire prévoit les commissions du {opens} au {closes} : choisissez une autre date."


class NotInCcf(NotNow):
    code = "not_in_ccf"
    source = RuleSource.FORM_OF_EXAM
    detail = "Ce candidat passe l'épreuve sous forme ponctuelle : aucune commission n'apprécie de portfolio."


class CommissionExists(NotNow):
    code = "commission_exists"
    source = RuleSource.FORM_OF_EXAM
    detail = "Une commission est déjà convoquée pour ce candidat : déplacez-la, ou annulez-la d'abord."


class RecordedWithoutAppraisal(NotNow):
    code = "recorded_without_appraisal"
    source = RuleSource.INTEGRITY
    detail = (
        "L'établissement a enregistré pour ce candidat une situation sans appréciation : qu'il la retire d'abord, à la "
        "page du candidat."
    )


def convene(by: Actor, candidacy: Candidacy, values: dict[str, Any], at: datetime) -> Commission:
    """Creates a commission with its assessment and grids, in a chain that the candidate cannot observe, and returns it.
    values: meets_at (aware), lasts_min (minutes; 30 by default), place, mode, professor and second (id or e-mail),
    tutor_absence, confirmed (False: an unusual date, or one at which a member sits elsewhere, is asked about).
    Raises NotInCcf, Abandoned, CommissionExists, RecordedWithoutAppraisal, ModeNotAllowed, OutsideCalendar,
    DateToConfirm, SitsElsewhere, Invalid, or a refusal of `check_members`.
    """
    return convene_many(by, [(candidacy, values)], at)[0]


def convene_many(by: Actor, wanted: Sequence[tuple[Candidacy, dict[str, Any]]], at: datetime) -> list[Commission]:
    """Creates commissions, all or none, and returns them in the order of `wanted`: (candidacy, values of `convene`).
    Raises Invalid if `wanted` is empty or names a candidate twice; the errors of `convene`, whose attribute `rank` is
    the index of the candidate.
    """
    if not wanted or len({candidacy.id for candidacy, _ in wanted}) < len(wanted):
        raise Invalid({"candidacies": ["Choisissez au moins un candidat, et chacun une seule fois."]})
    commissions: list[Commission] = []
    for rank, (candidacy, values) in enumerate(wanted):
        try:
            commissions.append(_convened(by, candidacy, values, at))
        except Refusal as refusal:
            refusal.rank = rank  # type: ignore[attr-defined]
            raise
    _ask_about(
        [made for made, (_, given) in zip(commissions, wanted, strict=True) if given.get(CONFIRMED) is False], at
    )
    invited = invitations_for([seat for commission in commissions for seat in commission.seats], at)
    changes: list[AnyChange] = [Insert(invitation) for invitation in invited.values()]
    # An outcome that an office records meanwhile, another form of the exam, an abandonment or a transfer holds the
    # school too; a candidacy would show it to its candidate.
    changes += [Hold(school, {}) for school in School.objects(pk__in={candidacy.school for candidacy, _ in wanted})]
    convened = {"$in": [commission.candidacy for commission in commissions]}
    changes.append(HoldNone(OfficeOutcome, {"candidacy": convened, "live": True}))
    there = [{"_id": candidacy.id, **there_in_ccf(candidacy)} for candidacy, _ in wanted]
    changes.append(HoldNone(Candidacy, {"_id": convened, "$nor": there}))
    for commission in commissions:
        changes += [Insert(commission), Insert(_assessment(commission, at)), *_grids(commission, at)]
    errands = [errand for commission in commissions for errand in letters(commission, "convened", invited)]
    try:
        pairs = zip(commissions, (candidacy for candidacy, _ in wanted), strict=True)
        commit(changes, [_convening(by, commission, candidacy, at) for commission, candidacy in pairs], errands)
    except AlreadyExists:
        raise CommissionExists() from None
    return commissions


def _ask_about(planned: Sequence[Commission], at: datetime) -> None:
    """Asks about the dates of commissions that are not stored yet. Raises DateToConfirm, SitsElsewhere."""
    ask_about([doubt for commission in planned for doubt in doubts_on_appointment(commission, commission.meets_at, at)])
    if planned:
        refuse_clashes(planned, academy_of(planned[0].academy).timezone)


def _convening(by: Actor, commission: Commission, candidacy: Candidacy, at: datetime) -> Event:
    qualities = [seat.quality for seat in commission.seats]
    data: dict[str, Any] = {"members": [str(member) for member in commission.members], "qualities": qualities}
    data["mode"] = commission.mode
    data |= what_is_unusual(candidacy, commission.meets_at, at)
    return event_by(by, at, assessment_chain(commission), EventName.COMMISSION_CONVENED, commission, data)


def what_is_unusual(candidacy: Candidacy, meets_at: datetime, at: datetime) -> dict[str, bool | list[str]]:
    """Returns what the link of the act says of an unusual appointment: {outside_window: True} outside the circular's
    window, {unusual: codes of `doubtful_dates`}; {} of an ordinary one.
    """
    window: dict[str, bool | list[str]] = {"outside_window": True} if outside_window(candidacy, meets_at) else {}
    unusual = [doubt.code for doubt in doubts_on_appointment(candidacy, meets_at, at)]
    return window | ({"unusual": unusual} if unusual else {})


def _convened(by: Actor, candidacy: Candidacy, values: dict[str, Any], at: datetime) -> Commission:
    """Returns the commission, not yet stored. Raises the errors of `convene`."""
    require(by, Action.CONVENE, candidacy)
    if candidacy.ccf.form != ExamForm.CCF:
        raise NotInCcf()
    if candidacy.abandoned is not None:
        raise Abandoned()
    if Commission.objects(candidacy=candidacy.id, state=CommissionState.CONVENED).first():
        raise CommissionExists()
    if OfficeOutcome.objects(candidacy=candidacy.id, live=True).first():
        raise RecordedWithoutAppraisal()
    rules = circular_of(candidacy).commission
    mode = values.get("mode") or rules.default_mode
    refuse_mode(rules, mode)
    where_and_when = appointment(candidacy, values["meets_at"], values["place"])
    professor, second = (standing(candidacy, values[name]) for name in ("professor", "second"))
    absence = (values.get("tutor_absence") or "").strip() or None
    quality = check_members(professor, second, absence, exam(candidacy.exam))
    return Commission(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        **where_and_when,
        lasts_min=values.get("lasts_min") or USUALLY_LASTS_MIN,
        mode=mode,
        seats=[seat_of(professor, MemberQuality.FOLLOWER, at), seat_of(second, quality, at)],
        members=[professor.person, second.person],
        tutor_absence=absence,
        convened_by=by.journal_name,
    )


def refuse_mode(rules: CommissionRules, mode: str) -> None:
    """Raises ModeNotAllowed for a way of scoring that is not known, or that a circular, once read, does not name."""
    allowed = rules.modes_allowed if rules.binds else tuple(GridMode)
    if mode not in allowed:
        raise ModeNotAllowed({"mode": [f"Manières permises : {', '.join(allowed)}."]})


def outside_window(candidacy: Candidacy, meets_at: datetime) -> bool:
    """Returns True if the day, in the academy's zone, is outside the circular's window."""
    day = meets_at.astimezone(ZoneInfo(academy_of(candidacy.academy).timezone)).date()
    return not circular_of(candidacy).commission.expects(day)


def appointment(candidacy: Candidacy, meets_at: datetime, place: str) -> dict[str, Any]:
    """Returns the fields meets_at and place.

    Raises OutsideCalendar if the day is outside the window of a circular that binds; Invalid without a place. Outside a
    provisional one, the act is recorded as such.
    """
    rules = circular_of(candidacy).commission
    if rules.binds and outside_window(candidacy, meets_at):
        window = {"opens": f"{rules.opens_on:%d/%m/%Y}", "closes": f"{rules.closes_on:%d/%m/%Y}"}
        raise OutsideCalendar({"meets_at": [f"Entre le {window['opens']} et le {window['closes']}."]}, **window)
    return {"meets_at": meets_at, "place": in_words("place", place)}


def in_words(field: str, text: str) -> str:
    """Returns the stripped text. Raises Invalid on `field` if the text is blank."""
    if not text.strip():
        raise Invalid({field: ["Écrivez quelques mots : ils sont lus et conservés."]})
    return text.strip()


def seat_of(who: MemberStanding, quality: MemberQuality, at: datetime) -> Seat:
    return Seat(person=who.person, name=who.name, quality=quality, since=at)


def _assessment(commission: Commission, at: datetime) -> Assessment:
    return Assessment(id=commission.id, created_at=at, members=commission.members, **place_of(commission))


def _grids(commission: Commission, at: datetime) -> list[Insert]:
    """Returns the insertions of the shared grid and, in mode `sealed`, of one grid for each member."""
    own = commission.members if commission.mode == GridMode.SEALED else []
    return [Insert(new_grid(commission, member, commission.members, at)) for member in (*own, None)]


def new_grid(commission: Commission, member: ObjectId | None, members: list[ObjectId], at: datetime) -> Grid:
    """Returns an empty grid, unsaved. member: None for the shared one."""
    return Grid(created_at=at, commission=commission.id, member=member, members=members, **place_of(commission))


def invitations_for(seats: list[Seat], at: datetime) -> dict[ObjectId, Invitation]:
    """Returns {person id: invitation, not yet written} for the tutors without a password: signing off asked them for
    none.
    """
    tutors = [seat.person for seat in seats if seat.quality == MemberQuality.TUTOR]
    strangers = Person.objects(pk__in=tutors, password=None)
    return {person.id: new_invitation(person, at) for person in strangers}


def letters(commission: Commission, what: str, invited: dict[ObjectId, Invitation] | None = None) -> list[Errand]:
    """Returns one letter for each member, with the member's invitation if there is one. what: convened, moved or
    cancelled (`portfolio.mail.convocation`).
    """
    return [letter(commission, member, what, invited or {}) for member in commission.members]


def letter(commission: Commission, member: ObjectId, what: str, invited: dict[ObjectId, Invitation]) -> Errand:
    payload = {"commission": commission.id, "person": member, "what": what}
    return Errand("convocation", payload | ({"invitation": invited[member].id} if member in invited else {}))

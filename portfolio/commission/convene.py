"""Convening a commission: exactly two members, when, where, and how they score (arrêté, annexe II D, E5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.commission.members import MemberTwice, Standing, check_members, standing
from portfolio.documents import Assessment, Candidacy, Commission, Grid, Invitation, Person, Sheet
from portfolio.documents.commissions import Seat
from portfolio.documents.fields import place_of
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid, NotNow, Refusal, Stale
from portfolio.identity.invitations import new_invitation
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, Change, Errand, Hold, Insert, assessment_chain, commit
from portfolio.submission.submit import circular_of

WRITTEN = ("appreciation", "proposed_mark", "outcome", "outcome_reference")


class ModeNotAllowed(Invalid):
    code = "mode_not_allowed"
    detail = "La circulaire de la session ne permet pas ce mode d'appréciation."


class OutsideCalendar(Invalid):
    code = "outside_calendar"
    detail = "La circulaire de la session prévoit les commissions du {opens} au {closes} : choisissez une autre date."


class NotInCcf(NotNow):
    code = "not_in_ccf"
    detail = "Ce candidat passe l'épreuve sous forme ponctuelle : aucune commission n'apprécie de portfolio."


class CommissionExists(NotNow):
    code = "commission_exists"
    detail = "Une commission est déjà convoquée pour ce candidat : déplacez-la, ou annulez-la d'abord."


class CommissionCancelled(NotNow):
    code = "commission_cancelled"
    detail = "Cette commission est annulée : convoquez-en une autre."


class MembersAtWork(NotNow):
    code = "members_at_work"
    detail = "Un membre de la commission enregistrait au même moment : recommencez."


class SheetIsOut(NotNow):
    code = "sheet_is_out"
    detail = "Une fiche d'évaluation est établie : elle doit être annulée, avec un motif, avant tout changement."


def convene(by: Actor, candidacy: Candidacy, values: dict[str, Any], at: datetime) -> Commission:
    """values: meets_at (aware), place, mode, professor, second, tutor_absence. The commission's assessment and grids
    are made with it, in a chain that the candidate cannot observe."""
    return convene_many(by, [(candidacy, values)], at)[0]


def convene_many(by: Actor, wanted: Sequence[tuple[Candidacy, dict[str, Any]]], at: datetime) -> list[Commission]:
    """A whole series, all or none. Raises as `convene` does; `rank`, set on the refusal, tells at whose turn."""
    if not wanted or len({candidacy.id for candidacy, _ in wanted}) < len(wanted):
        raise Invalid({"candidacies": ["Choisissez au moins un candidat, et chacun une seule fois."]})
    made: list[Commission] = []
    for rank, (candidacy, values) in enumerate(wanted):
        try:
            made.append(_convened(by, candidacy, values, at))
        except Refusal as refusal:
            refusal.rank = rank  # type: ignore[attr-defined]
            raise
    invited = _invited([seat for one in made for seat in one.seats], at)
    changes: list[Insert] = [Insert(one) for one in invited.values()]
    for one in made:
        changes += [Insert(one), Insert(_assessment(one, at)), *_grids(one, at)]
    errands = [errand for one in made for errand in _told(one, "convened", invited)]
    try:
        commit(changes, [_convening(by, one, at) for one in made], errands)
    except AlreadyExists:
        raise CommissionExists() from None
    return made


def _convening(by: Actor, commission: Commission, at: datetime) -> Event:
    qualities = [seat.quality for seat in commission.seats]
    data = {"members": [str(one) for one in commission.members], "qualities": qualities, "mode": commission.mode}
    return event_by(by, at, assessment_chain(commission), EventName.COMMISSION_CONVENED, commission, data)


def _convened(by: Actor, candidacy: Candidacy, values: dict[str, Any], at: datetime) -> Commission:
    """Not yet written."""
    require(by, Action.CONVENE, candidacy)
    if candidacy.ccf.form != "ccf":
        raise NotInCcf()
    if Commission.objects(candidacy=candidacy.id, state="convened").first():
        raise CommissionExists()
    rules = circular_of(candidacy).commission
    mode = values.get("mode") or rules.default_mode
    if mode not in rules.modes_allowed:
        raise ModeNotAllowed({"mode": [f"Modes permis : {', '.join(rules.modes_allowed)}."]})
    where_and_when = _appointment(candidacy, values["meets_at"], values["place"])
    professor, second = (standing(candidacy, values[name]) for name in ("professor", "second"))
    absence = (values.get("tutor_absence") or "").strip() or None
    quality = check_members(professor, second, absence)
    return Commission(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        **where_and_when,
        mode=mode,
        seats=[_seat(professor, "follower", at), _seat(second, quality, at)],
        members=[professor.person, second.person],
        tutor_absence=absence,
        convened_by=by.journal_name,
    )


def _appointment(candidacy: Candidacy, meets_at: datetime, place: str) -> dict[str, Any]:
    """Raises OutsideCalendar for a day outside the circular's window, in the academy's zone."""
    rules = circular_of(candidacy).commission
    day = meets_at.astimezone(ZoneInfo(academy_of(candidacy.academy).timezone)).date()
    if not rules.opens_on <= day <= rules.closes_on:
        window = {"opens": f"{rules.opens_on:%d/%m/%Y}", "closes": f"{rules.closes_on:%d/%m/%Y}"}
        raise OutsideCalendar({"meets_at": [f"Entre le {window['opens']} et le {window['closes']}."]}, **window)
    return {"meets_at": meets_at, "place": _words("place", place)}


def _words(field: str, text: str) -> str:
    if not text.strip():
        raise Invalid({field: ["Écrivez quelques mots : ils sont lus et conservés."]})
    return text.strip()


def _seat(who: Standing, quality: str, at: datetime) -> Seat:
    return Seat(person=who.person, name=who.name, quality=quality, since=at)


def _assessment(commission: Commission, at: datetime) -> Assessment:
    return Assessment(id=commission.id, created_at=at, members=commission.members, **place_of(commission))


def _grids(commission: Commission, at: datetime) -> list[Insert]:
    """The one both fill in and, when each scores alone first, one of each member's own."""
    own = commission.members if commission.mode == "sealed" else []
    return [Insert(_grid(commission, member, commission.members, at)) for member in (*own, None)]


def _grid(commission: Commission, member: ObjectId | None, members: list[Any], at: datetime) -> Grid:
    return Grid(created_at=at, commission=commission.id, member=member, members=members, **place_of(commission))


def move(by: Actor, commission: Commission, meets_at: datetime, place: str, at: datetime) -> Commission:
    """Another date or place. Raises OutsideCalendar, SheetIsOut."""
    assessment = _changeable(by, commission)
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    event = event_by(by, at, assessment_chain(commission), EventName.COMMISSION_MOVED, commission)
    changes: list[Change | Hold] = [
        Change(commission, _appointment(candidacy, meets_at, place)),
        _while_open(assessment),
    ]
    commit(changes, event, _told(commission, "moved"))
    return commission


def cancel(by: Actor, commission: Commission, reason: str, at: datetime) -> Commission:
    """It will not meet: another one may be convened. What its members wrote is kept, and read by nobody."""
    assessment = _changeable(by, commission)
    changed = Change(commission, {"state": "cancelled", "cancel_reason": _words("reason", reason)})
    event = event_by(by, at, assessment_chain(commission), EventName.COMMISSION_CANCELLED, commission)
    commit([changed, _while_open(assessment)], event, _told(commission, "cancelled"))
    return commission


def _invited(seats: list[Any], at: datetime) -> dict[Any, Invitation]:
    """{person: a first way in}, for the tutors who have no password: signing off asked them for none."""
    tutors = [seat.person for seat in seats if seat.quality == "tutor"]
    strangers = Person.objects(pk__in=tutors, password=None)
    return {person.id: new_invitation(person, at) for person in strangers}


def _told(commission: Commission, what: str, invited: dict[Any, Invitation] | None = None) -> list[Errand]:
    """A letter to each member, or to those who are invited now."""
    return [_letter(commission, member, what, invited or {}) for member in commission.members]


def _letter(commission: Commission, member: Any, what: str, invited: dict[Any, Invitation]) -> Errand:
    payload = {"commission": commission.id, "person": member, "what": what}
    return Errand("convocation", payload | ({"invitation": invited[member].id} if member in invited else {}))


def _changeable(by: Actor, commission: Commission) -> Assessment:
    require(by, Action.CHANGE_COMMISSION, commission)
    if commission.state != "convened":
        raise CommissionCancelled()
    if Sheet.objects(candidacy=commission.candidacy, live=True).first():
        raise SheetIsOut()
    return Assessment.objects.get(pk=commission.id)


def _while_open(assessment: Assessment) -> Hold:
    """No change of a commission crosses the drawing up of a sheet."""
    return Hold(assessment, {"state": "open"})


def replace_member(by: Actor, commission: Commission, values: dict[str, Any], at: datetime) -> Commission:
    """values: leaving (id), arriving (id or e-mail), reason, tutor_absence.

    What was written with the member who leaves is kept and not used: their grid, the shared one, the appreciation
    and the mark. The grid of the member who stays goes on, and closes again to the one who arrives.
    """
    assessment = _changeable(by, commission)
    leaving, reason = _sitting(commission, values["leaving"]), _words("reason", values["reason"])
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    index = commission.members.index(leaving.person)
    people = [values["arriving"] if person == leaving.person else person for person in commission.members]
    professor, second = (standing(candidacy, person) for person in people)
    arriving = (professor, second)[index]
    if arriving.person == leaving.person:
        raise MemberTwice()
    said = (values.get("tutor_absence") or "").strip()
    absence = said or (None if second.tutors else commission.tutor_absence)
    quality = ("follower", check_members(professor, second, absence))[index]
    leaving.left_at, leaving.left_reason = at, reason
    members = [professor.person, second.person]
    seats = [*commission.seats, _seat(arriving, quality, at)]
    invited = _invited(seats[-1:], at)
    changes = [
        *(Insert(one) for one in invited.values()),
        Change(commission, {"seats": seats, "members": members, "tutor_absence": absence}),
        _set_aside(assessment, members, at),
        *_set_aside_grids(commission, leaving.person, arriving.person, members, at),
    ]
    data = {"left": str(leaving.person), "arrived": str(arriving.person), "quality": quality}
    event = event_by(by, at, assessment_chain(commission), EventName.MEMBER_REPLACED, commission, data)
    try:
        commit(changes, event, [_letter(commission, arriving.person, "convened", invited)])
    except Stale as stale:
        if isinstance(stale.thing, Commission):
            raise
        raise MembersAtWork() from None
    return commission


def _sitting(commission: Commission, person: Any) -> Any:
    """Their seat, as long as they have not left it."""
    for seat in commission.seats:
        if seat.person == person and seat.left_at is None:
            return seat
    raise Invalid({"leaving": ["Cette personne ne siège pas à cette commission."]})


def _set_aside(assessment: Assessment, members: list[Any], at: datetime) -> Change:
    written = {name: getattr(assessment, name) for name in WRITTEN if getattr(assessment, name) is not None}
    if not written:
        return Change(assessment, {"members": members}, expected={"state": "open"})
    if "proposed_mark" in written:
        written["proposed_mark"] = str(written["proposed_mark"])
    kept = {"members": list(assessment.members), "until": at, **written}
    emptied = {"members": members, **dict.fromkeys(WRITTEN)}
    return Change(assessment, emptied, push={"earlier": kept}, expected={"state": "open"})


def _set_aside_grids(
    commission: Commission, leaving: Any, arriving: Any, members: list[Any], at: datetime
) -> list[Any]:
    """The leaver's grid and, once it holds something, the shared one give way to empty ones."""
    changes: list[Any] = []
    for grid in Grid.objects(commission=commission.id, live=True):
        if grid.member != leaving and (grid.member or not (grid.degrees or grid.observations)):
            changes.append(Change(grid, {"members": members, "opened": False}))
            continue
        changes.append(Change(grid, {"live": False, "opened": False}))
        changes.append(Insert(_grid(commission, arriving if grid.member else None, members, at)))
    return changes

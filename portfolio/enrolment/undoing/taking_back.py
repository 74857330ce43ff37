"""Takes back one thing that a list wrote; each function returns why it stays instead, or None. What was taken back
already, by an undo that was interrupted, counts as taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Candidacy, Company, Grant, Person, Placement, School
from portfolio.documents.people import PersonState, Role
from portfolio.documents.places import WrittenKind, WrittenRow
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.enrol import set_followers
from portfolio.enrolment.moves.company_facts import FACTS, correct_company_of_school
from portfolio.enrolment.moves.departures import revoke_grant
from portfolio.enrolment.moves.numbers import held_numbers
from portfolio.enrolment.placements import amend_placement, without_grant
from portfolio.enrolment.rosters.roster_undo import corrected_back, without_candidacy
from portfolio.enrolment.undoing.teachers_back import teacher_corrected
from portfolio.enrolment.undoing.tutors_back import tutor, tutor_back
from portfolio.enrolment.undoing.use import ADDRESS_STAYS, CHANGED, InPart, ListUse, asked_of, of_teacher
from portfolio.errors import Refusal, Unavailable
from portfolio.identity.invitations import ended_invitations
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, HoldNone, Remove, commit, portfolio_chain

NUMBER_STAYS = "Le SIRET donné reste : il identifie l'entreprise."
DATED = ("starts_on", "ends_on", "days")

TakeBack = Callable[[Actor, ListUse, WrittenRow, datetime], str | None]


def _line_undone(by: Actor, use: ListUse, row: WrittenRow, thing: Candidacy | Company | Person, at: datetime) -> Event:
    data = {"list": str(use.written.id), "kind": row.kind, "thing": str(row.thing)}
    return event_by(by, at, f"school:{use.written.school}", EventName.LIST_LINE_UNDONE, thing, data)


def candidate(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Removes a candidacy with its portfolio, the periods that the list added, and accounts that nobody opened."""
    candidacy = use.candidacies.get(row.thing)
    if candidacy is None:
        return None  # taken back before
    require(by, Action.AMEND_CANDIDACY, candidacy)
    if reason := use.of_candidate(candidacy, row):
        return reason
    portfolio, periods = use.portfolios.get(candidacy.id), use.periods_of(candidacy)
    person = Person.objects.get(pk=candidacy.person)
    changes: list[AnyChange] = [
        Remove(thing, expected={"held": thing.held}) for thing in (*periods, candidacy, portfolio) if thing is not None
    ]
    changes += [*_without_tutors(use, periods, at), *without_candidacy(person, candidacy, at)]
    commit(changes, _line_undone(by, use, row, candidacy, at))
    return None


def period(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Removes a period of a candidate who stays, with its tutor's account where nobody opened it."""
    placement = use.placements.get(row.thing)
    if placement is None or Placement.objects(pk=row.thing).only("id").first() is None:
        return None  # it left with its candidate
    require(by, Action.AMEND_PLACEMENT, placement)
    if reason := use.of_period(placement):
        return reason
    removed: list[AnyChange] = [still_kept(placement), Remove(placement, expected={"held": placement.held})]
    data = {"placement": str(placement.id), "list": str(use.written.id)}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_TAKEN_BACK, placement, data)
    commit([*removed, *_without_tutors(use, [placement], at)], event)
    return None


def _without_tutors(use: ListUse, periods: Iterable[Placement], at: datetime) -> list[AnyChange]:
    """Returns what ends the rights of the tutors of these periods; an account made for periods of this list alone, and
    never opened, is removed.
    """
    of_tutor: dict[ObjectId, list[Placement]] = {}
    for placement in periods:
        if placement.tutor is not None:
            of_tutor.setdefault(placement.tutor, []).append(placement)
    changes: list[AnyChange] = []
    for key, theirs in of_tutor.items():
        person, ids = Person.objects.get(pk=key), {placement.id for placement in theirs}
        others = [grant for grant in person.live_grants if grant.placement not in ids]
        of_list = all(grant.role == Role.TUTOR and grant.placement in use.added for grant in person.grants)
        if not others and of_list and _never_opened(person, use.written.school):
            changes += [Remove(person, expected={"held": person.held}), ended_invitations(person, at)]
        else:
            changes += [change for placement in theirs for change in without_grant(key, placement, at)]
    return changes


def _never_opened(person: Person, school: ObjectId) -> bool:
    return person.state == PersonState.INVITED and person.password is None and set(person.schools) <= {school}


def period_corrected(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Gives a period the dates, then the tutor, that it had before the list."""
    placement = use.placements.get(row.thing)
    if placement is None or placement.cancelled_at is not None or placement.id in use.used:
        return CHANGED
    if any(placement[name] not in (value, row.before[name]) for name, value in row.after.items()):
        return CHANGED
    moved = [name for name in row.after if placement[name] != row.before[name]]
    dated = {name: row.before[name] for name in DATED if name in moved}
    if dated:
        amend_placement(by, placement, dated | {"confirmed": True}, at)
    if not {"tutor", "tutor_function"} & set(moved):
        return None
    try:
        tutor_back(by, placement, row, at)
    except Unavailable:
        raise
    except Refusal as refusal:
        if not dated:
            raise
        return InPart(f"Les dates sont celles d'avant, le tuteur reste. {refusal.message}")
    return None


def followers(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Gives a candidate who stays the followers whom they had before the list."""
    candidacy = Candidacy.objects(pk=row.thing).first()
    if candidacy is None:
        return None  # it left with its candidate
    before, after = row.before["followers"], row.after["followers"]
    if list(candidacy.followers) == before:
        return None  # taken back before
    if list(candidacy.followers) != after:
        return "Le suivi de ce candidat a changé depuis."
    if asked_of([person for person in after if person not in before], candidacy.id):
        return "Ces professeurs ont déjà été sollicités pour ce candidat."
    set_followers(by, candidacy, before, at)
    return None


def teacher(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Takes back the right of a teacher, and their account where nobody opened it."""
    person = Person.objects(pk=row.thing).first()
    live = [grant for grant in person.live_grants if grant.id == row.grant] if person is not None else []
    if person is None or not live:
        return None  # taken back before
    grant = live[0]
    require(by, Action.REVOKE_GRANT, person)
    if reason := of_teacher(person, grant, use.written.created_at, at):
        return reason
    if _is_of_this_right_alone(person, grant, use.written.school):
        removed: list[AnyChange] = [Remove(person, expected={"held": person.held}), ended_invitations(person, at)]
        commit(removed, _line_undone(by, use, row, person, at))
    else:
        revoke_grant(by, person, grant.id, at)
    return None


def _is_of_this_right_alone(person: Person, grant: Grant, school: ObjectId) -> bool:
    return [held.id for held in person.grants] == [grant.id] and _never_opened(person, school)


def candidate_corrected(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Gives a candidate the values that they had before the list; an address that was given stays."""
    candidacy = Candidacy.objects(pk=row.thing, school=use.written.school).first()
    if candidacy is None:
        return CHANGED
    require(by, Action.AMEND_CANDIDACY, candidacy)
    pairs = {name: [row.before[name], after] for name, after in row.after.items() if name != "email"}
    if any((candidacy[name] or "") != (before or "") for name, (before, _) in pairs.items()):
        changes = corrected_back(candidacy, pairs)
        commit([*held_numbers(changes), *changes], _line_undone(by, use, row, candidacy, at))
    if "email" not in row.after:
        return None
    return InPart(ADDRESS_STAYS) if pairs else ADDRESS_STAYS


def company(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Removes a company where no period was ever recorded."""
    known = Company.objects(pk=row.thing).first()
    if known is None:
        return None
    require(by, Action.ADD_COMPANY, School.objects.get(pk=known.school))
    if Placement.objects(company=known.id, school=known.school).first() is not None:
        return "Des périodes y sont enregistrées."
    if known.revision > 1:
        return "Cette entreprise a été corrigée depuis."
    nowhere = HoldNone(Placement, {"company": known.id, "school": known.school})
    commit([Remove(known, expected={"held": known.held}), nowhere], _line_undone(by, use, row, known, at))
    return None


def company_corrected(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Gives a company what the school knew of it before the list; a SIRET that was given stays."""
    known = Company.objects(pk=row.thing).first()
    if known is None or any(known[name] not in (value, row.before[name]) for name, value in row.after.items()):
        return CHANGED
    number_stays = "siret" in row.before and row.before["siret"] is None
    facts = {name: known[name] for name in (*FACTS, "siret")}
    before = facts | {name: value for name, value in row.before.items() if name != "siret" or not number_stays}
    if before != facts:
        correct_company_of_school(by, known, before, at)
    if not number_stays:
        return None
    return InPart(NUMBER_STAYS) if len(row.before) > 1 else NUMBER_STAYS


# In their order: what depends on something leaves before it.
TAKES_BACK: dict[str, TakeBack] = {
    WrittenKind.PERIOD_CORRECTED: period_corrected,
    WrittenKind.CANDIDATE: candidate,
    WrittenKind.PERIOD: period,
    WrittenKind.TUTOR: tutor,
    WrittenKind.FOLLOWERS: followers,
    WrittenKind.TEACHER: teacher,
    WrittenKind.CANDIDATE_CORRECTED: candidate_corrected,
    WrittenKind.COMPANY_CORRECTED: company_corrected,
    WrittenKind.COMPANY: company,
    WrittenKind.TEACHER_CORRECTED: teacher_corrected,
}

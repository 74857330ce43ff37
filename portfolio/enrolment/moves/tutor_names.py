"""Corrects how a tutor is called, who stays the same person. What they signed keeps the name under which they did."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from portfolio import identifiers
from portfolio.documents import Person, Placement
from portfolio.documents.people import Role
from portfolio.enrolment.corrections.kept import told_of_submissions
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.moves.borne_names import checked_names, on_requests, on_seats
from portfolio.enrolment.placements import NoTutorYet, PlacementCancelled
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, commit, portfolio_chain


class TutorNames(TypedDict, total=False):
    """function: None, or absent, where nobody knows."""

    family_name: str
    given_names: str
    function: str | None


def correct_tutor_names(by: Actor, placement: Placement, values: TutorNames, at: datetime) -> Placement:
    """Corrects the names and the function of the tutor on a period, with the requests that wait there, by a follower or
    the office, and returns the placement. Their account and their seats bear the names too, while nobody else knows it:
    one in use, or known elsewhere, keeps its own. Raises PlacementCancelled, NoTutorYet, Eliminated, Invalid by field.
    """
    kept = _with_tutor(by, placement)
    names = checked_names(values)
    called, function = identifiers.full_name(names["given_names"], names["family_name"]), values.get("function")
    changes: list[AnyChange] = [
        kept,
        Change(placement, {"tutor_name": called, "tutor_function": function}),
        *on_requests(_theirs(placement), {"signer_name": called, "signer_function": function}),
    ]
    tutor = Person.objects.get(pk=placement.tutor)
    if _is_known_here_alone(tutor, placement):
        changes += [Change(tutor, names, any_revision=True), *on_seats(tutor.id, called)]
    commit(changes, _event(by, placement, at), told_of_submissions(by, [placement.candidacy]))
    return placement


def correct_tutor_function(by: Actor, placement: Placement, function: str | None, at: datetime) -> Placement:
    """Corrects the function of the tutor on a period, by a follower or the office, and returns the placement: the names
    stay as it has them. Raises PlacementCancelled, NoTutorYet, Eliminated.
    """
    changes: list[AnyChange] = [
        _with_tutor(by, placement),
        Change(placement, {"tutor_function": function}),
        *on_requests(_theirs(placement), {"signer_function": function}),
    ]
    commit(changes, _event(by, placement, at), told_of_submissions(by, [placement.candidacy]))
    return placement


def _with_tutor(by: Actor, placement: Placement) -> AnyChange:
    """Returns the guard of a change of how the tutor of a period is called. Raises NotFound, Forbidden,
    PlacementCancelled, NoTutorYet, Eliminated.
    """
    require(by, Action.AMEND_PLACEMENT, placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    if placement.tutor is None:
        raise NoTutorYet()
    return still_kept(placement)


def _theirs(placement: Placement) -> dict[str, object]:
    """Returns what the requests are about that wait for the tutor of a period, as fields of Attestation."""
    return {"person": placement.tutor, "placement": placement.id, "seat": SignOffSeat.TUTOR}


def _event(by: Actor, placement: Placement, at: datetime) -> Event:
    data = {"placement": str(placement.id)}
    return event_by(by, at, portfolio_chain(placement), EventName.TUTOR_NAME_CORRECTED, placement, data)


def _is_known_here_alone(tutor: Person, placement: Placement) -> bool:
    """Returns True if the account of a tutor is this school's alone, for periods alone, and without a password."""
    for_periods = all(grant.role == Role.TUTOR for grant in tutor.live_grants)
    return tutor.password is None and for_periods and set(tutor.schools) <= {placement.school}

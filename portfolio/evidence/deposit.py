"""Adds, amends and withdraws a candidate's activities and pieces.

Files are in `uploads.py`, results of a class in `class_results.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Evidence, EvidenceFile, EvidenceVersion, Placement, Portfolio
from portfolio.documents.fields import CandidacyThing, place_of
from portfolio.documents.portfolios import (
    PieceState,
    PortfolioState,
)
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.moves.addressees import HandedOn, hand_on, nobody, tutor_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.evidence.piece_fields import days_of, fill, missing_of, unlikely_activity, unlikely_piece
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat, WorkContext
from portfolio.rules.unlikely_dates import asked_unless_confirmed, without_answer
from portfolio.store.chains import event_by
from portfolio.store.digests import files_of, piece_content
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, Insert, commit, portfolio_chain
from portfolio.validation import check_fields, day, period

ACTIVITY_FIELDS = ("title", "mission", "context", "placement", "starts_on", "ends_on")
# Of a result that a teacher entered, the candidate may only set what it proves.
MAPPING = {"activity", "competences", "criteria", "tool_families"}


# Our limits, not the circular's: above any real need, and what reading a whole portfolio can bear.
MOST: dict[type[Activity] | type[Evidence], int] = {Activity: 100, Evidence: 300}


class PortfolioFull(NotNow):
    code = "portfolio_full"
    source = RuleSource.LIMIT
    detail = "Ce portfolio contient déjà {limit} éléments de ce genre, le maximum : retirez-en un avant d'en ajouter."


class PortfolioSubmitted(NotNow):
    code = "portfolio_submitted"
    source = RuleSource.INTEGRITY
    detail = "Le portfolio est remis : il ne change plus. Demandez à votre enseignant de le rouvrir si besoin."


class Withdrawn(NotNow):
    code = "withdrawn"
    source = RuleSource.INTEGRITY
    detail = "Cet élément a été retiré du portfolio."


class ActivityInUse(NotNow):
    code = "activity_in_use"
    source = RuleSource.INTEGRITY
    detail = "Des preuves sont encore rangées dans cette activité : déplacez-les ou retirez-les d'abord."


class EnteredByTeacher(NotNow):
    code = "entered_by_teacher"
    source = RuleSource.INTEGRITY
    detail = "Ce résultat a été saisi par un enseignant : vous pouvez le relier à des compétences, pas le modifier."


def open_portfolio_of(thing: CandidacyThing) -> Portfolio:
    """Returns the portfolio that a thing belongs to, if it is open.
    Raises PortfolioSubmitted if it is not, Eliminated.
    """
    portfolio = Portfolio.objects.get(pk=thing.candidacy)
    refuse_eliminated(portfolio)
    if portfolio.state != PortfolioState.OPEN:
        raise PortfolioSubmitted()
    return portfolio


def refuse_full(portfolio: Portfolio, kind: type[Activity] | type[Evidence], more: int = 1) -> None:
    """Raises PortfolioFull if the portfolio may not have so many more of this kind. Concurrent additions cannot pass
    the limit: each `touch`es the portfolio.
    """
    if kind.objects(candidacy=portfolio.candidacy, withdrawn_at=None).count() + more > MOST[kind]:
        raise PortfolioFull(limit=MOST[kind])


def touch(portfolio: Portfolio) -> Change:
    """Returns the change, not yet written, that counts a change of content; its commit raises Stale or MovedMeanwhile
    if the portfolio moved, or is no longer open.
    """
    return Change(portfolio, expected={"state": PortfolioState.OPEN})


# --- activities -----------------------------------------------------------------------------------


@runs_again_if_stale(as_seen=False)
def add_activity(by: Actor, portfolio: Portfolio, values: dict[str, Any], at: datetime) -> Activity:
    """Adds an activity and returns it. values: title, mission, context, placement (id or None), starts_on, ends_on
    (ISO), confirmed (unlikely days). Raises PortfolioSubmitted, PortfolioFull, DateToConfirm, Invalid by field,
    Eliminated.
    """
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    refuse_full(portfolio, Activity)
    checked, held = _activity_values(portfolio, values)
    unusual = asked_unless_confirmed(values, unlikely_activity(portfolio.session, checked))
    activity = Activity(id=new_id(), created_at=at, **place_of(portfolio), **checked)
    event = event_by(by, at, portfolio_chain(portfolio), EventName.ACTIVITY_ADDED, activity, unusual)
    commit([touch(portfolio), *held, Insert(activity)], event)
    return activity


def _activity_values(thing: CandidacyThing, values: dict[str, Any]) -> tuple[dict[str, Any], list[Hold]]:
    """Returns ({field: value to set}, holds): a hold on the placement, which must not be cancelled meanwhile, or [].
    values: of ACTIVITY_FIELDS; days ISO. Raises Invalid by field.
    """
    checked: dict[str, Any] = {name: values.get(name) for name in ACTIVITY_FIELDS}
    checked |= check_fields(values, {"starts_on": day, "ends_on": day})
    period(checked["starts_on"], checked["ends_on"])
    if checked["placement"] is not None and checked["context"] != WorkContext.PFMP:
        raise Invalid({"placement": ["Seule une activité en entreprise se rattache à une période : retirez-la."]})
    if checked["placement"] is None:
        return checked, []
    query = {"pk": checked["placement"], "candidacy": thing.candidacy, "cancelled_at": None}
    placement = Placement.objects(**query).first()
    if placement is None:
        raise Invalid({"placement": ["Cette période en entreprise n'est pas une des vôtres, ou elle a été annulée."]})
    return checked, [Hold(placement, {"cancelled_at": None, "tutor": placement.tutor})]


@runs_again_if_stale(as_seen=True)
def amend_activity(by: Actor, activity: Activity, values: dict[str, Any], at: datetime) -> Activity:
    """Changes an activity and returns it. values: as for `add_activity`; absent fields stay. Sign-offs become stale by
    computation; in another period, what waited for the tutor is asked of the tutor there. Raises Withdrawn,
    PortfolioSubmitted, Stale, DateToConfirm, Invalid by field, Eliminated.
    """
    require(by, Action.AMEND_ACTIVITY, activity)
    portfolio = open_portfolio_of(activity)
    _present(activity)
    merged = {name: values.get(name, getattr(activity, name)) for name in ACTIVITY_FIELDS}
    changed, held = _activity_values(activity, merged)
    moved = any(changed[name] != getattr(activity, name) for name in ("starts_on", "ends_on", "placement"))
    unusual = asked_unless_confirmed(values, unlikely_activity(activity.session, changed) if moved else ())
    changes: list[AnyChange] = [touch(portfolio), *held, Change(activity, changed)]
    handed = HandedOn()
    if changed["placement"] != activity.placement:
        pieces = list(Evidence.objects(activity=activity.id))
        changes += [Change(piece, {"placement": changed["placement"]}) for piece in pieces]
        changes += _files_follow(pieces, changed["placement"])
        there = tutor_of(changed["placement"])
        handed = hand_on(by, {"activity": activity.id, "seat": SignOffSeat.TUTOR}, lambda request: there, at)
    event = event_by(by, at, portfolio_chain(activity), EventName.ACTIVITY_AMENDED, activity, unusual)
    commit([*changes, *handed.changes], [event, *handed.events], handed.errands)
    return activity


@runs_again_if_stale(as_seen=True)
def withdraw_activity(by: Actor, activity: Activity, at: datetime) -> Activity:
    """Withdraws an activity, about which nobody is asked any more, and returns it. Raises ActivityInUse while pieces
    are in it, Withdrawn (already), PortfolioSubmitted, Stale, Eliminated.
    """
    require(by, Action.AMEND_ACTIVITY, activity)
    portfolio = open_portfolio_of(activity)
    _present(activity)
    if Evidence.objects(activity=activity.id, state__ne=PieceState.WITHDRAWN).first():
        raise ActivityInUse()
    event = event_by(by, at, portfolio_chain(activity), EventName.ACTIVITY_WITHDRAWN, activity)
    handed = hand_on(by, {"activity": activity.id}, nobody, at)
    commit([touch(portfolio), Change(activity, {"withdrawn_at": at}), *handed.changes], [event, *handed.events])
    return activity


def _present(thing: Activity | Evidence) -> None:
    """Raises Withdrawn if the activity or piece was withdrawn."""
    if thing.withdrawn_at is not None:
        raise Withdrawn()


# --- pieces ---------------------------------------------------------------------------------------


@runs_again_if_stale(as_seen=False)
def add_piece(by: Actor, portfolio: Portfolio, values: dict[str, Any], at: datetime) -> Evidence:
    """Adds a piece and returns it: a draft, or ready if nothing is missing. values: fields of Evidence; type_code and
    title suffice, the rest may come in later changes; confirmed (unlikely days). Raises PortfolioSubmitted,
    PortfolioFull, DateToConfirm, Invalid by field, Eliminated.
    """
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    refuse_full(portfolio, Evidence)
    piece = Evidence(id=new_id(), created_at=at, **place_of(portfolio))
    written, answer = without_answer(values)
    fill(piece, written)
    unusual = asked_unless_confirmed(answer, unlikely_piece(piece, at))
    piece.state = PieceState.DRAFT if missing_of(piece, []) else PieceState.READY
    data = {"type": piece.type_code} | unusual
    event = event_by(by, at, portfolio_chain(portfolio), EventName.EVIDENCE_ADDED, piece, data)
    commit([touch(portfolio), Insert(piece)], event)
    return piece


@runs_again_if_stale(as_seen=True)
def amend_piece(by: Actor, piece: Evidence, values: dict[str, Any], at: datetime) -> Evidence:
    """Changes a piece and returns it, a draft or ready by what is missing; absent fields stay. An edit of a ready piece
    keeps the version before it. Raises EnteredByTeacher if a candidate changes more than MAPPING of a teacher's result,
    Withdrawn, PortfolioSubmitted, Stale, DateToConfirm, Invalid by field, Eliminated.
    """
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    _present(piece)
    values, answer = without_answer(values)
    if piece.entered_by is not None and set(values) - MAPPING:
        raise EnteredByTeacher()
    files = files_of([piece])[piece.id]
    kept = earlier_version(piece, files)
    before, stored = piece.placement, days_of(piece)
    changed = fill(piece, values)
    doubts = unlikely_piece(piece, at) if days_of(piece) != stored else ()
    unusual = asked_unless_confirmed(answer, doubts)
    changed["state"] = PieceState.DRAFT if missing_of(piece, files) else PieceState.READY
    changes: list[AnyChange] = [touch(portfolio), Change(piece, changed), *kept]
    if piece.placement != before:
        changes += _files_follow([piece], piece.placement)
    data = {"fields": sorted(values), "state": changed["state"]} | unusual
    commit(changes, event_by(by, at, portfolio_chain(piece), EventName.EVIDENCE_AMENDED, piece, data))
    return piece


def _files_follow(pieces: Iterable[Evidence], placement: ObjectId | None) -> list[Change]:
    """Returns the changes that copy a piece's placement to its files, so that the placement's tutor may open them."""
    files = EvidenceFile.objects(evidence__in=[piece.id for piece in pieces], removed_at=None)
    return [Change(file, {"placement": placement}) for file in files]


@runs_again_if_stale(as_seen=True)
def withdraw_piece(by: Actor, piece: Evidence, at: datetime) -> Evidence:
    """Withdraws a piece from the portfolio and returns it; its record stays, since earlier submissions name it and its
    files. Raises Withdrawn (already), EnteredByTeacher, PortfolioSubmitted, Stale, Eliminated.
    """
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    _present(piece)
    if piece.entered_by is not None and piece.reused is None:  # what they took of another session, they may leave out
        raise EnteredByTeacher()
    kept = earlier_version(piece, files_of([piece])[piece.id])
    changes: list[AnyChange] = [
        touch(portfolio),
        Change(piece, {"state": PieceState.WITHDRAWN, "withdrawn_at": at}),
        *kept,
    ]
    commit(changes, event_by(by, at, portfolio_chain(piece), EventName.EVIDENCE_WITHDRAWN, piece))
    return piece


def earlier_version(piece: Evidence, files: list[EvidenceFile]) -> list[Insert]:
    """Returns the insertion, not yet written, that keeps a ready piece as it is before it changes; [] for a draft."""
    if piece.state != PieceState.READY:
        return []
    content = piece_content(piece, files)
    return [Insert(EvidenceVersion(id=new_id(), evidence=piece.id, revision=piece.revision, content=content))]


def becomes(piece: Evidence, state: PieceState) -> list[Change]:
    """Returns the change of state, not yet written; [] if the piece is in it already."""
    # An unchanged piece keeps its revision: text typed while its file travels is not refused for that.
    return [] if piece.state == state else [Change(piece, {"state": state})]

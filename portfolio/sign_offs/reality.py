"""Evaluates the reality of activities and missions: once per placement, once for class and ateliers (arrêté, annex II
D, E5, B: « conduites dans son entreprise, en stage ou au cours des ateliers »).

Conducted jointly by teachers and the tutor « chaque fois que la situation le justifie »: a teacher writes, the tutor
agrees on the digest displayed; if no tutor can, the teacher concludes alone and says why. While the tutor is to be
named, the text waits for them. No tutor saw what was done in class: there the text of a teacher of the school is the
evaluation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId

from portfolio.documents import Placement, Portfolio, RealityEvaluation
from portfolio.documents.attestations import Concurrence, RealityState
from portfolio.documents.fields import CandidacyThing, instant, place_of
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.moves.abandonment import still_in_ccf
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Invalid, NotFound, NotNow, RuleSource, Stale
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.record import ShownHasChanged, channel_and_proof, refuse_own_work
from portfolio.store.chains import Event, event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, Change, Errand, Hold, Insert, commit, portfolio_chain
from portfolio.validation import checked_reason


class _Proposal(TypedDict):
    """The fields that a teacher's text sets on an evaluation."""

    text: str
    digest: str
    state: RealityState
    concurrences: list[Concurrence]


class AlreadyWritten(NotNow):
    code = "reality_already_written"
    source = RuleSource.INTEGRITY
    detail = "Cette évaluation existe déjà : ouvrez-la pour la modifier."


class AlreadyConcurred(NotNow):
    code = "already_concurred"
    source = RuleSource.INTEGRITY
    detail = "Vous avez déjà donné votre accord sur ce texte."


class AlreadyConcluded(NotNow):
    code = "reality_already_concluded"
    source = RuleSource.INTEGRITY
    detail = "Cette évaluation est déjà conclue : modifiez son texte si elle doit être reprise."


def write(by: Actor, placement: Placement, text: str, at: datetime) -> RealityEvaluation:
    """Creates the evaluation of a period with a teacher's text, asks its tutor to agree, and returns it. While the
    tutor is to be named it waits, and is asked once they are.

    Raises PlacementCancelled, AlreadyWritten, Eliminated, OneSitting, Abandoned, OwnWork; Invalid if the text is empty.
    """
    require(by, Action.WRITE_REALITY, placement)
    kept = still_kept(placement)
    _took_place(placement)
    refuse_own_work(by, placement)
    evaluation = _new(placement, placement.id, _proposed(by, placement, text, at), at)
    held = [kept, *_standing(placement)]
    return _written(by, evaluation, held, _asks_tutor(placement, at), at)


def write_for_class(by: Actor, portfolio: Portfolio, text: str, at: datetime) -> RealityEvaluation:
    """Creates the evaluation of what was done in class and in ateliers with a teacher's text, and returns it,
    concluded. Raises AlreadyWritten, Eliminated, OneSitting, Abandoned, OwnWork; Invalid if the text is empty.
    """
    require(by, Action.WRITE_CLASS_REALITY, portfolio)
    kept = still_kept(portfolio)
    refuse_own_work(by, portfolio)
    evaluation = _new(portfolio, None, _proposed(by, portfolio, text, at), at)
    return _written(by, evaluation, [kept, *_standing(portfolio)], [], at)


def _new(thing: CandidacyThing, placement: ObjectId | None, proposal: _Proposal, at: datetime) -> RealityEvaluation:
    return RealityEvaluation(id=new_id(), created_at=at, **place_of(thing), placement=placement, **proposal)


def _written(
    by: Actor, evaluation: RealityEvaluation, held: list[Hold], errands: list[Errand], at: datetime
) -> RealityEvaluation:
    try:
        commit([*held, Insert(evaluation)], _event(EventName.REALITY_WRITTEN, by, evaluation, at), errands)
    except AlreadyExists:
        raise AlreadyWritten() from None
    return evaluation


def rewrite(by: Actor, evaluation: RealityEvaluation, text: str, at: datetime) -> RealityEvaluation:
    """Replaces the text, asks the tutor again if one is named, and returns the evaluation. The previous text and its
    concurrences move to `earlier`.

    Raises PlacementCancelled, OneSitting, Abandoned, OwnWork; Invalid if the text is empty.
    """
    about = _written_on(by, evaluation)
    values = _proposed(by, about, text, at)
    kept = {"earlier": _as_it_was(evaluation, at)}
    changed = Change(evaluation, {**values, "alone_reason": None}, push=kept)
    event = _event(EventName.REALITY_REWRITTEN, by, evaluation, at, values["digest"])
    commit([*_standing(about), changed], event, _asks_tutor(about, at))
    return evaluation


def concur(by: Actor, evaluation: RealityEvaluation, shown_digest: str, at: datetime) -> RealityEvaluation:
    """Records the tutor's agreement to the text displayed, even after the teacher concluded alone, and returns the
    evaluation. shown_digest: of that text. Raises ShownHasChanged if the text moved since, AlreadyConcurred,
    PlacementCancelled, OneSitting, Abandoned, OwnWork.
    """
    require(by, Action.CONCUR_REALITY, evaluation)
    refuse_own_work(by, evaluation)
    placement = Placement.objects.get(pk=evaluation.placement)
    _took_place(placement)
    while True:
        try:
            return _agree(by, evaluation, placement, shown_digest, at)
        except Stale:  # somebody else agreed, or the teacher concluded or rewrote: the text decides
            again = RealityEvaluation.objects(pk=evaluation.id).first()
            if again is None:  # eliminated
                raise NotFound() from None
            evaluation = again


def _agree(
    by: Actor, evaluation: RealityEvaluation, placement: Placement, shown_digest: str, at: datetime
) -> RealityEvaluation:
    if shown_digest != evaluation.digest:
        raise ShownHasChanged()
    if any(concurrence.person == by.id for concurrence in evaluation.concurrences):
        raise AlreadyConcurred()
    pushed: dict[str, Any] = {"concurrences": _concurrence(by, SignOffSeat.TUTOR, evaluation.digest, at)}
    if evaluation.state == RealityState.TEACHER_ALONE:
        pushed["earlier"] = _as_it_was(evaluation, at)
    changed = Change(evaluation, {"state": RealityState.JOINT, "alone_reason": None}, push=pushed)
    commit([*_standing(placement), changed], _event(EventName.REALITY_CONCURRED, by, evaluation, at))
    return evaluation


def conclude_alone(by: Actor, evaluation: RealityEvaluation, reason: str, at: datetime) -> RealityEvaluation:
    """Concludes without the tutor, with the teacher's reason why no joint evaluation is possible, and returns the
    evaluation. Raises AlreadyConcluded, PlacementCancelled, OneSitting, Abandoned, OwnWork; Invalid without a reason.
    """
    about = _written_on(by, evaluation)
    reason = checked_reason(reason)
    if evaluation.state != RealityState.PROPOSED:
        raise AlreadyConcluded()
    changed = Change(evaluation, {"state": RealityState.TEACHER_ALONE, "alone_reason": reason})
    if all(concurrence.person != by.id for concurrence in evaluation.concurrences):
        changed.push["concurrences"] = _concurrence(by, SignOffSeat.TEACHER, evaluation.digest, at)
    commit([*_standing(about), changed], _event(EventName.REALITY_CONCLUDED_ALONE, by, evaluation, at))
    return evaluation


def _written_on(by: Actor, evaluation: RealityEvaluation) -> Placement | Portfolio:
    """Returns the placement, or the portfolio for class and ateliers, if the teacher may write its evaluation.

    Raises NotFound, Forbidden, OwnWork, PlacementCancelled.
    """
    require(by, Action.READ_REALITY, evaluation)
    refuse_own_work(by, evaluation)
    if evaluation.placement is None:
        portfolio = Portfolio.objects.get(pk=evaluation.candidacy)
        require(by, Action.WRITE_CLASS_REALITY, portfolio)
        return portfolio
    placement = Placement.objects.get(pk=evaluation.placement)
    require(by, Action.WRITE_REALITY, placement)
    _took_place(placement)
    return placement


def _took_place(placement: Placement) -> None:
    if placement.cancelled_at is not None:
        raise PlacementCancelled()


def _standing(about: Placement | Portfolio) -> list[Hold]:
    """Returns the guards of what an evaluation is about: a period that is not cancelled, a candidate of CCF. Raises
    OneSitting, Abandoned.
    """
    standing = [Hold(about, {"cancelled_at": None})] if isinstance(about, Placement) else []
    return [*still_in_ccf(about), *standing]


def _tutor_of(about: Placement | Portfolio) -> ObjectId | None:
    return about.tutor if isinstance(about, Placement) else None


def _asks_tutor(about: Placement | Portfolio, at: datetime) -> list[Errand]:
    tutor = _tutor_of(about)
    return [request_mail(tutor, SignOffSeat.TUTOR, at)] if tutor else []


def _proposed(by: Actor, about: Placement | Portfolio, text: str, at: datetime) -> _Proposal:
    text = text.strip()
    if not text:
        raise Invalid({"text": ["Décrivez ce qui a été réellement fait."]})
    whole = {"placement": str(about.id)} if isinstance(about, Placement) else {"class_of": str(about.id)}
    bound = digest({**whole, "text": text})
    state = RealityState.PROPOSED if isinstance(about, Placement) else RealityState.TEACHER_ALONE
    concurrences = [_concurrence(by, SignOffSeat.TEACHER, bound, at)]
    return {"text": text, "digest": bound, "state": state, "concurrences": concurrences}


def _concurrence(by: Actor, seat: SignOffSeat, bound: str, at: datetime) -> Concurrence:
    assert by.person is not None
    return Concurrence(
        person=by.id, seat=seat, name=by.person.name, digest=bound, at=at, channel=channel_and_proof(by)["channel"]
    )


def _as_it_was(evaluation: RealityEvaluation, at: datetime) -> dict[str, Any]:
    plain = {name: getattr(evaluation, name) for name in ("text", "digest", "state", "alone_reason")}
    concurrences = [dict(concurrence.to_mongo()) for concurrence in evaluation.concurrences]
    return plain | {"concurrences": concurrences, "until": instant(at)}


def _event(name: EventName, by: Actor, evaluation: RealityEvaluation, at: datetime, bound: str | None = None) -> Event:
    data: dict[str, Any] = {"placement": str(evaluation.placement)} if evaluation.placement else {"class": True}
    data |= {"text": bound or evaluation.digest}
    return event_by(by, at, portfolio_chain(evaluation), name, evaluation, data)

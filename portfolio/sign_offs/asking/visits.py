"""Gathers everything that waits for a visiting tutor, by candidate and period, as they must read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Placement, RealityEvaluation, School
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.content import Shown, shown_of
from portfolio.sign_offs.answering.inbox import AwaitedAnswer, inbox


@dataclass(frozen=True)
class ToSign:
    """A pending request. shown: what is read before answering, with the digest to echo."""

    request: Attestation
    activity: Activity
    shown: Shown


@dataclass(frozen=True)
class Period:
    """One candidate, one placement. reality: an evaluation that waits for their agreement."""

    candidacy: Candidacy
    school: School
    placement: Placement
    to_sign: list[ToSign] = field(default_factory=list)
    reality: list[RealityEvaluation] = field(default_factory=list)


@dataclass(frozen=True)
class Visit:
    periods: list[Period]

    @property
    def to_sign(self) -> list[ToSign]:
        return [pending for period in self.periods for pending in period.to_sign]

    @property
    def nothing_waits(self) -> bool:
        return not any(period.to_sign or period.reality for period in self.periods)


def visit(by: Actor) -> Visit:
    """Returns what waits for the tutor, by period, in the order in which they began to wait, in a constant number of
    queries; no period if nothing waits.
    """
    pending = inbox(by)
    requests = [
        waiting
        for waiting in pending.sign_offs
        if waiting.about.seat == SignOffSeat.TUTOR and waiting.activity is not None
    ]
    activities = [waiting.activity for waiting in requests if waiting.activity is not None]
    contents = shown_of(activities, SignOffSeat.TUTOR)
    periods: dict[ObjectId, Period] = {}
    everything: list[AwaitedAnswer[Any]] = [*requests, *pending.reality]
    for waiting in everything:
        if waiting.placement is None:
            continue
        period = periods.setdefault(waiting.placement.id, Period(waiting.candidacy, waiting.school, waiting.placement))
        if isinstance(waiting.about, RealityEvaluation):
            period.reality.append(waiting.about)
        elif waiting.activity is not None:
            period.to_sign.append(ToSign(waiting.about, waiting.activity, contents[waiting.activity.id]))
    return Visit(list(periods.values()))

"""What a tutor finds when they come: everything that waits for them, by candidate and period, as they must read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portfolio.documents import Activity, Attestation, Candidacy, Placement, RealityEvaluation, School
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.content import Shown, shown_of
from portfolio.sign_offs.answering.inbox import Waiting, inbox


@dataclass(frozen=True)
class ToSign:
    """shown: what is read before answering, with the digest to echo."""

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
        return [one for period in self.periods for one in period.to_sign]

    @property
    def nothing_waits(self) -> bool:
        return not any(period.to_sign or period.reality for period in self.periods)


def visit(by: Actor) -> Visit:
    """Periods in the order in which they began to wait. A constant number of queries."""
    found = inbox(by)
    asked = [one for one in found.sign_offs if one.about.seat == "tutor" and one.activity is not None]
    shown = shown_of([one.activity for one in asked if one.activity is not None], "tutor")
    periods: dict[Any, Period] = {}
    waiting: list[Waiting[Any]] = [*asked, *found.reality]
    for one in waiting:
        if one.placement is None:
            continue
        period = periods.setdefault(one.placement.id, Period(one.candidacy, one.school, one.placement))
        if isinstance(one.about, RealityEvaluation):
            period.reality.append(one.about)
        elif one.activity is not None:
            period.to_sign.append(ToSign(one.about, one.activity, shown[one.activity.id]))
    return Visit(list(periods.values()))

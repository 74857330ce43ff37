"""Tells a jury what else the service holds of a candidate whom nobody appraised, before it decides on that.

Somebody recorded as having handed in nothing may have handed in; a commission may have been convened, then cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portfolio.documents import Commission, OfficeOutcome, Submission
from portfolio.documents.commissions import CommissionState
from portfolio.jury.outcomes import require_reading
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


@dataclass(frozen=True)
class CancelledCommission:
    """A commission that was convened and cancelled. meets_at: as it was convened. reason: why it was cancelled."""

    meets_at: datetime
    reason: str | None


@dataclass(frozen=True)
class BesideOutcome:
    """What stands beside an outcome. submission, submitted_at: number and time of the last portfolio handed in, None if
    none was. cancelled: oldest first.
    """

    submission: int | None
    submitted_at: datetime | None
    cancelled: tuple[CancelledCommission, ...]


def beside(by: Actor, outcome: OfficeOutcome) -> BesideOutcome:
    """Returns what the service holds of the candidate of an outcome, without any content of it, to its jury. Three
    queries. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_OUTCOME, outcome)
    require_reading(by, Action.DECIDE_OUTCOME, outcome)
    of_candidate = {"candidacy": outcome.candidacy}
    last = Submission.objects(**of_candidate).only("number", "created_at").order_by("-number").first()
    cancelled = Commission.objects(**of_candidate, state=CommissionState.CANCELLED).order_by("id")
    return BesideOutcome(
        submission=last.number if last else None,
        submitted_at=last.created_at if last else None,
        cancelled=tuple(CancelledCommission(each.meets_at, each.cancel_reason) for each in cancelled),
    )

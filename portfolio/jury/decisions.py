"""Tells those whose work a jury decides on what it made of it: who decided, when, why, what was put right.

Of a sheet, those who signed it; of an outcome without appraisal, the office that recorded it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bson import ObjectId

from portfolio.documents import OfficeOutcome, Person, Result, Sheet
from portfolio.jury.outcomes import is_of_its_jury
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


@dataclass(frozen=True)
class MarkDecision:
    """A decision on a mark. mark: exact, None where `label` says the outcome. by: the name of the person who took it.
    reason: None where the proposal was kept.
    """

    mark: Decimal | None
    label: str | None
    by: str
    at: datetime
    reason: str | None


def decisions_on(by: Actor, sheet: Sheet) -> list[MarkDecision]:
    """Returns the decision on a sheet, then each correction of it, oldest first; [] before publication for anybody but
    the jury: what it weighs until then is its own. Three queries. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_DECISION, sheet)
    result = Result.objects(sheet=sheet.id).first()
    if result is None or not (result.published or is_of_its_jury(by, sheet)):
        return []
    return _in_order(result, result.label)


def decisions_on_outcome(by: Actor, outcome: OfficeOutcome) -> list[MarkDecision]:
    """Returns the published decision on an outcome without appraisal, then each correction of it, oldest first; []
    before publication. One query. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_OUTCOME, outcome)
    return _in_order(outcome, outcome.result_label) if outcome.published else []


def _in_order(decided: Result | OfficeOutcome, label: str | None) -> list[MarkDecision]:
    """Returns the first decision, then each correction. label: the words that stand now."""
    steps = [(decided.decided_by, decided.decided_at, decided.reason)]
    steps += [(correction.by, correction.at, correction.reason) for correction in decided.corrections]
    marks = [(correction.replaced_mark, correction.replaced_label) for correction in decided.corrections]
    marks.append((decided.final_mark, label))
    names = {person.id: person.name for person in Person.objects(pk__in={author for author, _, _ in steps})}
    return [
        MarkDecision(mark, words, names[author], at, reason)
        for (author, at, reason), (mark, words) in zip(steps, marks, strict=True)
    ]


def published_decision(candidacy: ObjectId) -> Result | OfficeOutcome | None:
    """Returns what the jury published of a candidate, on a sheet or without appraisal, and did not take back; None
    until it published. Two queries at most.
    """
    appraised: Result | None = Result.objects(candidacy=candidacy, published=True).first()
    return appraised or OfficeOutcome.objects(candidacy=candidacy, published=True, live=True).first()


def taken_back(candidacy: ObjectId) -> OfficeOutcome | None:
    """Returns the last published outcome of a candidate that the jury took back; None without any."""
    back = OfficeOutcome.objects(candidacy=candidacy, published=True, live=False)
    return back.order_by("-withdrawn_at").first()

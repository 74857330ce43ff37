"""Tells those who signed a sheet what the jury made of its mark: who decided, when, why, what was put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio.documents import Person, Result, Sheet
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
    """Returns the published decision on a sheet, then each correction of it, oldest first; [] before publication: what
    a jury weighs until then is its own. Two queries. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_DECISION, sheet)
    result = Result.objects(sheet=sheet.id, published=True).first()
    if result is None:
        return []
    steps = [(result.decided_by, result.decided_at, result.reason)]
    steps += [(correction.by, correction.at, correction.reason) for correction in result.corrections]
    marks = [(correction.replaced_mark, correction.replaced_label) for correction in result.corrections]
    marks.append((result.final_mark, result.label))
    names = {person.id: person.name for person in Person.objects(pk__in={author for author, _, _ in steps})}
    return [
        MarkDecision(mark, label, names[author], at, reason)
        for (author, at, reason), (mark, label) in zip(steps, marks, strict=True)
    ]

"""A commission, an outcome without appraisal, another form of the exam: never two of them, whichever comes between the
look of an act and its writing.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from portfolio.commission import convene, office_outcomes
from portfolio.documents import Candidacy, Commission, OfficeOutcome
from portfolio.enrolment import exam_form
from portfolio.errors import Refusal
from tests.support.worlds import commissions
from tests.support.worlds.world import World

Act = Callable[[World], object]


def convening(world: World) -> object:
    return commissions.convened(world)


def recording(world: World) -> object:
    values: office_outcomes.OutcomeValues = {"outcome": "no_portfolio"}
    return office_outcomes.record_outcome(world.actor(world.office), fresh(world), values, world.clock())


def turning(world: World) -> object:
    values: exam_form.FormValues = {"status": "experience", "reason": "Contrat rompu"}
    return exam_form.change_form(world.actor(world.office), fresh(world), values, world.clock())


def fresh(world: World) -> Candidacy:
    return Candidacy.objects.get(pk=world.candidacy.id)


def standing(world: World) -> list[str]:
    about = {"candidacy": world.candidacy.id}
    ponctuelle = Candidacy.objects(pk=world.candidacy.id, ccf__form="ponctuelle").count()
    counts = {
        "commission": Commission.objects(state="convened", **about).count(),
        "outcome": OfficeOutcome.objects(live=True, **about).count(),
        "form": ponctuelle,
    }
    return [name for name, count in counts.items() if count]


@pytest.mark.parametrize(
    ("slow", "where", "quick", "left"),
    [
        (convening, convene, recording, "outcome"),
        (convening, convene, turning, "form"),
        (recording, office_outcomes, convening, "commission"),
        (recording, office_outcomes, turning, "form"),
        (turning, exam_form, convening, "commission"),
        (turning, exam_form, recording, "outcome"),
    ],
)
def test_the_act_that_came_between_wins(
    world: World, monkeypatch: pytest.MonkeyPatch, slow: Act, where: ModuleType, quick: Act, left: str
) -> None:
    event_by = where.event_by

    def after_the_other(*about: Any) -> Any:
        monkeypatch.setattr(where, "event_by", event_by)
        quick(world)
        return event_by(*about)

    monkeypatch.setattr(where, "event_by", after_the_other)
    with pytest.raises(Refusal):
        slow(world)
    assert standing(world) == [left]

"""Admits and retains pieces, as a member."""

from __future__ import annotations

from typing import Any

from portfolio.commission import assess
from portfolio.documents import Commission, Evidence
from tests.support.worlds.commissions import (
    assessment_of,
)
from tests.support.worlds.world import World


def piece(nature: str) -> Evidence:
    return Evidence.objects.get(nature=nature)


def admit(world: World, commission: Commission, evidence: Any, admitted: bool = True) -> Any:
    by = world.actor(world.follower)
    return assess.admit(by, assessment_of(commission), evidence, admitted, world.clock())


def retain(world: World, commission: Commission, evidence: Any, retained: bool = True) -> Any:
    return assess.retain(world.actor(world.tutor), assessment_of(commission), evidence, retained, world.clock())

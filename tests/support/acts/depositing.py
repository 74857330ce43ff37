"""Deposits and amends, as the candidate."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Evidence
from portfolio.errors import Invalid
from portfolio.evidence import deposit
from tests.support.worlds.world import World


def add(world: World, **values: Any) -> Evidence:
    """A piece with what is given and nothing else."""
    values = {"type_code": "REF1", "title": "Ma note", "nature": "production"} | values
    return deposit.add_piece(world.actor(world.candidate), world.portfolio, values, world.clock())


def amend(world: World, piece: Evidence, **values: Any) -> Evidence:
    fresh = Evidence.objects.get(pk=piece.id)
    return deposit.amend_piece(world.actor(world.candidate), fresh, values, world.clock())


def activity_values(world: World, **changed: Any) -> dict[str, Any]:
    return {"title": "Relance", "context": "pfmp", "placement": world.placement.id, **changed}


def refused_fields(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(refusal.value.errors)

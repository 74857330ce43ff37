"""The archive of a portfolio that has everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import deposit, upload_ending
from portfolio.submission import submit
from portfolio.submission.export import export
from tests.support.worlds.world import World


@pytest.fixture
def taken(world: World) -> Callable[..., bytes]:
    def take(who: Any = None) -> bytes:
        return b"".join(export(world.actor(who or world.candidate), world.portfolio, world.clock()).chunks)

    return take


@pytest.fixture
def rich(world: World) -> World:
    """Two pieces of which one changed, one withdrawn; a file removed; two submissions."""
    piece = world.new_piece(title='Lettre : "relance" <1>/2')
    old = world.upload(piece, name="../../brouillon.pdf")
    by = world.actor(world.candidate)
    upload_ending.remove(by, EvidenceFile.objects.get(pk=old.id), world.clock())
    world.upload(piece, name="CON.pdf")
    withdrawn = world.new_piece(title="Doublon")
    world.upload(withdrawn, name="doublon.pdf")
    deposit.withdraw_piece(by, Evidence.objects.get(pk=withdrawn.id), world.clock())
    world.sign_off()
    world.submit()
    submit.reopen(world.actor(world.follower), world.portfolio, "Une coquille", world.clock())
    deposit.amend_piece(by, Evidence.objects.get(pk=piece.id), {"title": "Lettre de relance"}, world.clock())
    world.submit()
    return world

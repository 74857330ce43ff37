"""The portfolio that a commission scores in a browser."""

from __future__ import annotations

import pytest

from tests.support.worlds.world import World


@pytest.fixture
def submitted(world: World) -> World:
    """A piece for every competence, another for one of them, and an element that the commission has to admit."""
    world.upload(world.new_piece())
    one = [{"competence": "C43", "justification": "Les données sont masquées."}]
    world.new_piece(title="Registre des accords", competences=one)
    world.new_piece(nature="autre", title="Note rédigée pour un stage d'été", competences=one)
    world.sign_off()
    world.submit()
    return world

"""A portfolio has an end: nothing a candidate piles up makes reading or handing in stumble."""

from __future__ import annotations

import pytest

from portfolio.documents import Evidence, Submission
from portfolio.evidence import deposit
from portfolio.ids import new_id
from portfolio.submission import submit
from tests.support.worlds.world import World


def many(world: World, times: int, text: str = "…") -> None:
    """Copies of one ready piece, written at once."""
    raw = world.new_piece().to_mongo()
    copies = [{**raw, "_id": new_id(), "description": {"context": text}} for _ in range(times)]
    Evidence._get_collection().insert_many(copies)


def test_more_text_than_a_manifest_holds_is_refused_in_words(world: World) -> None:
    many(world, 35, "é" * 200_000)
    with pytest.raises(submit.TooLong):
        submit.submit(world.actor(world.candidate), world.portfolio, False, world.clock())
    assert (world.portfolio.state, Submission.objects.count()) == ("open", 0)


def test_a_portfolio_has_an_end(world: World) -> None:
    many(world, deposit.MOST[Evidence] - 2)
    last = world.new_piece()
    with pytest.raises(deposit.PortfolioFull):
        world.new_piece()
    deposit.withdraw_piece(world.actor(world.candidate), last, world.clock())
    assert world.new_piece().state == "ready"

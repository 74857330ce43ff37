"""Processes at each other's things: whatever was acknowledged is told once and in order, and no state is broken."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from config.settings import Settings
from portfolio.documents import Commission
from portfolio.store.connections import Connections
from tests.races import commission_path, on_commission, on_import, on_portfolio, portfolio_path
from tests.races.crowd import Crowd, Done, chains_tell
from tests.races.on_commission import OnCommission, OnSheet
from tests.races.on_import import OnImport
from tests.races.on_portfolio import OnPortfolio
from tests.support.worlds.commissions import drafted, signed, transmitted
from tests.support.worlds.world import World

logger = logging.getLogger(__name__)
FEW, MANY = (3, 15), (8, 200)  # processes, acts of each


@pytest.fixture(scope="module")
def crowd(settings: Settings, connections: Connections) -> Iterator[Crowd]:
    made = Crowd(FEW[0], settings)
    yield made
    made.leave()


@pytest.fixture
def throng(settings: Settings, connections: Connections) -> Iterator[Crowd]:
    made = Crowd(MANY[0], settings)
    yield made
    made.leave()


def told(done: list[Done], seldom: tuple[str, ...] = ()) -> None:
    """Checks the chains; the figures show with --log-cli-level=INFO.

    seldom: acts whose turn hardly ever comes in this scene, and is sure to in another one.
    """
    tally = chains_tell(done)
    for name, outcomes in tally.items():
        logger.info("%s: %s", name, dict(outcomes))
    seconds = max(one.ended for one in done) - min(one.started for one in done)
    written = sum(outcomes["acknowledged"] for outcomes in tally.values())
    logger.info("%d acts, %d acknowledged, in %.1f s", len(done), written, seconds)
    if len(done) >= MANY[0] * MANY[1]:
        never = [name for name, outcomes in tally.items() if not outcomes["acknowledged"] and name not in seldom]
        assert not never, "acts that nobody ever managed"


def race_on_a_portfolio(world: World, crowd: Crowd, acts: int) -> None:
    place = on_portfolio.place_in(world)
    told(crowd.race(OnPortfolio, place, acts))
    portfolio_path.holds(place.candidacy)


def race_on_a_commission(world: World, crowd: Crowd, acts: int) -> None:
    place = on_commission.place_in(world)
    told(crowd.race(OnCommission, place, acts), seldom=("sign", "transmit", "decide", "void", "replace"))
    commission_path.holds(place.candidacy)
    portfolio_path.holds(place.candidacy)


def race_on_a_sheet(world: World, crowd: Crowd, acts: int) -> None:
    place = on_commission.place_in(world)
    transmitted(world, signed(world, drafted(world, Commission.objects.get())))
    told(crowd.race(OnSheet, place, acts))
    commission_path.holds(place.candidacy)


def race_on_an_import(world: World, crowd: Crowd, acts: int) -> None:
    place = on_import.place_in(world, pupils=crowd.size * acts // 4)
    told(crowd.race(OnImport, place, acts))
    on_import.holds(place)


def test_acts_on_one_portfolio_at_once(world: World, crowd: Crowd) -> None:
    race_on_a_portfolio(world, crowd, FEW[1])


def test_acts_on_one_commission_at_once(world: World, crowd: Crowd) -> None:
    race_on_a_commission(world, crowd, FEW[1])


def test_acts_on_one_sheet_at_once(world: World, crowd: Crowd) -> None:
    race_on_a_sheet(world, crowd, FEW[1])


def test_imports_of_one_class_at_once(world: World, crowd: Crowd) -> None:
    race_on_an_import(world, crowd, FEW[1])


@pytest.mark.endure
def test_many_acts_on_one_portfolio_at_once(world: World, throng: Crowd) -> None:
    race_on_a_portfolio(world, throng, MANY[1])


@pytest.mark.endure
def test_many_acts_on_one_commission_at_once(world: World, throng: Crowd) -> None:
    race_on_a_commission(world, throng, MANY[1])


@pytest.mark.endure
def test_many_acts_on_one_sheet_at_once(world: World, throng: Crowd) -> None:
    race_on_a_sheet(world, throng, MANY[1])


@pytest.mark.endure
def test_many_imports_of_one_class_at_once(world: World, throng: Crowd) -> None:
    race_on_an_import(world, throng, MANY[1])

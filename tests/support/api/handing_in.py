"""Hands a portfolio in through the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from tests.support.api.requests import change, get
from tests.support.worlds.world import World

DEADLINE = datetime(2027, 5, 7, 16, 0, tzinfo=UTC)


def home(world: World) -> str:
    return f"/portfolios/{world.candidacy.id}"


def act(client: FlaskClient, world: World, verb: str, **said: Any) -> Any:
    """On the revision as it stands."""
    return change(client, "POST", f"{home(world)}/{verb}", world.portfolio.revision, said)


def submissions(client: FlaskClient, world: World) -> list[Any]:
    return get(client, "/submissions", candidacy=str(world.candidacy.id)).json["items"]

"""Rows read like the documents they stand for."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from api.http.schemas import REPRESENTATIONS
from portfolio.documents import Candidacy, Evidence, Person, Placement
from portfolio.documents.rows import Row
from portfolio.policy.permissions import allowed
from tests.support.worlds.world import World

# What depends on who reads, besides.
READER_S = {
    Candidacy: ("can", "identity", "deadline_moves"),
    Evidence: ("can", "late_since"),
    Person: ("can", "grants", "suspended_because"),
    Placement: ("can", "broken_because"),
}


def _row(document: Any) -> Row:
    raw = document._get_collection().find_one({"_id": document.pk})
    return Row(type(document), raw)


def test_a_row_is_shown_exactly_as_its_document(world: World, app: Flask) -> None:
    world.new_piece(links=[{"url": "https://exemple.fr"}], assistance_used=None)
    with app.app_context():
        _compare(world)


def _compare(world: World) -> None:
    for kind in (Candidacy, Evidence, Person, Placement):
        for document in kind.objects:
            schema, by = REPRESENTATIONS[kind](exclude=READER_S.get(kind, ("can",))), world.actor(world.office)
            assert schema.dump(_row(document)) == schema.dump(document)
            assert allowed(by, _row(document)) == allowed(by, document)


def test_a_row_answers_computed_fields_and_refuses_unknown_ones(world: World) -> None:
    row = _row(world.candidacy)
    assert (row.candidacy, row.display_name) == (world.candidacy.id, world.candidacy.display_name)
    assert row["usage_name"] is None
    with pytest.raises(KeyError):
        row["no_such_field"]

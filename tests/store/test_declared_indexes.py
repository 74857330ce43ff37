"""The indexes that documents declare are those that migrations make, and no others."""

from __future__ import annotations

import json
from typing import Any

import mongoengine
import pytest
from pymongo.database import Database

import migrations
from portfolio.documents import (
    KINDS,
    AskedWay,
    CircularAnnex,
    EvidenceVersion,
    SignOffLink,
    Unpacking,
)
from portfolio.documents.commissions import Presence, PrintedDossier
from portfolio.store.connections import Connections
from tests.store.test_migrations import JOURNALS

BESIDE = (AskedWay, CircularAnnex, EvidenceVersion, Presence, PrintedDossier, SignOffLink, Unpacking)
STORED = (*KINDS.values(), *JOURNALS, *BESIDE)


def declared(kind: type[mongoengine.Document]) -> set[tuple[Any, ...]]:
    """Each index of `meta`, as (fields, unique, partial filter, seconds before expiry, sparse, collation)."""
    return {shape(spec["fields"], spec) for spec in kind._meta["index_specs"]}


def shape(fields: list[tuple[str, int]], options: dict[str, Any]) -> tuple[Any, ...]:
    partial = options.get("partialFilterExpression")
    filtered = json.dumps(partial, sort_keys=True) if partial else None
    seconds, sparse = options.get("expireAfterSeconds"), options.get("sparse", False)
    collation = options.get("collation", {})
    sorts = collation.get("locale"), collation.get("strength")
    return tuple(fields), options.get("unique", False), filtered, seconds, sparse, sorts


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_the_indexes_of_a_document_are_those_that_migrations_make(
    kind: type[mongoengine.Document], connections: Connections
) -> None:
    information = connections.database[kind._get_collection_name()].index_information()
    made = {shape(index["key"], index) for name, index in information.items() if name != "_id_"}
    assert made == declared(kind)


def test_migrations_make_no_collection_that_no_document_declares(db: Database[dict[str, Any]]) -> None:
    migrations.apply(db)
    assert set(db.list_collection_names()) - {migrations.RECORD} == {kind._get_collection_name() for kind in STORED}

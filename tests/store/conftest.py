"""A store of objects, and a database that nobody migrated yet, for one module or test alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from config.settings import Settings
from tests.support.acts.local_storage import local_storage_at


@pytest.fixture(scope="module")
def storage(settings):
    storage = local_storage_at(settings.s3_endpoint_url, settings)
    storage.ensure_bucket()
    return storage


@pytest.fixture
def uri(settings: Settings) -> Iterator[str]:
    """The address of a database of its own, dropped afterwards."""
    name = f"{settings.mongodb_database}_migrated"
    address = settings.mongodb_uri.replace(f"/{settings.mongodb_database}?", f"/{name}?")
    with MongoClient[dict[str, Any]](address) as client:
        client.drop_database(name)
        yield address
        client.drop_database(name)


@pytest.fixture
def db(uri: str) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        yield client.get_database()

"""The service behind nginx, and a teacher who enters."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from config.settings import Settings
from portfolio.store.connections import Connections
from tests.processes.proxy.front import Front, standing
from tests.support.api.entering import entered, teacher

__all__ = ["entered", "teacher"]  # fixtures


@pytest.fixture(scope="module")
def behind(engine_environment: dict[str, str], settings: Settings, connections: Connections) -> Iterator[Front]:
    stores = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket}
    with standing({**os.environ, **engine_environment, **stores}) as front:
        yield front


@pytest.fixture(scope="module")
def nginx(behind: Front) -> Iterator[Front]:
    with behind.running():
        yield behind


@pytest.fixture
def front(nginx: Front, store: Connections) -> Front:
    return nginx

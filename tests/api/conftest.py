"""What the tests of the API share: two schools at work, and answers held against the OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portfolio.store.connections import Connections
from tests.conftest import Clock, empty
from tests.support.api.described import DOCUMENT, HeldToTheDocument
from tests.support.api.worlds import Everything


@pytest.fixture(autouse=True)
def held_to_the_document(application: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "test_client_class", HeldToTheDocument)


@pytest.fixture(scope="session")
def everything(connections: Connections) -> Everything:
    empty(connections)
    return Everything(connections, Clock())


@pytest.fixture
def there(everything: Everything, app: Flask) -> Everything:
    """As it was built, whatever the test before did."""
    everything.restore()
    return everything


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get(DOCUMENT).json
    return found

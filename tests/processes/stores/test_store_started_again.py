"""A store that went down is unavailable, and found again once it is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.embedded import Engines
from config.settings import Settings
from portfolio.errors import Unavailable
from tests.support.acts.local_storage import content, local_storage_at


def test_a_store_that_went_down_is_unavailable_and_recovers_by_itself(tmp_path: Path) -> None:
    with Engines.start(tmp_path) as engines:
        settings = Settings.from_environment(engines.environment() | {"PUBLIC_URL": "http://localhost"})
        storage = local_storage_at(settings.s3_endpoint_url, settings)
        storage.put("object/kept", b"kept", "text/plain")

    for attempt in (storage.ping, lambda: storage.put("lost", b"x", "text/plain"), lambda: storage.open("object/kept")):
        with pytest.raises(Unavailable):
            attempt()

    with Engines.start(tmp_path):
        assert content(storage, "object/kept") == b"kept"
        assert storage.head("lost") is None

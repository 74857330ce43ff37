"""What gunicorn's settings do for each worker."""

from __future__ import annotations

import gc

from config.gunicorn import post_worker_init


def test_what_a_worker_loaded_is_not_looked_through_again() -> None:
    before, loaded = gc.get_freeze_count(), [[number] for number in range(1000)]
    post_worker_init(None)
    assert gc.get_freeze_count() >= before + len(loaded)

"""What gunicorn's settings do for each worker."""

from __future__ import annotations

import gc

from config.collector import set_aside


def test_what_a_worker_loaded_is_not_looked_through_again() -> None:
    before, loaded = gc.get_freeze_count(), [[number] for number in range(1000)]
    set_aside()
    assert gc.get_freeze_count() >= before + len(loaded)

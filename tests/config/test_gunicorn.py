"""What gunicorn's settings do for each worker."""

from __future__ import annotations

import gc
import json
import signal
import subprocess
from types import SimpleNamespace

import pytest

from config import gunicorn
from config.collector import set_aside
from config.renewal import LEFT


def test_what_a_worker_loaded_is_not_looked_through_again() -> None:
    before, loaded = gc.get_freeze_count(), [[number] for number in range(1000)]
    set_aside()
    assert gc.get_freeze_count() >= before + len(loaded)


@pytest.mark.parametrize("age", [1, 2])
def test_whichever_worker_serves_first_lets_those_of_the_master_before_go(
    monkeypatch: pytest.MonkeyPatch, age: int
) -> None:
    monkeypatch.setattr(gc, "enable", lambda: None)
    with subprocess.Popen(["sleep", "60"]) as before, subprocess.Popen(["sleep", "60"]) as ours:
        monkeypatch.setenv(LEFT, json.dumps({before.pid: 0, ours.pid: 1}))
        worker = SimpleNamespace(age=age)
        gunicorn.pre_fork(SimpleNamespace(WORKERS={ours.pid: SimpleNamespace(place=1)}), worker)
        gunicorn.post_worker_init(worker)
        assert (worker.place, before.wait(5), ours.poll()) == (2, -signal.SIGTERM, None)
        ours.kill()

"""How many requests a worker does at once is a number of one at least, or it does not start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAY = "from config.threads import SHARES; print(SHARES.at_work, SHARES.depositing)"


def started(**said: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("WEB_THREADS", "WEB_DEPOSITS")}
    return subprocess.run([sys.executable, "-c", SAY], env=environment | said, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["WEB_THREADS", "WEB_DEPOSITS"])
@pytest.mark.parametrize("said", ["0", "-1", "deux", "1.5", "²"])
def test_a_number_with_which_nothing_would_ever_go_is_refused_in_words(name: str, said: str) -> None:
    start = started(**{name: said})
    assert start.returncode == 1 and "Traceback" not in start.stderr
    assert name in start.stderr and "entier" in start.stderr


def test_what_is_not_said_is_as_usual() -> None:
    assert started(WEB_DEPOSITS="", WEB_THREADS="").stdout == started().stdout == "8 1\n"

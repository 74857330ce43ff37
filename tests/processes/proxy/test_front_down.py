"""nginx with nothing behind it: a person reads a page, a program a problem."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.processes import free_port
from tests.processes.proxy.front import Front


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    # Not below pytest's folder, which is closed to nobody.
    with tempfile.TemporaryDirectory(prefix="e5-front-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "nginx").mkdir()
        made = Front(folder / "nginx", folder / "log", free_port())
        with made.running():
            yield made


@pytest.mark.parametrize("path", ["/", "/portfolio", "/s/abc"])
def test_a_person_reads_a_page_that_says_what_to_do(front: Front, path: str) -> None:
    with front.client() as browser:
        answer = browser.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Retry-After"] == "10"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<h1>Service momentanément indisponible</h1>" in answer.text
    assert "envoyez de nouveau" in answer.text


@pytest.mark.parametrize(("path", "accept"), [("/api/v1/me", "text/html"), ("/portfolio", "application/json")])
def test_a_program_reads_a_problem(front: Front, path: str, accept: str) -> None:
    with front.client() as program:
        answer = program.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_unavailable")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "10"

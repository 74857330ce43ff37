"""Errors and the technical log: what is told to whom, and where."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.http import routing
from tests.support.api.requests import API, expect_problem
from tests.support.filling import HTML
from tests.support.worlds.world import World

ROOT = Path(__file__).parents[2]
SPEAKS = """
import structlog
from api.operation.logs import take_over_logging
take_over_logging("INFO")
structlog.get_logger().info("request", route=%r)
try:
    raise KeyError("a\\nb")
except KeyError as error:
    structlog.get_logger().error("unforeseen", kind="KeyError", exc_info=error)
"""


def spoken(tmp_path: Path, words: str = "/") -> subprocess.CompletedProcess[str]:
    """What a process of the service writes, and where: a folder of its own shows what else it leaves."""
    run = [sys.executable, "-c", SPEAKS % words]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    return subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)


def test_an_error_of_ours_tells_nothing_but_its_number(
    client_for: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise KeyError("mongodb://portfolio:mot-de-passe@db1")

    client: FlaskClient = client_for(world.candidate)
    monkeypatch.setattr(routing, "find", fails)
    monkeypatch.setattr("api.submission.portfolios.find", fails)
    answer = client.get(f"{API}/portfolios/{world.portfolio.id}")
    body = expect_problem(answer, 500, "unforeseen")
    assert len(body["request_id"]) >= 12
    monkeypatch.setattr("web.everyone.account.own_data", fails)
    page = client.get("/compte/mes-donnees.json", headers=HTML)
    assert page.status_code == 500 and page.headers["X-Request-Id"] in page.text
    for told in (answer.text, page.text):
        for secret in ("mot-de-passe", "mongodb", "KeyError", "Traceback", ".py", "Werkzeug"):
            assert secret not in told
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers


def test_a_line_of_the_log_is_dated_in_utc(tmp_path: Path) -> None:
    lines = spoken(tmp_path).stderr.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert datetime.fromisoformat(json.loads(line)["timestamp"]).utcoffset() == timedelta()


def test_the_log_goes_to_standard_error_and_nowhere_else(tmp_path: Path) -> None:
    done = spoken(tmp_path)
    assert len(done.stderr.splitlines()) == 2 and done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_a_line_break_in_what_is_told_makes_no_line_of_its_own(tmp_path: Path) -> None:
    forged = '/\n{"event": "request", "status": 200}\r\nx'
    lines = spoken(tmp_path, forged).stderr.splitlines()
    told = [json.loads(line) for line in lines]
    assert [line["event"] for line in told] == ["request", "unforeseen"]
    assert told[0]["route"] == forged

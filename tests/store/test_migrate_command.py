"""The command that migrates says what it would do, and that another process is at it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from pymongo.database import Database

import commands
import migrations
from portfolio.store.connections import Connections
from tests.store.test_migrations import ROOT, after_five, slow_process


@pytest.fixture
def people(db: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """The old shape: people without a name nor an initial."""
    db.people.insert_many([{"_id": number} for number in range(50)])
    return db


@pytest.fixture
def command(uri: str, engine_environment: dict[str, str]) -> Callable[..., Any]:
    """`commands.py` as an operator starts it, on the database of its own."""
    environment = {**os.environ, **engine_environment, "MONGODB_URI": uri, "PUBLIC_URL": "http://localhost"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        asked = [sys.executable, "commands.py", *arguments]
        return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def shown(
    connections: Connections, db: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """What `commands.py migrate` says with an option, on the database of its own."""
    monkeypatch.setattr("commands.connect", lambda: replace(connections, database=db))
    return lambda option: CliRunner().invoke(commands.cli, ["migrate", option], catch_exceptions=False).output


def test_status_and_dry_run_say_what_would_be_done_and_do_nothing(
    command: Callable[..., Any], shown: Callable[[str], str], db: Database[dict[str, Any]]
) -> None:
    names = [migration.name for migration in migrations.all_migrations()]
    for option in ("--status", "--dry-run"):
        assert [line.split()[0] for line in shown(option).splitlines()] == names
    assert db.list_collection_names() == []

    assert command("migrate").stdout.split() == names
    db.migrations.insert_one({"_id": "9999_later", "done_at": db.migrations.find_one()["done_at"]})  # type: ignore[index]

    status = shown("--status")
    assert status.count("(faite le ") == len(names) + 1
    assert "9999_later" in status.splitlines()[-1]
    assert "inconnue de cette version" in status.splitlines()[-1]
    assert shown("--dry-run") == command("migrate").stdout == "La base est à jour.\n"


def test_the_command_says_that_another_process_migrates(
    command: Callable[..., Any], uri: str, people: Database[dict[str, Any]]
) -> None:
    with slow_process(uri, "first") as first:
        after_five(first)
        refused = command("migrate")
        first.communicate(timeout=20)
    assert refused.returncode == 1
    assert "Une migration est en cours" in refused.stderr
    assert first.returncode == 0

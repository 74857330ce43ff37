"""The command that compares both stores, and the worker, as processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from portfolio.documents import Evidence, EvidenceFile
from portfolio.store.connections import storage
from tests.support.both_stores import DAY
from tests.support.clock import now
from tests.support.waiting import await_until
from tests.support.worlds.world import PDF, World

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def environment(settings: Settings, engine_environment: dict[str, str]) -> dict[str, str]:
    """Of a process that works on the stores of the test."""
    chosen = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket, "PUBLIC_URL": "http://localhost"}
    return {**os.environ, **engine_environment, **chosen}


@pytest.fixture
def command(environment: dict[str, str]) -> Callable[..., Any]:
    """`commands.py reconcile` as an operator starts it."""

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        asked = [sys.executable, "commands.py", "reconcile", *options]
        return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_command_reports_cures_when_asked_and_fails_on_phantoms(command: Callable[..., Any], world: World) -> None:
    file = world.upload(world.new_piece())
    sound = command()
    assert (sound.returncode, sound.stdout) == (0, "Les deux stockages concordent.\n")

    storage().put(file.key, PDF[:-1] + b"!", "application/pdf")
    assert command().returncode == 0
    deep = command("--deep", "--cure")
    assert deep.returncode == 1
    assert f"(fichier {file.id})" in deep.stdout
    assert deep.stdout.splitlines()[-1] == "fichier, scan ou annexe sans son contenu : 1"


def test_a_database_that_is_down_is_said_in_words(command: Callable[..., Any], environment: dict[str, str]) -> None:
    with socket.socket() as reserved:  # bound and never listening
        reserved.bind(("127.0.0.1", 0))
        environment["MONGODB_URI"] = f"mongodb://127.0.0.1:{reserved.getsockname()[1]}/portfolio"
        refused = command()
    assert refused.returncode == 1
    assert refused.stderr == "La base de données n'a pas répondu comme attendu (ServerSelectionTimeoutError).\n"


def test_the_worker_takes_expired_uploads_out_of_their_pieces(environment: dict[str, str], world: World) -> None:
    piece = world.new_piece()
    file = world.send(piece)
    EvidenceFile.objects(pk=file.id).update(set__expires_at=now() - DAY)

    with subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE) as worker:
        await_until(lambda: not list(storage().list_uploads()), "they are still there")
        worker.terminate()
        worker.communicate(timeout=20)

    assert worker.returncode == 0
    assert Evidence.objects.get(pk=piece.id).state == "ready"

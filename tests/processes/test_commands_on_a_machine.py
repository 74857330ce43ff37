"""Commands on a machine where deploy/ was installed: one line each, in the service's environment; their timers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from api.operation.metrics import figures
from config.settings import Settings
from portfolio import VERSION
from portfolio.store.background.turns import last_done
from portfolio.store.connections import Connections
from tests.processes.deployed import DEPLOY, ENVIRONMENT, environment_file, unit
from tests.support.worlds.world import World

ROOT = Path(__file__).parents[2]
# Without quotes: nothing that a shell would do anything with. In single quotes: anything but one.
LINE = re.compile(r"[A-Z][A-Z0-9_]*=([\w.:/@%+,=-]*|'[^']*')")


def settings_lines() -> list[str]:
    """Returns the lines that set something, those that are offered in a comment too."""
    lines = ENVIRONMENT.read_text().splitlines()
    return [line.removeprefix("#") for line in lines if re.match(r"#?[A-Z0-9_]+=", line)]


@pytest.mark.parametrize("line", settings_lines())
def test_a_line_of_the_environment_is_read_alike_by_a_shell_and_by_systemd(line: str) -> None:
    assert LINE.fullmatch(line)


def test_a_shell_reads_what_systemd_reads() -> None:
    printed = subprocess.run(
        ["sh", "-c", f"set -a; . {ENVIRONMENT}; env -0"], env={}, capture_output=True, check=True, text=True
    ).stdout
    read = dict(line.split("=", 1) for line in printed.split("\0") if line)
    assert {name: read[name] for name in environment_file()} == environment_file()


def test_a_command_is_one_line_whatever_the_shell_holds(tmp_path: Path) -> None:
    installed = tmp_path / "opt"
    installed.mkdir()
    for name in ("commands.py", "portfolio", "config", "migrations", "api", "web"):
        (installed / name).symlink_to(ROOT / name)
    (installed / ".venv" / "bin").mkdir(parents=True)
    (installed / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (installed / ".venv" / "bin" / "python").chmod(0o755)
    filled = tmp_path / "environment"
    filled.write_text(re.sub(r"(?m)^(\w+)=$", rf"\1={'s' * 48}", ENVIRONMENT.read_text()))
    told = {"PORTFOLIO_E5_HOME": str(installed), "PORTFOLIO_E5_ENVIRONMENT": str(filled), "PATH": os.environ["PATH"]}
    if os.getuid() == 0:
        told["PORTFOLIO_E5_USER"] = "root"  # the service's own is not on this machine
    command = [str(DEPLOY / "portfolio-e5"), "--version"]
    done = subprocess.run(command, env=told, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{VERSION}\n"), done.stderr


# --- the night ------------------------------------------------------------------------------------


class Night:
    """What the timers of deploy/ call."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, task: str, **more: str) -> int:
        command = [sys.executable, "commands.py", "nightly", task]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment | more, capture_output=True, text=True, check=False
        )
        sys.stderr.write(done.stderr)
        return done.returncode


@pytest.fixture
def night(engine_environment: dict[str, str], settings: Settings, connections: Connections, tmp_path: Path) -> Night:
    stores = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket, "PUBLIC_URL": "http://localhost"}
    return Night({**os.environ, **engine_environment, **stores, "BACKUP_DIR": str(tmp_path / "backup")})


@pytest.mark.parametrize("timer", sorted(DEPLOY.glob("*.timer")), ids=lambda path: path.stem)
def test_a_timer_calls_a_command_of_the_night_once_a_day(timer: Path) -> None:
    read = unit(timer.name, "Timer")
    called = re.fullmatch(r"portfolio-nightly@(\w+)\.service", read["Unit"])
    assert called
    listed = subprocess.run(
        [sys.executable, "commands.py", "nightly", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert called[1] in listed.partition("{")[2].partition("}")[0].split("|")
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:00 UTC", read["OnCalendar"])


def test_what_ended_well_in_the_night_shows_in_the_figures(night: Night, busy: World, settings: Settings) -> None:
    before = time.time() - 1
    for task in ("backup", "reconcile", "verify"):
        assert night.run(task) == 0
    told = generate_latest(figures(settings.now)).decode()
    for task in ("backup", "reconcile", "verify"):
        (at,) = re.findall(rf'portfolio_turn_last_success_timestamp_seconds{{task="{task}"}} (\S+)', told)
        assert float(at) > before
    assert f'portfolio_version_info{{version="{VERSION}"}} 1.0' in told
    (free,) = re.findall(r"^portfolio_database_free_bytes (\S+)$", told, re.MULTILINE)
    assert float(free) > 0


def test_what_failed_in_the_night_leaves_its_figure_old(night: Night, busy: World, store: Connections) -> None:
    assert night.run("verify") == 0
    done_at = last_done()["verify"]
    store.database.candidacies.update_one({}, {"$set": {"candidate_number": "999"}})
    assert night.run("verify") == 1
    assert last_done()["verify"] == done_at
    assert night.run("backup", BACKUP_DIR="") == 1
    assert "backup" not in last_done()

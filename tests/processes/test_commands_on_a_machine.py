"""Commands on a machine where deploy/ was installed: one line each, in the service's environment; their timers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portfolio import VERSION
from tests.processes.deployed import DEPLOY, ENVIRONMENT, environment_file

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

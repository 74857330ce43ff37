"""One version, told everywhere: it is what a school names when it asks for help."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from flask.testing import FlaskClient

from portfolio import VERSION

ROOT = Path(__file__).parents[2]


def test_the_project_and_the_newest_chapter_of_the_changelog_have_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    newest = re.search(r"^## (\S+) – \d{1,2}(?:er)? \S+ 20\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest and newest[1] == project["project"]["version"] == VERSION


def test_the_command_line_and_every_page_say_it(anonymous: FlaskClient) -> None:
    said = subprocess.run([sys.executable, "commands.py", "--version"], cwd=ROOT, capture_output=True, check=True)
    assert said.stdout.decode().strip() == VERSION
    assert f"<li>Version {VERSION}</li>" in anonymous.get("/connexion", headers={"Accept": "text/html"}).text

"""The house stays in order: rooms that say what happens in them, few modules in each, no file that is too long."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_MODULES, MOST_LINES = 15, 400
ROOMS = sorted(path.parent for house in ("portfolio", "api", "web") for path in (ROOT / house).rglob("__init__.py"))
OURS = ("portfolio", "api", "web", "config", "migrations", "rehearsal", "tests", ".ci")


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_a_room_says_what_happens_there_and_holds_few_modules(room: Path) -> None:
    modules = [path.name for path in room.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES, f"{len(modules)} modules: this room holds two"
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text())), "say what happens here, and what may not"


@pytest.mark.parametrize("house", ["config", "rehearsal", "tests"])
def test_no_folder_holds_too_many_modules(house: str) -> None:
    counts = Counter(path.parent for path in (ROOT / house).rglob("*.py") if path.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): n for folder, n in counts.items() if n > MOST_MODULES} == {}


def test_no_file_is_too_long() -> None:
    found = [ROOT / name for name in ("commands.py", "worker.py", "wsgi.py")]
    for folder in OURS:
        found += (ROOT / folder).rglob("*.py")
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in found}
    assert len(lines) > 600
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}

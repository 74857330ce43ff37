"""Two classes never share a name, nor two aliases of types.

Counts only fall: default names, `Any` in signatures, docstrings of functions that do not begin with a verb.

A room that is better than its line here says so by failing: write the new count down.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEFAULTS = {"said", "seen", "shown", "told", "found", "one"}
COUNTED = ("api", "portfolio", "web")  # of which every room is listed below
VERB = re.compile(r"[A-Z][a-z]+s\b")  # "Returns", "Raises", "Counts": of one who does it

# {room: (default names, `Any` in signatures, docstrings without a verb)}
COUNTS: dict[str, tuple[int, int, int]] = {
    "api": (0, 0, 0),
    "api/archive": (0, 9, 0),
    "api/audit": (0, 1, 0),
    "api/commission": (0, 19, 0),
    "api/enrolment": (0, 34, 0),
    "api/evidence": (0, 16, 0),
    "api/http": (0, 71, 0),
    "api/identity": (0, 15, 0),
    "api/jury": (0, 11, 0),
    "api/operation": (0, 0, 0),
    "api/sheet": (0, 7, 0),
    "api/sign_offs": (1, 22, 0),
    "api/submission": (0, 7, 0),
    "portfolio": (0, 3, 0),
    "portfolio/archive": (1, 2, 0),
    "portfolio/audit": (0, 9, 0),
    "portfolio/boards": (1, 10, 0),
    "portfolio/commission": (0, 36, 0),
    "portfolio/documents": (0, 8, 0),
    "portfolio/enrolment": (0, 12, 0),
    "portfolio/evidence": (0, 25, 0),
    "portfolio/files": (0, 3, 0),
    "portfolio/identity": (0, 8, 0),
    "portfolio/jury": (0, 12, 0),
    "portfolio/mail": (0, 1, 0),
    "portfolio/papers": (0, 3, 0),
    "portfolio/policy": (0, 5, 0),
    "portfolio/rules": (0, 5, 0),
    "portfolio/sheet": (0, 11, 0),
    "portfolio/sign_offs": (2, 20, 0),
    "portfolio/store": (0, 30, 0),
    "portfolio/submission": (0, 19, 2),
    "web": (0, 14, 0),
    "web/administrator": (0, 1, 0),
    "web/assets": (0, 0, 0),
    "web/candidate": (0, 2, 0),
    "web/commission": (0, 5, 0),
    "web/everyone": (0, 0, 0),
    "web/exam_service": (0, 0, 0),
    "web/inspector": (0, 0, 0),
    "web/jury": (0, 2, 0),
    "web/office": (0, 3, 0),
    "web/support": (0, 0, 0),
    "web/teacher": (0, 5, 0),
    "web/tutor": (0, 0, 0),
}


def counts_of(room: str) -> tuple[int, int, int]:
    totals: Counter[str] = Counter()
    for path in (ROOT / room).rglob("*.py") if "/" in room else (ROOT / room).glob("*.py"):
        totals.update(_counted(ast.parse(path.read_text())))
    return totals["names"], totals["any"], totals["verbless"]


def _counted(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            if node.name in DEFAULTS:
                yield "names"
            yield from _of_signature(node)
            text = ast.get_docstring(node)
            if text and not VERB.match(text):
                yield "verbless"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in DEFAULTS:
            yield "names"


def _of_signature(function: ast.FunctionDef) -> Iterator[str]:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    yield from ("names" for argument in named if argument.arg in DEFAULTS)
    others = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    hints = [argument.annotation for argument in (*named, *others)] + [function.returns]
    for hint in hints:
        if hint is not None and any(isinstance(part, ast.Name) and part.id == "Any" for part in ast.walk(hint)):
            yield "any"


def test_every_room_is_counted() -> None:
    rooms = {f"{top}/{path.parent.name}" for top in COUNTED for path in (ROOT / top).glob("*/__init__.py")}
    assert {room for room in COUNTS if room.partition("/")[0] in COUNTED} == rooms | set(COUNTED)


@pytest.mark.parametrize("room", COUNTS)
def test_the_counts_of_a_room_only_fall(room: str) -> None:
    assert counts_of(room) == COUNTS[room]


def _names_of_types(path: Path) -> Iterator[str]:
    """Yields the classes and the aliases of types that a module names (`Row = dict[str, Any]`); no TypeVar."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, made = node.targets[0].id.lstrip("_"), ast.unparse(node.value)
            if name[:1].isupper() and not name.isupper() and not made.startswith(("TypeVar(", "ParamSpec(")):
                yield node.targets[0].id


def test_two_classes_or_aliases_of_types_never_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for top in ("portfolio", "web", "api", "config"):
        for path in sorted((ROOT / top).rglob("*.py")):
            for name in _names_of_types(path):
                places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}

"""The modules that serve, as they are written."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVING = ("api", "web", "portfolio", "config", "migrations")
# Of the machine on which one tries it out; production holds neither (an import contract, `make lint`).
OF_REHEARSALS = {"config/embedded.py", "config/engine_preparation.py", "config/processes.py"}


@dataclass(frozen=True)
class Source:
    """One module. calls: what is called, as it is written, and the names of its keywords."""

    name: str
    tree: ast.Module
    imports: set[str]
    calls: list[tuple[str, set[str | None]]]


@cache
def sources() -> list[Source]:
    found = [ROOT / name for name in ("wsgi.py", "worker.py", "commands.py")]
    for package in SERVING:
        found += (ROOT / package).rglob("*.py")
    named = {str(path.relative_to(ROOT)): path for path in sorted(found)}
    return [_read(name, path) for name, path in named.items() if name not in OF_REHEARSALS]


def _read(name: str, path: Path) -> Source:
    read = Source(name, ast.parse(path.read_text()), set(), [])
    for node in ast.walk(read.tree):
        if isinstance(node, ast.Import):
            read.imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            read.imports.update({node.module}, (f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Call):
            read.calls.append((ast.unparse(node.func), {keyword.arg for keyword in node.keywords}))
    return read

"""docs/reference/security/asvs.md and SECURITY.md, read."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASVS = ROOT / "docs" / "reference" / "security" / "asvs.md"
VERDICTS = ("met", "does not apply", "missing", "in progress")
_ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| ([^|]+) \| (.+) \|")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_LINK = re.compile(r"\]\(([^)#]+)(?:#([\w-]+))?\)")


@dataclass(frozen=True)
class Requirement:
    """One row: number, level, its short name, the verdict, and what it rests on."""

    number: str
    level: int
    name: str
    verdict: str
    proof: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return named_tests(self.proof)

    @property
    def is_documentary(self) -> bool:
        """The first section of a chapter, and 3.5.4, ask for words and not for a control."""
        return self.number.split(".")[1] == "1" and self.name.startswith("Documented") or self.number == "3.5.4"


def requirements() -> list[Requirement]:
    rows = (_ROW.fullmatch(line) for line in ASVS.read_text().splitlines())
    return [Requirement(row[1], int(row[2]), row[3], row[4], row[5]) for row in rows if row]


def named_tests(text: str) -> list[tuple[str, str]]:
    """[(path, name)]"""
    return _TEST.findall(text)


def links_in(text: str) -> list[tuple[str, str]]:
    """[(path, heading)] of what is not on another site."""
    return [(path, heading) for path, heading in _LINK.findall(text) if "://" not in path]


@cache
def known_tests(path: str) -> frozenset[str]:
    """The names of a file's tests."""
    if not (ROOT / path).is_file():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def headings_of(path: Path) -> set[str]:
    """As links name them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}

"""What is said of files is written once, and the reference page knows every code of it."""

from __future__ import annotations

import re
from pathlib import Path

from portfolio.rules import file_kinds
from portfolio.rules.file_kinds import KINDS, UnacceptableFile
from portfolio.rules.file_warnings import WARNINGS

PAGE = (Path(__file__).parents[2] / "docs/reference/files.md").read_text()


def codes_of(section: str) -> set[str]:
    """The codes in the first column of the table under this title."""
    table = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return {code for row in re.findall(r"^\| (`[^|]+) \|", table, re.M) for code in re.findall(r"`(\w+)`", row)}


def test_the_reference_page_has_every_refusal() -> None:
    refusals = [kind for kind in vars(file_kinds).values() if isinstance(kind, type)]
    codes = {kind.code for kind in refusals if issubclass(kind, UnacceptableFile) and kind is not UnacceptableFile}

    assert codes_of("Refused") == codes


def test_the_reference_page_has_every_warning() -> None:
    assert codes_of("Warned about") == set(WARNINGS)


def test_the_reference_page_has_every_kind() -> None:
    received = PAGE.partition("\n## Received\n")[2].partition("\n## ")[0]

    named = set(re.findall(r"\.([a-z0-9]+)", received))
    assert {kind.extensions[0] for kind in KINDS.values()} - named == set()
    assert named <= {ending for kind in KINDS.values() for ending in kind.extensions}

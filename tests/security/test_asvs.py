"""The table of ASVS 5.0.0 is whole, and what it names is there."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.security.patches import PATCHES, Patch
from tests.security.table import (
    ASVS,
    ROOT,
    VERDICTS,
    Requirement,
    headings_of,
    known_tests,
    links_in,
    named_tests,
    requirements,
)

# {chapter: (how many of level 1, of level 2)} of the standard; then what is added of level 3.
COUNTED = dict(
    enumerate(
        [(8, 19), (4, 7), (8, 11), (2, 8), (4, 5), (13, 22), (6, 12), (4, 3), (4, 3)]
        + [(5, 24), (3, 11), (3, 6), (1, 12), (2, 7), (3, 10), (0, 16), (0, 7)],
        start=1,
    )
)
OF_LEVEL_3 = {"2.3.5", "5.2.4", "5.2.5", "5.2.6", "7.5.3"}
CONTROLS = ROOT / "docs" / "reference" / "security" / "controls.md"
DOCUMENTS = [ASVS, CONTROLS, ROOT / "SECURITY.md"]


def test_every_requirement_of_levels_1_and_2_stands_there_once() -> None:
    rows = requirements()
    numbers = [row.number for row in rows]
    assert len(set(numbers)) == len(numbers)
    assert sorted(numbers, key=lambda number: [int(part) for part in number.split(".")]) == numbers
    counts = Counter((int(row.number.split(".")[0]), row.level) for row in rows)
    assert {chapter: (counts[chapter, 1], counts[chapter, 2]) for chapter in COUNTED} == COUNTED
    assert {row.number for row in rows if row.level == 3} == OF_LEVEL_3
    assert Counter(row.level for row in rows) == {1: 70, 2: 183, 3: 5}


def test_the_verdicts_are_counted_at_the_top() -> None:
    counts = Counter(row.verdict for row in requirements())
    assert set(counts) <= set(VERDICTS)
    for verdict, count in counts.items():
        assert f"{verdict}: {count}" in ASVS.read_text().partition("\n## ")[0]


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row.number)
def test_a_verdict_rests_on_something(row: Requirement) -> None:
    assert row.proof.strip()
    if row.verdict == "met":
        assert row.tests or (row.is_documentary and links_in(row.proof)), "a test that fails without its control"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_is_named_exists(document: Path) -> None:
    named = named_tests(document.read_text())
    assert [one for one in named if one[1] not in known_tests(one[0])] == []
    for path in re.findall(r"`(tests/[\w/]+\.py)`", document.read_text()):
        assert (ROOT / path).is_file(), path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_document_that_is_named_exists(document: Path) -> None:
    for path, heading in links_in(document.read_text()):
        target = (document.parent / path).resolve()
        assert target.exists(), path
        assert not heading or heading in headings_of(target), (path, heading)


def test_the_limits_that_are_told_are_those_of_the_code() -> None:
    table = CONTROLS.read_text().partition("## Limits")[2].partition("\n## ")[0]
    told = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \| `([\w.]+)` \|$", table, re.MULTILINE)
    assert len(told) > 10
    assert [(name, str(_named(name))) for _, name in told] == [(name, value) for value, name in told]


def _named(name: str) -> Any:
    """`package.module.NAME.attribute`: a module as far as there is one, then what it holds."""
    module, *inside = name.split(".")
    found: Any = importlib.import_module(module)
    for part in inside:
        if not hasattr(found, part):
            importlib.import_module(f"{found.__name__}.{part}")
        found = getattr(found, part)
    return found


# --- what takes a control out -----------------------------------------------------------------------


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: f"{patch.number} {patch.test[1]}")
def test_a_control_can_still_be_taken_out(patch: Patch) -> None:
    """`make asvs-trial` draws from these: each finds its text once, and tries a test of its row."""
    assert (ROOT / patch.file).read_text().count(patch.old) == 1, patch.old
    assert patch.old != patch.new
    row = next(row for row in requirements() if row.number == patch.number)
    assert row.verdict in ("met", "in progress") and patch.test in row.tests


def test_twenty_can_be_drawn_from_many_chapters() -> None:
    assert len({patch.number for patch in PATCHES}) >= 40
    assert len({patch.number.split(".")[0] for patch in PATCHES}) >= 12

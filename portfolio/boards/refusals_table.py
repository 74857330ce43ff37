"""Draws the table of the exam's refusals for `docs/reference/refusals.md`: code, sentence, what each rests on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path

from portfolio.errors import Refusal

ROOMS = ("rules", "enrolment", "evidence", "sign_offs", "submission", "commission", "sheet", "jury", "archive")
_HERE = Path(__file__).parents[1]


def refusals_of_the_exam() -> list[type[Refusal]]:
    """Returns the refusals that the rooms of the exam declare, in the order of ROOMS, then of their codes."""
    for room in ROOMS:
        for path in sorted((_HERE / room).rglob("*.py")):
            import_module(".".join(("portfolio", *path.relative_to(_HERE).with_suffix("").parts)))
    declared = [kind for kind in _below(Refusal) if _room(kind) in ROOMS and "code" in vars(kind)]
    return sorted(declared, key=lambda kind: (ROOMS.index(_room(kind)), kind.code))


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for lower in kind.__subclasses__():
        yield lower
        yield from _below(lower)


def _room(kind: type[Refusal]) -> str:
    return kind.__module__.split(".")[1]


def refusals_as_markdown() -> str:
    """Returns the document, in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Refusals of the exam"
    yield "What each rests on. No text is named for a rule that it does not state; a provisional circular warns."
    yield "Written by `python commands.py refusals`; `tests/boards/test_refusals_table.py` fails on one without source."
    for room, declared in groupby(refusals_of_the_exam(), _room):
        yield f"\n## `{room}/`"
        yield "| code | sentence | source |"
        yield "| --- | --- | --- |"
        for kind in declared:
            yield f"| `{kind.code}` | {kind.detail} | {kind.source} |"

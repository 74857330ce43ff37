"""Each refusal of the exam names what it rests on, and the document says so."""

from __future__ import annotations

from pathlib import Path

from portfolio.boards.refusals_table import refusals_as_markdown, refusals_of_the_exam
from portfolio.errors import RuleSource
from portfolio.submission.submit import DeadlinePassed

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "refusals.md"


def test_every_refusal_of_the_exam_names_its_source_itself() -> None:
    declared = refusals_of_the_exam()
    assert [kind.__name__ for kind in declared if not isinstance(vars(kind).get("source"), RuleSource)] == []
    assert DeadlinePassed in declared and DeadlinePassed.source is RuleSource.CIRCULAR


def test_the_document_is_drawn_from_the_refusals() -> None:
    assert DOCUMENT.read_text() == refusals_as_markdown(), "run: python commands.py refusals"

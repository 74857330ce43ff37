"""Asks for the facts of a file, in a confined process of its own (side of the parent)."""

from __future__ import annotations

import json
from typing import BinaryIO, Final

from portfolio.files.confinement.bounds import DRAWING, Bounds
from portfolio.files.facts.gathered import GatheredFacts
from portfolio.files.previews.preview_spec import FACTS
from portfolio.files.previews.render import render

READER: Final = "portfolio.files.facts.facts_reader"


def written_facts(source: BinaryIO, kind: str, bounds: Bounds) -> bytes:
    """Returns the facts of a file as JSON, to be kept. source: a real file of this kind. Raises CannotShow,
    OutOfTime.
    """
    return render(source, kind, FACTS, bounds, renderer=READER)


def facts_of(source: BinaryIO, kind: str, bounds: Bounds = DRAWING) -> GatheredFacts:
    """Returns the facts of a file. Raises as `written_facts` does."""
    return read_facts(written_facts(source, kind, bounds))


def read_facts(written: bytes) -> GatheredFacts:
    """Returns facts that were written as JSON."""
    facts: GatheredFacts = json.loads(written)
    return facts

"""Reads blocks that were written: their words, and what is particular about them."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.files.previews.preview_spec import (
    BlockView,
    MarkedRun,
)


def plain_lines(blocks: list[BlockView]) -> list[str]:
    """Returns the words of blocks, paragraph by paragraph, without what is particular about them."""
    return ["".join(run if isinstance(run, str) else run["text"] for run in runs) for runs in _paragraphs(blocks)]


def kinds_in(blocks: list[BlockView]) -> set[str]:
    """Returns the kinds of the marks in blocks."""
    return {run["kind"] for runs in _paragraphs(blocks) for run in runs if not isinstance(run, str)}


def _paragraphs(blocks: list[BlockView]) -> Iterator[list[str | MarkedRun]]:
    """Yields the runs of each paragraph, heading and item, in order, in boxes and cells too."""
    for block in blocks:
        if "runs" in block:
            yield block["runs"]
        for item in block.get("items", []):
            yield item["runs"]
        for row in block.get("rows", []):
            for cell in row["cells"]:
                yield from _paragraphs(cell["blocks"])
        yield from _paragraphs(block.get("blocks", []))

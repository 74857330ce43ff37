"""What a document is written into while it is read: the room that is left, and what is open."""

from __future__ import annotations

from dataclasses import dataclass, field

from portfolio.files.previews.preview_spec import (
    MOST_SIGNS,
    BlockView,
    MarkedRun,
    TableCellView,
    TableRowView,
)
from portfolio.files.previews.renderers.documents.marks import TextMark

MOST_BLOCKS, MOST_CELLS, MOST_RUNS, MOST_COLUMNS = 20_000, 12_000, 60_000, 200
DEEPEST = 8  # boxes and tables inside each other; what is deeper stands in the innermost of these
MOST_ASIDE = 60_000  # signs of headers, notes and comments, beside those of the text


@dataclass
class ProseRoom:
    """What may still be shown."""

    signs: int = MOST_SIGNS
    blocks: int = MOST_BLOCKS
    cells: int = MOST_CELLS
    runs: int = MOST_RUNS

    @property
    def full(self) -> bool:
        return min(self.signs, self.blocks, self.cells, self.runs) <= 0


@dataclass
class OpenParagraph:
    runs: list[str | MarkedRun] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # of the last run
    mark: TextMark | None = None


@dataclass
class OpenContainer:
    """What blocks are added to: a section, a box or a cell. waiting: boxes met inside the paragraph."""

    blocks: list[BlockView] = field(default_factory=list)
    paragraph: OpenParagraph = field(default_factory=OpenParagraph)
    waiting: list[BlockView] = field(default_factory=list)


@dataclass
class OpenTable:
    """covers: for each column, the cell whose span a cell that continues it lengthens."""

    rows: list[TableRowView] = field(default_factory=list)
    column: int = 0
    covers: dict[int, TableCellView] = field(default_factory=dict)

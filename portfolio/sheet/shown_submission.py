"""What a commission is shown of the submission that it appraises: pieces, activities, placements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents.rows import Row
from portfolio.sign_offs.answering.standing import ActivitySignOffs


@dataclass(frozen=True)
class AppraisedPiece:
    """One piece of the frozen submission. content: as in the manifest. number: "P1"…, its name on the sheet.

    proves: rows of the grid for which it is claimed. files: as frozen, with the state they have today. accepted:
    signed off by all required signatories. admitted: None if the arrêté admits it by its nature. late_since: when
    it was deposited, if after the deadline. missing: what the candidate left unsaid, in French. reused_from: the
    earlier session that it was taken from, if any.
    """

    id: str
    number: str
    content: dict[str, Any]
    label: str
    proves: tuple[str, ...]
    files: tuple[Row, ...]
    accepted: bool
    admitted: bool | None
    retained: bool
    late_since: datetime | None
    missing: tuple[str, ...]
    reused_from: str | None


@dataclass(frozen=True)
class ShownActivity:
    """An activity with its pieces. content: as in the manifest; None for the pieces without an activity."""

    content: dict[str, Any] | None
    signed_off: ActivitySignOffs | None
    pieces: tuple[AppraisedPiece, ...]

    @property
    def proves(self) -> set[str]:
        return {row for piece in self.pieces for row in piece.proves}


@dataclass(frozen=True)
class ShownPlacement:
    """A placement. evaluated: how the reality of its activities was evaluated, in French. text: the evaluation."""

    content: dict[str, Any]
    evaluated: str
    text: str


@dataclass(frozen=True)
class AppraisedSubmission:
    """The submission appraised. latest: number of the last one, above `number` if it was not taken over."""

    number: int
    latest: int
    digest: str
    activities: tuple[ShownActivity, ...]
    placements: tuple[ShownPlacement, ...]

    @property
    def pieces(self) -> list[AppraisedPiece]:
        return [piece for activity in self.activities for piece in activity.pieces]

    def counts(self) -> dict[str, int]:
        """Returns {row of the grid: the number of pieces claimed for it}; a row without any is absent."""
        counts: dict[str, int] = {}
        for piece in self.pieces:
            for row in piece.proves:
                counts[row] = counts.get(row, 0) + 1
        return counts

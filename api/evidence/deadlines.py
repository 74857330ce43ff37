"""Marks late pieces and files in what a request shows, to those who may know the deadline of the candidate, which is
read once a request: elsewhere, a piece that is not late after the date of the circular would say that there is an
adaptation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from bson import ObjectId
from flask import g
from marshmallow import fields

from api.http.session import actor, now
from portfolio.documents import Candidacy, Evidence, EvidenceFile
from portfolio.documents.rows import Row
from portfolio.enrolment.deadline import stored_told_deadlines, told_deadlines
from portfolio.enrolment.lateness import file_late_since, piece_late_since
from portfolio.store.digests import files_of

Shown = TypeVar("Shown")
NOT_LATE = "_not_late"  # what a row of a list is known to be
SINCE = {
    "description": "quand, si c'était après la date limite ; nul sinon, et pour qui ne connaît pas celle du candidat"
}


@dataclass
class Lateness:
    """What one request knows. at: its instant. deadlines: by candidacy, None where it is not told. files: by piece."""

    at: datetime
    deadlines: dict[ObjectId, datetime | None] = field(default_factory=dict)
    files: dict[ObjectId, list[EvidenceFile]] = field(default_factory=dict)

    def deadline(self, candidacy: ObjectId) -> datetime | None:
        if candidacy not in self.deadlines:
            self.read([candidacy])
        return self.deadlines[candidacy]

    def passed(self, candidacy: ObjectId) -> datetime | None:
        """Returns the deadline of a candidate if it is told and over; else None."""
        deadline = self.deadline(candidacy)
        return deadline if deadline is not None and self.at > deadline else None

    def read(self, candidacies: Collection[ObjectId]) -> None:
        self.deadlines.update(stored_told_deadlines(actor(), candidacies))


def know_deadlines(candidacies: Iterable[Candidacy]) -> None:
    """Reads the deadlines of several candidates at once, for an answer that shows pieces of each."""
    _known().deadlines.update(told_deadlines(actor(), candidacies))


def know_candidacies(candidacies: Collection[ObjectId]) -> None:
    """Reads at once the deadlines that a list of things of several candidates needs."""
    _known().read(set(candidacies))


def is_told(candidacy: ObjectId) -> bool:
    """Returns whether the reader is told what of a candidacy came late."""
    return _known().deadline(candidacy) is not None


def know_pieces(pieces: Sequence[Evidence | Row]) -> None:
    """Reads at once what a list of pieces of several candidates needs; of rows, nothing more is asked one by one."""
    known = _known()
    candidacies = {piece.candidacy for piece in pieces}
    known.read(candidacies)
    over = {candidacy for candidacy in candidacies if known.passed(candidacy)}
    late = [piece for piece in pieces if over and piece.candidacy in over]
    if late:
        known.files.update(files_of(late))
    else:
        for piece in pieces:
            if isinstance(piece, Row):
                piece[NOT_LATE] = True


def late_file(file: EvidenceFile | Row) -> datetime | None:
    """Returns when a file was deposited, if after the deadline; else None."""
    return file_late_since(file, _known().deadline(file.candidacy))


def late_piece(piece: Evidence | Row, files: Iterable[EvidenceFile] | None = None) -> datetime | None:
    """Returns when a piece was deposited, or got the first of its files, if after the deadline; else None.

    files: those of the piece, where they are at hand; before the deadline they are not asked for.
    """
    if isinstance(piece, Row) and NOT_LATE in piece:
        return None
    known = _known()
    deadline = known.passed(piece.candidacy)
    if deadline is None:
        return None
    if files is None:
        files = known.files[piece.id] if piece.id in known.files else files_of([piece])[piece.id]
    return piece_late_since(piece, files, deadline)


def _known() -> Lateness:
    if "lateness" not in g:
        g.lateness = Lateness(now())
    lateness: Lateness = g.lateness
    return lateness


def late_file_field() -> fields.Function:
    """Returns the field that says when a file was deposited, if after the deadline."""
    return _instant(late_file)


def late_piece_field() -> fields.Function:
    """Returns the field that says when a piece was deposited, or got the first of its files, if after the deadline."""
    return _instant(late_piece)


def _instant(since: Callable[[Shown], datetime | None]) -> fields.Function:
    def as_shown(thing: Shown) -> str | None:
        moment = since(thing)
        return moment.isoformat() if moment is not None else None

    return fields.Function(as_shown, metadata=SINCE | {"type": ["string", "null"], "format": "date-time"})

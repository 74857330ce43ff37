"""Tells what was deposited after the deadline, the one rule of it.

The arrêté says nothing of it: nothing is refused for it, and the office decides; but it is marked wherever it is shown,
to those who may know the candidate's own deadline. A deadline that is not told is None: who
knows that of everybody alone would call a candidate late whose own moved, or read from a piece in time that it did.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents.portfolios import FileState


class Deposited(Protocol):
    """A piece or a file, or its row."""

    @property
    def created_at(self) -> datetime: ...


class DepositedPiece(Deposited, Protocol):
    """A piece, or its row. entered_by: the teacher who entered a result of a check, which is no deposit."""

    @property
    def entered_by(self) -> ObjectId | None: ...


class DepositedFile(Deposited, Protocol):
    """A file, or its row."""

    @property
    def state(self) -> str: ...

    @property
    def removed_at(self) -> datetime | None: ...


def file_late_since(file: Deposited, deadline: datetime | None) -> datetime | None:
    """Returns when a file was announced, if after the deadline; else None."""
    return file.created_at if deadline is not None and file.created_at > deadline else None


def piece_late_since(
    piece: DepositedPiece, files: Iterable[DepositedFile], deadline: datetime | None
) -> datetime | None:
    """Returns when a piece was deposited, or got the first of its verified files, if after the deadline; pure.

    None for a result that a teacher entered: it is no deposit.
    """
    if piece.entered_by is not None or deadline is None:
        return None
    there = (file for file in files if file.state == FileState.VERIFIED and file.removed_at is None)
    return min((each.created_at for each in (piece, *there) if each.created_at > deadline), default=None)


def late_in_words(since: datetime, zone: ZoneInfo) -> str:
    """Returns « déposée après la date limite, le 07/05/2027 à 19 h 00 », for papers."""
    return f"déposée après la date limite, le {since.astimezone(zone):%d/%m/%Y à %H h %M}"

"""Marks what was deposited after the deadline, wherever a piece or a file is shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bson import ObjectId
from flask import Flask, g

from portfolio.documents import Academy, Candidacy
from portfolio.submission.deadline import deadline_in, deadline_of


class Deposit(Protocol):
    """A piece or a file, or its row."""

    @property
    def candidacy(self) -> ObjectId: ...

    @property
    def created_at(self) -> datetime: ...


class DepositedPiece(Deposit, Protocol):
    """A piece. entered_by: the teacher who entered a result of a check, which is no deposit."""

    @property
    def entered_by(self) -> ObjectId | None: ...


def install(app: Flask) -> None:
    app.jinja_env.globals.update(late_piece=late_piece, late_file=late_file)
    app.jinja_env.filters.update(instant=datetime.fromisoformat)


def know_deadlines(candidacies: Iterable[Candidacy]) -> None:
    """Reads the deadlines of several candidates at once, for a page that shows pieces of each."""
    known = {candidacy.id: candidacy for candidacy in candidacies}
    academies = Academy.objects(code__in={candidacy.academy for candidacy in known.values()})
    zones = {academy.code: academy.timezone for academy in academies}
    deadlines: dict[ObjectId, datetime] = g.setdefault("deadlines", {})
    deadlines |= {key: deadline_in(candidacy, zones[candidacy.academy]) for key, candidacy in known.items()}


def late_piece(piece: DepositedPiece) -> datetime | None:
    """Returns when a piece was deposited, if after the deadline."""
    return None if piece.entered_by is not None else late_file(piece)


def late_file(file: Deposit) -> datetime | None:
    """Returns when a file was deposited, if after the deadline. Each deadline is read once a request."""
    deadlines: dict[ObjectId, datetime] = g.setdefault("deadlines", {})
    if file.candidacy not in deadlines:
        deadlines[file.candidacy] = deadline_of(Candidacy.objects.get(pk=file.candidacy))
    return file.created_at if file.created_at > deadlines[file.candidacy] else None

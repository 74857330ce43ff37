"""Marks what was deposited after the deadline, wherever a piece or a file is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bson import ObjectId
from flask import Flask, g

from portfolio.documents import Candidacy
from portfolio.submission.submit import deadline_of


class Deposit(Protocol):
    """A piece or a file. entered_by: the teacher who entered a result of a check, which is no deposit."""

    @property
    def candidacy(self) -> ObjectId: ...

    @property
    def created_at(self) -> datetime: ...


def install(app: Flask) -> None:
    app.jinja_env.globals.update(late_since=late_since)
    app.jinja_env.filters.update(instant=datetime.fromisoformat)


def late_since(thing: Deposit) -> datetime | None:
    """Returns when a piece or a file was deposited, if after the deadline. Each deadline is read once a request."""
    if getattr(thing, "entered_by", None) is not None:
        return None
    deadlines: dict[ObjectId, datetime] = g.setdefault("deadlines", {})
    if thing.candidacy not in deadlines:
        deadlines[thing.candidacy] = deadline_of(Candidacy.objects.get(pk=thing.candidacy))
    return thing.created_at if thing.created_at > deadlines[thing.candidacy] else None

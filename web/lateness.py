"""Marks what was deposited after the deadline, wherever a page shows a piece or a file."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from api.evidence.deadlines import late_file, late_piece


def install(app: Flask) -> None:
    app.jinja_env.globals.update(late_piece=late_piece, late_file=late_file)
    app.jinja_env.filters.update(instant=datetime.fromisoformat)

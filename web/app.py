"""The whole site: the JSON doors and the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from api.app import create_app
from api.doors import refuse_undeclared
from config.settings import Settings
from web import invitation


def create_site(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    app = create_app(settings, clock)
    app.config["OPEN_ENDPOINTS"].add("pages.static")
    app.register_blueprint(invitation.pages)
    refuse_undeclared(app)
    return app

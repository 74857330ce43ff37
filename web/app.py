"""The whole site: the JSON doors and the pages, one module per reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from api import accounts
from api.app import create_app
from api.doors import refuse_undeclared
from config.settings import Settings
from web import access, account, drafts, forms, invitation, look, refusals, views

READERS = (access, account, drafts, invitation, views)


def create_site(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    app = create_app(settings, clock)
    look.install(app)
    forms.install(app)
    for reader in READERS:
        app.register_blueprint(reader.pages)
    accounts.limit_attempts(app.extensions["portfolio_limiter"], access.pages)
    refusals.install(app)
    refuse_undeclared(app)
    return app

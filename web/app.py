"""The whole site: the JSON doors and the pages, one module per reader."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from api import accounts
from api.app import create_app
from api.doors import refuse_undeclared
from config.settings import Settings
from web import access, account, drafts, forms, invitation, look, refusals, second_factor, views

READERS = (access, account, drafts, invitation, second_factor, views)


def create_site(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    app = create_app(settings, clock)
    look.install(app)
    forms.install(app)
    for reader in READERS:
        app.register_blueprint(reader.pages)
    limiter = app.extensions["portfolio_limiter"]
    accounts.limit_attempts(limiter, access.pages)
    accounts.limit_codes(
        limiter, second_factor.pages, *(f"second_factor.{act}_act" for act in ("give", "set_up", "remove"))
    )
    refusals.install(app)
    refuse_undeclared(app)
    return app

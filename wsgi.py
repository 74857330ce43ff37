"""Production entry: settings, connections, application. It never starts an engine.

gunicorn --config config/gunicorn.py wsgi:app
"""

from __future__ import annotations

import os
import sys

from pymongo.errors import PyMongoError

import migrations
from api.operation import health, turns
from api.operation.logs import take_over_logging
from config.settings import MissingSettings, Settings
from config.threads import AT_WORK, WAITING
from portfolio.enrolment.circulars import at_start
from portfolio.identity import passwords
from portfolio.store.connections import open_connections
from web.app import create_site


def build() -> object:
    try:
        settings = Settings.from_environment(os.environ)
    except MissingSettings as missing:
        sys.exit(str(missing))
    take_over_logging(settings.log_level)
    connections = open_connections(settings)
    if refused := at_start.refusal_to_start(at_start.wrong_files()):
        sys.exit(refused)
    passwords.make_ready()
    site = create_site(settings)
    turns.install(site, AT_WORK, WAITING)
    try:
        behind = migrations.behind(connections.database) or at_start.refusal_to_start(at_start.changed_files())
    except PyMongoError:
        health.serve_once_ready(site)
        return site
    if behind:
        sys.exit(behind)
    return site


app = build()

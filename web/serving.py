"""The site as a process serves it: loaded once, begun in each process that serves."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import NamedTuple

from flask import Flask
from pymongo.errors import PyMongoError

import migrations
from api.operation import health, turns
from api.operation.logs import take_over_logging
from config.on_demand import load_all
from config.settings import MissingSettings, Settings
from config.threads import SHARES
from portfolio.enrolment.circulars import at_start
from portfolio.identity import passwords
from portfolio.papers import typeset
from portfolio.store.connections import install_texts, open_connections
from web.app import create_site


class Loaded(NamedTuple):
    site: Flask
    settings: Settings


@cache
def load() -> Loaded:
    """Returns all that needs no engine, made once: whoever forks afterwards shares its memory, and hands down neither a
    connection nor a thread. Ends the process, and says why, where a setting is missing or a text of the exam is wrong.
    """
    try:
        settings = Settings.from_environment(os.environ)
    except MissingSettings as missing:
        sys.exit(str(missing))
    take_over_logging(settings.log_level)
    install_texts(settings)
    if refused := at_start.refusal_to_start(at_start.wrong_files()):
        sys.exit(refused)
    site = create_site(settings)
    turns.install(site, SHARES)
    return Loaded(site, settings)


def load_whole() -> None:
    """Loads what the first requests would wait for, too: of what forks afterwards, nobody loads it again."""
    load()
    passwords.make_ready()
    typeset.fonts()
    load_all()


def begin() -> Flask:
    """Returns the site, with connections of this process. Ends it, and says why, where the database is behind."""
    site, settings = load()
    connections = open_connections(settings)
    try:
        behind = migrations.behind(connections.database) or at_start.refusal_to_start(at_start.changed_files())
    except PyMongoError:
        health.serve_once_ready(site)
        return site
    if behind:
        sys.exit(behind)
    return site

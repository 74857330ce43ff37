"""Looks whether the engines answer and keep what is written, off the threads that serve: who asks never waits for one.

Each engine is looked at by one thread at most, begun when somebody asks; who asks meanwhile shares its answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

import pymongo
import structlog
from pymongo.errors import DuplicateKeyError, PyMongoError

import migrations
from portfolio.documents.fields import instant
from portfolio.errors import Unavailable
from portfolio.store.connections import current, storage

PATIENCE_S = 1.7  # for all engines together: a balancer is answered within two seconds
DOCUMENTS_S = 1.0  # the driver overruns by half a second
COLLECTION, ROW = "attempts", "readiness"  # counts, whose rows go by themselves: here the attempts to write

Problems = dict[str, list[str]]
log = structlog.get_logger()


class Look:
    """One look at an engine. problems: None until it is over."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.problems: Problems | None = None
        self.over = threading.Event()


class Probe:
    """Looks at one engine. silent: what is wrong with an engine that does not answer in time."""

    def __init__(self, look: Callable[[datetime], Problems], silent: Problems) -> None:
        self._look, self._silent = look, silent
        self._lock = threading.Lock()
        self._current: Look | None = None

    def begin(self, at: datetime) -> Look:
        """Returns the look under way, or starts one in a thread; does not wait (see `result`). at: instant given to a
        new look.
        """
        with self._lock:
            if self._current is None or self._current.over.is_set():
                self._current = Look()
                threading.Thread(target=self._run, args=(self._current, at), name="readiness", daemon=True).start()
            return self._current

    def result(self, look: Look) -> Problems:
        """Returns what is wrong, {} if nothing; waits until PATIENCE_S after the look began, and not at all once that
        is past.
        """
        look.over.wait(max(0.0, look.began + PATIENCE_S - time.monotonic()))
        return self._silent if look.problems is None else look.problems

    def _run(self, look: Look, at: datetime) -> None:
        try:
            look.problems = self._look(at)
        except Exception as failure:
            log.exception("readiness_unknown", kind=type(failure).__name__)
        finally:
            look.over.set()


def problems(at: datetime) -> Problems:
    """Returns {engine, or « migrations »: what is wrong, in French}; {} where the service can serve and record."""
    looks = [(probe, probe.begin(at)) for probe in PROBES]
    return {name: wrong for probe, look in looks for name, wrong in probe.result(look).items()}


def document_store_answers() -> Problems:
    """Returns {engine, or « migrations »: what is wrong, in French} of the document store, within DOCUMENTS_S; {} if it
    can be read.
    """
    database = current().database
    try:
        with pymongo.timeout(DOCUMENTS_S):
            database.command("ping")
            waiting = [migration.name for migration in migrations.pending(database)]
    except PyMongoError:
        return SILENT_DOCUMENTS
    return {"migrations": [f"Migrations à appliquer : {', '.join(waiting)}."]} if waiting else {}


def _document_store(at: datetime) -> Problems:
    unread = document_store_answers()
    if unread:
        return unread
    try:
        with pymongo.timeout(DOCUMENTS_S):  # a majority of the members has it, or it is not written
            written = {"$set": {"until": instant(at)}, "$inc": {"count": 1}}
            current().database[COLLECTION].update_one({"_id": ROW}, written, upsert=True)
    except DuplicateKeyError:  # another process wrote it at the same moment
        return {}
    except PyMongoError:
        return {"document_store": ["La base de données répond, mais n'enregistre plus rien."]}
    return {}


def _object_store(_at: datetime) -> Problems:
    try:
        storage().ping()
    except Unavailable:
        return SILENT_OBJECTS
    try:
        storage().try_writing()
    except Unavailable:
        return {"object_store": ["Le stockage des fichiers répond, mais n'enregistre plus rien."]}
    return {}


SILENT_DOCUMENTS: Problems = {"document_store": ["La base de données ne répond pas."]}
SILENT_OBJECTS: Problems = {"object_store": ["Le stockage des fichiers ne répond pas."]}
PROBES: Sequence[Probe] = (Probe(_document_store, SILENT_DOCUMENTS), Probe(_object_store, SILENT_OBJECTS))

"""Migrations on the raw database: `000n_name.py`, each a docstring and `migrate(db)`, re-runnable.

They run before any worker serves; the application refuses a database that is behind. One process at a time: it holds
a lease, told by the server's clock and renewed while it works, so that a process killed in the middle blocks the
others for a minute, not for ever. Its unfinished migration is then run again from the start.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

Db = Database[dict[str, Any]]
RECORD = "migrations"
LOCK = "lock"
LEASE = timedelta(minutes=1)


class MigrationRunning(Exception):
    """Another process is migrating; its host, number and start are in the message."""


class MigrationFailed(Exception):
    """The cause is chained. Those before it are recorded as done, and it is to be run again once mended."""


@dataclass(frozen=True)
class Migration:
    name: str
    purpose: str
    migrate: Callable[[Db], None]


@dataclass(frozen=True)
class State:
    """purpose: None for one that a later version of the application did, which this one does not know."""

    name: str
    purpose: str | None
    done_at: datetime | None


def all_migrations() -> list[Migration]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[:4].isdigit())
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return [Migration(name, (module.__doc__ or "").strip(), module.migrate) for name, module in modules.items()]


def status(db: Db) -> list[State]:
    """Every migration, known here or recorded there, in order."""
    done = {row["_id"]: row["done_at"] for row in db[RECORD].find({"done_at": {"$exists": True}})}
    known = {migration.name: migration.purpose for migration in all_migrations()}
    return [State(name, known.get(name), done.get(name)) for name in sorted({*known, *done})]


def pending(db: Db, known: Sequence[Migration] | None = None) -> list[Migration]:
    """Those not yet recorded as done, in order. known: those of this package where None."""
    done = {row["_id"] for row in db[RECORD].find({"done_at": {"$exists": True}}, {"_id": 1})}
    migrations = all_migrations() if known is None else known
    return [migration for migration in migrations if migration.name not in done]


def behind(db: Db) -> str | None:
    """What keeps a process from serving this database, in words; None where nothing does."""
    names = ", ".join(migration.name for migration in pending(db))
    return f"La base n'est pas à jour ({names}). Lancez : python commands.py migrate" if names else None


def apply(db: Db, known: Sequence[Migration] | None = None, lease: timedelta = LEASE) -> list[str]:
    """Runs what is pending, stops at the first failure, returns the names done.

    Raises MigrationRunning, MigrationFailed.
    """
    done: list[str] = []
    with _lock(db, lease) as owner:
        for migration in pending(db, known):
            try:
                migration.migrate(db)
            except Exception as error:
                raise MigrationFailed(_failure(migration, error, done)) from error
            _record(db, migration, owner)
            done.append(migration.name)
    return done


def _failure(migration: Migration, error: Exception, done: list[str]) -> str:
    """Without the error's own text, which may name what the database holds of somebody."""
    before = f" Faites avant elle : {', '.join(done)}." if done else ""
    return f"La migration {migration.name} a échoué ({type(error).__name__}) et sera reprise.{before}"


# --- one at a time ----------------------------------------------------------------------------------


@contextmanager
def _lock(db: Db, lease: timedelta) -> Iterator[str]:
    """The name under which the lock is held."""
    owner = secrets.token_hex(16)
    _take(db, owner, lease)
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(db, owner, lease, ended), daemon=True)
    renewing.start()
    try:
        yield owner
    finally:
        ended.set()
        renewing.join()
        _rows(db).delete_one({"_id": LOCK, "owner": owner})


def _rows(db: Db) -> Collection[dict[str, Any]]:
    return db.get_collection(RECORD, write_concern=WriteConcern(w="majority", j=True))


def _take(db: Db, owner: str, lease: timedelta) -> None:
    never = datetime.fromtimestamp(0, UTC)
    free = {"$lte": [{"$ifNull": ["$leased_until", never]}, "$$NOW"]}
    mine = {"_id": LOCK, "owner": owner, "host": {"$literal": socket.gethostname()}, "pid": os.getpid()}
    mine |= {"started_at": "$$NOW", "leased_until": _end_of(lease)}
    held = _rows(db).find_one_and_update(
        {"_id": LOCK},
        [{"$replaceWith": {"$cond": [free, mine, "$$ROOT"]}}],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert held is not None  # upsert
    if held["owner"] != owner:
        who = f"le processus {held['pid']} de {held['host']}, depuis le {held['started_at']:%d/%m/%Y à %H:%M:%S} UTC"
        raise MigrationRunning(f"Une migration est en cours ({who}). Relancez quand elle sera finie.")


def _end_of(lease: timedelta) -> dict[str, Any]:
    return {"$add": ["$$NOW", int(lease.total_seconds() * 1000)]}


def _renew(db: Db, owner: str, lease: timedelta, ended: threading.Event) -> None:
    while not ended.wait(lease.total_seconds() / 3):
        try:
            _rows(db).update_one({"_id": LOCK, "owner": owner}, [{"$set": {"leased_until": _end_of(lease)}}])
        except PyMongoError:
            continue  # where it lasts, the lease runs out and `_record` refuses


def _record(db: Db, migration: Migration, owner: str) -> None:
    """Only under the lock: a process that was asleep while another took over must not say that it did the work."""

    def act(session: ClientSession) -> None:
        held = {"$set": {"recorded": migration.name}}
        if not _rows(db).update_one({"_id": LOCK, "owner": owner}, held, session=session).matched_count:
            raise MigrationRunning("Ce processus a été suspendu, un autre a repris la migration à sa place.")
        _rows(db).insert_one({"_id": migration.name, "done_at": datetime.now(UTC)}, session=session)

    with db.client.start_session() as session:
        session.with_transaction(act, write_concern=WriteConcern(w="majority", j=True))

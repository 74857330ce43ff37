"""Migrations on the raw database: `000n_name.py`, each a docstring and `migrate(db)`, re-runnable.

They run before any worker serves; the application refuses a database that is behind.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

Db = Database[dict[str, Any]]
RECORD = "migrations"
LOCK = "lock"


class MigrationRunning(Exception):
    """Another process is migrating; its host and start are in the message."""


@dataclass(frozen=True)
class Migration:
    name: str
    purpose: str
    migrate: Callable[[Db], None]


def all_migrations() -> list[Migration]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[:4].isdigit())
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return [Migration(name, (module.__doc__ or "").strip(), module.migrate) for name, module in modules.items()]


def pending(db: Db) -> list[Migration]:
    """Those not yet recorded as done, in order."""
    done = {row["_id"] for row in db[RECORD].find({"done_at": {"$exists": True}}, {"_id": 1})}
    return [migration for migration in all_migrations() if migration.name not in done]


def apply(db: Db) -> list[str]:
    """Runs what is pending, stops at the first failure, returns the names done. Raises MigrationRunning."""
    record = db.get_collection(RECORD, write_concern=WriteConcern(w="majority", j=True))
    try:
        record.insert_one({"_id": LOCK, "started_at": datetime.now(UTC)})
    except DuplicateKeyError as error:
        held = record.find_one({"_id": LOCK}) or {}
        raise MigrationRunning(f"une migration est en cours depuis {held.get('started_at')}") from error
    try:
        done = []
        for migration in pending(db):
            migration.migrate(db)
            record.insert_one({"_id": migration.name, "done_at": datetime.now(UTC)})
            done.append(migration.name)
        return done
    finally:
        record.delete_one({"_id": LOCK})

"""Ce que l'horloge appelle, d'un tour à l'autre, partagé entre les processus de fond."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

COLLECTION = "turns"


def migrate(db: Database[dict[str, Any]]) -> None:
    if COLLECTION not in db.list_collection_names():
        db.create_collection(COLLECTION)

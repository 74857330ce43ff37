"""Lists of people are read in the order of names, whatever their case and accents, by an index that sorts so."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.collation import Collation
from pymongo.database import Database

REPLACED = "family_name_1__id_1"  # in the order of bytes: every capital before every small letter


def migrate(db: Database[dict[str, Any]]) -> None:
    order = [("family_name", ASCENDING), ("_id", ASCENDING)]
    db.persons.create_index(order, name="names_as_they_sort", collation=Collation(locale="fr", strength=1))
    if REPLACED in db.persons.index_information():
        db.persons.drop_index(REPLACED)

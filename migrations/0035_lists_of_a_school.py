"""What lists ask of one school is found by an index in the order that they are read in, whatever the school holds."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "candidacies": (("school", "division", "name_key", "_id"), ("followers", "school", "_id")),
    "persons": (("schools", "_id"),),
}
# What those of the same collection do as well.
REPLACED = {"candidacies": "followers_1", "persons": "schools_1"}


def migrate(db: Database[dict[str, Any]]) -> None:
    for name, indexes in FIELDS.items():
        for fields in indexes:
            db[name].create_index([(field, ASCENDING) for field in fields])
    for name, index in REPLACED.items():
        if index in db[name].index_information():
            db[name].drop_index(index)

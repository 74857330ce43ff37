"""A person may have no e-mail address: only addresses that are there are held once."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database


def migrate(db: Database[dict[str, Any]]) -> None:
    persons = db.persons
    persons.create_index([("email", ASCENDING)], unique=True, sparse=True, name="email_once")
    if "email_1" in persons.index_information():
        persons.drop_index("email_1")

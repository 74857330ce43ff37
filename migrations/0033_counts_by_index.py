"""What a jury and an inspector have counted over an academy is found by an index of all that is asked of it."""

from __future__ import annotations

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

FIELDS: dict[str, tuple[str, ...]] = {
    "candidacies": ("academy", "session", "exam", "school"),
    "office_outcomes": ("academy", "session", "live", "decided", "published"),
    "results": ("academy", "session", "published"),
    "sheets": ("academy", "session", "exam", "state", "live", "candidacy", "school"),
}
# What those of the same collection do as well.
REPLACED = {"office_outcomes": "academy_1_session_1_live_1", "sheets": "academy_1_session_1_state_1"}


def migrate(db: Database[dict[str, Any]]) -> None:
    for name, fields in FIELDS.items():
        db[name].create_index([(field, ASCENDING) for field in fields])
    for name, index in REPLACED.items():
        if index in db[name].index_information():
            db[name].drop_index(index)

"""Fields and parents shared by the documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import mongoengine as me

from portfolio.ids import new_id


class Instant(me.DateTimeField):
    """An aware UTC datetime, cut to the millisecond that MongoDB keeps."""

    def to_mongo(self, value: Any) -> Any:
        return instant(value) if isinstance(value, datetime) else value

    def validate(self, value: Any) -> None:
        if not isinstance(value, datetime) or value.tzinfo is None:
            self.error("an aware datetime is needed")


def instant(value: datetime) -> datetime:
    value = value.astimezone(UTC)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


class Thing(me.Document):
    """Parent of every aggregate. held: counts `journal.Hold`; no representation shows it."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "auto_create_index": False, "strict": True}

    id = me.ObjectIdField(primary_key=True, default=new_id)
    revision = me.IntField(required=True, default=1, min_value=1)
    held = me.IntField()
    created_at = Instant(required=True)


class CandidacyThing(Thing):
    """Parent of what hangs below a candidacy."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    candidacy = me.ObjectIdField(required=True)
    school = me.ObjectIdField(required=True)
    academy = me.StringField(required=True)
    session = me.StringField(required=True)


def place_of(thing: Any) -> dict[str, Any]:
    """The fields that a thing below a candidacy repeats, read from a candidacy or from any thing below it."""
    return {name: getattr(thing, name) for name in ("candidacy", "school", "academy", "session")}

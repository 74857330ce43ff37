"""Declares the fields and base classes that documents share; reads several documents by their ids."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

import mongoengine as me
from bson import ObjectId

from portfolio.ids import new_id


class InstantField(me.DateTimeField):
    """An aware UTC datetime, truncated to the millisecond that MongoDB stores."""

    def to_mongo(self, value: Any) -> Any:
        return instant(value) if isinstance(value, datetime) else value

    def validate(self, value: Any) -> None:
        if not isinstance(value, datetime) or value.tzinfo is None:
            self.error("an aware datetime is needed")


def instant(value: datetime) -> datetime:
    """Returns an aware datetime in UTC, truncated to the millisecond, as MongoDB stores it."""
    value = value.astimezone(UTC)
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


class Reused(me.EmbeddedDocument):
    """What a thing was taken from: the id of the same thing in an earlier session, and that session."""

    of = me.ObjectIdField(required=True)
    session = me.StringField(required=True)


class Amended(me.EmbeddedDocument):
    """A fact of a thing that was written wrong and put right. field: which one; before, after: None where it said
    nothing. by: the journal name of who put it right.
    """

    id = me.ObjectIdField(required=True, default=new_id)
    field = me.StringField(required=True)
    before = me.StringField()
    after = me.StringField()
    by = me.StringField(required=True)
    at = InstantField(required=True)


class Thing(me.Document):
    """Base class of every aggregate. held: counts `journal.Hold`; no representation contains it."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "auto_create_index": False, "strict": True}

    id = me.ObjectIdField(primary_key=True, default=new_id)
    revision = me.IntField(required=True, default=1, min_value=1)
    held = me.IntField()
    created_at = InstantField(required=True)


Kind = TypeVar("Kind", bound=Thing)


class CandidacyThing(Thing):
    """Base class of what is below a candidacy. exam: its code, as the candidacy has it."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    candidacy = me.ObjectIdField(required=True)
    school = me.ObjectIdField(required=True)
    academy = me.StringField(required=True)
    exam = me.StringField(required=True)
    session = me.StringField(required=True)


def by_id(kind: type[Kind], ids: Iterable[ObjectId | None]) -> dict[ObjectId, Kind]:
    """Returns {id: document} of those that exist, in one query. None among the ids stands for none."""
    return {thing.id: thing for thing in kind.objects(pk__in=set(ids) - {None})}


def taken_once(**among: object) -> dict[str, object]:
    """Returns the declaration of the unique index by which a candidacy takes a thing once. among: of which rows."""
    taken: dict[str, object] = {"reused.of": {"$type": "objectId"}, **among}
    return {
        "fields": ["candidacy", "reused.of"],
        "unique": True,
        "partialFilterExpression": taken,
        "name": "taken_once",
    }


def one_of_a_candidacy(name: str, **among: object) -> list[object]:
    """Returns the declarations of the unique index by which a candidacy has one such row, and of the index by which all
    of its rows are found, the latest last. among: of which rows there is one.
    """
    once = {"fields": ["candidacy"], "unique": True, "partialFilterExpression": among, "name": name}
    return [once, ["candidacy", "id"]]


def place_of(thing: object) -> dict[str, Any]:
    """Returns {candidacy, school, academy, exam, session}, which a document below a candidacy repeats. thing: a
    candidacy or a document below it.
    """
    return {name: getattr(thing, name) for name in ("candidacy", "school", "academy", "exam", "session")}

"""Declares the fields and base classes that documents share; reads several documents by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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


# What was read by its id (an academy: by its code) while a page is shown; None elsewhere: an act reads anew.
_kept: ContextVar[dict[tuple[type, object], Any] | None] = ContextVar("kept", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Keeps what is read by its id until it is left, so that a page that only reads asks for each thing once."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def kept(kind: type[Kind], key: object) -> Kind | None:
    """Returns what was read already of this kind, by its id or code; None where it was not, or nothing is kept."""
    known = _kept.get()
    return known.get((kind, key)) if known else None


def keep(thing: Kind, key: object = None) -> Kind:
    """Returns a whole document, kept while a page is shown. key: its id by default."""
    known = _kept.get()
    if known is not None:
        known[type(thing), key or thing.id] = thing
    return thing


def by_id(kind: type[Kind], ids: Iterable[ObjectId | None]) -> dict[ObjectId, Kind]:
    """Returns {id: document} of those that exist, in one query, none for those that are kept. None among the ids stands
    for none.
    """
    wanted = {key for key in ids if key is not None}
    things = {key: thing for key in wanted if (thing := kept(kind, key)) is not None}
    if unread := wanted - things.keys():
        things |= {thing.id: keep(thing) for thing in kind.objects(pk__in=unread)}
    return {key: things[key] for key in sorted(things)}


def read(kind: type[Kind], key: ObjectId) -> Kind:
    """Returns the document of this id, for whoever only reads it. Raises DoesNotExist of its kind."""
    known: Kind = kept(kind, key) or keep(kind.objects.get(pk=key))
    return known


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

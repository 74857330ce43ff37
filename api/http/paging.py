"""Shows lists page by page: `next` is the cursor that asks for the page after."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from marshmallow import Schema, fields, validate
from mongoengine import DateTimeField

from api.http.schemas import text
from portfolio.documents.fields import Thing
from portfolio.documents.people import AS_NAMES_SORT
from portfolio.documents.rows import Row
from portfolio.errors import Invalid


class PageQuery(Schema):
    after = text(500, metadata={"description": "le curseur `next` de la page précédente"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


def page_of(schema: type[Schema]) -> Schema:
    """Returns the schema of a page of these: items, and the cursor `next` or None."""
    name = f"PageOf{schema.__name__.removesuffix('Out')}"
    page = Schema.from_dict(
        {
            "items": fields.List(fields.Nested(schema), required=True),
            "next": fields.String(allow_none=True, required=True),
        },
        name=name,
    )
    return page()


def page(
    kind: type[Thing],
    query: dict[str, Any],
    asked: dict[str, Any],
    order: tuple[str, ...] = ("_id",),
    newest_first: bool = False,
) -> dict[str, Any]:
    """Returns {items: rows, next: cursor or None} of `kind` matching `query`, in `order`: the last field is unique, a
    family name is sorted whatever its case and accents.
    asked: limit, and `after`, a cursor. Raises Invalid on `after` if this function did not make it.
    """
    limit = asked["limit"]
    conditions = [query]
    if asked.get("after"):
        conditions.append(_beyond(order, _read_cursor(asked["after"], kind, order), "$lt" if newest_first else "$gt"))
    rows = kind._get_collection().find({"$and": conditions}, batch_size=limit + 1).limit(limit + 1)
    rows = rows.collation(AS_NAMES_SORT) if "family_name" in order else rows
    rows = rows.sort([(field, -1 if newest_first else 1) for field in order])
    things = [Row(kind, row) for row in rows.to_list()]
    items, more = things[:limit], len(things) > limit
    return {"items": items, "next": _write_cursor(items[-1], order) if more else None}


def _beyond(order: tuple[str, ...], last: list[Any], beyond: str) -> dict[str, Any]:
    alternatives = []
    for index, field in enumerate(order):
        equal = dict(zip(order[:index], last[:index], strict=True))
        alternatives.append({**equal, field: {beyond: last[index]}})
    return {"$or": alternatives}


def _write_cursor(thing: Row, order: tuple[str, ...]) -> str:
    values = [str(thing.pk) if field == "_id" else getattr(thing, field) for field in order]
    values = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _read_cursor(cursor: str, kind: type[Thing], order: tuple[str, ...]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor))
        if len(values) != len(order) or not all(isinstance(value, str) for value in values):
            raise ValueError
        json.dumps(values, ensure_ascii=False).encode()  # half a surrogate pair is no text
        return [_cursor_value(kind, field, value) for field, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, OverflowError, binascii.Error, InvalidId, RecursionError):
        raise Invalid({"after": ["Curseur inconnu : reprenez la liste depuis le début."]}) from None


def _cursor_value(kind: type[Thing], field: str, value: str) -> Any:
    if field == "_id":
        return ObjectId(value)
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(kind._fields[field], DateTimeField) else value

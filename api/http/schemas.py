"""What crosses the wire: fields and parents shared by the schemas, and one representation per kind of thing."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from operator import itemgetter
from types import NoneType
from typing import Any

from bson import ObjectId
from flask import Request
from marshmallow import INCLUDE, Schema, ValidationError, fields, missing, validate
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from api.http.session import reader
from portfolio.documents.fields import Thing
from portfolio.documents.rows import Row
from portfolio.errors import Invalid
from portfolio.files.scans import digest_of
from portfolio.identifiers import EARLIEST_YEAR, LATEST_YEAR
from portfolio.invisible_characters import is_seen, refusal_of_unseen
from portfolio.policy.permissions import allowed
from portfolio.rules import marks


def read_json(incoming: Request) -> Any:
    """Returns the JSON of a body, `missing` for an empty one. Its media type and the size that it announces were
    checked by its route. Raises RequestEntityTooLarge; BadRequest if the body is not JSON, and for half a surrogate
    pair (RFC 8259, 8.2), which no store keeps.
    """
    data = incoming.get_data(cache=True)
    if incoming.content_length is None and len(data) == incoming.max_content_length:
        raise RequestEntityTooLarge()  # Werkzeug stops reading there, in the middle of a body of unknown length
    if not data:
        return missing
    try:
        value = json.loads(data)
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadRequest() from None
    return value


def read_named(incoming: Request, sha256: str, most: int) -> bytes:
    """Returns the raw bytes of a body that the address names by their SHA-256, in hex. most: bytes, of which one more
    is read, so that what keeps them can say that it is too large. Raises Invalid on `digest` if they are others.
    """
    incoming.max_content_length = most + 1
    data = incoming.get_data()
    if digest_of(data) != sha256:
        raise Invalid({"digest": ["Ces octets n'ont pas l'empreinte annoncée : renvoyez-les."]})
    return data


class Id(fields.String):
    """24 hexadecimal digits."""

    default_error_messages = {"not_an_id": "Identifiant attendu : 24 chiffres 0-9a-f."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": "^[0-9a-f]{24}$", **self.metadata}

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch("[0-9a-f]{24}", text):
            raise self.make_error("not_an_id")
        return ObjectId(text)


class Mark(fields.String):
    """A mark as text, exact: "12.5". Never a float."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return marks.to_wire(value if isinstance(value, Decimal) else value.to_decimal())


class Instant(fields.AwareDateTime):
    """RFC 3339, UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        # Nothing of an exam is dated otherwise, and the edges of the calendar overflow in another time zone.
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise self.make_error("invalid")
        return moment.astimezone(UTC)


class Parts(fields.List[Any]):
    """Parts of a stored thing made of text and numbers: their named fields, as they are.

    Dumped one field after the other they were half the time of a long list.
    """

    def __init__(self, schema: type[Schema], **kwargs: Any) -> None:
        super().__init__(fields.Nested(schema), **kwargs)
        self._names = tuple(schema().dump_fields)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any] | None:
        return None if value is None else [self._shown(part) for part in value]

    def _shown(self, part: Mapping[str, object]) -> Mapping[str, object]:
        if isinstance(part, dict) and tuple(part) == self._names:
            return part
        return {name: part[name] for name in self._names}


def _refuse_blank(value: str) -> None:
    if not is_seen(value):
        raise ValidationError("Ce texte est vide.")


ONE_LINE = 300  # characters: what may be longer may have several lines


def text(maximum: int, minimum: int = 1, *, one_line: bool | None = None, **kwargs: Any) -> fields.String:
    """Returns a field for text of `minimum` to `maximum` characters, without unseen characters; not blank, unless it
    may be empty. one_line: by default, if it is short. kwargs: of marshmallow.
    """
    single = maximum <= ONE_LINE if one_line is None else one_line

    def refuse_unseen(value: str) -> None:
        refused = refusal_of_unseen(value, one_line=single)
        if refused is not None:
            raise ValidationError(refused)

    rules: list[Callable[[str], object]] = [
        validate.Length(min=minimum, max=maximum),
        refuse_unseen,
        *([_refuse_blank] if minimum else []),
    ]
    return fields.String(validate=rules, **kwargs)


class Secret(fields.String):
    """A password or a code: whatever form or body it comes in, it is never shown again, kept or carried."""

    def __init__(self, maximum: int = 256, required: bool = True, **kwargs: Any) -> None:
        super().__init__(required=required, validate=validate.Length(max=maximum), **kwargs)
        self.metadata = {"format": "password", **self.metadata}


@functools.cache
def secret_names() -> frozenset[str]:
    """Returns the names of every secret field that any schema takes. Call it once every schema is there: it is worked
    out once.
    """

    def below(kind: type[Schema]) -> Iterator[type[Schema]]:
        for schema in kind.__subclasses__():
            yield schema
            yield from below(schema)

    taken = (declared for schema in below(Schema) for declared in schema._declared_fields.items())
    return frozenset(name for name, field in taken if isinstance(field, Secret))


def date_confirmed() -> fields.Boolean:
    """Returns the field by which a sender answers `date_to_confirm`: the unlikely date is right."""
    return fields.Boolean(metadata={"description": "la date inhabituelle a été vérifiée, après une question"})


def one_of(*choices: str, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(choices), **kwargs)


class LinkOut(Schema):
    """Where an object of the store is to be had, for a while."""

    url = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "secondes"})


class AmendedFactOut(Schema):
    """What a thing said before it was put right."""

    field = fields.String(required=True)
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)
    by = fields.String(required=True)
    at = Instant(required=True)


def amended_out(of: str) -> fields.Function:
    """Returns the field that shows what was put right of a thing. of: in French, for the documentation."""
    kind = {"type": "array", "items": {"type": "object"}, "description": f"{of}, le plus ancien d'abord"}
    return fields.Function(lambda thing: AmendedFactOut(many=True).dump(thing.amended or ()), metadata=kind)


class Reason(Schema):
    """Why: kept in the record."""

    reason = text(1000, minimum=3, required=True)


PLAIN = (fields.String, fields.Integer, fields.Boolean)
Way = Callable[[Row], Any]  # how a field is shown of a row


def reused_field() -> fields.Function:
    """Returns the field that says from which earlier session a thing was taken, None of any other."""
    metadata = {"type": ["string", "null"], "description": "session antérieure dont c'est repris"}
    return fields.Function(lambda thing: thing.reused.session if thing.reused else None, metadata=metadata)


class ThingOut(Schema):
    """Parent of every representation: `can` tells what POLICY opens to the reader, whatever the state."""

    id = Id(required=True)
    revision = fields.Integer(required=True)
    can = fields.Function(
        lambda thing: allowed(reader(), thing), required=True, metadata={"type": "array", "items": {"type": "string"}}
    )

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Returns the JSON-ready dict of a thing. How each field of a row is shown is worked out once: asking it of
        every row again, as marshmallow does, was most of the time of a long list.
        """
        if not isinstance(obj, Row):
            return super().dump(obj, many=many)
        return {key: way(obj) for key, way in self._ways(obj.of_kind)}

    @functools.cache  # noqa: B019 - a schema lasts as long as the application
    def _ways(self, kind: type[Thing]) -> list[tuple[str, Way]]:
        """Returns, for each field, the key of its value and the function that shows it of a row of this kind."""
        return [(field.data_key or name, self._way(kind, name, field)) for name, field in self.dump_fields.items()]

    def _way(self, kind: type[Thing], name: str, field: fields.Field[object]) -> Way:
        if type(field) is fields.Function and field.serialize_func is not None:
            computed: Way = field.serialize_func
            return computed
        if name in kind._fields and field.attribute is None:
            if _is_plain(field):
                return itemgetter(name)
            if type(field) is Id:
                return functools.partial(_as_text, name)
            if type(field) in (Instant, Parts):
                return lambda row: field._serialize(row[name], name, row)
        return lambda row: field.serialize(name, row, accessor=self.get_attribute)


def _as_text(name: str, row: Row) -> str | None:
    stored = row[name]
    return None if stored is None else str(stored)


def _is_plain(field: fields.Field[object]) -> bool:
    """Returns True if a field shows a value as it is stored, already JSON. Exact types: ours change something."""
    if type(field) is fields.List:
        return type(field.inner) in PLAIN
    if type(field) is fields.Dict:
        return type(field.value_field) in (*PLAIN, NoneType)
    return type(field) in PLAIN


class AsIs(Schema):
    """A JSON object that the domain already made of plain values: fields, where declared, only describe it."""

    class Meta:
        unknown = INCLUDE

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        return obj


REPRESENTATIONS: dict[type, type[Schema]] = {}


def represents(kind: type) -> Callable[[type[Schema]], type[Schema]]:
    """Returns a decorator that makes a schema the representation of a kind: what a replayed POST or a 412 shows."""

    def remember(schema: type[Schema]) -> type[Schema]:
        REPRESENTATIONS[kind] = schema
        return schema

    return remember


def represent(thing: object) -> dict[str, Any]:
    representation: dict[str, Any] = REPRESENTATIONS[type(thing)]().dump(thing)
    return representation


class SessionQuery(Schema):
    session = text(5, required=True, metadata={"description": "2027, ou 2027R pour une répétition"})

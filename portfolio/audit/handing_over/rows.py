"""Turns stored rows into what is handed over: plain JSON, without what opens an account, and its description."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import mongoengine as me
from bson import Decimal128, ObjectId
from pymongo.client_session import ClientSession

from portfolio import documents
from portfolio.audit.handing_over.scopes import GIVEN, Owner
from portfolio.boards.stored_fields import BY_POLICY, ROW, StoredField, class_name, stored_fields
from portfolio.documents.rows import EMBEDDING
from portfolio.store.connections import current
from portfolio.store.sealing.sealed_fields import SEALED
from portfolio.store.seals import RawRow, first, plain_value

KIND: Mapping[str, type] = {
    kind._get_collection_name(): kind
    for kind in (getattr(documents, name) for name in documents.__all__)
    if isinstance(kind, type) and issubclass(kind, me.Document)
}
SECRET = "donne accès au compte, ou en dérive"  # noqa: S105
DIGEST = "empreinte à clé d'un réseau, d'un appareil ou d'une adresse"
TECHNICAL = "compte un verrou ou nomme un envoi en cours : ne dit rien du contenu"
WITHHELD = {"held": TECHNICAL, "upload_id": TECHNICAL, "asked": TECHNICAL, "leased_until": TECHNICAL}
# Of a person who has rights elsewhere too, these alone are given, and of the last two what is of here.
OF_SHARED_PERSON = ("_id", "email", "family_name", "given_names", "grants", "schools")
# Fields that are not given whole of everybody: no seal can be held against them.
PARTLY = {"persons": frozenset(documents.Person._fields) - {"email", "family_name", "given_names"}}
TYPES = {
    "InstantField": "instant",
    "ObjectIdField": "identifiant",
    "BooleanField": "booléen",
    "IntField": "entier",
    "LongField": "entier",
    "Decimal128Field": "décimal",
    "BinaryField": "octets",
    "StringField": "texte",
    "ListField": "liste",
    "MapField": "objet",
    "DictField": "objet",
    "EmbeddedDocumentField": "objet",
    "EmbeddedDocumentListField": "liste d'objets",
}


@dataclass(frozen=True)
class FieldLine:
    """One field in the description. name: dotted inside an object. of, kept, read_by: in French."""

    name: str
    type: str
    of: str
    kept: str
    read_by: str
    values: tuple[str, ...]


def rows_of(collection: str, owner: Owner, session: ClientSession) -> Iterator[RawRow]:
    """Yields the stored rows of a collection that belong to the owner, by id. Raises KeyError for a collection that is
    never handed over.
    """
    for query in GIVEN[collection].queries(owner, session):
        yield from current().database[collection].find(query, session=session).sort("_id", 1)


def plain_row(collection: str, row: RawRow, owner: Owner) -> RawRow:
    """Returns a row as it is handed over: declared fields alone, ids and instants as texts; of a person known elsewhere
    too, only what is the owner's.
    """
    if collection == "persons":
        if not owner.people[row["_id"]]:
            row = {name: row[name] for name in OF_SHARED_PERSON if name in row}
        here = [school for school in row.get("schools", []) if school in owner.schools]
        row = row | {"grants": [grant for grant in row.get("grants", []) if owner.holds(grant)], "schools": here}
    return _given(KIND[collection], row)


def _given(kind: type, row: RawRow) -> RawRow:
    withheld, parts, given = left_out(kind), _embedded(kind), RawRow()
    for stored, value in row.items():
        name = "id" if stored == "_id" else stored
        if name in withheld or name not in _fields(kind):
            continue
        if name in parts and value is not None:
            inner = parts[name]
            given[name] = [_given(inner, part) for part in value] if isinstance(value, list) else _given(inner, value)
        else:
            given[name] = plain(value)
    return given


def plain(value: object) -> object:
    """Returns the value in JSON's types, as the seals of rows have them; bytes in base64."""
    if isinstance(value, datetime | ObjectId | Decimal128):
        return plain_value(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


@cache
def left_out(kind: type) -> dict[str, str]:
    """Returns {field of a class that is never handed over: why, in French}. Raises InvalidDataFile
    (config/stored_fields.yaml).
    """
    out = {name: why for name, why in WITHHELD.items() if name in _fields(kind)}
    for name, stored in stored_fields().of_kind(kind).items():
        if stored.unsaid == "secret":
            out[name] = SECRET
        elif stored.unsaid == "digest" or stored.seen == "signals":
            out[name] = DIGEST
    return out


def _fields(kind: type) -> RawRow:
    fields: RawRow = kind._fields  # type: ignore[attr-defined]  # of MongoEngine, which makes the class
    return fields


@cache
def _embedded(kind: type) -> dict[str, type]:
    parts = {}
    for name, stored in _fields(kind).items():
        if isinstance(stored, EMBEDDING):
            holder: Any = getattr(stored, "field", stored)
            parts[name] = holder.document_type
    return parts


# --- the description ------------------------------------------------------------------------------


def described(collection: str, count: int) -> RawRow:
    """Returns what the description of a hand-over says of one collection, JSON-ready: path, format, called, rows
    (which, in French), count, fields, left_out ({field: why}), sealed (as `sealed_groups`). count: of its rows.
    """
    kind, table = KIND[collection], stored_fields()
    lines = list(_field_lines(kind, ""))
    withheld = dict(_withheld(kind, ""))
    return {
        "path": path_of(collection),
        "format": "jsonl",
        "called": table.called[class_name(kind)],
        "rows": GIVEN[collection].words,
        "count": count,
        "fields": [
            {"name": line.name, "type": line.type, "of": line.of, "kept": line.kept, "read_by": line.read_by}
            | ({"values": list(line.values)} if line.values else {})
            for line in lines
        ],
        "left_out": withheld,
        "sealed": sealed_groups(collection),
    }


def path_of(collection: str) -> str:
    """Returns the path, in the folder, of a collection's rows."""
    return f"donnees/{collection}.jsonl"


@cache
def sealed_groups(collection: str) -> dict[str, list[str]]:
    """Returns {group of a seal: its fields} of a collection, for the groups whose fields are given whole: the seal of
    any other cannot be checked. {} if the collection is not sealed.
    """
    if collection not in SEALED:
        return {}
    kind = KIND[collection]
    partly = set(left_out(kind)) | PARTLY.get(collection, frozenset())
    partly |= {name for name, inner in _embedded(kind).items() if left_out(inner)}
    groups = SEALED[collection].groups
    return {name: list(fields) for name, (_, fields) in groups.items() if not partly & {*map(first, fields)}}


def _field_lines(kind: type, prefix: str) -> Iterator[FieldLine]:
    table, withheld = stored_fields(), left_out(kind)
    classified = table.of_kind(kind)
    for name, stored in _fields(kind).items():
        if name in withheld:
            continue
        line = classified[name]
        readers = "qui le droit de lire permet" if line.seen == BY_POLICY else table.words["seen"][line.seen]
        values = tuple(str(value) for value in stored.choices or ())
        yield FieldLine(
            prefix + name, TYPES[type(stored).__name__], _of(line), table.words["kept"][line.kept], readers, values
        )
        if name in _embedded(kind):
            yield from _field_lines(_embedded(kind)[name], f"{prefix}{name}.")


def _withheld(kind: type, prefix: str) -> Iterator[tuple[str, str]]:
    yield from ((prefix + name, why) for name, why in left_out(kind).items())
    for name, inner in _embedded(kind).items():
        yield from _withheld(inner, f"{prefix}{name}.")


def _of(stored: StoredField) -> str:
    if not stored.personal:
        return "ne dit rien d'une personne"
    if stored.of == (ROW,):
        return "dit quelque chose de la personne dont parle la ligne"
    return f"dit quelque chose de la personne que nomme : {', '.join(stored.of)}"

"""Seals what is stored: for each document that a commit writes, one keyed digest per group of fields it touched.

The link of the act holds them (`seals`): [{"of": "grids:<id>", "revision": of the document, "groups": {name: mac}}].
For a person whose grants are written, `grants` also lists the live ones: {id: role}. The last seal of a group, by
revision, must match what is stored; otherwise a write bypassed the journal. The digests are keyed, because a number
or a degree could be guessed from a plain one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson import Decimal128, ObjectId

from portfolio.store.sealing.sealed import Sealed
from portfolio.store.sealing.sealed_fields import OF_CANDIDATES, SEALED

READ_BY_CANDIDATES = ("portfolio:", "formative:")
MAC_LENGTH = 32  # hexadecimal digits: 128 bits

RawRow = dict[str, Any]


@dataclass
class Seals:
    """What one commit seals. rows: [(collection, document after the commit, names of the groups it touched)]."""

    rows: list[tuple[str, RawRow, Sequence[str]]] = field(default_factory=list)
    removed: list[tuple[str, RawRow]] = field(default_factory=list)


def first(name: str) -> str:
    """Returns the field of the document that a path begins with: `grants` of `grants.$.revoked_at`."""
    return name.partition(".")[0]


def name_of(collection: str, document: object) -> str:
    """Returns the name of a document in seals, "<collection>:<id>". document: its id."""
    return f"{collection}:{document}"


def touched(collection: str, names: Iterable[str]) -> list[str]:
    """Returns the groups of the collection that contain any of these fields, which may be paths
    (`grants.$.revoked_at`); [] where the collection is not sealed.
    """
    rules, tops = SEALED.get(collection), {first(name) for name in names}
    return [] if rules is None else [group for group, (_, of) in rules.groups.items() if tops & {*map(first, of)}]


def projection(collection: str, groups: Iterable[str]) -> dict[str, int]:
    """Returns the MongoDB projection of the fields that the seals of these groups need. Raises KeyError for an unknown
    collection or group.
    """
    fields = {first(name) for group in groups for name in SEALED[collection].groups[group][1]}
    return dict.fromkeys(("_id", "revision", "candidacy", "person", *sorted(fields)), 1)


def entry(collection: str, row: RawRow, groups: Iterable[str], key: bytes) -> dict[str, Any]:
    """Returns the seal of a document, an item of `seals` in a link: {of, revision, groups: {group: mac}}, and {grants:
    {id: role}} of a person whose grants it seals. row: the document as stored. key: of the chain. Raises KeyError for
    an unknown collection or group.
    """
    made = {
        "of": name_of(collection, row["_id"]),
        "revision": row["revision"],
        "groups": {group: mac(collection, row, group, key) for group in groups},
    }
    if collection == "persons" and "grants" in made["groups"]:
        live = [grant for grant in row.get("grants", []) if grant.get("revoked_at") is None]
        made["grants"] = {str(grant["id"]): grant["role"] for grant in live}
    return made


def entry_of_removed(collection: str, row: RawRow) -> dict[str, Any]:
    """Returns the seal of a document that the commit removed: {of, revision, groups, removed}, without groups, at the
    revision after its last one.
    """
    return {"of": name_of(collection, row["_id"]), "revision": row["revision"] + 1, "groups": {}, "removed": True}


def mac(collection: str, row: RawRow, group: str, key: bytes) -> str:
    """Returns the HMAC-SHA-256 of one group of fields, cut to MAC_LENGTH hexadecimal digits; an empty field equals an
    absent one. Raises KeyError for an unknown collection or group.
    """
    values = filled(collection, row, group)
    sealed = json.dumps(
        [name_of(collection, row["_id"]), group, values], sort_keys=True, ensure_ascii=False, default=plain_value
    )
    return hmac.new(key, b"seal " + sealed.encode(), hashlib.sha256).hexdigest()[:MAC_LENGTH]


def filled(collection: str, row: RawRow, group: str) -> RawRow:
    """Returns the fields of a group that are not empty: empty equals absent, since MongoEngine stores neither. Raises
    KeyError for an unknown collection or group.
    """
    rules = SEALED[collection]
    values = {name: _sealed_value(row, name, rules) for name in rules.groups[group][1]}
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def _sealed_value(row: RawRow, name: str, rules: Sealed) -> object:
    """Returns the stored value of a field; of a part of embedded documents, {id of each that has it: its value}."""
    whole, _, part = name.partition(".")
    if part:
        return {str(item.get("id")): item[part] for item in row.get(whole) or [] if item.get(part) is not None}
    apart = rules.apart.get(name)
    if not apart or not row.get(name):
        return row.get(name)
    return [{key: value for key, value in item.items() if key not in apart} for item in row[name]]


def plain_value(value: object) -> str:
    """Returns the text of what JSON has no type for: an instant in UTC, to the millisecond; an id; a decimal. Raises
    TypeError for any other.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, ObjectId | Decimal128):
        return str(value)
    raise TypeError(type(value))


def chain_for(collection: str, row: RawRow, chain: str) -> str:
    """Returns the chain that takes the seal: that of the act (`chain`), except for what a candidate must not see
    change, which goes to its person's, its assessment's or its own.
    """
    if collection in OF_CANDIDATES or not chain.startswith(READ_BY_CANDIDATES):
        return chain
    if collection == "persons":
        return f"person:{row['_id']}"
    if row.get("person"):
        return f"person:{row['person']}"
    return f"assessment:{row['candidacy']}" if row.get("candidacy") else name_of(collection, row["_id"])

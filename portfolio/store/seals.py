"""Seals of what is stored: for each document that a commit writes, one keyed digest per group of fields it touched.

They stand in the link of the act (`seals`): [{"of": "grids:<id>", "revision": of the document, "groups": {name: mac}}].
Of a person whose grants are written, `grants` besides names those that live from then on: {id: role}.
The last one of a group, by revision, is what is stored, or somebody wrote past the journal. Keyed, because a number or
a degree would be guessed from its digest.
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

from portfolio.store.sealed_fields import OF_CANDIDATES, SEALED

READ_BY_CANDIDATES = ("portfolio:", "formative:")
MAC_LENGTH = 32  # hexadecimal digits: 128 bits

Row = dict[str, Any]


@dataclass
class Seals:
    """What one commit seals. rows: [(collection, what is stored after it, names of the groups it touched)]."""

    rows: list[tuple[str, Row, Sequence[str]]] = field(default_factory=list)
    removed: list[tuple[str, Row]] = field(default_factory=list)


def name_of(collection: str, document: Any) -> str:
    return f"{collection}:{document}"


def touched(collection: str, names: Iterable[str]) -> list[str]:
    """Groups that hold any of these fields, which may be paths (`grants.$.revoked_at`)."""
    rules, tops = SEALED.get(collection), {name.partition(".")[0] for name in names}
    return [] if rules is None else [group for group, (_, fields) in rules.groups.items() if tops & set(fields)]


def projection(collection: str, groups: Iterable[str]) -> dict[str, int]:
    fields = {name for group in groups for name in SEALED[collection].groups[group][1]}
    return dict.fromkeys(("_id", "revision", "candidacy", "person", *sorted(fields)), 1)


def entry(collection: str, row: Row, groups: Iterable[str], key: bytes) -> dict[str, Any]:
    made = {
        "of": name_of(collection, row["_id"]),
        "revision": row["revision"],
        "groups": {group: mac(collection, row, group, key) for group in groups},
    }
    if collection == "persons" and "grants" in made["groups"]:
        live = [grant for grant in row.get("grants", []) if grant.get("revoked_at") is None]
        made["grants"] = {str(grant["id"]): grant["role"] for grant in live}
    return made


def entry_of_removed(collection: str, row: Row) -> dict[str, Any]:
    return {"of": name_of(collection, row["_id"]), "revision": row["revision"] + 1, "groups": {}, "removed": True}


def mac(collection: str, row: Row, group: str, key: bytes) -> str:
    values = filled(row, SEALED[collection].groups[group][1])
    sealed = json.dumps(
        [name_of(collection, row["_id"]), group, values], sort_keys=True, ensure_ascii=False, default=_plain
    )
    return hmac.new(key, b"seal " + sealed.encode(), hashlib.sha256).hexdigest()[:MAC_LENGTH]


def filled(row: Row, fields: Iterable[str]) -> Row:
    """What is empty and what is absent are the same: MongoEngine stores neither."""
    return {name: row[name] for name in fields if row.get(name) not in (None, [], {})}


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, ObjectId | Decimal128):
        return str(value)
    raise TypeError(type(value))


def chain_for(collection: str, row: Row, chain: str) -> str:
    """Where the seal goes: into the act's own link, but for what a candidate must not see move."""
    if collection in OF_CANDIDATES or not chain.startswith(READ_BY_CANDIDATES):
        return chain
    if collection == "persons":
        return f"person:{row['_id']}"
    if row.get("person"):
        return f"person:{row['person']}"
    return f"assessment:{row['candidacy']}" if row.get("candidacy") else name_of(collection, row["_id"])

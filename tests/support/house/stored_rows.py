"""Reads the rows of every collection by their classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import mongoengine as me
from bson import Decimal128, ObjectId

from portfolio.boards.stored_fields import class_name, stored_fields
from portfolio.store.connections import Connections

COLLECTIONS = import_module("migrations.0001_first_shape").COLLECTIONS
NEVER_TOLD = ("nobody", "signals")
OF_THE_COMMISSION = ("commission", "jury", "members")


def classes() -> dict[str, Any]:
    """{as the table writes it: class}, of everything that is stored, parents and embedded ones included."""
    waiting, found = [me.Document, me.EmbeddedDocument], {}
    while waiting:
        waiting += (one := waiting.pop()).__subclasses__()
        if one.__module__.startswith("portfolio.documents."):
            found[class_name(one)] = one
    return found


def own_fields(kind: Any) -> set[str]:
    inherited = {name for parent in kind.__mro__[1:] for name in getattr(parent, "_fields", ())}
    return set(kind._fields) - inherited


def collections() -> dict[str, Any]:
    return {one._meta["collection"]: one for one in classes().values() if one._meta.get("collection")}


def stored_name(name: str) -> str:
    return "_id" if name == "id" else name


def values_of(value: Any) -> Iterator[Any]:
    """Every scalar within, and every container; sections are given a row at a time."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | Iterator) else ():
        yield from values_of(inner)


def stored_texts(store: Connections, seen: Iterable[str]) -> list[tuple[str, str]]:
    """(field, text), of the fields that these alone may read: texts, numbers and identifiers that name nothing else."""
    found, elsewhere = [], set()
    for name, kind in collections().items():
        for row in store.database[name].find():
            for field, stored in stored_fields().of_kind(kind).items():
                texts = [text for value in values_of(row.get(stored_name(field))) if (text := distinct(value))]
                if stored.seen in seen:
                    found += [(f"{name}.{field}", text) for text in texts]
                else:
                    elsewhere |= set(texts)
    assert found
    return [(where, text) for where, text in found if text not in elsewhere]


def distinct(value: Any) -> str | None:
    """As it would be found in a file; None for what could be there by chance."""
    if isinstance(value, (ObjectId, Decimal128)):
        return str(value) if len(str(value)) > 4 else None
    return value if isinstance(value, str) and len(value) > 11 else None

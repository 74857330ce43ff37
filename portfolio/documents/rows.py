"""Wraps raw documents so that they read like documents, for lists: building objects costs more than the query."""

from __future__ import annotations

from typing import Any

from mongoengine import Document, EmbeddedDocumentField, EmbeddedDocumentListField

EMBEDDING = (EmbeddedDocumentField, EmbeddedDocumentListField)


class _Part(dict[str, Any]):
    """An embedded document: a field that was not stored is None."""

    def __missing__(self, name: str) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        if name.startswith("__"):
            raise AttributeError(name)
        return None


class Row(dict[str, Any]):
    """A raw document whose fields, computed ones included, read as items and attributes. Read only.

    kind: the class of the document. A field that was not stored is None. Raises KeyError for a name that is no field.
    """

    def __init__(self, kind: type[Document], raw: dict[str, Any]) -> None:
        super().__init__(raw, id=raw["_id"])
        self.of_kind: Any = kind
        for name in _embedding(kind):
            stored = raw.get(name)
            if stored:
                self[name] = [_Part(part) for part in stored] if isinstance(stored, list) else _Part(stored)

    def __missing__(self, name: str) -> object:
        if name not in self.of_kind._fields:
            raise KeyError(name)
        return None

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        computed = getattr(self.of_kind, name, None)
        if isinstance(computed, property) and computed.fget is not None:
            return computed.fget(self)
        return self[name]

    @property
    def pk(self) -> Any:
        return self["_id"]

    def stored(self) -> dict[str, object]:
        """Returns the raw document, of which one that may be changed is made."""
        return {name: self[name] for name in self if name != "id"}


class WholeRow(Row):
    """A raw document that was read whole: a field that was not stored is what it is by default, as in a document."""

    def __missing__(self, name: str) -> object:
        if name not in self.of_kind._fields:
            raise KeyError(name)
        default = self.of_kind._fields[name].default
        return default() if callable(default) else default


_embedding_fields: dict[type[Document], tuple[str, ...]] = {}


def _embedding(kind: type[Document]) -> tuple[str, ...]:
    if kind not in _embedding_fields:
        fields = kind._fields.items()
        _embedding_fields[kind] = tuple(name for name, field in fields if isinstance(field, EMBEDDING))
    return _embedding_fields[kind]


def kind_of(thing: object) -> type:
    """Returns the class of a document, or of the document that a row stands for."""
    return thing.of_kind if isinstance(thing, Row) else type(thing)

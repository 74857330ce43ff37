"""Reads the classification of stored fields: whom each concerns, its retention, its readers.

The file is `config/stored_fields.yaml`; a class takes the lines of the classes it inherits from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from portfolio.rules.texts.data_files import CONFIG, Field, read

FILE = CONFIG / "stored_fields.yaml"
ROW = "the row"
BY_POLICY = "policy"


@dataclass(frozen=True)
class StoredField:
    """One field. of: the fields of the row that name the people concerned; () without any; (ROW,) for part of a row.

    kept, seen, unsaid: codes of the file. seen: BY_POLICY if POLICY decides who reads the document.
    """

    of: tuple[str, ...]
    kept: str
    seen: str
    unsaid: str | None

    @property
    def personal(self) -> bool:
        return bool(self.of)


@dataclass(frozen=True)
class DeclaredExport:
    """An export. kinds: names of the classes whose fields it holds."""

    reader: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class StoredFieldsTable:
    """The whole file. kinds: {"people.Person": {field: Stored}}, own fields only. words: {"kept": {code: words}, …}.

    called: the French name of a collection's rows, by class.
    """

    kinds: Mapping[str, Mapping[str, StoredField]]
    called: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    raw: Mapping[str, str]
    exports: Mapping[str, DeclaredExport]

    def of_kind(self, kind: type) -> dict[str, StoredField]:
        """Returns {field: its classification} of a document class, inherited ones first; {} if the file names none."""
        fields: dict[str, StoredField] = {}
        for parent in reversed(kind.__mro__):
            fields |= self.kinds.get(class_name(parent), {})
        return fields


def class_name(kind: type) -> str:
    """Returns the class as named in the file: "<its module below portfolio.documents>.<its name>"."""
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


@cache
def stored_fields() -> StoredFieldsTable:
    """Returns the classification of config/stored_fields.yaml, read once. Raises InvalidDataFile if the file breaks its
    own rules.
    """
    root, _ = read(FILE)
    root.only("kept", "seen", "unsaid", "raw", "exports", "kinds")
    words = {name: root[name].wordings() for name in ("kept", "seen", "unsaid")}
    kinds = {name: _kind(kind, words) for name, kind in root["kinds"].items()}
    exports = {name: _export(export) for name, export in root["exports"].items()}
    called = {name: kind["called"].text() for name, kind in root["kinds"].items() if kind.get("called")}
    return StoredFieldsTable(kinds, called, words, root["raw"].wordings(), exports)


def _kind(kind: Field, words: Mapping[str, Mapping[str, str]]) -> dict[str, StoredField]:
    kind.only("called", "kept", "seen", "fields")
    readers = kind.get("seen")
    kept = kind["kept"].choice(*words["kept"])
    by_default = {"kept": kept, "seen": readers.choice(*words["seen"]) if readers else BY_POLICY}
    return {name: _stored(line, by_default, words) for name, line in kind["fields"].items()}


def _stored(line: Field, by_default: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> StoredField:
    whose, *more = [part.strip() for part in line.text().split(";")]
    codes = dict(by_default)
    for part in more:
        name, _, code = part.partition(" ")
        if name not in words or code not in words[name]:
            raise line.wrong(f"« {part} » n'est pas un des codes écrits plus haut")
        codes[name] = code
    if whose == "nobody":
        return StoredField((), codes["kept"], codes["seen"], codes.get("unsaid"))
    if not whose.startswith("of "):
        raise line.wrong("« nobody » ou « of … » est attendu")
    named = whose.removeprefix("of ")
    of = (ROW,) if named == ROW else tuple(named.split())
    return StoredField(of, codes["kept"], codes["seen"], codes.get("unsaid"))


def _export(export: Field) -> DeclaredExport:
    export.only("reader", "kinds", "and")
    more = export.get("and")
    return DeclaredExport(export["reader"].text(), (*export["kinds"].texts(), *(more.texts() if more else ())))

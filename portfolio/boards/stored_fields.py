"""Every stored field, classified: whose it is, until when, who reads it (`config/stored_fields.yaml`).

A class takes the lines of the classes it inherits from. Raises InvalidDataFile where the file is not as it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from portfolio.rules.data_files import CONFIG, Field, read

FILE = CONFIG / "stored_fields.yaml"
ROW = "the row"
BY_POLICY = "policy"


@dataclass(frozen=True)
class Stored:
    """of: the fields of the row that name whose this is; () where it says nothing of anybody; (ROW,) for part of a row.

    kept, seen, unsaid: codes of the file. seen: BY_POLICY for whoever POLICY lets read the thing.
    """

    of: tuple[str, ...]
    kept: str
    seen: str
    unsaid: str | None

    @property
    def personal(self) -> bool:
        return bool(self.of)


@dataclass(frozen=True)
class Export:
    """kinds: names of the classes it is drawn from."""

    reader: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """kinds: {"people.Person": {field: Stored}}, own fields alone; words: {"kept": {code: French words}, …}."""

    kinds: Mapping[str, Mapping[str, Stored]]
    words: Mapping[str, Mapping[str, str]]
    raw: Mapping[str, str]
    exports: Mapping[str, Export]

    def of_kind(self, kind: Any) -> dict[str, Stored]:
        """Every classified field of a document class, inherited ones first."""
        found: dict[str, Stored] = {}
        for one in reversed(kind.__mro__):
            found |= self.kinds.get(class_name(one), {})
        return found


def class_name(kind: Any) -> str:
    """As the file writes it: the module below `portfolio.documents`, and the class."""
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


@cache
def stored_fields() -> Table:
    root, _ = read(FILE)
    root.only("kept", "seen", "unsaid", "raw", "exports", "kinds")
    words = {name: root[name].wordings() for name in ("kept", "seen", "unsaid")}
    kinds = {name: _kind(kind, words) for name, kind in root["kinds"].items()}
    exports = {name: _export(export) for name, export in root["exports"].items()}
    return Table(kinds, words, root["raw"].wordings(), exports)


def _kind(kind: Field, words: Mapping[str, Mapping[str, str]]) -> dict[str, Stored]:
    kind.only("kept", "seen", "fields")
    seen = kind.get("seen")
    kept = kind["kept"].choice(*words["kept"])
    by_default = {"kept": kept, "seen": seen.choice(*words["seen"]) if seen else BY_POLICY}
    return {name: _stored(line, by_default, words) for name, line in kind["fields"].items()}


def _stored(line: Field, by_default: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> Stored:
    whose, *more = [part.strip() for part in line.text().split(";")]
    said = dict(by_default)
    for part in more:
        name, _, code = part.partition(" ")
        if name not in words or code not in words[name]:
            raise line.wrong(f"{part!r} is not one of the codes above")
        said[name] = code
    if whose == "nobody":
        return Stored((), said["kept"], said["seen"], said.get("unsaid"))
    if not whose.startswith("of "):
        raise line.wrong("« nobody » or « of … » is needed")
    named = whose.removeprefix("of ")
    of = (ROW,) if named == ROW else tuple(named.split())
    return Stored(of, said["kept"], said["seen"], said.get("unsaid"))


def _export(export: Field) -> Export:
    export.only("reader", "kinds", "and")
    more = export.get("and")
    return Export(export["reader"].text(), (*export["kinds"].texts(), *(more.texts() if more else ())))

"""Reads the parts of an OOXML package by their relationships (ECMA-376, part 2), each within a limit."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.parsers import expat
from zipfile import ZipFile

from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.markup import each_tag

LARGEST_PART = 256 << 20
_PIECE = 1 << 16
_LARGEST_RELATIONS = 4 << 20


class Relation(NamedTuple):
    """kind: the last word of its type, such as `worksheet`. target: the name of a part; empty outside the package.

    address: what it leads to outside the package, as it is written; otherwise empty.
    """

    kind: str
    target: str
    address: str = ""


class Package:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())

    def relations(self, part: str) -> dict[str, Relation]:
        """Returns {id: relation} of a part, or of the package for the empty name; {} if it has none. Raises CannotShow
        beyond _LARGEST_RELATIONS bytes, BadMarkup.
        """
        folder, name = posixpath.split(part)
        list_of_relations = posixpath.join(folder, "_rels", f"{name}.rels")
        relations: dict[str, Relation] = {}

        def note(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship":
                outside = attributes.get("TargetMode") == "External"
                written = attributes.get("Target", "")
                target, address = ("", written) if outside else (_resolved(folder, written), "")
                kind = attributes.get("Type", "").rpartition("/")[2]
                relations[attributes.get("Id", "")] = Relation(kind, target, address)

        self.each_tag(list_of_relations, note, limit=_LARGEST_RELATIONS)
        return relations

    def first(self, part: str, kind: str) -> str | None:
        """Returns the path of the first part of this kind that `part` relates to; None without any. Raises as
        `relations`.
        """
        return next((related.target for related in self.relations(part).values() if related.kind == kind), None)

    def each_tag(
        self, part: str | None, handle: Callable[[str, dict[str, str]], None], limit: int = LARGEST_PART
    ) -> None:
        """Calls `handle` for each start tag of a part, with its local name and attributes; not at all if the part is
        missing. limit: in bytes. Raises CannotShow past it, BadMarkup.
        """
        if part in self._names:
            each_tag(self.pieces(str(part), limit), handle)

    def pieces(self, part: str, limit: int = LARGEST_PART) -> Iterator[bytes]:
        """Yields the content of a part, inflated, piece by piece. limit: in bytes. Raises CannotShow past the limit,
        KeyError if there is no such part.
        """
        with self._archive.open(part) as stream:
            while piece := stream.read(_PIECE):
                limit -= len(piece)
                if limit < 0:
                    raise CannotShow("too_large")
                yield piece

    @staticmethod
    def parser(*, namespaces: bool = False) -> expat.XMLParserType:
        """Returns a parser that refuses entities: no office program declares any, and they can expand without end.

        namespaces: names are « namespace name » instead of « prefix:name ».
        """
        parser = expat.ParserCreate(namespace_separator=" ") if namespaces else expat.ParserCreate()
        parser.EntityDeclHandler = _refuse_entity
        return parser

    def has(self, part: str) -> bool:
        return part in self._names

    def names(self) -> list[str]:
        """Returns the names of all parts, in the order of the archive."""
        return self._archive.namelist()


def _refuse_entity(*_: object) -> None:
    raise CannotShow("damaged")


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")

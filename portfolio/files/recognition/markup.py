"""Reads the start tags of an XML part, without building a tree, expanding entities or fetching anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat


class BadMarkup(Exception):
    """The part is not well formed, or declares entities: no office program does, and they can expand without end."""


def each_tag(pieces: Iterable[bytes], handle: Callable[[str, dict[str, str]], None]) -> None:
    """Calls `handle(local name, attributes by local name)` for each start tag, in order. Raises BadMarkup.

    The pieces may stop before the last tag: a checksum verifies elsewhere that the part is complete.
    """

    def start(name: str, attributes: dict[str, str]) -> None:
        handle(_local(name), {_local(key): value for key, value in attributes.items()})

    def entity(*_: object) -> None:
        raise BadMarkup("an entity is declared")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = entity
    try:
        for piece in pieces:
            parser.Parse(piece, False)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding Python doesn't know
        raise BadMarkup(str(error)) from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]

"""Start tags of an XML part, without building a tree, following an entity or fetching anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat


class BadMarkup(Exception):
    """Not well formed, or it declares entities: no office program writes any, and they can expand without end."""


def each_tag(pieces: Iterable[bytes], seen: Callable[[str, dict[str, str]], None]) -> None:
    """Calls `seen(local name, attributes by local name)` for each start tag, in order.

    The pieces may stop before the last tag: whether a part is whole is for its checksum to say.
    """

    def start(name: str, attributes: dict[str, str]) -> None:
        seen(_local(name), {_local(key): value for key, value in attributes.items()})

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

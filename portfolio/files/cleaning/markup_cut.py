"""Cuts elements out of XML, and leaves every other byte as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from portfolio.files.cleaning.outcome import CannotClean

_TAG = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")
KEEP, UNWRAP, DROP = "keep", "unwrap", "drop"
Choose = Callable[[str, str, dict[str, str]], str]


def cut(markup: bytes, choose: Choose) -> bytes:
    """Returns the markup without the elements that `choose` drops, and without the tags of those that it unwraps.

    choose: takes the name of an element and of the one around it, each as « namespace name », and its attributes, and
    returns KEEP, UNWRAP or DROP. Raises CannotClean for what is not UTF-8 or not well formed.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = False
    names: list[str] = []
    fates: list[tuple[str, int]] = []
    ranges: list[tuple[int, int]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        inside = bool(fates) and fates[-1][0] == DROP
        fate = DROP if inside else choose(name, names[-1] if names else "", attributes)
        place = parser.CurrentByteIndex
        names.append(name)
        fates.append((fate, -1 if inside else place))
        if fate == UNWRAP:
            ranges.append((place, _end(markup, place)))

    def end(_: str) -> None:
        names.pop()
        fate, place = fates.pop()
        here = parser.CurrentByteIndex
        if fate == KEEP or place < 0:
            return
        opening = _end(markup, place)
        alone = markup[opening - 2 : opening] == b"/>"
        if fate == DROP:
            ranges.append((place, opening if alone else _end(markup, here)))
        elif not alone:
            ranges.append((here, _end(markup, here)))

    def refuse(*_: object) -> None:
        raise CannotClean

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = refuse
    try:
        markup.decode("utf-8")
        parser.Parse(markup, True)
    except (expat.ExpatError, UnicodeDecodeError):
        raise CannotClean from None
    kept, last = [], 0
    for first, stop in sorted(ranges):
        kept.append(markup[last:first])
        last = max(last, stop)
    return b"".join([*kept, markup[last:]])


def _end(markup: bytes, start: int) -> int:
    tag = _TAG.match(markup, start)
    if tag is None:
        raise CannotClean
    return tag.end()

"""Finds other people's data in the views of a file, which are its source, as JSON: its outline, the words read off its
pictures, what it keeps inside, what is attached to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, TypedDict

from portfolio.files.personal_data.gathered import gather
from portfolio.files.personal_data.parts import PlacedText, parts_of
from portfolio.files.previews.preview_spec import Preview
from portfolio.files.previews.sandbox import run


class WordsToSearch(TypedDict):
    """outlines: views, as JSON. texts: as a `PlacedText`. attached: (name of a file, its view as JSON)."""

    outlines: list[str]
    texts: list[tuple[str, str, str, list[tuple[int, str, bool]]]]
    attached: list[tuple[str, str]]


def show(source: BinaryIO, _kind: str, _what: str) -> bytes:
    return json.dumps(gather(_parts(json.load(source)))).encode()


def _parts(views: WordsToSearch) -> Iterator[PlacedText]:
    for outline in views["outlines"]:
        yield from parts_of(Preview(**json.loads(outline)))
    for place, name, text, cells in views["texts"]:
        yield PlacedText(place, name, text, [(start, cell, hidden) for start, cell, hidden in cells])
    for name, attached in views["attached"]:
        for part in parts_of(Preview(**json.loads(attached))):
            yield replace(part, place="attached", name=name, cells=())


if __name__ == "__main__":
    run(show)

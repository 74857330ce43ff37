"""Reads the marked texts of the corpus."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MARK = re.compile(r"\[\[([a-z_]+):(.*?)\]\]", re.DOTALL)
HEAD = re.compile(r"^=== (\S+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """A value to be found: `text[start:end]` of its snippet."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Snippet:
    id: str
    text: str
    found: tuple[Found, ...]


def load() -> list[Snippet]:
    """Give the whole corpus, in the order of its files' names."""
    return [snippet for path in sorted(HERE.glob("*.txt")) for snippet in read(path.read_text(encoding="utf-8"))]


def read(marked: str) -> list[Snippet]:
    """Give the snippets of one file's text."""
    _, *parts = HEAD.split(marked)
    return [unmarked(name, text.removesuffix("\n")) for name, text in zip(parts[::2], parts[1::2], strict=True)]


def unmarked(name: str, marked: str) -> Snippet:
    """Give a snippet without its marks, and where the marked values stand in it."""
    text, found, end = "", [], 0
    for mark in MARK.finditer(marked):
        text += marked[end : mark.start()]
        found.append(Found(mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        end = mark.end()
    return Snippet(name, text + marked[end:], tuple(found))

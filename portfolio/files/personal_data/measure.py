"""Measures what is found against texts in which people marked what is to be found, kind by kind.

A file of such texts has snippets that begin with a line `=== id`; a value is written `[[kind:value]]`. A finding is
right when it meets a marked value of its kind; each marked value counts once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from portfolio.files.personal_data.detect import detect
from portfolio.files.personal_data.value import KINDS, PersonalValue

_HEAD = re.compile(r"^=== (\S+)\n", re.MULTILINE)
_MARK = re.compile(r"\[\[([a-z_]+):(.*?)\]\]", re.DOTALL)


class Marked(NamedTuple):
    """A snippet without its marks, and the values that were marked in it."""

    id: str
    text: str
    values: tuple[PersonalValue, ...]


class Measured(NamedTuple):
    """What was measured of one kind. marked, given, right, met: counts of values, of findings, of findings that meet a
    marked value, of marked values that a finding meets.
    """

    kind: str
    marked: int
    given: int
    right: int
    met: int

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        return self.met / self.marked if self.marked else 1.0


class Mistake(NamedTuple):
    """missed: a marked value that nothing met; otherwise a finding where nothing was marked."""

    id: str
    missed: bool
    finding: PersonalValue


def read(paths: Iterable[Path]) -> Iterator[Marked]:
    """Yields the snippets of these files, and of the `.txt` files of these folders. Raises OSError,"
    " UnicodeDecodeError."""
    for path in paths:
        for file in sorted(path.glob("*.txt")) if path.is_dir() else [path]:
            _, *parts = _HEAD.split(file.read_text(encoding="utf-8"))
            for name, text in zip(parts[::2], parts[1::2], strict=True):
                yield _unmarked(name, text.removesuffix("\n"))


def _unmarked(name: str, marked: str) -> Marked:
    taken, values = 0, []
    for mark in _MARK.finditer(marked):
        start = mark.start() - taken
        values.append(PersonalValue(mark[1], start, start + len(mark[2])))
        taken += len(mark[0]) - len(mark[2])
    return Marked(name, _MARK.sub(lambda mark: mark[2], marked), tuple(values))


def measure(snippets: Iterable[Marked]) -> tuple[list[Measured], list[Mistake]]:
    """Returns what was measured of each kind, in the order of KINDS, and each mistake."""
    counts: Counter[tuple[str, str]] = Counter()
    mistakes = []
    for snippet in snippets:
        given = detect(snippet.text)
        for value in snippet.values:
            met = any(each.kind == value.kind and each.meets(value) for each in given)
            counts.update([(value.kind, "marked"), *([(value.kind, "met")] if met else [])])
            mistakes += [] if met else [Mistake(snippet.id, True, value)]
        for finding in given:
            right = any(each.kind == finding.kind and each.meets(finding) for each in snippet.values)
            counts.update([(finding.kind, "given"), *([(finding.kind, "right")] if right else [])])
            mistakes += [] if right else [Mistake(snippet.id, False, finding)]
    fields = ("marked", "given", "right", "met")
    return [Measured(kind, *(counts[kind, name] for name in fields)) for kind in KINDS], mistakes


def table(outcomes: Iterable[Measured]) -> str:
    """Returns the table of precision and recall, as text."""
    lines = [f"{'kind':22}{'precision':>10}{'recall':>8}{'marked':>8}{'given':>7}"]
    lines += [f"{o.kind:22}{o.precision:10.3f}{o.recall:8.3f}{o.marked:8}{o.given:7}" for o in outcomes]
    return "\n".join(lines) + "\n"

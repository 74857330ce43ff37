"""How much a confined process may use. Data for both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Bounds:
    """cpu_s: seconds of a processor. wall_s: seconds on the clock. memory: bytes of addresses. output: bytes written.

    On a busy machine the clock comes first: wall_s leaves room for that.
    """

    cpu_s: int
    wall_s: float
    memory: int = 1536 << 20
    output: int = 16 << 20

    def as_arguments(self) -> list[str]:
        """Returns what `from_arguments` reads in the child."""
        return [str(self.cpu_s), str(self.memory), str(self.output)]

    @classmethod
    def from_arguments(cls, arguments: list[str]) -> Bounds:
        cpu_s, memory, output = map(int, arguments)
        return cls(cpu_s, 0, memory, output)


PARSING: Final = Bounds(cpu_s=5, wall_s=15)  # while somebody waits for the answer
FIRST_LOOK: Final = replace(PARSING, wall_s=6)  # at a deposit, which waits no longer: the worker tells later
DRAWING: Final = Bounds(cpu_s=30, wall_s=40)  # in the worker
CLEANING: Final = replace(PARSING, output=128 << 20)  # the copy of a photo, or of a document
PRINTING: Final = replace(DRAWING, output=64 << 20)  # a page of a slideshow may hold several photos

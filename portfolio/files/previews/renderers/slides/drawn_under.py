"""Follows what is drawn under the words of a slide, to say which shapes stand on nothing but white paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

_MOST_AREAS = 300


class Rectangle(NamedTuple):
    """A place on a page, in any unit of length."""

    left: float
    top: float
    width: float
    height: float

    def meets(self, other: Rectangle) -> bool:
        return (
            self.left < other.left + other.width
            and other.left < self.left + self.width
            and self.top < other.top + other.height
            and other.top < self.top + self.height
        )


@dataclass
class DrawnUnder:
    """What is drawn so far. shaded: whether the page itself has another colour than that of paper; None if nothing says
    so. areas: that have one, None for one that may be anywhere.
    """

    shaded: bool | None = None
    areas: list[Rectangle | None] = field(default_factory=list)

    def add(self, area: Rectangle | None) -> None:
        """Adds a picture, or a shape with a colour."""
        if len(self.areas) < _MOST_AREAS:
            self.areas.append(area)
        else:
            self.areas[-1] = None

    def is_paper(self, area: Rectangle | None) -> bool:
        """Returns whether nothing but white paper is under a place. area: None for one that may be anywhere."""
        if self.shaded:
            return False
        if area is None:
            return not self.areas
        return not any(each is None or each.meets(area) for each in self.areas)


@dataclass
class ShapeFill:
    """A shape that is read. filled: with a colour; None if nothing says so. white: that colour is that of paper."""

    name: str = ""
    area: Rectangle | None = None
    corner: tuple[float, float] | None = None
    filled: bool | None = None
    white: bool = False

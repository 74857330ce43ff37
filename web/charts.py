"""Charts as plain numbers for templates that draw SVG: no script, no style attribute; a table says the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor

from portfolio.jury.statistics import Spread
from portfolio.rules.texts.circular_terms import MarkRule

WIDTH, HEIGHT, FOOT, HEAD = 640, 190, 24, 28
BOX_WIDTH, BOX_HEIGHT = 220, 24


@dataclass(frozen=True)
class Bar:
    """mark: from this whole mark up to, not including, the next. x, y, width, height: in the drawing's units."""

    mark: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class BoxPlot:
    """Lowest, quartiles, highest, as places along a line of BOX_WIDTH. band_*: the middle half of all marks."""

    low: float
    first: float
    middle: float
    third: float
    high: float
    band_from: float
    band_to: float


def histogram(distribution: Sequence[tuple[Decimal, int]], maximum: Decimal) -> list[Bar]:
    """Returns one bar for each whole mark from 0 to `maximum`, included: 12,5 counts with 12. distribution: (mark, how
    many). Places and sizes are in units of the drawing (WIDTH by HEIGHT).
    """
    top = int(maximum)
    counts: Counter[int] = Counter()
    for mark, count in distribution:
        counts[min(floor(mark), top)] += count
    tallest = max(counts.values(), default=1)
    step = WIDTH / (top + 1)
    bars = []
    for whole in range(top + 1):
        height = round((HEIGHT - FOOT - HEAD) * counts[whole] / tallest, 1)
        bars.append(
            Bar(whole, counts[whole], round(whole * step + 2, 1), HEIGHT - FOOT - height, round(step - 4, 1), height)
        )
    return bars


def box(spread: Spread, everyone: Spread, maximum: Decimal) -> BoxPlot:
    """Returns the places of a spread, and of the middle half of everyone, on a line of BOX_WIDTH units that ends at the
    highest mark.
    """

    def place(mark: Decimal) -> float:
        return round(4 + float(mark / maximum) * (BOX_WIDTH - 8), 1)

    return BoxPlot(
        low=place(spread.lowest),
        first=place(spread.first_quartile),
        middle=place(spread.median),
        third=place(spread.third_quartile),
        high=place(spread.highest),
        band_from=place(everyone.first_quartile),
        band_to=place(everyone.third_quartile),
    )


def fences(everyone: Spread, scale: MarkRule) -> tuple[Decimal | None, Decimal | None]:
    """Returns (low, high) marks: one and a half times the middle half away from it (Tukey). Marks outside are to be
    read again; that is no verdict. None where no mark of the scale lies outside.
    """
    reach = (everyone.third_quartile - everyone.first_quartile) * Decimal("1.5")
    low, high = everyone.first_quartile - reach, everyone.third_quartile + reach
    return low if low > scale.minimum else None, high if high < scale.maximum else None

"""Numbers the items of lists as office programs display them: « 1. », « b) », « 2.3 », « • »."""

from __future__ import annotations

from dataclasses import dataclass, field

BULLET = "•"
MOST_LEVELS = 10
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass
class ListLevel:
    """form: as Word names it (decimal, lowerLetter, bullet, none…). pattern: « %1.%2) » with numbers of levels."""

    form: str = "decimal"
    pattern: str = ""
    start: int = 1


@dataclass
class Counters:
    """Where a list stands: the last number at each level, from 0."""

    last: dict[int, int] = field(default_factory=dict)

    def next_marker(self, level: int, levels: dict[int, ListLevel]) -> str:
        """Counts an item of the list, and returns what stands before it; a bullet for a level that is not among
        `levels`. level: from 0. Deeper levels begin again.
        """
        shape = levels.get(level) or ListLevel("bullet")
        self.last[level] = self.last[level] + 1 if level in self.last else shape.start
        for deeper in [other for other in self.last if other > level]:
            del self.last[deeper]
        if shape.form == "bullet":
            return BULLET
        if shape.form == "none" and "%" not in shape.pattern:
            return shape.pattern
        marker = shape.pattern
        for other in range(MOST_LEVELS):
            if f"%{other + 1}" in marker:
                outer = levels.get(other, ListLevel())
                number = self.last.get(other, outer.start)
                form = outer.form if other == level else outer.form.replace("bullet", "decimal")
                marker = marker.replace(f"%{other + 1}", displayed(number, form))
        return marker


def displayed(number: int, form: str) -> str:
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter") and 0 < number < 1000:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = ""
        for value, signs in _ROMAN:
            roman += signs * (number // value)
            number %= value
        return roman.upper() if form == "upperRoman" else roman
    if form == "decimalZero":
        return f"{number:02d}"
    if form == "ordinal":
        return "1er" if number == 1 else f"{number}e"
    return str(number)

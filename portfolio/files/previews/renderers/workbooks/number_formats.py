"""Displays a number by its format code (ECMA-376, 18.8.31), as a spreadsheet set to French does.

A code has up to four sections: positive; negative; zero; text. A section is split into tokens once, then filled in.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from portfolio.files.previews.renderers.workbooks import calendar_formats, digit_formats
from portfolio.files.previews.renderers.workbooks.format_tokens import Token, literals, tokens_of

GENERAL = "General"
# Formats that a file names by number alone: each spreadsheet shows those of its own language.
BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '#,##0\\ "€";\\-#,##0\\ "€"', 6: '#,##0\\ "€";[Red]\\-#,##0\\ "€"',
    7: '#,##0.00\\ "€";\\-#,##0.00\\ "€"', 8: '#,##0.00\\ "€";[Red]\\-#,##0.00\\ "€"',
    9: "0\\ %", 10: "0.00\\ %", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "dd/mm/yyyy", 15: "dd-mmm-yy", 16: "dd-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "hh:mm", 21: "hh:mm:ss", 22: "dd/mm/yyyy hh:mm",
    37: "#,##0;\\-#,##0", 38: "#,##0;[Red]\\-#,##0", 39: "#,##0.00;\\-#,##0.00", 40: "#,##0.00;[Red]\\-#,##0.00",
    41: '#,##0;\\-#,##0;"-"', 42: '#,##0\\ "€";\\-#,##0\\ "€";"-"\\ "€"',
    43: '#,##0.00;\\-#,##0.00;"-"', 44: '#,##0.00\\ "€";\\-#,##0.00\\ "€";"-"\\ "€"',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_COLOURS = ("black", "blue", "cyan", "green", "magenta", "red", "white", "yellow")
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
_LONG_DAY, _LONG_TIME = (
    re.compile(r"\[\$-(?:F800|x-sysdate)\].+", re.I),
    re.compile(r"\[\$-(?:F400|x-systime)\].+", re.I),
)
_TOO_LONG = "#######"  # what a spreadsheet shows of a number that has no such display
_LONGEST_CODE = 255


@dataclass(frozen=True)
class Display:
    """What a cell shows. colour: a name of the eight that formats know in English, or nothing."""

    text: str
    colour: str = ""


@dataclass(frozen=True)
class _Section:
    tokens: tuple[Token, ...]
    colour: str = ""
    condition: tuple[str, Decimal] | None = None
    english: bool = False
    kind: str = "literal"  # of what it displays: calendar | digits | general | literal

    def holds(self, number: Decimal) -> bool:
        if self.condition is None:
            return True
        sign, bound = self.condition
        return {
            "<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
            "=": number == bound, "<>": number != bound,
        }[sign]  # fmt: skip

    def negative_only(self) -> bool:
        return self.condition is not None and self.condition[0] in ("<", "<=") and self.condition[1] <= 0


def display_number(number: float, code: str, *, from_1904: bool = False) -> Display:
    """Returns the number under the code. from_1904: days are counted from 1904, else from 1900."""
    if not math.isfinite(number):
        return Display(_TOO_LONG)
    exact = Decimal(f"{number:.15g}")
    sections = _sections(code)
    section, unsigned = _chosen(sections, exact)
    if section is None:
        return Display(_TOO_LONG)
    if section.kind == "calendar":
        text = calendar_formats.display(section.tokens, float(exact), english=section.english, from_1904=from_1904)
        return Display(_TOO_LONG if text is None else text, section.colour)
    sign = "-" if exact < 0 and not unsigned else ""
    size = abs(exact)
    if section.kind == "digits":
        text = digit_formats.display(section.tokens, size)
        return Display((sign if re.search("[1-9]", text) else "") + text, section.colour)
    if section.kind == "general" and any(token.kind == "text" for token in section.tokens):
        return Display(sign + general(size), section.colour)  # what stands around a text is not for numbers
    if section.kind == "general":
        texts = [general(size) if token.kind == "general" else token.literal() for token in section.tokens]
        return Display(sign + "".join(texts), section.colour)
    return Display((sign if section.tokens else "") + literals(section.tokens), section.colour)


def display_text(text: str, code: str) -> Display:
    """Returns a text under the code: only a section with @, or the fourth, changes a text."""
    sections = _sections(code)
    last = sections[-1]
    if len(sections) < 4 and not any(token.kind == "text" for token in last.tokens):
        return Display(text)
    return Display("".join(text if token.kind == "text" else token.literal() for token in last.tokens), last.colour)


def general(number: Decimal) -> str:
    """Returns a number without a format: whole if it is whole, else with the fifteen digits that are exact."""
    if number and not Decimal("1e-10") <= abs(number) < Decimal("1e16"):
        mantissa, _, exponent = f"{number:.14E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}".replace(".", ",")
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _chosen(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section | None, bool]:
    """Returns the section of a code that a number is displayed by, and whether that section itself shows the sign;
    (None, False) where no condition of theirs holds.
    """
    numeric = sections[:3]
    if len(sections) > 1 and len(sections) < 4 and any(token.kind == "text" for token in sections[-1].tokens):
        numeric = sections[: len(sections) - 1]
    if any(section.condition for section in numeric):
        for place, section in enumerate(numeric):
            if section.holds(number):
                implied = place == 1 and section.condition is None and _covers_the_rest(numeric[0])
                return section, section.negative_only() or implied
        return None, False
    if number < 0 and len(numeric) > 1:
        return numeric[1], True
    if number == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], False


def _covers_the_rest(first: _Section) -> bool:
    return first.condition is not None and first.condition[0] in (">", ">=") and first.condition[1] == 0


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    code = {"0%": BUILT_IN[9], "0.00%": BUILT_IN[10], "": GENERAL}.get(code, code)[:_LONGEST_CODE]
    code = _LONG_TIME.sub("hh:mm:ss", _LONG_DAY.sub("dddd d mmmm yyyy", code))
    tokens = tokens_of(code)
    ends = [place for place, token in enumerate(tokens) if token.kind == "other" and token.text == ";"]
    bounds = [-1, *ends, len(tokens)]
    return tuple(_section(tokens[start + 1 : end]) for start, end in pairwise(bounds))[:4]


def _section(tokens: list[Token]) -> _Section:
    colour, condition, english, kept = "", None, False, []
    for token in tokens:
        if token.kind != "bracket":
            kept.append(token)
        elif token.text.casefold() in _COLOURS:
            colour = token.text.casefold()
        elif match := _CONDITION.fullmatch(token.text):
            condition = match[1], Decimal(match[2])
        elif token.text.startswith("$"):
            symbol, _, language = token.text[1:].partition("-")
            kept.append(Token("quoted", symbol))
            english = language[-2:] == "09"
        elif re.fullmatch("(h+|m+|s+)", token.text, re.I):
            kept.append(Token("elapsed", token.text.lower()))
    if tokens and not kept:  # a colour or a language alone
        kept.append(Token("general", GENERAL))
    return _Section(tuple(kept), colour, condition, english, _kind(kept))


def _kind(tokens: list[Token]) -> str:
    kinds = {token.kind for token in tokens}
    if kinds & {"date", "elapsed", "half_day"}:
        return "calendar"
    if "digit" in kinds:
        return "digits"
    return "general" if kinds & {"general", "text"} else "literal"

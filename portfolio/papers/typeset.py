"""Typesets papers with typst: PDF/A-3a for the archive, PDF/UA-1 for readers, with their data attached.

PDF/A requires a glyph for every character. The fonts are those inside typst, so that a paper does not depend on the
machine; a character that they lack is written as its code point, and the attached JSON keeps it exactly.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.on_demand import on_demand

if TYPE_CHECKING:
    import typst
else:
    typst = on_demand("typst")

TEMPLATES = Path(__file__).parent
STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]

# Blocks that the embedded fonts cover, regular and bold: a test draws every character of them.
DRAWN = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x036F),  # Latin with diacritics, phonetic, combining marks
    (0x0391, 0x03A1),  # Greek capitals
    (0x03A3, 0x03C9),  # Greek
    (0x0400, 0x04FF),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin Extended Additional
    (0x2000, 0x200A),  # spaces
    (0x2010, 0x2027),  # dashes, quotes, bullets
    (0x202F, 0x203E),  # narrow no-break space, per mille, primes
    (0x2074, 0x208E),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x211E),  # letterlike
    (0x2190, 0x22FF),  # arrows and mathematical operators
    (0x2500, 0x262F),  # boxes, shapes, ballot boxes
    (0x2713, 0x2718),  # ticks and crosses
    (0xFFFD, 0xFFFD),
)
NOT_DRAWN = re.compile("[^\n\t" + "".join(f"{re.escape(chr(a))}-{re.escape(chr(z))}" for a, z in DRAWN) + "]")
UNBROKEN = re.compile(r"\S{25,}")
BREAK_HERE = "\u200b"

_per_thread = threading.local()


def typeset(template: Path, view: dict[str, Any], attached: bytes, day: date) -> bytes:
    """Returns the PDF. The same arguments give the same bytes on any machine, day and thread.

    view: strings to lay out, already drawable; the template also reads its `date`. attached: canonical JSON.
    Raises typst.TypstError if the template itself is broken.
    """
    dated = view | {"date": [day.year, day.month, day.day]}
    pdf = _compiler(template).compile(
        format="pdf",
        sys_inputs={"view": json.dumps(dated), "content": attached.decode()},
        pdf_standards=STANDARDS,
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def fonts() -> typst.Fonts:
    """Returns the fonts inside typst, looked for once per process: before a fork, for all."""
    return typst.Fonts(include_system_fonts=False)


def _compiler(template: Path) -> typst.Compiler:
    """Returns the compiler of this thread and template: it takes milliseconds to make, and cannot be shared (« Already
    borrowed »)."""
    made: dict[Path, typst.Compiler] = _per_thread.__dict__.setdefault("compilers", {})
    if template not in made:
        made[template] = typst.Compiler(template, root=template.parent, font_paths=fonts(), ignore_system_fonts=True)
    return made[template]


def each(value: Any, change: Callable[[str], str]) -> Any:
    """Returns a copy of the JSON-like value with `change` applied to every string in it, keys excepted; tuples become
    lists.
    """
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: each(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [each(item, change) for item in value]
    return value


def drawable(text: str) -> str:
    """Returns the text with each character that the fonts lack replaced by its code point ([U+1F600]), or by nothing if
    it only formats.
    """
    return NOT_DRAWN.sub(_code_point, text)


def _code_point(match: re.Match[str]) -> str:
    """Returns the code point of a character, [U+1F600], or "" for one that only formats: a direction override must have
    no effect.
    """
    char = match.group()
    if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    return f"[U+{ord(char):04X}]"


def wrapping(text: str) -> str:
    """Returns `drawable` text in which words of 25 characters and more may wrap inside their cell."""
    return UNBROKEN.sub(lambda match: BREAK_HERE.join(re.findall(".{1,12}", match.group())), drawable(text))

"""Takes out of a workbook its hidden sheets, its comments and its pivot tables: the cells of the sheets that stay keep
the values that they show.

A hidden sheet that a formula, a name or a chart of another one leans on stays, and so do comments that share their
drawing with something else.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from portfolio.files.cleaning.markup_cut import DROP, KEEP, cut
from portfolio.files.cleaning.outcome import CannotClean, Cleaned
from portfolio.files.cleaning.packages import parts_of, reached, relations_of, written

_PIVOTS = re.compile(r"xl/pivot(?:Tables|Cache)/(?!_rels/).*\.xml", re.IGNORECASE)
_PARTS_OF_PIVOTS = re.compile(r"xl/(?:slicers|slicerCaches|timelines|timelineCaches|model)/", re.IGNORECASE)
_COMMENTS = re.compile(r"xl/(?:comments[^/]*\.xml|comments/.*|threadedComments/.*|persons/.*)", re.IGNORECASE)
_OBJECT_TYPE = re.compile(rb"ObjectType=[\"'](\w+)[\"']")
_TABLE_NAME = re.compile(rb"\bdisplayName=\"([^\"]+)\"")
_THROUGH_SHEETS = re.compile(rb"<f[ >][^<]{0,8192}?(?:\w:[\w ]{1,31}!|'[^'<]{1,31}:[^'<]{1,31}'!)")
_LOCAL = re.compile(rb"localSheetId=\"(\d{1,5})\"")
_MADE_AGAIN: Final = ("xl/calcChain.xml", "docProps/app.xml")  # by any spreadsheet; they name cells and sheets


class _Sheet(NamedTuple):
    name: str
    part: str
    hidden: bool


def clean_workbook(data: bytes) -> Cleaned:
    """Returns the workbook without what can be taken out of it. Raises CannotClean where slicers or a model of data
    hang on a pivot table, or where a part is not well formed.
    """
    parts, removed = parts_of(data), Counter[str]()
    if "xl/workbook.xml" not in parts:
        raise CannotClean
    dropped = _pivots(parts, removed)
    dropped |= _comments(parts, removed)
    sheets = _sheets(parts)
    gone = _removable(sheets, parts, dropped)
    if gone:
        removed["hidden_sheet"] += len(gone)
        dropped |= {sheet.part for sheet in gone} | {name for name in _MADE_AGAIN if name in parts}
        dropped |= _left_alone(parts, dropped)
        _forget_sheets(parts, sheets, gone)
        _forget_strings(parts, [sheet.part for sheet in sheets if sheet not in gone])
    return Cleaned(written(parts, dropped), removed)


def _pivots(parts: dict[str, bytes], removed: Counter[str]) -> set[str]:
    if any(_PARTS_OF_PIVOTS.match(name) for name in parts):
        raise CannotClean
    dropped = {name for name in parts if _PIVOTS.fullmatch(name)}
    caches = sum("cachedefinition" in name.lower() for name in dropped)
    if dropped:
        removed["pivot_cache"] += max(1, caches)
        parts["xl/workbook.xml"] = _without(parts["xl/workbook.xml"], "pivotCaches")
    return dropped


def _comments(parts: dict[str, bytes], removed: Counter[str]) -> set[str]:
    dropped = {name for name in parts if _COMMENTS.fullmatch(name)}
    drawn = {name for name in parts if name.lower().endswith(".vml")}
    if not dropped or any(set(_OBJECT_TYPE.findall(parts[name])) != {b"Note"} for name in drawn):
        return set()
    for name in dropped:
        removed["comment"] += len(re.findall(rb"<(?:\w+:)?comment\s", parts[name]))
    for name in [name for name in parts if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]:
        parts[name] = _without(parts[name], "legacyDrawing")
    return dropped | drawn


def _without(markup: bytes, element: str) -> bytes:
    return cut(markup, lambda name, _outer, _attributes: DROP if name.rpartition(" ")[2] == element else KEEP)


def _sheets(parts: Mapping[str, bytes]) -> list[_Sheet]:
    """Returns the sheets in their order. Raises CannotClean where one has no part."""
    targets = relations_of(parts, "xl/workbook.xml")
    sheets = []

    def note(name: str, _outer: str, attributes: dict[str, str]) -> str:
        if name.rpartition(" ")[2] == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "id"), "")
            part = targets.get(relation, "")
            if part not in parts:
                raise CannotClean
            sheets.append(_Sheet(attributes.get("name", ""), part, attributes.get("state", "visible") != "visible"))
        return KEEP

    cut(parts["xl/workbook.xml"], note)
    return sheets


def _removable(sheets: list[_Sheet], parts: Mapping[str, bytes], dropped: set[str]) -> list[_Sheet]:
    """Returns the hidden sheets that nothing which stays leans on; none where a formula goes through several sheets."""
    hidden = [sheet for sheet in sheets if sheet.hidden]
    tables = {sheet: _tables_of(parts, sheet.part) for sheet in hidden}
    own = {sheet.part for sheet in hidden}.union(*tables.values())
    texts = [
        _without_local_names(content)
        for name, content in parts.items()
        if name.startswith("xl/")
        and name.endswith(".xml")
        and name not in own | dropped
        and "sharedStrings" not in name
    ]
    while texts and hidden:
        if any(_THROUGH_SHEETS.search(text) for text in texts):
            return []
        stay = [sheet for sheet in hidden if any(_leans_on(text, sheet.name, tables[sheet].values()) for text in texts)]
        hidden = [sheet for sheet in hidden if sheet not in stay]
        texts = [parts[sheet.part] for sheet in stay]  # what a sheet that stays leans on stays as well
    return hidden


def _tables_of(parts: Mapping[str, bytes], sheet: str) -> dict[str, bytes]:
    """Returns {part: the name by which formulas call it} of the tables of a sheet."""
    targets = [target for target in relations_of(parts, sheet).values() if target in parts]
    names = {target: _TABLE_NAME.search(parts[target]) for target in targets if target.startswith("xl/tables/")}
    return {target: name[1] for target, name in names.items() if name}


def _without_local_names(markup: bytes) -> bytes:
    """Returns the markup without the names that belong to one sheet: they go or stay with it."""
    if b"localSheetId" not in markup:
        return markup
    return cut(markup, lambda _name, _outer, attributes: DROP if "localSheetId" in attributes else KEEP)


def _leans_on(markup: bytes, sheet: str, tables: Iterable[bytes]) -> bool:
    name = escape(sheet).encode()
    in_formula = escape(sheet.replace("'", "''")).encode()
    if any(each in markup for each in (name + b"!", in_formula + b"'!", in_formula + b"&apos;!", in_formula + b":")):
        return True
    return any(re.search(rb"(?<![\w.])" + re.escape(table) + rb"(?![\w.])", markup) for table in tables)


def _left_alone(parts: Mapping[str, bytes], dropped: set[str]) -> set[str]:
    """Returns the parts that only parts which are dropped lead to: drawings, tables, settings of a sheet."""
    return reached(parts, set()) - reached(parts, dropped) - dropped


def _forget_sheets(parts: dict[str, bytes], sheets: list[_Sheet], gone: Iterable[_Sheet]) -> None:
    """Takes out of the workbook what names these sheets, and counts those that stay anew where names belong to one.
    Raises CannotClean where no sheet that is seen would stay.
    """
    names = {sheet.name for sheet in gone}
    stay = [number for number, sheet in enumerate(sheets) if sheet.name not in names]
    if not any(not sheets[number].hidden for number in stay):
        raise CannotClean

    def choose(name: str, _outer: str, attributes: dict[str, str]) -> str:
        local = name.rpartition(" ")[2]
        belongs = attributes.get("localSheetId", "")
        lost = belongs.isascii() and belongs.isdigit() and int(belongs) not in stay
        named = local == "sheet" and attributes.get("name", "") in names
        return DROP if named or local == "bookViews" or (local == "definedName" and lost) else KEEP

    markup = cut(parts["xl/workbook.xml"], choose)
    parts["xl/workbook.xml"] = _LOCAL.sub(lambda each: b'localSheetId="%d"' % stay.index(int(each[1])), markup)


def _forget_strings(parts: dict[str, bytes], sheets: Iterable[str]) -> None:
    """Empties the shared texts that no sheet which stays shows."""
    name = next((name for name in parts if posixpath.basename(name).lower() == "sharedstrings.xml"), None)
    if name is None:
        return
    used = {number for sheet in sheets for number in _strings_of(parts[sheet])}
    number = -1

    def choose(element: str, _outer: str, _attributes: dict[str, str]) -> str:
        nonlocal number
        around = _outer.rpartition(" ")[2]
        number += element.rpartition(" ")[2] == "si"
        return DROP if around == "si" and number not in used else KEEP

    parts[name] = cut(parts[name], choose)


def _strings_of(sheet: bytes) -> set[int]:
    """Returns the places of the shared texts that the cells of a sheet show. Raises CannotClean."""
    parser = expat.ParserCreate(namespace_separator=" ")
    used, shares, words = set[int](), [False], list[str]()

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(" ")[2] == "c":
            shares[0] = attributes.get("t") == "s"
        words.clear()

    def end(name: str) -> None:
        number = "".join(words).strip()
        if shares[0] and name.rpartition(" ")[2] == "v" and number.isascii() and number.isdigit():
            used.add(int(number))

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words.append
    try:
        parser.Parse(sheet, True)
    except expat.ExpatError:
        raise CannotClean from None
    return used

"""Reads tables out of marked-up text: exports in XML (SIECLE, STS, others), XML of Excel 2003, pages of HTML.

Pure, but to be run in the confined process: what is read comes from anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.parsers import expat

from portfolio.files.tables.sheet import MOST_COLUMNS, MOST_LINES, MOST_SHEETS, MOST_SIGNS, Record, TableSheet

_GROUP = "G"  # TYPE_STRUCTURE of SIECLE: a group beside the divisions


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list[_Node] = field(default_factory=list)
    text: str = ""

    def descendants(self) -> Iterator[_Node]:
        for child in self.children:
            yield child
            yield from child.descendants()


def xml_sheets(data: bytes) -> list[TableSheet]:
    """Returns one sheet for each element that repeats with several values inside, named as the element is; the sheets
    of a workbook saved as XML by Excel 2003. Raises ValueError for entities, and expat's errors for what is no XML.
    """
    root = _tree(data)
    if root.tag == "Workbook":
        return _excel_2003(root)
    by_tag: dict[str, list[_Node]] = defaultdict(list)
    for node in root.descendants():
        if sum(1 for child in node.children if not child.children) > 1:
            by_tag[node.tag].append(node)
    beside = _beside(root)
    return [_records(tag, nodes, beside) for tag, nodes in list(by_tag.items())[:MOST_SHEETS]]


def _tree(data: bytes) -> _Node:
    root = _Node("", {}, 0)
    open_nodes = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        plain = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        node = _Node(tag.rpartition(":")[2], plain, parser.CurrentLineNumber)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def characters(text: str) -> None:
        if len(open_nodes[-1].text) < MOST_SIGNS:
            open_nodes[-1].text += text

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entity  # they can expand without end
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: open_nodes.pop()
    parser.CharacterDataHandler = characters
    parser.Parse(data, True)
    return root.children[0]


def _refuse_entity(*_: object) -> None:
    raise ValueError("entity declared")


def _beside(root: _Node) -> dict[tuple[str, str], list[_Node]]:
    """Returns what is told of a record elsewhere, by (name, value) of its identifier: SIECLE has the divisions of a
    pupil beside the pupil, under the same ELEVE_ID.
    """
    texts: dict[tuple[str, str], list[_Node]] = defaultdict(list)
    for node in root.descendants():
        if node.tag.startswith("STRUCTURES_"):
            for name, value in node.attributes.items():
                texts[name, value].append(node)
    return texts


def _records(tag: str, nodes: list[_Node], beside: dict[tuple[str, str], list[_Node]]) -> TableSheet:
    """Returns the sheet of the elements of a tag: titles first, under the line of the first element."""
    titles: dict[str, int] = {}
    rows: list[tuple[int, dict[str, str]]] = []
    for node in nodes[:MOST_LINES]:
        values: dict[str, str] = dict(node.attributes)
        for child in node.children:
            _take(values, child, "")
        for name, value in node.attributes.items():
            for other in beside.get((name, value), ()):
                for child in other.children if other is not node else ():
                    _take(values, child, None)
        for title in values:
            if len(titles) < MOST_COLUMNS:
                titles.setdefault(title, len(titles))
        rows.append((node.line, values))
    records = [Record(0, list(titles))]
    records += [Record(place, [values.get(title, "") for title in titles]) for place, (_, values) in enumerate(rows, 1)]
    return TableSheet(tag, records, cut=len(nodes) > MOST_LINES)


def _take(values: dict[str, str], node: _Node, path: str | None) -> None:
    """Adds the values below a node. path: names of what stands around it, None where they are left out. A value met
    again is added after a semicolon.
    """
    if not node.children:
        title, text = f"{path}{node.tag}" if path else node.tag, node.text.strip()
        if text:
            values[title] = f"{values[title]} ; {text}"[:MOST_SIGNS] if values.get(title) else text
        else:
            values.setdefault(title, "")
        return
    if any(child.tag == "TYPE_STRUCTURE" and child.text.strip() == _GROUP for child in node.children):
        return
    for child in node.children:
        _take(values, child, None if path is None else f"{node.tag}/")


def _excel_2003(root: _Node) -> list[TableSheet]:
    sheets = []
    for worksheet in [node for node in root.children if node.tag == "Worksheet"][:MOST_SHEETS]:
        records: list[Record] = []
        line = 0
        for row in (node for node in worksheet.descendants() if node.tag == "Row"):
            line = _place(row, line)
            cells: list[str] = []
            for cell in (child for child in row.children if child.tag == "Cell"):
                cells += [""] * (min(_place(cell, len(cells)), MOST_COLUMNS) - 1 - len(cells))
                cells.append("".join(data.text for data in cell.children if data.tag == "Data").strip())
            if any(cells) and len(records) < MOST_LINES:
                records.append(Record(line, [_plain_date(text) for text in cells[:MOST_COLUMNS]]))
        sheets.append(TableSheet(worksheet.attributes.get("Name", ""), records))
    return sheets


def _place(node: _Node, before: int) -> int:
    index = node.attributes.get("Index", "")
    return int(index) if index.isdecimal() and len(index) < 8 else before + 1


def _plain_date(text: str) -> str:
    return text.removesuffix("T00:00:00.000")


class _Tables(HTMLParser):
    """Collects the rows of the tables of a page, each table a sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[TableSheet] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table" and len(self.sheets) < MOST_SHEETS:
            self.sheets.append(TableSheet("", []))
        elif tag == "tr" and self.sheets and len(self.sheets[-1].records) < MOST_LINES:
            self.sheets[-1].records.append(Record(len(self.sheets[-1].records) + 1, []))
        elif tag in ("td", "th"):
            self._cell = []

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            if self.sheets and self.sheets[-1].records and len(self.sheets[-1].records[-1].cells) < MOST_COLUMNS:
                self.sheets[-1].records[-1].cells.append(" ".join("".join(self._cell).split())[:MOST_SIGNS])
            self._cell = None


def html_sheets(data: bytes) -> list[TableSheet]:
    """Returns the tables of a page, as several programs write under a name that ends in .xls. data: UTF-8."""
    reader = _Tables()
    reader.feed(data.decode("utf-8"))
    return [
        TableSheet(sheet.name, [record for record in sheet.records if any(record.cells)]) for sheet in reader.sheets
    ]

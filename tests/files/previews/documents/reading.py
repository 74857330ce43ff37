"""Reads a view of prose back, as a reader sees it; and makes the XML of small parts."""

from __future__ import annotations

import io
from typing import Any

from portfolio.files.previews.preview_spec import BlockView, MarkedRun, Preview
from portfolio.files.previews.renderers import prose
from tests.support import containers
from tests.support import specimens as made

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPACES = (
    f'xmlns:w="{W}" xmlns:a="{A}" xmlns:p="{P}" xmlns:r="{R}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
TYPES = {"docx": "wordprocessingml.document.main+xml", "pptx": "presentationml.presentation.main+xml"}


def view(data: bytes, kind: str) -> Preview:
    """Reads a file in this process: what stands around it is tested elsewhere."""
    return prose.show(io.BytesIO(data), kind, "")


def shown(data: bytes, kind: str) -> dict[str, list[str]]:
    """{title of a section: its lines}; the text itself has an empty title."""
    return {section["title"]: lines_of(section["blocks"]) for section in view(data, kind).sections}


def text(data: bytes, kind: str) -> list[str]:
    return shown(data, kind).get("", [])


def run_of(run: str | MarkedRun) -> str:
    if isinstance(run, str):
        return run
    label = f"|{run['label']}" if run["label"] else ""
    return f"<{run['kind']}:{run['text']}{label}>"


def lines_of(blocks: list[BlockView], indent: str = "") -> list[str]:
    """One line for a paragraph, an item, a row; « # » before a heading, « > » before what is in a box."""
    lines: list[str] = []
    for block in blocks:
        words = "".join(map(run_of, block.get("runs", [])))
        if block["kind"] == "heading":
            lines.append(f"{indent}{'#' * block['level']} {words}")
        elif block["kind"] == "paragraph":
            lines.append(indent + words)
        elif block["kind"] == "list":
            lines += [
                f"{indent}{'  ' * (item['level'] - 1)}{item['marker']} {''.join(map(run_of, item['runs']))}".rstrip()
                for item in block["items"]
            ]
        elif block["kind"] == "table":
            lines += [f"{indent}{_row(row)}" for row in block["rows"]]
        else:
            lines.append(f"{indent}[{block['title']}]")
            lines += lines_of(block["blocks"], indent + "> ")
    return lines


def _row(row: Any) -> str:
    cells = []
    for cell in row["cells"]:
        size = f"{cell['across']}x{cell['down']} " if (cell["across"], cell["down"]) != (1, 1) else ""
        cells.append(size + " / ".join(lines_of(cell["blocks"])))
    return f"| {' | '.join(cells)} |" + (f" {row['label']}" if row["label"] else "")


# --- parts ----------------------------------------------------------------------------------------


def run(words: str, shape: str = "") -> str:
    return f"<w:r><w:rPr>{shape}</w:rPr><w:t>{words}</w:t></w:r>"


def paragraph(*runs: str, shape: str = "") -> str:
    return f"<w:p><w:pPr>{shape}</w:pPr>{''.join(item if item.startswith('<') else run(item) for item in runs)}</w:p>"


def word(body: str, parts: dict[str, tuple[str, str]] | None = None, *, main: str = "word/document.xml") -> bytes:
    """A .docx. parts: {name: (kind of the relation, content)} beside the text; a relation's id is its kind."""
    return package("docx", main, f"<w:document {SPACES}><w:body>{body}</w:body></w:document>", parts or {})


def package(kind: str, main: str, content: str, parts: dict[str, tuple[str, str]]) -> bytes:
    types = f'<Override PartName="/{main}" ContentType="{made.OOXML}{TYPES[kind]}"/>'
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": relations({"main": ("officeDocument", f"/{main}")}),
        main: content,
    }
    folder, _, name = main.rpartition("/")
    files[f"{folder}/_rels/{name}.rels"] = relations({kind: (kind, f"/{part}") for part, (kind, _) in parts.items()})
    return containers.zipped(files | {part: written for part, (_, written) in parts.items()})


def relations(of: dict[str, tuple[str, str]]) -> str:
    """of: {id: (kind, target)}; a target with « :// » is outside."""
    rows = "".join(
        f'<Relationship Id="{own}" Type="{R}/{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if '://' in target else ''}/>"
        for own, (kind, target) in of.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def part(root: str, inner: str) -> str:
    return f"<w:{root} {SPACES}>{inner}</w:{root}>"


def made_with(data: bytes, parts: dict[str, str]) -> bytes:
    return containers.rewritten(data, {name: content.encode() for name, content in parts.items()})


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()

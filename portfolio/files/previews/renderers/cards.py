"""Draws the small picture of a file that has no page: the beginning of its words, its first sheet, the subject of its
mail. Its source is the outline of the file, as another renderer made it.

A card is a page of PDF of our own, drawn by PDFium, which has letters of its own: no font of the machine is needed.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import BinaryIO

import pypdfium2

from portfolio.files.previews.preview_spec import BlockView, Preview
from portfolio.files.previews.renderers.pictures import webp
from portfolio.files.previews.sandbox import CannotShow, run

WIDTH, HEIGHT = 240, 320  # points, one pixel each
_MARGIN, _SIZE, _LEADING = 14, 10, 14
_LINES, _SIGNS = 20, 38  # in a card
_ROWS, _COLUMNS, _IN_CELL = 20, 3, 11


def show(source: BinaryIO, _kind: str, _what: str) -> bytes:
    outline = Preview(**json.load(source))
    lines = _of_mail(outline) or _of_sheet(outline) or [(line, False) for line in _wrapped(_words(outline))]
    if not lines:
        raise CannotShow("damaged")
    page = pypdfium2.PdfDocument(_pdf(lines[:_LINES]))[0]
    return webp(page.render(scale=1, rev_byteorder=True).to_pil().convert("RGB"))


def _words(outline: Preview) -> str:
    """Returns the beginning of the words of a text; of its first _LINES blocks where it has sections."""
    if not outline.sections:
        return outline.text
    blocks = [block for section in outline.sections for block in section["blocks"]]
    return "\n".join(line for block in blocks[:_LINES] for line in _of_block(block))


def _of_block(block: BlockView) -> Iterator[str]:
    for runs in (block.get("runs", []), *(item["runs"] for item in block.get("items", []))):
        yield "".join(run if isinstance(run, str) else run["text"] for run in runs)
    inner = [cell["blocks"] for row in block.get("rows", []) for cell in row["cells"]]
    for blocks in (*inner, block.get("blocks", [])):
        for content in blocks:
            yield from _of_block(content)


def _of_mail(outline: Preview) -> list[tuple[str, bool]]:
    """Returns (line, whether it is bold) for the first mail, its subject first; [] without any."""
    if not outline.messages:
        return []
    mail = outline.messages[0]
    headers = dict(mail["headers"])  # pairs
    subject = headers.pop("Objet", "")
    bold = [(line, True) for line in _wrapped(subject)]
    plain = [line for value in headers.values() for line in _wrapped(value)[:1]] + ["", *_wrapped(mail["text"])]
    return bold + [(line, False) for line in plain]


def _of_sheet(outline: Preview) -> list[tuple[str, bool]]:
    """Returns (line, whether it is bold) for the first sheet that is not hidden, its name first; [] without any. Cells
    are cut to columns of _IN_CELL characters.
    """
    sheets = [sheet for sheet in outline.sheets if not sheet["hidden"] and sheet["rows"]]
    if not sheets:
        return []
    rows = [row["texts"][:_COLUMNS] for row in sheets[0]["rows"][:_ROWS] if row["texts"]]
    lines = ["  ".join(text[:_IN_CELL].ljust(_IN_CELL) for text in row) for row in rows]
    return [(sheets[0]["name"], True), *((line, False) for line in lines)]


def _wrapped(text: str) -> list[str]:
    lines = [part for line in text[: _LINES * _SIGNS * 4].splitlines() for part in textwrap.wrap(line, _SIGNS)]
    return lines[:_LINES]


def _pdf(lines: list[tuple[str, bool]]) -> bytes:
    """Returns one page of PDF 1.4 with these lines, in the letters of cp1252; others become a question mark."""
    written = [b"BT", b"%d TL" % _LEADING, b"%d %d Td" % (_MARGIN, HEIGHT - _MARGIN - _SIZE)]
    for line, bold in lines:
        text = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        written.append(b"/%s %d Tf (%s) Tj T*" % (b"B" if bold else b"R", _SIZE, text))
    strokes = b"\n".join([*written, b"ET"])
    font = b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</Font<</R 5 0 R/B 6 0 R>>>>>>"
        % (WIDTH, HEIGHT),
        b"<</Length %d>>stream\n%s\nendstream" % (len(strokes), strokes),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(body)
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size,
        table,
        size,
        start,
    )


if __name__ == "__main__":
    run(show)

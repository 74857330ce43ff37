"""A workbook of Excel 97 is shown like a newer one."""

from __future__ import annotations

import io
import struct
from datetime import date

import pytest
import xlwt
from xlwt.CompoundDoc import XlsDoc

from portfolio.files.previews.renderers.workbooks.excel97.text_boxes import UNREAD
from portfolio.files.previews.renderers.workbooks.excel97.workbook import CHART_SHEET, NO_VALUE
from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import EncryptedFile
from tests.files.previews.drawn import outline
from tests.files.previews.tables import cells_of, texts_of
from tests.support import containers


def test_a_workbook_of_excel_97_is_displayed_alike() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Contrats")
    for row, (value, code) in enumerate(
        [
            (12345678901234, "General"),
            (0.125, "0.00%"),
            (1234.5, '#,##0.00\\ "€"'),
            (612345678, '0#" "##" "##" "##" "##'),
            (date(2027, 3, 2), "DD/MM/YYYY"),
            (1.2604166666666667, "[h]:mm:ss"),
            ("Zoé", "General"),
            (True, "General"),
        ]
    ):
        sheet.write(row, 0, value, xlwt.easyxf(num_format_str=code))
    sheet.write_merge(9, 9, 0, 2, "Total")
    sheet.write(9, 3, "fin")
    sheet.row(6).hidden = True
    book.add_sheet("Listes").visibility = 1
    buffer = io.BytesIO()
    book.save(buffer)
    view = outline(buffer.getvalue(), "xls")
    first = view.sheets[0]
    assert [row[0].replace("\u00a0", " ") for row in texts_of(first)] == [
        "12345678901234",
        "12,50 %",
        "1 234,50 €",
        "06 12 34 56 78",
        "02/03/2027",
        "30:15:00",
        "Zoé",
        "VRAI",
        "",
        "Total",
    ]
    assert cells_of(first, 9) == [("Total", {"across": 3, "down": 1}), ("fin", {})]
    assert [row["name"] for row in first["rows"] if row["hidden"]] == ["7"]
    assert [sheet["hidden"] for sheet in view.sheets] == [False, True]


def test_a_sheet_of_excel_97_without_values_is_not_called_empty() -> None:
    book = xlwt.Workbook()
    book.add_sheet("Données").write(0, 0, "mot")
    for name in ("L'an 2026", "Images"):
        book.add_sheet(name)
    buffer = io.BytesIO()
    book.save(buffer)
    data, at = bytearray(buffer.getvalue()), 0
    for _ in range(2):
        at = data.index(b"\x85\0", at + 1)  # the record of a sheet, of which the second becomes a chart
    assert data[at + 12 : at + 21] == b"L'an 2026"
    data[at + 9] = 2
    sheets = outline(bytes(data), "xls").sheets
    assert [(sheet["name"], sheet["objects"]) for sheet in sheets] == [
        ("Données", []),
        ("Images", [NO_VALUE]),
        ("L'an 2026", [CHART_SHEET]),
    ]


def drawn_box(words: str, kind: int, corners: tuple[int, int, int, int], *, wide: bool) -> bytes:
    """The records of a shape of Excel 97 with words. kind: 6, a text box; 0x19, the box of a comment; 0x1E, another
    shape. corners: column and row of the first cell and of the last, from 0. wide: words stored in two bytes.
    """
    left, top, right, bottom = corners
    place = struct.pack("<9H", 0, left, 0, top, 0, right, 0, bottom, 0)
    anchor = struct.pack("<HHI", 0, 0xF010, len(place)) + place
    head = struct.pack("<HHHHH", 0x15, 18, kind, 1, 0x6011) + bytes(12)
    text = b"\1" + words.encode("utf-16-le") if wide else b"\0" + words.encode("latin-1")
    about_text = struct.pack("<HH6xHHI", 0x212, 0, len(words), 16, 0)
    runs = struct.pack("<HHIHHI", 0, 0, 0, len(words), 0, 0)
    records = ((0xEC, anchor), (0x5D, head + bytes(4)), (0xEC, b""), (0x1B6, about_text), (0x3C, text), (0x3C, runs))
    return b"".join(struct.pack("<HH", number, len(data)) + data for number, data in records)


def workbook_with_boxes() -> bytes:
    """A workbook of Excel 97 with a text box, another shape and a comment on its second sheet."""
    book = xlwt.Workbook()
    book.add_sheet("Suivi").write(0, 0, "mot")
    book.add_sheet("Notes")
    stream = book.get_biff_data()
    boxes = [
        drawn_box("Hors taxes\npar an", 6, (1, 2, 3, 7), wide=False),
        drawn_box("Écart > 10 € — à revoir", 0x1E, (0, 0, 0, 0), wide=True),
        drawn_box("d'un commentaire", 0x19, (0, 0, 1, 1), wide=False),
    ]
    stream = stream[:-4] + b"".join(boxes) + stream[-4:]  # before the end of the last sheet
    buffer = io.BytesIO()
    XlsDoc().save(buffer, stream)
    return buffer.getvalue()


def test_words_of_text_boxes_of_excel_97_are_said_with_their_place() -> None:
    first, second = outline(workbook_with_boxes(), "xls").sheets
    assert (texts_of(first), first["objects"]) == ([["mot"]], [])
    assert second["objects"] == [
        "Texte dans une forme, en B3:D8 : « Hors taxes\npar an ».",
        "Texte dans une forme, en A1:A1 : « Écart > 10 € — à revoir ».",
    ]


def of_excel_5(*, locked: bool = False, shape: int = 0) -> bytes:
    """A workbook of Excel 5 or 95 (BIFF5), whose words are of a code page, by one byte a sign. shape: what kind of
    shape it has, as `drawn_box` counts them.
    """

    def record(number: int, data: bytes) -> bytes:
        return struct.pack("<HH", number, len(data)) + data

    sheet = record(0x809, struct.pack("<HHHH", 0x0500, 0x10, 0, 0))
    sheet += record(0x204, struct.pack("<HHHH", 0, 0, 0, 7) + "Déclaré".encode("cp1252"))
    sheet += record(0x203, struct.pack("<HHHd", 0, 1, 0, 12.5))
    sheet += record(0x5D, struct.pack("<IH", 1, shape) + bytes(30)) * bool(shape) + record(0x0A, b"")
    start = record(0x809, struct.pack("<HHHH", 0x0500, 5, 0, 0)) + record(0x2F, bytes(4)) * locked
    start += record(0x42, struct.pack("<H", 1252))
    name = "Été".encode("cp1252")
    offset = len(start) + 4 + 7 + len(name) + 4
    start += record(0x85, struct.pack("<IBBB", offset, 0, 0, len(name)) + name) + record(0x0A, b"")
    return containers.compound({"Book": (start + sheet).ljust(4096, b"\0")})


def test_a_workbook_of_excel_5_is_shown_and_a_locked_one_refused_with_what_to_do() -> None:
    (sheet,) = outline(of_excel_5(), "xls").sheets
    assert (sheet["name"], [row["texts"] for row in sheet["rows"]]) == ("Été", [["Déclaré", "12,5"]])
    locked = of_excel_5(locked=True)
    with pytest.raises(EncryptedFile, match="encrypted_file"):
        recognise(io.BytesIO(locked), "suivi.xls", len(locked))


@pytest.mark.parametrize("shape,sentences", [(0, []), (6, [UNREAD]), (0x19, [])])
def test_a_workbook_of_excel_5_says_that_its_shapes_are_not_read(shape: int, sentences: list[str]) -> None:
    (sheet,) = outline(of_excel_5(shape=shape), "xls").sheets
    assert sheet["objects"] == sentences

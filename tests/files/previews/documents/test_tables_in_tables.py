"""What the page shows of tables that stand in cells, notes and boxes of an .rtf or a .doc."""

from __future__ import annotations

import struct

from tests.files.previews.documents.reading import shown, text
from tests.files.previews.documents.test_before_2007 import bins, old_word, page, rich

INNER_CELLS = (
    r"\pard\intbl\itap2 Bris\nestcell{\nonesttables\par}\pard\intbl\itap2 120\nestcell{\nonesttables\par}"
    r"{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}{\nonesttables\par}"
    r"\pard\intbl\itap2 Vol\nestcell\pard\intbl\itap2\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}"
)


def test_a_table_in_a_cell_of_rich_text_is_a_table_in_it() -> None:
    body = (
        r"\trowd\cellx1000\cellx2000\pard\intbl Sinistre\cell\pard\intbl avant\par"
        + INNER_CELLS
        + r"\pard\intbl apr\'e8s\cell\row\trowd\cellx1000\cellx2000\pard\intbl a\cell b\cell\row\pard fin\par"
    )
    assert text(rich(body), "rtf") == [
        "| Sinistre | avant / | Bris | 120 | / | Vol |  | / après |",
        "| a | b |",
        "fin",
    ]


def test_cells_that_a_row_inside_merges_are_merged() -> None:
    body = (
        r"\trowd\cellx2000\pard\intbl\itap2 large\nestcell{\*\nesttableprops\trowd\cellx900\nestrow}"
        r"\pard\intbl\itap2 haute\nestcell b\nestcell"
        r"{\*\nesttableprops\trowd\clvmgf\cellx500\cellx900\nestrow}"
        r"\pard\intbl\itap2\nestcell c\nestcell{\*\nesttableprops\trowd\clvmrg\cellx500\cellx900\nestrow}"
        r"\pard\intbl\cell\row\pard fin\par"
    )
    assert text(rich(body), "rtf") == ["| | 2x1 large | / | 1x2 haute | b | / | c | |", "fin"]


def test_tables_three_deep_keep_their_cells_apart_and_in_order() -> None:
    body = (
        r"\trowd\cellx2000\pard\intbl\itap3 x\nestcell y\nestcell{\*\nesttableprops\trowd\cellx10\cellx90\nestrow}"
        r"\pard\intbl\itap2 z\nestcell{\*\nesttableprops\trowd\cellx900\nestrow}\pard\intbl w\cell\row\pard fin\par"
    )
    assert text(rich(body), "rtf") == ["| | | x | y | / z | / w |", "fin"]


def test_rows_that_a_writer_defines_all_at_the_end_are_those_of_their_tables() -> None:
    body = (  # as LibreOffice writes tables three deep
        r"\trowd\cellx4000\pard\intbl\itap2 large\nestcell{\*\nesttableprops\trowd\cellx900\nestrow}"
        r"\pard\intbl\itap2 b\nestcell\pard\intbl\itap3 x\nestcell y\nestcell"
        r"{\*\nesttableprops\trowd\cellx500\cellx900\trowd\cellx100\cellx200\nestrow}"
        r"\pard\intbl\itap2\nestcell{\*\nesttableprops\nestrow}\pard\intbl\cell\row\pard fin\par"
    )
    assert text(rich(body), "rtf") == ["| | 2x1 large | / | b | | x | y | | |", "fin"]


def test_a_table_in_a_header_a_note_or_a_box_of_rich_text_is_a_table() -> None:
    table = r"\trowd\cellx1000\cellx2000\pard\intbl Date\cell 12 mai\cell\row\pard"
    body = (
        rf"{{\header {table}}}\pard Voir{{\footnote {table} fin\par}}"
        rf"{{\shp{{\*\shpinst{{\shptxt {table}}}}}}} ceci\par"
    )
    assert shown(rich(body), "rtf") == {
        "En-tête": ["| Date | 12 mai |"],
        "": ["Voir<reference:[note 1]> ceci", "[Zone de texte]", "> | Date | 12 mai |"],
        "Notes de bas de page": ["[Note 1]", "> | Date | 12 mai |", "> fin"],
    }


def test_a_table_in_a_cell_of_word_97_is_a_table_in_it() -> None:
    # Outer row: « Sinistre », then a cell with « avant », a table of one row (« Bris », « 120 ») and « après ».
    pieces: list[tuple[str, bytes]] = []

    def defined(*edges: int) -> bytes:
        data = bytes([len(edges)]) + struct.pack(f"<{len(edges) + 1}h", 0, *edges) + bytes(20 * len(edges))
        return struct.pack("<HH", 0xD608, len(data) + 1) + data

    within = struct.pack("<HBHI", 0x2416, 1, 0x6649, 1)
    inside = struct.pack("<HBHI", 0x2416, 1, 0x6649, 2)
    inner_cell = inside + struct.pack("<HB", 0x244B, 1)
    pieces += [("Sinistre\x07", within), ("avant\r", within), ("Bris\r", inner_cell), ("120\r", inner_cell)]
    pieces += [("\r", inside + struct.pack("<HBHB", 0x244B, 1, 0x244C, 1) + defined(500, 900))]
    pieces += [("après\x07", within), ("\x07", within + struct.pack("<HB", 0x2417, 1) + defined(1000, 2000))]
    pieces += [("fin\r", b"")]
    words, stretches = "", []
    for piece, changes in pieces:
        coded = struct.pack("<H", 0) + changes
        stretches.append((len(words), len(words) + len(piece), coded + bytes(1 - len(coded) % 2)))
        words += piece
    data = old_word(
        words, (len(words), 0, 0, 0, 0, 0, 0, 0), {13: bins(0, len(words))}, pages=page(stretches, paragraphs=True)
    )
    assert text(data, "doc") == ["| Sinistre | avant / | Bris | 120 | / après |", "fin"]

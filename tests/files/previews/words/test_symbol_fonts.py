"""A letter in a font of signs is shown as the sign that it draws: « ü » of Wingdings is a tick."""

from __future__ import annotations

import io
import struct

import openpyxl
import pptx
from openpyxl.styles import Font

from portfolio.files.previews.renderers.words import html_words
from tests.files.previews.documents.reading import paragraph, shown, text, word
from tests.files.previews.documents.test_before_2007 import (
    bins,
    drawing,
    holding,
    old_slides,
    old_word,
    page,
    record,
    words_of,
)
from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of

FONTS = (
    r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fnil\fcharset2{\*\panose 05050102010706020507}Symbol;}"
    r"{\f2\fcharset2 Wingdings;}{\f3\fcharset2 MT Extra;}}"
)


def rich(body: str) -> bytes:
    return (r"{\rtf1\ansi\ansicpg1252" + FONTS + body + "}").encode("latin-1")


def test_letters_of_fonts_of_signs_in_rich_text_are_their_signs() -> None:
    body = r"\pard\f0 Fait {\f2 \'fc J}, d\'e9lai {\f1 \'a3 a}{\f1\u-3913?} ; \'fc\par {\f3 ab}\par"
    assert text(rich(body), "rtf") == ["Fait ✓ ☺, délai ≤ α• ; ü", "▯▯"]


def test_letters_of_fonts_of_signs_in_word_are_their_signs() -> None:
    font = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    assert text(word(paragraph(f"<w:r>{font}<w:t>ü\uf0fb</w:t></w:r><w:r><w:t> fait</w:t></w:r>")), "docx") == [
        "✓✗ fait"
    ]


def test_letters_of_fonts_of_signs_on_a_slide_are_their_signs() -> None:
    deck = pptx.Presentation()
    frame = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, 100, 100).text_frame
    added = frame.paragraphs[0].add_run()
    added.text, added.font.name = "ü", "Wingdings"
    frame.paragraphs[0].add_run().text = " ü"
    buffer = io.BytesIO()
    deck.save(buffer)
    assert ["✓ ü"] in shown(buffer.getvalue(), "pptx").values()


def test_letters_of_fonts_of_signs_in_cells_are_their_signs() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "ü", "ü"
    book.active["A1"].font = Font(name="Wingdings")
    buffer = io.BytesIO()
    book.save(buffer)
    assert texts_of(outline(buffer.getvalue(), "xlsx").sheets[0]) == [["✓", "ü"]]


def test_the_smile_of_a_mail_program_is_no_letter() -> None:
    assert html_words.words_of("Merci <span style='font-family:Wingdings'>J</span> Jean") == "Merci ☺ Jean"
    assert html_words.words_of('<font face="Wingdings">J<span>J</span></font> J') == "☺☺ J"


def fonts(*names: str) -> bytes:
    """The table of the fonts of a .doc."""
    rows = [bytes(39) + f"{name}\0".encode("utf-16-le") for name in names]
    return struct.pack("<HH", len(rows), 0) + b"".join(bytes([len(row)]) + row for row in rows)


def test_letters_of_fonts_of_signs_in_old_word_are_their_signs() -> None:
    words = "Fait üJ\uf0fbab(ü\x13 PAGE \x14ü\x15\r"
    for_all = struct.pack("<HHHH", 0x4A4F, 1, 0x4A51, 1)
    for_letters, for_others = struct.pack("<HHHH", 0x4A4F, 2, 0x4A51, 0), struct.pack("<HHHH", 0x4A4F, 9, 0x4A51, 1)
    symbol = struct.pack("<HBHHH", 0x0855, 1, 0x6A09, 1, 0xF0FE)
    shapes = [(0, 5, b""), (5, 8, for_all), (8, 10, for_letters), (10, 11, symbol), (11, 12, for_others),
              (12, 20, b""), (20, 21, for_all), (21, 23, b"")]  # fmt: skip
    tables = {12: bins(0, len(words)), 15: fonts("Arial", "Wingdings", "Symbol")}
    data = old_word(words, (len(words), 0, 0, 0, 0, 0, 0, 0), tables, pages=page(shapes, paragraphs=False))
    assert text(data, "doc") == ["Fait ✓☺✗αβ☑✓<field:✓|champ : numéro de page>"]


def test_a_table_of_fonts_that_lies_leaves_the_letters() -> None:
    words = "ü\r"
    shapes = page([(0, 2, struct.pack("<HHHH", 0x4A4F, 1, 0x4A51, 1))], paragraphs=False)
    for table in (b"", b"\xff", struct.pack("<HH", 65_535, 0) + b"\x05ab", struct.pack("<HH", 2, 0) + bytes(90)):
        data = old_word(words, (2, 0, 0, 0, 0, 0, 0, 0), {12: bins(0, 2), 15: table}, pages=shapes)
        assert text(data, "doc") == ["ü"]


def run_of(signs: int, masks: int, *values: int) -> bytes:
    """What holds for some signs of a .ppt: values of two bytes, in the order of their masks."""
    return struct.pack(f"<II{len(values)}H", signs, masks, *values)


ENVIRONMENT = holding(
    0x03F2,
    holding(0x07D5, *(
        record(0x0FB7, name.encode("utf-16-le").ljust(68, b"\0"), number)
        for number, name in enumerate(("Arial", "Wingdings", "Symbol"))
    )),
)  # fmt: skip


def test_letters_of_fonts_of_signs_in_old_slides_are_their_signs() -> None:
    paragraphs = struct.pack("<IHIHH", 3, 0, 0x0801, 1, 2) + struct.pack("<IHIHHI", 8, 0, 0x100400, 7, 1, 0)
    styles = (
        run_of(1, 0x10001, 1, 0)  # bold, Arial
        + run_of(2, 0x30000, 1, 20)
        + run_of(2, 0xA30000, 0, 0, 1, 20)  # signs alone are drawn by the font of signs
        + run_of(2, 0x10000, 2)
        + run_of(1, 0x80000, 30)
    )
    text_of = record(0x0F9F, struct.pack("<I", 4)) + record(0x0FA0, "aü\r\uf0feaab2 ü".encode("utf-16-le"))
    slide = holding(0x03EE, drawing(text_of + record(0x0FA1, paragraphs + styles)))
    outline_of = holding(0x03EE, drawing(record(0x0F9E, struct.pack("<I", 0))))
    titled = old_slides(outline_of, slide, environment=ENVIRONMENT, styles=struct.pack("<IHI", 6, 0, 0)
                        + run_of(5, 0x10000, 1))  # fmt: skip
    assert shown(titled, "ppt") == {"Diapositive 1": ["a✓", "☑aαβ² ü"], "Diapositive 2": ["# ❄♓⧫❒♏"]}


def test_styles_of_a_slide_that_lie_leave_the_letters() -> None:
    for styles in (b"", b"\xff" * 9, struct.pack("<IHI", 3, 0, 0xFFFFFFFF), struct.pack("<IHI", 0, 0, 0) * 1000):
        slide = holding(0x03EE, drawing(words_of(4, "aü") + record(0x0FA1, styles)))
        assert shown(old_slides(slide), "ppt") == {"Diapositive 1": ["aü"]}

"""A line through words is said wherever they are shown: who struck an amount meant that it no longer holds."""

from __future__ import annotations

import io

import odf.opendocument
import openpyxl
import pptx
import pytest
import xlwt
from odf import style
from odf import table as odf_table
from odf.text import P, Span
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from portfolio.files.previews.preview_spec import SheetView
from portfolio.files.previews.renderers.word97.properties import character_shape
from portfolio.files.previews.renderers.words.html_words import words_of
from tests.files.previews.documents.reading import paragraph, shown, text, word
from tests.files.previews.documents.test_before_2007 import rich
from tests.files.previews.drawn import outline
from tests.files.previews.tables import cells_of
from web.everyone.table_rows import rows_of

STRUCK = "<struck:30 €|barré>"


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def run(properties: str) -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>30 €</w:t></w:r>"


@pytest.mark.parametrize("property_", ["<w:strike/>", "<w:dstrike/>", '<w:strike w:val="true"/>'])
def test_words_struck_in_word_are_said_struck(property_: str) -> None:
    assert text(word(paragraph("<w:r><w:t>Prime </w:t></w:r>" + run(property_))), "docx") == [f"Prime {STRUCK}"]
    assert text(word(paragraph(run('<w:strike w:val="0"/><w:dstrike w:val="0"/>'))), "docx") == ["30 €"]


def test_words_struck_in_rich_text_are_said_struck() -> None:
    body = r"\pard Prime {\strike 30 \u8364?}{\striked1 30 \u8364?} \strike a\strike0  b\par"
    assert text(rich(body), "rtf") == ["Prime <struck:30 €30 €|barré> <struck:a|barré> b"]


@pytest.mark.parametrize("code", [b"\x37\x08", b"\x53\x2a"])
def test_words_struck_in_old_word_are_said_struck(code: bytes) -> None:
    assert character_shape(code + b"\x01").struck and not character_shape(code + b"\x00").struck


def test_words_struck_in_an_opendocument_text_are_said_struck() -> None:
    document = odf.opendocument.OpenDocumentText()
    for name, line in (("Barré", "solid"), ("Net", "none")):
        of_text = style.Style(name=name, family="text")
        of_text.addElement(style.TextProperties(textlinethroughstyle=line))
        document.automaticstyles.addElement(of_text)
    written = P(text="Prime ")
    outer = Span(stylename="Barré", text="30 €")
    outer.addElement(Span(stylename="Net", text=" nets"))
    written.addElement(outer)
    document.text.addElement(written)
    assert text(saved(document), "odt") == [f"Prime {STRUCK} nets"]


def test_words_struck_on_a_slide_are_said_struck() -> None:
    deck = pptx.Presentation()
    frame = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, 100, 100).text_frame
    for words, struck in (("Prime ", ""), ("30 €", "sngStrike"), (" nets", "noStrike")):
        added = frame.paragraphs[0].add_run()
        added.text = words
        if struck:
            added._r.get_or_add_rPr().set("strike", struck)
    assert [f"Prime {STRUCK} nets"] in shown(saved(deck), "pptx").values()


def looks(sheet: SheetView) -> list[tuple[str, bool]]:
    return [(words, look.get("struck", False)) for words, look in cells_of(sheet, 0)]


def test_cells_struck_in_a_workbook_are_said_struck() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"] = 30, 40
    sheet["A1"].font = Font(strike=True)
    sheet["C1"] = CellRichText("Prime ", TextBlock(InlineFont(strike=True), "30 €"), " nets")
    sheet["D1"] = CellRichText(TextBlock(InlineFont(strike=True), "30 €"))
    view = outline(saved(book), "xlsx").sheets[0]
    assert ">30</s> <small>(barré)</small></td>" in rows_of(view) and ">40</td>" in rows_of(view)
    assert looks(view) == [
        ("30", True),
        ("40", False),
        ("Prime [barré : 30 €] nets", False),
        ("30 €", True),
    ]


def test_cells_struck_in_an_old_workbook_are_said_struck() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Suivi")
    line = xlwt.easyxf("font: struck_out true")
    sheet.write(0, 0, 30, line)
    sheet.write(0, 1, 40)
    sheet.write_rich_text(0, 2, ["Prime ", ("30", line.font), " nets"])
    assert looks(outline(saved(book), "xls").sheets[0]) == [
        ("30", True),
        ("40", False),
        ("Prime [barré : 30] nets", False),
    ]


def test_cells_struck_in_an_opendocument_sheet_are_said_struck() -> None:
    document = odf.opendocument.OpenDocumentSpreadsheet()
    for name, family in (("ce1", "table-cell"), ("T1", "text")):
        struck = style.Style(name=name, family=family)
        struck.addElement(style.TextProperties(textlinethroughstyle="solid"))
        document.automaticstyles.addElement(struck)
    sheet, row = odf_table.Table(name="Suivi"), odf_table.TableRow()
    whole = odf_table.TableCell(stylename="ce1", valuetype="string")
    whole.addElement(P(text="30 €"))
    part = odf_table.TableCell(valuetype="string")
    words = P(text="Prime ")
    words.addElement(Span(stylename="T1", text="30 €"))
    part.addElement(words)
    for cell in (whole, part):
        row.addElement(cell)
    sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    assert looks(outline(saved(document), "ods").sheets[0]) == [("30 €", True), ("Prime [barré : 30 €]", False)]


@pytest.mark.parametrize(
    "html,words",
    [
        ("Prime <s>30 €</s> 25 €", "Prime [barré : 30 €] 25 €"),
        ("Prime <del>30 <b>€</b></del> 25 €", "Prime [barré : 30 €] 25 €"),
        ("<strike>un<br>deux</strike>", "[barré : un]\n[barré : deux]"),
        ('<span style="color:red;text-decoration: line-through"><span>30</span> €</span> nets', "[barré : 30 €] nets"),
        ('<p style="text-decoration:line-through">un<p>deux', "[barré : un]\ndeux"),
        ('<img style="text-decoration:line-through">net<s> </s>', "net"),
    ],
)
def test_words_struck_in_a_page_are_said_struck(html: str, words: str) -> None:
    assert words_of(html) == words


def test_the_plain_form_of_a_mail_does_not_hide_that_words_are_struck() -> None:
    mail = (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/plain\r\n\r\nPrime 30 puis 25\r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<p>Prime <s>30</s> puis 25</p>\r\n--x--\r\n"
    )
    (view,) = outline(mail, "eml").messages
    assert (view["text"], view["notes"]) == ("Prime [barré : 30] puis 25", [])


@pytest.mark.parametrize(
    "html,words",
    [
        ("<p hidden>caché</p>vu", "[masqué : caché]\nvu"),
        ("<div style='display: none'>Aperçu <b>court</b></div>Bonjour", "[masqué : Aperçu court]\nBonjour"),
        ("<span style='mso-hide:all'>\u200c\u00a0\u200c</span>Bonjour", "Bonjour"),
        ("<select><option>un<option>deux</select><input value='30 €'><input type=hidden value=x>", "un deux 30 €"),
        ("<input type=checkbox checked>Oui<input type=radio />Non", "☒ Oui ☐ Non"),
    ],
)
def test_what_a_page_hides_or_holds_in_its_fields_is_said(html: str, words: str) -> None:
    assert words_of(html) == words

"""What stands above or below the line, and how an equation is built, change what a number says."""

from __future__ import annotations

import struct

import pytest

from portfolio.files.previews.renderers.texts import words_of
from portfolio.files.previews.renderers.words.raised_signs import ABOVE, BELOW, raised
from tests.files.previews.documents import test_opendocument
from tests.files.previews.documents.reading import paragraph, run, text, word
from tests.files.previews.documents.test_before_2007 import old_word, page, rich
from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of
from tests.support import specimens as made
from tests.support.containers import rewritten

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize(
    "words,place,shown",
    [
        ("3", ABOVE, "³"),
        ("-12", ABOVE, "⁻¹²"),
        ("2", BELOW, "₂"),
        ("er", ABOVE, "er"),
        ("3", "", "3"),
        (" ", ABOVE, " "),
    ],
)
def test_digits_stand_where_they_stood_and_letters_on_the_line(words: str, place: str, shown: str) -> None:
    assert raised(words, place) == shown


def test_powers_and_indices_of_every_document_stay_powers_and_indices() -> None:
    shape = '<w:vertAlign w:val="{}"/>'
    above, below = shape.format("superscript"), shape.format("subscript")
    assert text(word(paragraph("10", run("3", above), " H", run("2", below), "O 1", run("er", above))), "docx") == [
        "10³ H₂O 1er"
    ]
    assert text(rich(r"10{\super 3} H\sub 2\nosupersub O\par"), "rtf") == ["10³ H₂O"]
    styles = (
        "<s:style s:name='A' s:family='text'><s:text-properties s:text-position='super 58%'/>"
        "</s:style><s:style s:name='B' s:family='text'>"
        "<s:text-properties s:text-position='-33% 58%'/></s:style>"
    )
    spans = "<t:p>10<t:span t:style-name='A'>3</t:span> H<t:span t:style-name='B'>2</t:span>O</t:p>"
    assert text(test_opendocument.slides_of(spans, "text", styles), "odt") == ["10³ H₂O"]
    assert words_of("<p>10<sup>3</sup> H<sub>2</sub>O 1<sup>er</sup></p>") == "10³ H₂O 1er"


def test_those_of_word_97_too() -> None:
    shapes = page([(0, 2, b""), (2, 3, struct.pack("<HB", 0x2A48, 1)), (3, 5, b"")], paragraphs=False)
    places = struct.pack("<III", 0, 100, 16)
    assert text(old_word("103 m\r", (6, 0, 0, 0, 0, 0, 0, 0), {12: places}, pages=shapes), "doc")[0].startswith("10³")


def test_those_of_a_cell_too() -> None:
    rich_text = '<r><t>m</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r><r><t> 5</t></r>'
    cells = f'<c r="A1" t="inlineStr"><is>{rich_text}</is></c><c r="B1" t="str"><v>a_x000D_\nb_x005F_x</v></c>'
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
    (shown,) = outline(rewritten(made.workbook(), {"xl/worksheets/sheet1.xml": sheet.encode()}), "xlsx").sheets
    assert texts_of(shown) == [["m² 5", "a\nb_x"]]


@pytest.mark.parametrize(
    "equation,words",
    [
        ("<m:f><m:num>{a+b}</m:num><m:den>{2}</m:den></m:f>", "(a+b)/2"),
        ("<m:rad><m:deg/><m:e>{x+1}</m:e></m:rad>", "√(x+1)"),
        ("<m:rad><m:deg>{3}</m:deg><m:e>{x}</m:e></m:rad>", "racine cubique de x"),
        ("<m:sSup><m:e>{y}</m:e><m:sup>{n-1}</m:sup></m:sSup>", "y^(n-1)"),
        ("<m:sSubSup><m:e>{y}</m:e><m:sub>{i}</m:sub><m:sup>{2}</m:sup></m:sSubSup>", "y_i^2"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{i=1}</m:sub><m:sup>{n}</m:sup>'
            "<m:e>{i}</m:e></m:nary>",
            "∑ de i=1 à n (i)",
        ),
        ("<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr><m:e>{a}</m:e></m:d>", "[a]"),
        ("<m:m><m:mr><m:e>{1}</m:e><m:e>{2}</m:e></m:mr><m:mr><m:e>{3}</m:e></m:mr></m:m>", "[1 ; 2 | 3]"),
        ("<m:func><m:fName>{ln}</m:fName><m:e>{x}</m:e></m:func>", "ln x"),
        ("<m:box><m:e>{t}</m:e></m:box>", "t"),
    ],
)
def test_an_equation_keeps_its_roots_fractions_and_powers(equation: str, words: str) -> None:
    written = equation.replace("{", "<m:r><m:t>").replace("}", "</m:t></m:r>")
    body = paragraph("Soit ", f"<m:oMath>{written}</m:oMath>", ".")
    assert text(word(body), "docx") == [f"Soit {words}."]


def test_an_equation_without_end_of_depth_is_read_or_left_and_the_text_goes_on() -> None:
    deep = "<m:e>" * 200 + "<m:r><m:t>x</m:t></m:r>" + "</m:e>" * 200
    assert text(word(paragraph(f"<m:oMath>{deep}</m:oMath>") + paragraph("suite")), "docx") == ["x", "suite"]

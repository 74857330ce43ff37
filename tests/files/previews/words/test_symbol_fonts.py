"""A letter in a font of signs is shown as the sign that it draws: « ü » of Wingdings is a tick."""

from __future__ import annotations

import io

import openpyxl
import pptx
from openpyxl.styles import Font

from portfolio.files.previews.renderers.words.html_words import words_of
from tests.files.previews.documents.reading import paragraph, shown, text, word
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
    assert words_of("Merci <span style='font-family:Wingdings'>J</span> Jean") == "Merci ☺ Jean"
    assert words_of('<font face="Wingdings">J<span>J</span></font> J') == "☺☺ J"

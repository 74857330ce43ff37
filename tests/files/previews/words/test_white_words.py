"""White words on paper, and tiny ones, are there and not seen: they are shown where they stand, and marked."""

from __future__ import annotations

import struct

import odf.opendocument
import pytest
from odf import draw, style
from odf.style import PageLayout, PageLayoutProperties, ParagraphProperties, SectionProperties, TextProperties
from odf.table import Table, TableCell, TableRow
from odf.text import P, Section, Span

from portfolio.files.previews.hidden_in_view import codes_in
from portfolio.files.previews.renderers.documents import prose_notes
from tests.files.previews.documents.reading import saved, text, view
from tests.files.previews.documents.test_before_2007 import bins, old_word, page

WHITE, TINY = "texte blanc", "caractères minuscules"


def rich(body: str, before: str = "") -> bytes:
    colours = r"{\colortbl ;\red255\green255\blue255;\red31\green56\blue100;\red254\green254\blue254;}"
    return (r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}" + colours + before + body + "}").encode("latin-1")


def test_white_and_tiny_words_of_rich_text_are_marked() -> None:
    body = (
        r"\pard vu {\cf1 blanc}{\cf1\cf0  noir} {\cf3\fs2 presque}{\fs4 petit}{\cf1 -}\cf1 \plain fin\par"
        r"\pard\cf1 sien\par"
    )
    assert text(rich(body), "rtf") == [
        f"vu <hidden:blanc|{WHITE}> noir <hidden:presque|{WHITE}, {TINY}><hidden:petit|{TINY}>-fin",
        f"<hidden:sien|{WHITE}>",
    ]
    assert prose_notes.HIDDEN in view(rich(body), "rtf").notes


@pytest.mark.parametrize(
    "body",
    [
        r"\pard{\cf1\chcbpat2 clair}\par",
        r"\pard{\cf1\highlight2 clair}\par",
        r"\pard{\cf1\cb2 clair}\par",
        r"\pard\cbpat2{\cf1 clair}\par",
        r"\pard\shading2000{\cf1 clair}\par",
        r"\pard{\cf9 clair}{\cf2 clair}\par",
        r"\pard{\*\shppict{\pict\cf1 00}}{\cf1\cf2 clair}\par",
    ],
)
def test_words_of_rich_text_on_a_colour_are_seen(body: str) -> None:
    assert "hidden" not in "".join(text(rich(body), "rtf"))


def test_white_words_of_rich_text_in_a_cell_a_box_or_on_a_page_in_colour_are_seen() -> None:
    cell = r"\trowd\clcbpat2\cellx100\pard\intbl\cf1 clair\cell\row"
    box = r"\pard{\shp{\*\shpinst{\shptxt\cf1 clair\par}}}\par"
    assert text(rich(cell), "rtf") == ["| clair |"]
    assert text(rich(box), "rtf") == ["[Zone de texte]", "> clair"]
    ground = r"\viewbksp1{\*\background{\shp{\*\shpinst{\sp{\sn fillColor}{\sv 6305838}}}}}"
    assert text(rich(r"\pard\cf1 clair\par", ground), "rtf") == ["clair"]
    assert text(rich(r"\pard\cf1\cbpat1\chcbpat1 blanc\par"), "rtf") == [f"<hidden:blanc|{WHITE}>"]


@pytest.mark.parametrize(
    "changes,label",
    [
        (struct.pack("<HB", 0x2A42, 8), WHITE),
        (struct.pack("<HI", 0x6870, 0xFFFFFF), WHITE),
        (struct.pack("<HI", 0x6870, 0xFFFEFD), WHITE),
        (struct.pack("<HH", 0x4A43, 2), TINY),
        (struct.pack("<HB", 0x2A42, 8) + struct.pack("<HI", 0x6870, 0xFF000000), ""),
        (struct.pack("<HB", 0x2A42, 1), ""),
        (struct.pack("<HB", 0x2A42, 8) + struct.pack("<HB", 0x2A0C, 2), ""),
        (struct.pack("<HB", 0x2A42, 8) + struct.pack("<HH", 0x4866, 2 << 5), ""),
        (struct.pack("<HB", 0x2A42, 8) + struct.pack("<HBIIH", 0xCA71, 10, 0xFF000000, 0x643820, 0), ""),
        (struct.pack("<HB", 0x2A42, 8) + struct.pack("<HBIIH", 0xCA71, 10, 0xFF000000, 0xFFFFFF, 0), WHITE),
    ],
)
def test_white_and_tiny_words_of_old_word_are_marked(changes: bytes, label: str) -> None:
    words = "vu blanc\r"
    shapes = [(0, 3, b""), (3, 8, changes), (8, 9, b"")]
    data = old_word(words, (9, 0, 0, 0, 0, 0, 0, 0), {12: bins(0, len(words))}, pages=page(shapes, paragraphs=False))
    assert text(data, "doc") == [f"vu <hidden:blanc|{label}>" if label else "vu blanc"]


@pytest.mark.parametrize(
    "changes",
    [
        struct.pack("<HH", 0x442D, 2 << 5),
        struct.pack("<HBIIH", 0xC64D, 10, 0xFF000000, 0x643820, 0),
        struct.pack("<HB", 0x2416, 1),
    ],
)
def test_white_words_of_old_word_on_a_colour_or_in_a_cell_are_seen(changes: bytes) -> None:
    words = "clair\r"
    characters = page([(0, 6, struct.pack("<HB", 0x2A42, 8))], paragraphs=False)
    style_and_changes = struct.pack("<H", 0) + changes
    paragraphs = page([(0, 6, style_and_changes + bytes(1 - len(style_and_changes) % 2))], paragraphs=True)
    data = old_word(words, (6, 0, 0, 0, 0, 0, 0, 0), {12: bins(0, 6), 13: bins(1, 6)}, pages=characters + paragraphs)
    assert "hidden" not in "".join(text(data, "doc"))


def opendocument_text(*, page_colour: str = "") -> odf.opendocument.OpenDocumentText:
    document = odf.opendocument.OpenDocumentText()
    for name, family, *properties in (
        ("Blanc", "text", TextProperties(color="#ffffff")),
        ("Noir", "text", TextProperties(color="#000000")),
        ("Auto", "text", TextProperties(usewindowfontcolor="true")),
        ("Fond", "text", TextProperties(color="#FFFFFF", backgroundcolor="#1f3864")),
        ("Net", "text", TextProperties(color="#FFFFFF", backgroundcolor="transparent")),
        ("Petit", "text", TextProperties(fontsize="2pt")),
        ("PBlanc", "paragraph", TextProperties(color="#fefefe")),
        ("PFond", "paragraph", ParagraphProperties(backgroundcolor="#1f3864"), TextProperties(color="#ffffff")),
    ):
        made = style.Style(name=name, family=family)
        for each in properties:
            made.addElement(each)
        document.automaticstyles.addElement(made)
    if page_colour:
        layout = PageLayout(name="Page")
        layout.addElement(PageLayoutProperties(backgroundcolor=page_colour))
        document.automaticstyles.addElement(layout)
        document.masterstyles.addElement(style.MasterPage(name="Standard", pagelayoutname="Page"))
    return document


def spans(*pairs: tuple[str, str]) -> P:
    written = P()
    for name, words in pairs:
        written.addElement(Span(stylename=name, text=words)) if name else written.addText(words)
    return written


def test_white_and_tiny_words_of_an_opendocument_text_are_marked() -> None:
    document = opendocument_text()
    document.text.addElement(spans(("", "vu "), ("Blanc", "blanc"), ("Petit", " petit"), ("Fond", "sur fond")))
    of_paragraph = spans(("", "sien"), ("Noir", " noir"), ("Auto", " automatique"), ("Net", " net"))
    of_paragraph.setAttribute("stylename", "PBlanc")
    on_colour = spans(("", "clair"))
    on_colour.setAttribute("stylename", "PFond")
    table, row, cell = Table(), TableRow(), TableCell()
    cell.addElement(spans(("Blanc", "case")))
    row.addElement(cell)
    table.addElement(row)
    for element in (of_paragraph, on_colour, table):
        document.text.addElement(element)
    boxed, box = draw.Frame(), draw.TextBox()
    box.addElement(spans(("Blanc", "encadré")))
    boxed.addElement(box)
    around = P()
    around.addElement(boxed)
    document.text.addElement(around)
    data = saved(document)
    assert text(data, "odt") == [
        f"vu <hidden:blanc|{WHITE}><hidden: petit|{TINY}>sur fond",
        f"<hidden:sien|{WHITE}> noir automatique<hidden: net|{WHITE}>",
        "clair", "| case |", "[Zone de texte]", "> encadré",
    ]  # fmt: skip
    assert prose_notes.HIDDEN in view(data, "odt").notes
    assert "hidden_text" in codes_in(view(data, "odt"))


@pytest.mark.parametrize("colour,line", [("#1f3864", "clair"), ("#ffffff", f"<hidden:clair|{WHITE}>")])
def test_white_words_on_pages_in_colour_are_seen(colour: str, line: str) -> None:
    document = opendocument_text(page_colour=colour)
    document.text.addElement(spans(("Blanc", "clair")))
    assert text(saved(document), "odt") == [line]


def test_white_words_of_a_section_in_colour_are_seen() -> None:
    document = opendocument_text()
    for name, colour in (("Bleu", "#1f3864"), ("Clair", "#ffffff")):
        made = style.Style(name=name, family="section")
        made.addElement(SectionProperties(backgroundcolor=colour))
        document.automaticstyles.addElement(made)
        section = Section(name=name, stylename=name)
        section.addElement(spans(("Blanc", name)))
        document.text.addElement(section)
    assert text(saved(document), "odt") == ["Bleu", f"<hidden:Clair|{WHITE}>"]

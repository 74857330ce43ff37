"""What a document holds that its reader may not see at first is noticed, whoever wrote it and whatever its prefixes."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import openpyxl
import pytest
from odf import dc, draw, office, style, table, text
from odf.opendocument import OpenDocumentPresentation, OpenDocumentSpreadsheet, OpenDocumentText
from openpyxl.comments import Comment

from portfolio.files.recognition.document_warnings import LARGEST_SEARCH
from portfolio.files.recognition.recognise import recognise
from tests.support import containers
from tests.support import specimens as made

SLIDE = "ppt/slides/slide1.xml"


def warnings_of(content: bytes) -> tuple[str, ...]:
    return recognise(io.BytesIO(content), "", len(content)).warnings


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def commented_text() -> bytes:
    document = docx.Document()
    run = document.add_paragraph("Madame,").add_run(" nous accusons réception.")
    document.add_comment(run, "À revoir", author="Tuteur", initials="T")
    return saved(document)


def text_with(body: bytes) -> bytes:
    part = containers.read_part(made.word(), "word/document.xml").replace(b"<w:body>", b"<w:body>" + body)
    return containers.rewritten(made.word(), {"word/document.xml": part})


def commented_workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Prime"
    book.active["A1"].comment = Comment("vérifiée", "A")
    return saved(book)


def workbook_hiding(column: str = "", row: int = 0) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Contrat", "Client", "Prime"])
    if column:
        book.active.column_dimensions[column].hidden = True
    if row:
        book.active.row_dimensions[row].hidden = True
    return saved(book)


def presentation(**parts: bytes) -> bytes:
    whole = {SLIDE: parts.get("slide", b'<p:sld xmlns:p="p"/>')}
    if "comments" in parts:
        whole["ppt/comments/modernComment_1.xml"] = parts["comments"]
    return containers.rewritten(made.slides(), whole)


def sheet_of(change: Callable[[OpenDocumentSpreadsheet, table.Table], None]) -> bytes:
    document = OpenDocumentSpreadsheet()
    clients = table.Table(name="clients")
    change(document, clients)
    document.spreadsheet.addElement(clients)
    return saved(document)


def hide_sheet(document: OpenDocumentSpreadsheet, clients: table.Table) -> None:
    hidden = style.Style(name="ta1", family="table")
    hidden.addElement(style.TableProperties(display="false"))
    document.automaticstyles.addElement(hidden)
    clients.setAttribute("stylename", hidden)


def text_of(change: Callable[[OpenDocumentText], None]) -> bytes:
    document = OpenDocumentText()
    change(document)
    return saved(document)


def text_with_changes() -> bytes:
    whole = made.opendocument("odt")
    region = b'<text:tracked-changes><text:changed-region text:id="ct1"/></text:tracked-changes>'
    part = containers.read_part(whole, "content.xml").replace(b"<office:text>", b"<office:text>" + region)
    return containers.rewritten(whole, {"content.xml": part})


def annotated(document: OpenDocumentText) -> None:
    note = office.Annotation()
    note.addElement(dc.Creator(text="Tuteur"))
    note.addElement(text.P(text="À revoir"))
    paragraph = text.P(text="Note")
    paragraph.addElement(note)
    document.text.addElement(paragraph)


def hide_text(document: OpenDocumentText) -> None:
    hidden = style.Style(name="T1", family="text")
    hidden.addElement(style.TextProperties(display="none"))
    document.automaticstyles.addElement(hidden)
    document.text.addElement(text.P(stylename=hidden, text="nom d'un client"))


def presentation_hiding() -> bytes:
    document = OpenDocumentPresentation()
    hidden = style.Style(name="dp1", family="drawing-page")
    hidden.addElement(style.DrawingPageProperties(visibility="hidden"))
    document.automaticstyles.addElement(hidden)
    layout = style.PageLayout(name="PL")
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="Default", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    document.presentation.addElement(draw.Page(masterpagename=master, stylename=hidden))
    return saved(document)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (commented_text(), ("comments",)),
        (text_with(b'<w:p><w:del w:id="2" w:author="A"><w:r/></w:del></w:p>'), ("tracked_changes",)),
        (text_with(b'<w:p><w:moveTo w:id="2"><w:r/></w:moveTo></w:p>'), ("tracked_changes",)),
        (text_with(b'<x:p xmlns:x="w"><x:ins x:id="2"/></x:p>'), ("tracked_changes",)),
        (text_with(b"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>nom</w:t></w:r></w:p>"), ("hidden_text",)),
        (text_with(b'<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr></w:r></w:p>'), ()),
        (text_with(b"<w:p><w:r><w:t>ins del vanish hidden</w:t></w:r></w:p>"), ()),
        (made.workbook(hidden=True), ("hidden_sheets",)),
        (made.old_workbook(hidden=True), ("hidden_sheets",)),
        (made.workbook_with_pivot_cache(), ("pivot_cache",)),
        (commented_workbook(), ("comments",)),
        (workbook_hiding(column="B"), ("hidden_cells",)),
        (workbook_hiding(row=1), ("hidden_cells",)),
        (workbook_hiding(), ()),
        (presentation(), ()),
        (presentation(slide=b'<p:sld xmlns:p="p" show="0"/>'), ("hidden_slides",)),
        (presentation(comments=b'<p188:cmLst xmlns:p188="p"><p188:cm id="1"/></p188:cmLst>'), ("comments",)),
        (text_with_changes(), ("tracked_changes",)),
        (text_of(annotated), ("comments",)),
        (text_of(hide_text), ("hidden_text",)),
        (text_of(lambda document: document.text.addElement(text.P(text="rien"))), ()),
        (sheet_of(hide_sheet), ("hidden_sheets",)),
        (sheet_of(lambda _, clients: clients.addElement(table.TableRow(visibility="collapse"))), ("hidden_cells",)),
        (sheet_of(lambda _, clients: clients.addElement(table.TableRow(visibility="filter"))), ("hidden_cells",)),
        (sheet_of(lambda _, clients: clients.addElement(table.TableColumn(visibility="collapse"))), ("hidden_cells",)),
        (sheet_of(lambda _, clients: clients.addElement(table.TableRow())), ()),
        (presentation_hiding(), ("hidden_slides",)),
    ],
)
def test_what_a_document_hides_is_noticed(content: bytes, expected: tuple[str, ...]) -> None:
    assert warnings_of(content) == expected


def test_several_facts_come_in_the_order_of_the_table() -> None:
    both = text_with(b'<w:p><w:r><w:rPr><w:vanish/></w:rPr></w:r><w:ins w:id="1"/></w:p>')

    assert warnings_of(both) == ("tracked_changes", "hidden_text")


def test_a_tag_cut_between_two_pieces_is_still_met() -> None:
    for padding in range(65_200, 65_560, 11):
        assert warnings_of(text_with(b"<!--" + b"x" * padding + b'--><w:ins w:id="2"/>')) == ("tracked_changes",)


def test_the_search_stops_at_its_bound() -> None:
    assert warnings_of(text_with(b"<!--" + b"x" * LARGEST_SEARCH + b'--><w:ins w:id="2"/>')) == ()

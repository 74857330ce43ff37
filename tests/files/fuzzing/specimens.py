"""Whole files of every kind that is parsed, to be spoiled."""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import openpyxl
import pptx
import xlwt
from odf import table
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P

from portfolio.files.facts import facts_reader
from portfolio.files.previews.preview_spec import RENDERER, Preview
from portfolio.files.previews.renderers import for_paper
from portfolio.rules.file_kinds import KINDS
from tests.files.fuzzing import returns
from tests.files.previews import test_contacts, test_cut_pictures, test_unicode_marks, test_unseen_pdf_words
from tests.files.previews.documents import reading, test_before_2007, test_opendocument
from tests.files.previews.mails import test_enriched_mails
from tests.files.previews.mails.test_files_in_words import uuencoded, written
from tests.files.previews.mails.test_outlook_mails import fixed, rich
from tests.files.previews.mails.test_wrapped_mails import (
    BODY,
    PROPERTIES,
    RICH,
    a_file,
    of_bytes,
    saved_page,
    tnef,
    wrapped,
)
from tests.files.previews.making.test_together import with_a_hole
from tests.files.previews.workbooks.test_excel_97 import workbook_with_boxes
from tests.support import containers
from tests.support import specimens as made

MORE = "SPECIMENS"  # the environment may name a folder with others
_LARGEST = 200_000  # bytes
LISTS = ("list-workbook", "list-xml", "list-html")  # what a school sends: its kind is that of `any_table`


def _same(data: bytes) -> bytes:
    return data


@dataclass(frozen=True)
class Specimen:
    """data: what is spoiled. whole: makes the file of it, where the parser stands behind a wrapping."""

    kind: str
    data: bytes
    whole: Callable[[bytes], bytes] = _same


def of_parser(parser: str) -> list[Specimen]:
    """Returns the specimens of a parser of PARSERS."""
    kinds = PARSERS[parser]
    everything = [specimen for specimen in _all() if specimen.kind in kinds]
    behind = parser == "winmail"
    return [specimen for specimen in everything if (specimen.whole is not _same) == behind]


def _by_reader() -> dict[str, tuple[str, ...]]:
    """Returns {parser: kinds that one reader reads}, of the very table that the service draws by: a reader that is
    added there is spoiled too. Of mails, whose renderer chooses by itself, each kind is a parser.
    """
    found: dict[str, tuple[str, ...]] = {}
    for kind, renderer in RENDERER.items():
        module = import_module(f"portfolio.files.previews.renderers.{renderer}")
        readers: dict[str, object] = getattr(module, "READERS", {})
        several = bool(readers) or renderer == "messages"
        first = next((known for known in readers if readers[known] is readers.get(kind)), kind)
        parser = f"{renderer}-{first}" if several else renderer
        found[parser] = (*found.get(parser, ()), kind)
    return found


def _by_facts() -> dict[str, tuple[str, ...]]:
    """Returns {parser: kinds that one reader of facts reads}, of the table that the service reads them by."""
    read: dict[object, tuple[str, ...]] = {}
    for kind, reader in facts_reader.READERS.items():
        read[reader] = (*read.get(reader, ()), kind)
    return {f"facts_reader-{kinds[0]}": kinds for kinds in read.values()}


PARSERS = (
    _by_reader()
    | _by_facts()
    | {
        "winmail": ("eml",),
        "cards": ("outline",),
        "for_paper": ("drawn",),
        "gathering": ("gathered",),
        "kept_inside": ("xlsx", "jpeg", "png"),
        "cleaning": ("xlsx", "docx", "jpeg", "png"),
        "inspection": ("pdf",),
        "recognition": (*KINDS, "zip"),
        "confined_reader": LISTS,
        "delimited": ("list-csv",),
        "archives": ("archive",),
        "notifications": ("return",),
    }
)


@cache
def _all() -> tuple[Specimen, ...]:
    return tuple(_each())


def _each() -> Iterator[Specimen]:
    yield Specimen("xlsx", _workbook())
    yield Specimen("xlsx", made.workbook(hidden=True))
    yield Specimen("xls", _old_workbook())
    yield Specimen("xls", workbook_with_boxes())
    yield Specimen("ods", _opendocument_table())
    yield Specimen("csv", 'N°;Montant;« Zoé »\r\n1;12,50 €;"a;\nb"\r\n'.encode() * 20)
    yield from _mails()
    yield Specimen("eml", test_enriched_mails.enriched())
    yield Specimen("eml", written(b"Voici.\n" + uuencoded("a.txt", b"Mot " * 40) + b"Fin\n"))
    yield from _documents()
    yield Specimen("pdf", with_a_hole(5, hole=2))
    yield Specimen("txt", test_unicode_marks.NOTE.encode("utf-16-be"))
    yield Specimen("pdf", made.pdf(script=True, attached=(("a.txt", b"Mot"),)))
    yield Specimen("pdf", made.pdf(compressed=True))
    yield Specimen("pdf", test_unseen_pdf_words.with_much_unseen())
    yield Specimen("jpeg", test_cut_pictures.photo(progressive=True))
    yield from (Specimen("return", mail) for mail in returns.MAILS)
    for kind in ("png", "jpeg", "webp", "gif"):
        yield Specimen(kind, made.picture(kind.upper(), located=kind == "jpeg"))
    yield Specimen("heic", made.iphone_photo(located=True))
    for kind, data in (("txt", "Déjà vu\n".encode() * 50), ("md", b"# a\n- b"), ("json", b'{"a": [1]}')):
        yield Specimen(kind, data)
    yield Specimen("drawio", made.DIAGRAM)
    yield Specimen("txt", (test_contacts.CARD_3 + test_contacts.CARD_2).encode())
    yield Specimen("ics", made.invitation())
    yield Specimen("html", made.web_page())
    yield Specimen("outline", json.dumps(asdict(reading.view(made.word(), "docx"))).encode())
    yield Specimen("outline", json.dumps(asdict(Preview("words", text="Mot " * 99))).encode())
    words = {"outlines": [json.dumps(asdict(reading.view(made.word(), "docx")))], "texts": [], "attached": []}
    yield Specimen("gathered", json.dumps(words).encode())
    yield Specimen("mp4", made.film(movie=made.android_place()))
    yield Specimen("webm", made.browser_recording())
    yield Specimen("mp3", made.sound())
    yield from _lists()
    yield Specimen("archive", containers.zipped({"Stage/C42/Déclaré.txt": b"Mot " * 99, "__MACOSX/._a": b""}))
    drawn = [made.picture("WEBP"), made.picture("WEBP")]
    yield Specimen("drawn", b"".join(len(picture).to_bytes(for_paper.LENGTH) + picture for picture in drawn))
    yield from _others()


def _lists() -> Iterator[Specimen]:
    yield from (Specimen("list-workbook", data) for data in (_workbook(), _old_workbook(), _opendocument_table()))
    cells = "<Cell><Data ss:Type='String'>Zoé</Data></Cell><Cell ss:Index='4'><Data ss:Type='Number'>1</Data></Cell>"
    rows = f"<Row>{cells}</Row><Row ss:Index='5'>{cells}</Row>"
    table = f"<ss:Worksheet ss:Name='1'><ss:Table>{rows}</ss:Table></ss:Worksheet>"
    yield Specimen("list-xml", f"<?xml version='1.0'?><Workbook xmlns:ss='urn:ss'>{table}</Workbook>".encode())
    plain = "<?xml version='1.0' encoding='utf-8'?><eleves><eleve id='1'><nom>Zoé</nom><prenom>A</prenom></eleve>"
    yield Specimen("list-xml", f"{plain}<eleve id='2'><nom>Bo</nom><prenom>B</prenom></eleve></eleves>".encode())
    row = "<tr><td colspan=2>Zoé<td rowspan=2>a &amp; b</tr><tr><th>c</th></tr>"
    yield Specimen("list-html", f"<html><meta charset=utf-8><table>{row}</table><table>{row}</table>".encode())
    yield Specimen("list-csv", 'sep=;\r\nNom;Prénom\r\n"Le ""Gall""";"Zoé\nA"\r\nBo;B\r\n'.encode() * 9)


def _others() -> Iterator[Specimen]:
    for path in sorted(Path(os.environ[MORE]).iterdir()) if MORE in os.environ else ():
        kind = path.suffix.lstrip(".").replace("jpg", "jpeg")
        if kind in RENDERER and path.stat().st_size < _LARGEST:
            yield Specimen(kind, path.read_bytes())


def _bytes_of(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 8):
        sheet.append([row, row / 3, "Zoé", True, f"=SUM(A1:A{row})", "#DIV/0!"])
        sheet.cell(row, 2).number_format = '[Red]#,##0.00\\ "€";-0%;@'
        sheet.cell(row, 1).number_format = "[h]:mm dd/mm/yyyy"
    sheet.merge_cells("A9:C10")
    sheet.column_dimensions["D"].hidden = True
    book.create_sheet("Masquée").sheet_state = "hidden"
    chart = openpyxl.chart.BarChart()
    chart.add_data(openpyxl.chart.Reference(sheet, min_col=1, min_row=1, max_row=7))
    sheet.add_chart(chart, "H2")
    return _bytes_of(book)


def _old_workbook() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Primes")
    for row in range(8):
        sheet.write(row, 0, row / 7, xlwt.easyxf(num_format_str="0.00%"))
        sheet.write(row, 1, "Zoé")
        sheet.write(row, 2, xlwt.Formula(f"A{row + 1}*2"))
    sheet.write_merge(9, 10, 0, 2, "Titre")
    return _bytes_of(book)


def _opendocument_table() -> bytes:
    document = OpenDocumentSpreadsheet()
    sheet = table.Table(name="Primes")
    sheet.addElement(table.TableColumn(numbercolumnsrepeated=3, visibility="collapse"))
    for value in ("1", "0.125", "3"):
        row = table.TableRow(numberrowsrepeated=2)
        for kind in ("float", "percentage", "currency"):
            cell = table.TableCell(
                valuetype=kind, value=value, numbercolumnsspanned=2, numberrowsspanned=1, formula="of:=[.A1]*2"
            )
            cell.addElement(P(text=value))
            row.addElement(cell)
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    return _bytes_of(document)


def _mails() -> Iterator[Specimen]:
    yield Specimen("eml", made.message())
    yield Specimen("eml", made.html_message(attached=made.picture("PNG"), name="dégât.png"))
    yield Specimen("eml", wrapped(made.html_message(), "Bonjour").as_bytes())
    yield Specimen("mbox", made.box_of_messages())
    yield Specimen("mhtml", made.saved_page())
    yield Specimen("mhtml", saved_page())
    yield Specimen("msg", made.outlook_message())
    body = {"__properties_version1.0": fixed(32, t00390040=133_000_000_000_000_000), "__substg1.0_10090102": rich(
        r"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}Bonjour \'e9{\*\htmltag72 </p>}}")}  # fmt: skip
    yield Specimen("msg", containers.compound(body))
    winmail = tnef((1, BODY, b"Constat\0"), (1, PROPERTIES, of_bytes((0x1009, RICH))), *a_file("a.pdf", b"%PDF"))
    yield Specimen("eml", winmail, lambda data: wrapped(data, "").as_bytes())


def _documents() -> Iterator[Specimen]:
    yield Specimen("docx", made.word())
    yield Specimen("docx", made.word_with_tracked_changes())
    row = "<w:tr><w:trPr><w:hidden/></w:trPr>" + '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p/></w:tc></w:tr>'
    words = reading.paragraph("un", shape='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    notes = f'<w:footnotes {reading.SPACES}><w:footnote w:id="2">{reading.paragraph("note")}</w:footnote></w:footnotes>'
    yield Specimen(
        "docx",
        reading.word(
            f'{words}<w:tbl>{row * 3}</w:tbl><w:p><w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
            {"word/footnotes.xml": ("footnotes", notes)},
        ),
    )
    yield Specimen("doc", test_before_2007.old_word("Texte\rNote\r", (6, 5, 0, 0, 0, 0, 0, 0)))
    yield Specimen("doc", made.old_word())
    listed = r"{\s1 Titre\par}{\trowd\cellx100\cellx200 a\cell b\cell\row}{\deleted x}{\v y}{\field{\fldrslt 3}}\'e9"
    yield Specimen("rtf", test_before_2007.rich(listed * 4))
    yield Specimen("odt", made.opendocument("odt"))
    yield Specimen("odt", _opendocument_text())
    presentation = pptx.Presentation()
    for layout in list(presentation.slide_layouts)[:3]:
        slide = presentation.slides.add_slide(layout)
        slide.shapes.title.text = "Sinistre"
        slide.notes_slide.notes_text_frame.text = "Lentement"
    slide.shapes.add_table(2, 2, 0, 0, 99, 99).table.cell(0, 0).text = "a"
    yield Specimen("pptx", _bytes_of(presentation))
    first = test_before_2007.holding(
        0x03EE,
        test_before_2007.drawing(
            test_before_2007.record(0x0F9E, struct.pack("<I", 0)), test_before_2007.words_of(1, "Vol\rBris")
        ),
    )
    yield Specimen("ppt", test_before_2007.old_slides(first, first))
    page = (
        "<d:page><d:frame><d:text-box><t:p>Titre</t:p></d:text-box></d:frame>"
        "<d:g><d:rect><t:p>a</t:p></d:rect></d:g></d:page>"
    )
    yield Specimen("odp", test_opendocument.slides_of(page * 3, "presentation"))
    yield Specimen("odg", test_opendocument.slides_of(page * 3, "drawing"))


def _opendocument_text() -> bytes:
    row = (
        "<tb:table-row tb:number-rows-repeated='2'><tb:table-cell tb:number-columns-repeated='2' "
        "tb:number-columns-spanned='2'><t:p>c</t:p></tb:table-cell></tb:table-row>"
    )
    body = (
        "<t:h t:outline-level='2'>Faits</t:h><t:list><t:list-item><t:p>un<t:s t:c='3'/></t:p></t:list-item></t:list>"
        "<t:p>a<t:note><t:note-body><t:p>n</t:p></t:note-body></t:note><t:tab/></t:p>"
        f"<tb:table xmlns:tb='urn:oasis:names:tc:opendocument:xmlns:table:1.0'>{row}</tb:table>"
    )
    return test_opendocument.slides_of(body, "text")

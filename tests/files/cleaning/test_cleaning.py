"""A cleaned copy lacks what was out of sight, shows the same, and opens; what cannot be cleaned safely is refused."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections import Counter
from functools import cache

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table
from PIL import Image, PngImagePlugin

from portfolio.files.cleaning.outcome import REMOVED_WORDS, CannotClean
from portfolio.files.cleaning.packages import clean_word
from portfolio.files.cleaning.pictures import clean_jpeg, clean_png
from portfolio.files.cleaning.workbooks import clean_workbook
from tests.support import specimens as made

SECRET = "06 39 98 02 44"


@cache
def photo(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Apple", "iPhone 13", orientation
    exif[0x8825] = {1: "N", 2: (48.0, 6.0, 53.0), 3: "W", 4: (1.0, 40.0, 46.0)}
    buffer = io.BytesIO()
    Image.effect_noise((90, 60), 60).convert("RGB").save(buffer, "JPEG", exif=exif, comment=SECRET.encode())
    return buffer.getvalue()


def names_in(archive: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(archive)).namelist()


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


def test_a_photo_keeps_its_pixels_and_its_turn_and_nothing_of_place_or_device() -> None:
    original = photo()
    cleaned = clean_jpeg(original + b"APPENDED" + original)
    assert cleaned.removed == Counter(camera_details=1, gps=1, added_data=2)
    assert pixels(cleaned.data) == pixels(original)
    exif = Image.open(io.BytesIO(cleaned.data)).getexif()
    assert dict(exif) == {0x0112: 6} and not exif.get_ifd(0x8825)
    for words in (b"iPhone", SECRET.encode(), b"APPENDED"):
        assert words not in cleaned.data
    assert not clean_jpeg(clean_jpeg(photo(1)).data).removed


def test_a_progressive_photo_stays_whole() -> None:
    buffer = io.BytesIO()
    Image.effect_noise((90, 60), 60).convert("RGB").save(buffer, "JPEG", progressive=True)
    assert pixels(clean_jpeg(buffer.getvalue()).data) == pixels(buffer.getvalue())


def test_a_screenshot_keeps_its_pixels_and_loses_its_texts() -> None:
    buffer, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Author", SECRET)
    Image.effect_noise((50, 40), 60).save(buffer, "PNG", pnginfo=info)
    cleaned = clean_png(buffer.getvalue() + SECRET.encode())
    assert cleaned.removed == Counter(added_data=2)
    assert pixels(cleaned.data) == pixels(buffer.getvalue()) and SECRET.encode() not in cleaned.data


@pytest.mark.parametrize("length", [0, 1, 3, 40, 300])
def test_a_picture_that_breaks_off_is_refused(length: int) -> None:
    with pytest.raises(CannotClean):
        clean_jpeg(photo()[:length])
    with pytest.raises(CannotClean):
        clean_png(made.picture("PNG")[: min(length, 40)])


CHANGES = (
    '<w:p><w:r><w:t>Avant </w:t></w:r><w:ins w:id="1" w:author="A"><w:r><w:t>ajouté</w:t></w:r></w:ins>'
    f'<w:del w:id="2" w:author="A"><w:r><w:delText>{SECRET}</w:delText></w:r></w:del></w:p>'
)


def letter(changes: str = CHANGES) -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph("Fin")
    document.add_comment(paragraph.runs, text=f"Rappeler {SECRET}", author="Théo Le Guen")
    buffer = io.BytesIO()
    document.save(buffer)
    text = made.read_part(buffer.getvalue(), "word/document.xml")
    return made.rewritten(
        buffer.getvalue(), {"word/document.xml": text.replace(b"<w:body>", b"<w:body>" + changes.encode())}
    )


def test_a_document_reads_as_accepted_without_deletions_and_comments() -> None:
    cleaned = clean_word(letter())
    assert cleaned.removed == Counter(insertion=1, deletion=1, comment=1)
    read = docx.Document(io.BytesIO(cleaned.data))
    assert [each.text for each in read.paragraphs] == ["Avant ajouté", "Fin"]
    assert list(read.comments) == []
    names = names_in(cleaned.data)
    assert not [name for name in names if "comment" in name]
    for name in names:
        assert SECRET.encode() not in made.read_part(cleaned.data, name), name
    assert not clean_word(cleaned.data).removed


def test_a_picture_that_was_deleted_goes_with_its_bytes_and_one_that_stays_keeps_them() -> None:
    document = docx.Document()
    for kind in ("PNG", "JPEG"):
        document.add_picture(io.BytesIO(made.picture(kind)))
    buffer = io.BytesIO()
    document.save(buffer)
    markup = made.read_part(buffer.getvalue(), "word/document.xml")
    first = re.search(rb"<w:r>.*?</w:r>", markup, re.DOTALL)
    assert first
    deleted = b'<w:del w:id="7" w:author="A">' + first[0] + b"</w:del>"
    data = made.rewritten(buffer.getvalue(), {"word/document.xml": markup.replace(first[0], deleted, 1)})
    cleaned = clean_word(data)
    assert cleaned.removed == Counter(deletion=1)
    assert [name for name in names_in(cleaned.data) if "media" in name] == ["word/media/image2.jpg"]
    assert len(docx.Document(io.BytesIO(cleaned.data)).inline_shapes) == 1


def test_the_same_file_gives_the_same_copy_whenever_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    data = letter()
    copy = clean_word(data).data
    monkeypatch.setattr("time.localtime", lambda *_: time.struct_time((2031, 5, 4, 3, 2, 1, 0, 0, 0)))
    assert clean_word(data).data == copy


def test_rows_that_were_added_as_a_change_are_not_settled_by_guess() -> None:
    row = '<w:tbl><w:tr><w:trPr><w:del w:id="3" w:author="A"/></w:trPr><w:tc><w:p/></w:tc></w:tr></w:tbl>'
    with pytest.raises(CannotClean):
        clean_word(letter(row))


def test_a_workbook_loses_its_pivot_tables_and_keeps_the_values_of_its_cells() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    book = openpyxl.Workbook()
    book.active.append(["Total", 412])
    buffer = io.BytesIO()
    book.save(buffer)
    data = buffer.getvalue()
    workbook = made.read_part(data, "xl/workbook.xml").replace(
        b"</workbook>", b'<pivotCaches><pivotCache cacheId="1" r:id="p9" xmlns:r="r"/></pivotCaches></workbook>'
    )
    relations = made.read_part(data, "xl/_rels/workbook.xml.rels").replace(
        b"</Relationships>",
        f'<Relationship Id="p9" Type="{kind}/pivotCacheDefinition" Target="pivotCache/pivotCacheDefinition1.xml"/>'
        "</Relationships>".encode(),
    )
    types = made.read_part(data, "[Content_Types].xml").replace(
        b"</Types>", b'<Override PartName="/xl/pivotCache/pivotCacheDefinition1.xml" ContentType="x"/></Types>'
    )
    data = made.rewritten(
        data,
        {
            "xl/workbook.xml": workbook,
            "xl/_rels/workbook.xml.rels": relations,
            "[Content_Types].xml": types,
            "xl/pivotCache/pivotCacheDefinition1.xml": b'<pivotCacheDefinition xmlns="x"/>',
            "xl/pivotCache/pivotCacheRecords1.xml": f'<pivotCacheRecords><r><s v="{SECRET}"/></r></pivotCacheRecords>',
        },
    )
    cleaned = clean_workbook(data)
    assert cleaned.removed == Counter(pivot_cache=1)
    for name in names_in(cleaned.data):
        part = made.read_part(cleaned.data, name)
        assert b"pivotCache" not in part and SECRET.encode() not in part, name
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(cleaned.data)).active[1]] == ["Total", 412]
    with pytest.raises(CannotClean):
        clean_workbook(made.rewritten(data, {"xl/slicers/slicer1.xml": b"<slicers/>"}))


def book(leaning: bool = False) -> bytes:
    """Three sheets, the middle one hidden, which alone holds a number; each has a name and a print area of its own."""
    made_book = openpyxl.Workbook()
    first = made_book.active
    first.title = "Suivi"
    first.append(["Total", "=Clients!B1" if leaning else 412])
    first["A1"].comment = Comment(f"Voir {SECRET}", "Théo Le Guen")
    hidden = made_book.create_sheet("Clients")
    hidden.sheet_state = "hidden"
    hidden.append(["Aubrac", SECRET])
    hidden.print_area = "A1:B2"
    last = made_book.create_sheet("Bilan")
    last.append(["Total", "Fin"])
    last.print_area = "A1:B1"
    buffer = io.BytesIO()
    made_book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_loses_its_hidden_sheets_with_their_words_and_its_comments() -> None:
    cleaned = clean_workbook(book())
    assert cleaned.removed == Counter(hidden_sheet=1, comment=1)
    read = openpyxl.load_workbook(io.BytesIO(cleaned.data))
    assert read.sheetnames == ["Suivi", "Bilan"]
    assert [[cell.value for cell in read[name][1]] for name in read.sheetnames] == [["Total", 412], ["Total", "Fin"]]
    assert read["Suivi"]["A1"].comment is None
    assert read["Bilan"].print_area == "'Bilan'!$A$1:$B$1"
    for name in names_in(cleaned.data):
        part = made.read_part(cleaned.data, name)
        assert not [word for word in (SECRET, "Aubrac", "Clients", "Guen") if word.encode() in part], name
    assert not clean_workbook(cleaned.data).removed


def test_a_hidden_sheet_that_a_formula_leans_on_stays() -> None:
    cleaned = clean_workbook(book(leaning=True))
    assert cleaned.removed == Counter(comment=1)
    assert openpyxl.load_workbook(io.BytesIO(cleaned.data)).sheetnames == ["Suivi", "Clients", "Bilan"]


def sheets(formula: str, **hidden: list[list[object]]) -> bytes:
    """A sheet that is seen, with a formula, and hidden ones."""
    made_book = openpyxl.Workbook()
    made_book.active.append([formula])
    for name, rows in hidden.items():
        sheet = made_book.create_sheet(name)
        sheet.sheet_state = "hidden"
        for row in rows:
            sheet.append(row)
        if rows[0] == ["Montant"]:
            sheet.add_table(Table(displayName="Primes", ref=f"A1:A{len(rows)}"))
    buffer = io.BytesIO()
    made_book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        sheets("=A!A1", A=[["=B!A1*2"]], B=[[3]]),
        sheets("=SUM(Primes[Montant])", B=[["Montant"], [3]]),
        sheets("=SUM(Jan:Mar!A1)", Jan=[[1]], Fev=[[2]], Mar=[[3]]),
        sheets("=SUM('Jan 1:Mar 3'!A1)", **{"Jan 1": [[1]], "Fev": [[2]], "Mar 3": [[3]]}),
    ],
    ids=["through another", "by a table", "through sheets", "through named sheets"],
)
def test_a_hidden_sheet_that_a_formula_leans_on_by_a_detour_stays(data: bytes) -> None:
    cleaned = clean_workbook(data)
    assert not cleaned.removed
    before, after = (openpyxl.load_workbook(io.BytesIO(each)).sheetnames for each in (data, cleaned.data))
    assert after == before


def test_comments_stay_beside_another_drawing_of_their_kind() -> None:
    data = book()
    (vml,) = [name for name in names_in(data) if name.endswith(".vml")]
    drawn = made.read_part(data, vml)
    cleaned = clean_workbook(made.rewritten(data, {vml: drawn, "xl/drawings/header.vml": b"<xml><v:shape/></xml>"}))
    assert cleaned.removed == Counter(hidden_sheet=1)
    with pytest.raises(CannotClean):
        clean_workbook(made.rewritten(data, {"xl/model/item.data": b"rows"}))


def test_what_is_taken_out_has_words() -> None:
    assert all(len(words) == 2 for words in REMOVED_WORDS.values())

"""Other people's data in deposited files, found by the worker: where it stands, whatever hides it."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.message import EmailMessage

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment
from PIL import Image

from portfolio.documents import EvidenceFile
from portfolio.files.personal_data.gathered import Gathered
from portfolio.files.personal_data.place_words import KIND_WORDS, PLACES, kinds_of, line_of
from portfolio.files.personal_data.value import KINDS
from portfolio.files.previews import kept_views
from portfolio.files.previews.preview_spec import FOUND, READING
from portfolio.files.previews.searched_views import found_in
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.support import specimens as made
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")

NIR, IBAN = "2 84 02 75 241 042 02", "FR76 3822 2691 2537 4865 0112 155"
PHONE, MAIL = "06 39 98 02 44", "a.roux@example.org"


@pytest.fixture
def found(world: World) -> Callable[[bytes, str], list[Gathered]]:
    """What the worker finds in a file of this name."""

    def deposit(data: bytes, name: str) -> list[Gathered]:
        file = world.upload(world.new_piece(), data, name)
        assert file.state == "verified", file.reason
        assert found_in(file) is None, "it says nothing of what was not searched yet"
        deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
        rows = found_in(EvidenceFile.objects.get(pk=file.id))
        assert rows is not None
        return rows

    return deposit


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def book() -> openpyxl.Workbook:
    made_book = openpyxl.Workbook()
    made_book.active.title = "Suivi"
    made_book.active.append(["Nom", "Téléphone"])
    made_book.active.append(["Aubrac", PHONE])
    made_book.active["A1"].comment = Comment(f"Écrire à {MAIL}", "Théo Le Guen")
    clients = made_book.create_sheet("Clients")
    clients.sheet_state = "hidden"
    clients.append(["Adhérent", "NIR"])
    clients.append(["Elsa Monnier", NIR])
    clients.append(["Elsa Monnier", NIR])
    return made_book


def test_a_workbook_says_which_sheet_and_cell_even_hidden_and_what_its_comments_hold(
    found: Callable[[bytes, str], list[Gathered]],
) -> None:
    rows = found(saved(book()), "suivi.xlsx")
    assert [(row.kind, row.place, row.name, row.how_many, row.cells) for row in rows] == [
        ("nir", "hidden_sheet", "Clients", 1, ["B2"]),
        ("phone", "sheet", "Suivi", 1, ["B2"]),
        ("email", "comments", "Suivi", 1, ["A1"]),
        ("person_name_in_header", "comments", "Suivi", 1, ["A1"]),
    ]
    assert line_of(rows[0]) == "1 numéro de sécurité sociale : feuille masquée « Clients », B2"


def test_hidden_columns_and_the_rows_behind_a_pivot_table_are_searched(
    found: Callable[[bytes, str], list[Gathered]],
) -> None:
    hiding = openpyxl.Workbook()
    hiding.active.append(["Client", "IBAN"])
    hiding.active.append(["Aubrac", IBAN])
    hiding.active.column_dimensions["B"].hidden = True
    cache = (
        b'<pivotCacheDefinition xmlns="x"><cacheFields><cacheField name="Nom"><sharedItems><s v="Elsa"/></sharedItems>'
        b'</cacheField><cacheField name="NIR"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>'
    )
    records = b'<pivotCacheRecords xmlns="x"><r><x v="0"/><s v="%s"/></r></pivotCacheRecords>' % NIR.encode()
    parts = {"xl/pivotCache/pivotCacheDefinition1.xml": cache, "xl/pivotCache/pivotCacheRecords1.xml": records}
    rows = found(made.rewritten(saved(hiding), parts), "analyse.xlsx")
    assert [(row.kind, row.place, row.cells) for row in rows] == [
        ("nir", "pivot_cache", []),
        ("iban", "hidden_cells", ["B2"]),
    ]


def test_a_number_of_a_cell_is_searched_as_it_is_kept_though_it_is_shown_shortened(
    found: Callable[[bytes, str], list[Gathered]],
) -> None:
    numbers = openpyxl.Workbook()
    numbers.active.title = "Adhérents"
    numbers.active.append(["Adhérent", "N° SS"])
    numbers.active.append(["Elsa Monnier", int(NIR.replace(" ", ""))])
    rows = found(saved(numbers), "adherents.xlsx")
    assert [(row.kind, row.place, row.name, row.how_many, row.cells) for row in rows] == [
        ("nir", "sheet", "Adhérents", 1, ["B2"])
    ]


def test_words_read_off_a_picture_are_searched(world: World) -> None:
    file = world.upload(world.new_piece(), made.picture("PNG"), "capture.png")
    kept_views.keep(file, f"{READING}1", f"Rappeler le {PHONE}".encode())
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    rows = found_in(file)
    assert rows is not None
    assert [line_of(row) for row in rows] == ["1 numéro de téléphone : lu sur l'image, page 1"]


def test_a_document_is_searched_in_its_header_tables_comments_and_deletions(
    found: Callable[[bytes, str], list[Gathered]],
) -> None:
    letter = docx.Document()
    letter.sections[0].header.paragraphs[0].text = f"Tél. {PHONE}"
    letter.add_paragraph(f"Virement sur {IBAN}.")
    table = letter.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ("Assuré", "Né le", "Rémi Castel", "01/05/1970"), strict=True):
        cell.text = words
    deleted = f'<w:p><w:del w:id="1" w:author="A"><w:r><w:delText>{MAIL}</w:delText></w:r></w:del></w:p>'
    text = made.read_part(saved(letter), "word/document.xml").replace(b"<w:body>", b"<w:body>" + deleted.encode())
    rows = found(made.rewritten(saved(letter), {"word/document.xml": text}), "lettre.docx")
    assert {(row.kind, row.place) for row in rows} == {
        ("iban", "text"),
        ("phone", "section"),
        ("email", "deleted_text"),
        ("birth_date", "text"),
    }


def test_a_photo_says_that_it_keeps_its_place_and_its_device(found: Callable[[bytes, str], list[Gathered]]) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Apple", "iPhone 13"
    exif[0x8825] = {1: "N", 2: (48.0, 6.0, 53.0), 3: "W", 4: (1.0, 40.0, 46.0)}
    photo = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(photo, "JPEG", exif=exif)
    rows = found(photo.getvalue(), "photo.jpg")
    assert [(row.kind, row.place, row.excerpt) for row in rows] == [
        ("gps", "details", "48.•••••, -•.•••44"),
        ("device", "details", "Ap••• •••••• 13"),
    ]


def test_a_mail_is_searched_with_what_is_attached_to_it(found: Callable[[bytes, str], list[Gathered]]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Alice Roux <{MAIL}>", "accueil@agence.example", "RIB"
    mail["Date"] = "Tue, 04 Mar 2025 09:12:07 +0100"
    mail.set_content(f"Rappelez-moi au {PHONE}.")
    mail.add_attachment(saved(book()), maintype="application", subtype="octet-stream", filename="suivi.xlsx")
    rows = found(mail.as_bytes(), "mail.eml")
    assert {(row.kind, row.place, row.name) for row in rows} >= {
        ("phone", "mail", ""),
        ("email", "mail", ""),
        ("person_name_in_header", "mail", ""),
        ("nir", "attached", "suivi.xlsx"),
    }


def test_what_is_kept_of_the_findings_holds_no_value(found: Callable[[bytes, str], list[Gathered]]) -> None:
    found(saved(book()), "suivi.xlsx")
    file = EvidenceFile.objects.get(name="suivi.xlsx")
    kept = kept_views.read(file, FOUND)
    assert kept is not None
    for value in (NIR, PHONE, MAIL, "Théo Le Guen"):
        assert value.encode() not in kept and "".join(value.split()).encode() not in kept


def test_every_kind_and_place_has_words() -> None:
    assert set(KIND_WORDS) == set(KINDS)
    for place in PLACES:
        for name in ("", "3"):
            row = Gathered("phone", place, name, 2, [], "06")
            assert line_of(row).startswith("2 numéros de téléphone : ")
            assert "«  »" not in line_of(row)
    assert (
        kinds_of([row, row._replace(kind="nir", how_many=1)]) == "2 numéros de téléphone, 1 numéro de sécurité sociale"
    )

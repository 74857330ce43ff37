"""Pages of office documents as pictures, words read off pictures, and what of both its readers see."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient
from openpyxl.comments import Comment
from PIL import Image

from portfolio.documents import EvidenceFile
from portfolio.files.previews import kept_views, prepare, show
from portfolio.files.previews.hidden_in_view import codes_in
from portfolio.files.previews.preview_spec import PRINT, PRINTED_BY, WORDS_ONLY
from portfolio.files.previews.programs import office, reading
from portfolio.files.previews.sandbox import CannotShow
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.connections import storage
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.files.previews.drawn import outline
from tests.support import specimens as made
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def letter(*paragraphs: str) -> bytes:
    document = docx.Document()
    for number, words in enumerate(paragraphs):
        if number:
            document.add_page_break()
        document.add_paragraph(words)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def printed(data: bytes, kind: str) -> str:
    """The words of all pages, as LibreOffice prints them."""
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.flush()
        document = pypdfium2.PdfDocument(office.print_pages(source, kind))
    return " ".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.fixture
def drawn(world: World) -> Callable[..., EvidenceFile]:
    def deposit(data: bytes, name: str) -> EvidenceFile:
        file: EvidenceFile = world.upload(world.new_piece(), data, name)
        assert file.state == "verified", file.reason
        deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
        return file

    return deposit


def test_both_programs_are_installed_here() -> None:
    assert office.available() and reading.available() and prepare.programs() == "print-read"


def test_a_letter_is_shown_as_its_pages_beside_its_words(drawn: Any, world: World, client_for: Any) -> None:
    file = drawn(letter("Première page", "Seconde page"), "lettre.docx")
    by = world.actor(world.follower)
    view = show.preview_of(by, file)
    assert (view.shape, view.page_count) == ("prose", 2) and "Seconde page" in str(view.sections)
    assert [page["text"] for page in view.pages] == ["Première page", "Seconde page"]
    assert WORDS_ONLY not in view.notes
    for number in (1, 2):
        page = Image.open(io.BytesIO(show.page_picture(by, file, number)))
        assert page.format == "WEBP" and max(page.size) == 1600
    with pytest.raises(show.NothingToShow):
        show.page_picture(by, file, 3)
    small = Image.open(io.BytesIO(show.thumbnail(by, file)))
    assert max(small.size) == 320 and small.convert("L").getextrema()[0] < 128, "the words of its first page"
    reader: FlaskClient = client_for(world.follower)
    html = reader.get(f"/fichiers/{file.id}/vue").text
    assert f'src="/fichiers/{file.id}/page/2"' in html and 'alt="Page 2 sur 2 (son texte suit)"' in html
    assert reader.get(f"/fichiers/{file.id}/page/2").mimetype == "image/webp"
    assert client_for(world.person("Inconnue")).get(f"/fichiers/{file.id}/page/1").status_code == 404


@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_a_comment_that_libreoffice_wrote_stands_with_its_cell(kind: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = "Taux"
    book.active["B2"].comment = Comment("À vérifier\navec l'agence.", "Marie Curie")
    book.save(tmp_path / "commente.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    made_there = ["--convert-to", kind, "--outdir", tmp_path / "made", tmp_path / "commente.xlsx"]
    subprocess.run(["soffice", profile, "--headless", *made_there], check=True, capture_output=True, timeout=120)
    view = outline((tmp_path / "made" / f"commente.{kind}").read_bytes(), kind)
    (comment,) = view.sheets[0]["comments"]
    assert (comment[:2], comment[3]) == (["B2", "Taux"], "À vérifier\navec l'agence.")
    assert "comments" in codes_in(view)


def test_a_page_that_is_listed_and_not_drawn_yet_is_drawn_for_who_looks(drawn: Any, world: World) -> None:
    file = drawn(letter("Première page", "Seconde page"), "lettre.docx")
    by = world.actor(world.follower)
    before = show.page_picture(by, file, 2)
    (key,) = [view.key for view in kept_views.of_file(file.key) if view.key.endswith("/page-2")]
    storage().delete(key)
    assert show.page_picture(by, file, 2) == before
    with pytest.raises(show.NothingToShow):
        show.page_picture(by, file, 3)


def test_of_a_long_document_the_first_pages_are_shown_and_it_is_said(drawn: Any, world: World) -> None:
    file = drawn(letter(*(f"Page {number}" for number in range(1, 31))), "long.docx")
    view = show.preview_of(world.actor(world.follower), file)
    assert [page["text"] for page in view.pages] == [f"Page {number}" for number in range(1, 21)]
    assert show.FIRST_PAGES in view.notes


SPECIMENS: dict[str, bytes] = {
    "xlsx": made.workbook(),
    **{kind: made.opendocument(kind) for kind in ("odt", "ods", "odp", "odg")},
}


@pytest.mark.parametrize("kind", SPECIMENS)
def test_each_application_prints(kind: str) -> None:
    assert kind in PRINTED_BY
    printed(SPECIMENS[kind], kind)


def test_rich_text_is_printed() -> None:
    assert "Bonjour à tous" in printed(rb"{\rtf1\ansi Bonjour \'e0 tous\par}", "rtf")


def test_a_document_that_cannot_be_printed_is_tried_once_and_keeps_its_words(
    drawn: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_source: object, _kind: str) -> bytes:
        raise CannotShow("damaged")

    monkeypatch.setattr(office, "print_pages", refuse)
    file = drawn(letter("Les mots restent"), "lettre.docx")
    monkeypatch.undo()
    with pytest.raises(CannotShow):
        kept_views.read(file, PRINT)
    view = show.preview_of(world.actor(world.follower), file)
    assert "Les mots restent" in str(view.sections) and view.pages == [] and WORDS_ONLY in view.notes


# --- hostile documents ------------------------------------------------------------------------------

_MACRO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Main
  ThisComponent.Text.String = "LA MACRO A TOURNE"
End Sub
</script:module>"""
_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<library:{what} xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"
{rest}</library:{what}>"""
_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"
 xmlns:ooo="http://openoffice.org/2004/office" office:version="1.2">
<office:scripts><office:event-listeners><script:event-listener script:language="ooo:script"
 script:event-name="office:load-finished"
 xlink:href="vnd.sun.star.script:Standard.Module1.Main?language=Basic&amp;location=document"
 xlink:type="simple"/></office:event-listeners></office:scripts>
<office:body><office:text>{body}</office:text></office:body></office:document-content>"""


def text_document(body: str, others: dict[str, str] | None = None) -> bytes:
    parts = {"content.xml": _CONTENT.format(body=body), **(others or {})}
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>' for name in parts
    )
    parts["META-INF/manifest.xml"] = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
        f"{listed}</manifest:manifest>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def test_a_macro_of_a_document_does_not_run() -> None:
    """It is of those that run when a document opens; a conversion never lets it, nor do our settings."""
    library = 'library:name="Standard" library:readonly="false" library:passwordprotected="false">'
    element = '<library:element library:name="Module1"/>'
    catalogue = '><library:library library:name="Standard" library:link="false"/>'
    words = printed(
        text_document(
            "<text:p>Le texte du document</text:p>",
            {
                "Basic/Standard/Module1.xml": _MACRO,
                "Basic/Standard/script-lb.xml": _LIBRARY.format(what="library", rest=library + element),
                "Basic/script-lc.xml": _LIBRARY.format(what="libraries", rest=catalogue),
            },
        ),
        "odt",
    )
    assert "Le texte du document" in words and "TOURNE" not in words


def test_a_document_that_includes_a_file_of_the_machine_is_printed_without_it(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("LE SECRET DU SERVEUR")
    section = (
        '<text:section text:name="s"><text:section-source xlink:type="simple" xlink:href="file://{path}"'
        ' text:filter-name="Text"/><text:p>ancien</text:p></text:section><text:p>Le texte du document</text:p>'
    )
    for path in (tmp_path / "secret.txt", Path("/etc/passwd")):
        words = printed(text_document(section.format(path=path)), "odt")
        assert "Le texte du document" in words and not re.search("SECRET|root:", words)


def test_nothing_of_what_is_no_document_is_left_on_a_disk() -> None:
    before = {path.name for path in Path("/tmp").iterdir()}
    for data in (b"PK\x03\x04" + bytes(3000), made.word()[:2000]):
        with tempfile.TemporaryFile() as source, suppress(CannotShow):
            source.write(data)
            source.flush()
            office.print_pages(source, "docx")
    left = {path.name for path in Path("/tmp").iterdir()} - before
    assert not [name for name in left if re.search(r"document|printed|profile|^lu\w+", name)]


# --- words read off pictures ------------------------------------------------------------------------


# --- when programs come, and when files go ----------------------------------------------------------


def test_a_program_that_is_installed_later_takes_up_the_files_of_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "available", lambda: False)
    monkeypatch.setattr(reading, "available", lambda: False)
    file = world.upload(world.new_piece(), letter("Avant"), "lettre.docx")
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    by = world.actor(world.follower)
    assert show.preview_of(by, file).pages == [] and prepare.ask_for_missing(world.clock()) == 0
    monkeypatch.undo()
    assert prepare.ask_for_missing(world.clock()) == 1
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert [page["text"] for page in show.preview_of(by, file).pages] == ["Avant"]
    assert prepare.ask_for_missing(world.clock()) == 0


def test_views_made_while_their_file_was_given_up_go_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file = world.upload(world.new_piece(), letter("Avant"), "lettre.docx")
    whole = office.print_pages

    def meanwhile(source: Any, kind: str) -> bytes:
        EvidenceFile.objects(pk=file.id).update(set__discarded_at=world.clock())
        return whole(source, kind)

    monkeypatch.setattr(office, "print_pages", meanwhile)
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert list(storage().list_keys("views/")) == []

"""A file attached to a mail opens in the page like one that was deposited alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from email.message import EmailMessage
from html import unescape
from typing import Any

import openpyxl
import pytest
import xlwt
from flask.testing import FlaskClient
from PIL import Image

from portfolio.documents import EvidenceFile
from portfolio.files.previews import attached_files
from portfolio.rules.file_kinds import FACTS
from portfolio.rules.file_warnings import WARNINGS
from portfolio.store.connections import storage
from tests.files.previews.test_pages import assert_inert, at
from tests.support import specimens as made
from tests.support.worlds.world import World


@pytest.fixture
def reader(client_for: Callable[..., FlaskClient], world: World) -> FlaskClient:
    return client_for(world.follower)


def workbook() -> bytes:
    book, data = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["Prime", 1250])
    book.save(data)
    return data.getvalue()


def mail(*files: tuple[str, bytes], inner: EmailMessage | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.example", "Dossier"
    message.set_content("Voir les pièces.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if inner is not None:
        message.add_attachment(inner)
    return message


def deposit(world: World, message: EmailMessage) -> EvidenceFile:
    return world.upload(world.new_piece(), message.as_bytes(), "dossier.eml")


def inside(page: str) -> list[tuple[str, str]]:
    """Returns address and name of each file that the page opens."""
    return re.findall(r'href="(/fichiers/\w+/piece-jointe/\d+)">([^<]+)<', page)


def test_each_attached_file_has_its_own_view_those_of_attached_mails_too(world: World, reader: FlaskClient) -> None:
    photos = (("b.jpg", made.picture("JPEG")), ("dégât.heic", made.iphone_photo()))
    message = mail(("a.xlsx", workbook()), *photos, inner=mail(("c.pdf", made.pdf())))
    file = deposit(world, message)
    links = inside(reader.get(at(file, "vue")).text)
    assert [name for _, name in links] == ["a.xlsx", "b.jpg", "dégât.heic", "c.pdf"]
    sheet, photo, of_iphone, document = (reader.get(address).text for address, _ in links)
    assert "<td>Prime</td>" in sheet and "1250" in sheet
    for page in (sheet, photo, of_iphone, document):
        assert_inert(page)
        assert "Revenir au message dossier.eml" in page
    for page, where in ((photo, "image"), (of_iphone, "image"), (document, "page/1")):
        (address,) = re.findall(rf'src="([^"]*/{where})"', page)
        answer = reader.get(address)
        assert answer.mimetype == "image/webp" and Image.open(io.BytesIO(answer.data)).width > 0


def test_what_is_no_evidence_or_has_no_view_says_why(world: World, reader: FlaskClient) -> None:
    file = deposit(world, mail(("virus.exe", b"MZ" + bytes(500)), ("son.mp3", made.sound()), ("a.pdf", b"%PDF-1.7 x")))
    program, sound, torn = (reader.get(at(file, f"piece-jointe/{number}")) for number in (1, 2, 3))
    assert program.status_code == sound.status_code == torn.status_code == 200
    assert "Cette pièce jointe n&#39;a pas d&#39;aperçu\u00a0: programme ou script." in program.text
    assert attached_files.NO_VIEW in sound.text.replace("&#39;", "'").replace("\u00a0", " ")
    assert "aucun aperçu" in torn.text or "pas d&#39;aperçu" in torn.text
    for number in (1, 2, 3):
        assert reader.get(at(file, f"piece-jointe/{number}/image")).status_code == 404


def test_a_refused_attachment_advises_nobody_to_deposit_it() -> None:
    assert len(FACTS) > 10 and len(set(FACTS.values())) == len(FACTS)
    assert not [fact for fact in FACTS.values() if re.search("[Dd]épose|[Ee]nregistre|[Oo]uvre", fact)]


def test_a_mail_warns_of_what_its_attachments_hide(world: World, reader: FlaskClient, client_for: Any) -> None:
    photo, hiding = made.picture("JPEG", located=True), made.workbook(hidden=True)
    inner = mail(("macro.xls", made.old_workbook(hidden=True)), ("plan.pdf", made.pdf(script=True)))
    files = (("façade.jpg", photo), ("suivi.xlsx", hiding), ("virus.exe", b"MZ" + bytes(500)))
    file = deposit(world, mail(*files, inner=inner))
    assert file.warnings == ["attached_gps", "attached_hides", "attached_acts", "attached_unshown"]
    page = unescape(reader.get(at(file, "vue")).text)
    for code in file.warnings:
        assert WARNINGS[code].reader in page
    assert "vérifiez" not in page and "déposez" not in page
    photo_page, sheet_page = (unescape(reader.get(at(file, f"piece-jointe/{number}")).text) for number in (1, 2))
    assert WARNINGS["photo_gps"].reader in photo_page
    assert WARNINGS["hidden_sheets"].reader in sheet_page


def test_a_mail_whose_attachments_hide_nothing_warns_of_nothing(world: World) -> None:
    assert deposit(world, mail(("a.xlsx", workbook()), ("c.pdf", made.pdf()))).warnings == []
    assert deposit(world, mail()).warnings == []


def test_a_mail_that_hides_words_itself_says_so_beside_what_its_attachments_hide(world: World) -> None:
    hides = mail(("a.xlsx", made.workbook(hidden=True)))
    hides.get_body().add_alternative(
        "<p>Voir les pièces.<span style='color:#fff'> hors frais</span></p>", subtype="html"
    )
    assert deposit(world, hides).warnings == ["hidden_text", "attached_hides"]


def test_of_a_workbook_of_excel_97_in_a_mail_it_is_said_what_its_view_shows(world: World) -> None:
    book, data = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("Suivi").write(0, 0, "mot")
    book.add_sheet("Taux").visibility = 1
    book.save(data)
    assert deposit(world, mail(("a.xls", data.getvalue()))).warnings == ["attached_hides"]


def test_what_a_mail_does_not_hold_is_not_found(world: World, reader: FlaskClient) -> None:
    file = deposit(world, mail(("c.pdf", made.pdf())))
    asked = ("0", "2", "1000", "1001", "2/image", "1/page/0", "1/page/2", "1/page/201")
    assert {what: reader.get(at(file, f"piece-jointe/{what}")).status_code for what in asked} == dict.fromkeys(
        asked, 404
    )
    assert list(storage().list_keys(f"views/{file.key}/")) == [], "thousands of numbers would be as many objects"


def test_only_who_reads_the_mail_reads_what_is_attached(world: World, client_for: Any) -> None:
    file = deposit(world, mail(("c.pdf", made.pdf())))
    stranger = client_for(world.person("Inconnue"))
    for what in ("piece-jointe/1", "piece-jointe/1/page/1"):
        assert stranger.get(at(file, what)).status_code == 404
    picture = world.upload(world.new_piece(), made.picture("PNG"), "a.png")
    assert client_for(world.follower).get(at(picture, "piece-jointe/1")).status_code == 404


def test_a_view_of_an_attached_file_is_kept_and_goes_with_the_mail(world: World, reader: FlaskClient) -> None:
    file = deposit(world, mail(("c.pdf", made.pdf())))
    reader.get(at(file, "piece-jointe/1"))
    assert [stored.key for stored in storage().list_keys(f"views/{file.key}/") if "attached-1/outline" in stored.key]

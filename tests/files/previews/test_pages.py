"""The addresses that pages link: their headers, their ranges, and that nothing of a file's own ever runs there."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import render_template_string
from flask.testing import FlaskClient
from PIL import Image

from portfolio.documents import EvidenceFile
from portfolio.files.previews import kept_views, places
from portfolio.store.connections import current
from tests.support import containers
from tests.support import specimens as made
from tests.support.worlds.world import World
from web.everyone.file_previews import BARE, LARGEST_PIECE

HOSTILE = "<script>alert(1)</script><img src=https://example.org/x onerror=alert(1)> {{ 7*7 }}"


@pytest.fixture
def send(world: World) -> Callable[..., EvidenceFile]:
    piece = world.new_piece()
    return lambda data, name, **said: world.upload(piece, data, name, **said)


@pytest.fixture
def reader(client_for: Callable[..., FlaskClient], world: World) -> FlaskClient:
    return client_for(world.follower)


def at(file: EvidenceFile, what: str) -> str:
    return f"/fichiers/{file.id}/{what}"


def assert_inert(html: str) -> None:
    """No script but ours, no handler, no frame; every address is ours."""
    html = re.sub(r'<script type="module" src="/static/js/page_pictures\.js\?v=\w+"></script>', "", html)
    assert not re.search(r"<(script|iframe|object|embed|base|meta http)|\son\w+\s*=\s*[\"']|javascript:", html)
    assert all(address.startswith("/") for address in re.findall(r'(?:src|href|action)="([^"]*)"', html))


# --- pictures -------------------------------------------------------------------------------------


def test_a_photo_is_served_without_its_place_to_be_kept_five_minutes(send: Any, reader: FlaskClient) -> None:
    file = send(made.picture("JPEG", located=True), "photo.jpg", alternative="La façade de l'agence")
    for what in ("vignette", "image"):
        answer = reader.get(at(file, what))
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert answer.headers["Cache-Control"] == "private, max-age=300"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == "inline"
        assert not Image.open(io.BytesIO(answer.data)).getexif() and b"Telephone" not in answer.data
    page = reader.get(at(file, "vue"))
    assert 'alt="La façade de l&#39;agence"' in page.text
    assert_inert(page.text)


def test_what_did_not_change_is_not_sent_again_but_its_reader_is_checked_again(
    send: Any, reader: FlaskClient, client_for: Any, world: World
) -> None:
    file = send(made.picture("JPEG"), "photo.jpg")
    etag = {"If-None-Match": reader.get(at(file, "vignette")).headers["ETag"]}
    again = reader.get(at(file, "vignette"), headers=etag)
    assert (again.status_code, again.data) == (304, b"")
    assert reader.get(at(file, "vignette"), headers={"If-None-Match": '"another"'}).status_code == 200
    stranger = client_for(world.person("Inconnue"))
    for what in ("vignette", "image", "vue", "media", "page/1", "presentation/1"):
        assert stranger.get(at(file, what), headers=etag).status_code == 404
        assert client_for().get(at(file, what), headers=etag).status_code == 401
    EvidenceFile.objects(pk=file.id).update(set__discarded_at=world.clock())
    assert reader.get(at(file, "vignette"), headers=etag).status_code == 404


def test_a_picture_that_cannot_be_drawn_says_so_in_its_place(send: Any, reader: FlaskClient) -> None:
    whole = made.picture("PNG")
    file = send(whole[:200] + bytes(400) + whole[600:], "capture.png")
    for what in ("vignette", "image"):
        answer = reader.get(at(file, what))
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert "Aperçu" in answer.text and answer.headers["Content-Security-Policy"] == BARE


def test_a_picture_that_waits_too_long_says_so_in_its_place_and_is_drawn_once_there_is_room(
    send: Any, reader: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who scrolls fast through a long PDF asks for more pages than are drawn at once for one person."""
    monkeypatch.setattr(places, "LONGEST_WAIT_S", 0.05)
    file = send(made.pdf(), "contrat.pdf")
    with places.PLACES.taken(world.actor(world.follower).journal_name):
        answer = reader.get(at(file, "page/1"))
        assert (answer.status_code, answer.mimetype) == (503, "image/svg+xml")
        assert "rechargez la page" in answer.text and answer.headers["Retry-After"] == "5"
        assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Content-Security-Policy"] == BARE
    assert reader.get(at(file, "page/1")).mimetype == "image/webp"


# --- views ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name,data",
    [
        ("notes.txt", HOSTILE.encode()),
        ("faq.html", f"<!doctype html><html><p>Bonjour</p>{HOSTILE}<p onclick='x()'>&lt;script&gt;".encode()),
        ("base.csv", f"a;{HOSTILE}\n{HOSTILE};b\n".encode()),
        ("lettre.eml", f"From: a@b.fr\nSubject: {HOSTILE}\nContent-Type: text/html\n\n<p>x</p>{HOSTILE}".encode()),
    ],
)
def test_markup_of_a_file_is_words_in_its_view(send: Any, reader: FlaskClient, name: str, data: bytes) -> None:
    file = send(data, name)
    assert file.state == "verified", file.reason
    answer = reader.get(at(file, "vue"))
    assert answer.status_code == 200 and "{{ 7*7 }}" in answer.text
    assert_inert(answer.text)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy and "frame-ancestors 'self'" in policy


def test_a_name_with_markup_is_only_a_name(send: Any, reader: FlaskClient, app: Any) -> None:
    file = send(b"bonjour", "<img src=x onerror=alert(1)>.txt", alternative='" onload="alert(1)')
    assert_inert(reader.get(at(file, "vue")).text)
    assert "&lt;img" in reader.get(at(file, "vue")).text


def test_a_pdf_is_shown_page_by_page(send: Any, reader: FlaskClient) -> None:
    file = send(made.pdf(script=True), "contrat.pdf")
    answer = reader.get(at(file, "vue"))
    page = answer.text
    policy = dict(one.strip().partition(" ")[::2] for one in answer.headers["Content-Security-Policy"].split(";"))
    assert f'src="{at(file, "page/1")}"' in page and 'alt="Page 1 sur 1"' in page
    assert policy["script-src"] == "http://localhost/static/js/page_pictures.js"  # that one, not every script of ours
    assert_inert(page)
    assert reader.get(at(file, "page/1")).mimetype == "image/webp"
    assert reader.get(at(file, "page/2")).status_code == 404
    assert reader.get(at(file, "image")).status_code == 404
    assert reader.get(at(file, "media")).status_code == 404


def test_an_html_mail_is_words_first_and_as_it_looked_behind_a_link(send: Any, reader: FlaskClient) -> None:
    mail = f'From: a@b.fr\nSubject: Offre\nContent-Type: text/html\n\n<p style="color:red">Prime</p>{HOSTILE}'
    file = send(mail.encode(), "offre.eml")
    page = reader.get(at(file, "vue?cadre=1"))
    (link,) = re.findall(r'href="([^"]*presentation=1[^"]*)"', page.text)
    assert "cadre=1" in link and '<p class="words">Prime' in page.text
    shown = reader.get(link.replace("&amp;", "&").partition("#")[0])
    assert f'<iframe class="layout" sandbox src="{at(file, "presentation/1")}"' in shown.text
    assert '<p class="words">Prime' in shown.text and "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    assert_inert(re.sub(r'<iframe class="layout" sandbox src="/', "", shown.text))
    framed = reader.get(at(file, "presentation/1"))
    assert '<p style="color:red">Prime</p>' in framed.text and "[image non chargée]" in framed.text
    assert_inert(framed.text)
    policy = framed.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "frame-ancestors 'self'" in policy and framed.headers["Cache-Control"] == "private, max-age=300"
    assert reader.get(at(file, "presentation/2")).status_code == 404
    assert "layout-1" in kept_views.names(file) and "layout-2" not in kept_views.names(file)
    assert reader.get(at(send(b"bonjour", "a.txt"), "presentation/1")).status_code == 404


def test_a_sheet_is_a_table_with_letters_numbers_and_marks(send: Any, reader: FlaskClient) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Titre", "<b>gras</b>", -5])
    book.active["C1"].number_format = "0;[Red]0"
    book.active.append(["Masquée", "=1/0"])
    book.active.row_dimensions[2].hidden = True
    book.active.merge_cells("A3:B3")
    book.active["A3"] = "Fin"
    book.create_sheet("Listes").sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    page = reader.get(at(send(buffer.getvalue(), "suivi.xlsx"), "vue")).text
    for part in (
        '<th scope="col">A</th>',
        '<th scope="row">1</th><td>Titre</td><td>&lt;b&gt;gras&lt;/b&gt;</td><td class="number ink-red">5</td>',
        "<small>ligne masquée</small>",
        '<td class="missing">valeur non enregistrée</td>',
        '<td colspan="2" rowspan="1">Fin</td>',
        "<code>=1/0</code>",
        '<span class="state plain">Feuille masquée</span>',
    ):
        assert part in page
    assert_inert(page)


def test_a_document_is_shown_with_what_is_particular_about_its_words(send: Any, reader: FlaskClient) -> None:
    """Everything it says is escaped; what was deleted is said in words too, not by a line alone."""
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>&lt;i&gt;caché&lt;/i&gt;</w:t></w:r>"
    deleted = '<w:del w:id="1" w:author="A&amp;B"><w:r><w:delText>ancien</w:delText></w:r></w:del>'
    added = '<w:ins w:id="2" w:author="Zoé"><w:r><w:t>neuf</w:t></w:r></w:ins>'
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>case</w:t></w:r></w:p></w:tc>'
    rows = f"<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr>{cell}</w:tr></w:tbl>"
    body = f"<w:body><w:p>{hidden}{deleted}{added}</w:p>{rows}".encode()
    text = containers.read_part(made.word(), "word/document.xml").replace(b"<w:body>", body)
    page = reader.get(
        at(send(containers.rewritten(made.word(), {"word/document.xml": text}), "lettre.docx"), "vue")
    ).text
    for part in (
        '<span class="hidden">&lt;i&gt;caché&lt;/i&gt;</span> <small>(texte masqué)</small>',
        "<del>ancien</del> <small>(supprimé par A&amp;B)</small>",
        "<ins>neuf</ins> <small>(ajouté par Zoé)</small>",
        '<tr class="masked"><td colspan="2"><small>ligne masquée</small>',
        "<h2>Courrier de résiliation</h2>",
    ):
        assert part in page
    assert_inert(page)


def test_other_pages_show_each_file_as_its_content_allows(send: Any, app: Any, reader: FlaskClient) -> None:
    files = [
        send(made.picture("PNG"), "a.png", alternative="Le tableau de bord"),
        send(made.film(), "b.mp4", alternative="On voit l'accueil"),
        send(made.sound(), "c.mp3"),
        send(made.workbook(), "d.xlsx"),
        send(made.DIAGRAM, "e.drawio"),
        send(made.web_page(), "f.jpg"),
    ]
    with app.test_request_context(environ_base=reader.environ_base):
        app.preprocess_request()
        template = '{% import "everyone/files.html" as files with context %}{{ files.show_files(shown) }}'
        html = render_template_string(template, shown=files)
    one, two, three, four, five, six = html.split("<figure")[1:]
    assert 'alt="Le tableau de bord"' in one and at(files[0], "vignette") in one
    assert "<video controls" in two and "On voit l&#39;accueil" in two
    assert "<audio controls" in three
    assert f'<iframe src="{at(files[3], "vue")}?cadre=1" title="Aperçu de d.xlsx"' in four
    assert not re.search("<(img|iframe|video)", five) and "Télécharger" in five
    assert "Refusé" in six and "Télécharger" not in six and not re.search("<(img|iframe)", six)


# --- films and sounds -----------------------------------------------------------------------------


@pytest.fixture
def film(send: Any) -> tuple[EvidenceFile, bytes]:
    data = made.film(data=bytes(range(256)) * 20_000)  # just over one piece
    assert len(data) > LARGEST_PIECE
    return send(data, "visite.mp4"), data


def test_a_film_is_served_by_the_piece_that_is_asked_for(film: tuple[EvidenceFile, bytes], reader: FlaskClient) -> None:
    file, data = film
    size = len(data)
    for asked, start, stop in (
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        (f"bytes={size - 5}-", size - 5, size),
        ("bytes=-5", size - 5, size),
        (f"bytes={size - 1}-{size + 500}", size - 1, size),
        ("bytes=0-", 0, LARGEST_PIECE),
        (f"bytes=-{size + 10}", 0, LARGEST_PIECE),
        (f"bytes={LARGEST_PIECE}-", LARGEST_PIECE, size),
    ):
        answer = reader.get(at(file, "media"), headers={"Range": asked})
        assert (answer.status_code, answer.mimetype) == (206, "video/mp4"), asked
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{size}"
        assert answer.data == data[start:stop] and answer.content_length == stop - start
        assert answer.headers["Content-Security-Policy"] == BARE
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_range_past_the_end_is_refused_with_the_size(film: tuple[EvidenceFile, bytes], reader: FlaskClient) -> None:
    file, data = film
    for asked in (f"bytes={len(data)}-", f"bytes={len(data) + 5}-{len(data) + 9}"):
        answer = reader.get(at(file, "media"), headers={"Range": asked})
        assert (answer.status_code, answer.data) == (416, b"")
        assert answer.headers["Content-Range"] == f"bytes */{len(data)}"


def test_a_range_nobody_understands_or_of_another_version_gives_everything(
    film: tuple[EvidenceFile, bytes], reader: FlaskClient
) -> None:
    file, data = film
    etag = reader.head(at(file, "media")).headers["ETag"]
    part, other = {"Range": "bytes=0-3"}, '"another"'
    for headers in ({}, {"Range": "octets=0-3"}, {"Range": "bytes=9-3"}, {"Range": "bytes=0-1,5-6"}, {"Range": "bytes"},
                    part | {"If-Range": other}):  # fmt: skip
        answer = reader.get(at(file, "media"), headers=headers)
        assert (answer.status_code, answer.data, answer.content_length) == (200, data, len(data)), headers
    assert reader.get(at(file, "media"), headers=part | {"If-Range": etag}).status_code == 206


# --- downloading ----------------------------------------------------------------------------------


def test_downloading_is_an_act_that_is_recorded_and_looking_is_not(send: Any, reader: FlaskClient) -> None:
    file = send(b"bonjour", "notes.txt")
    opened = {"chain": f"access:{file.candidacy}"}
    events = current().database.events
    assert reader.get(at(file, "vue")).status_code == 200 and reader.get(at(file, "media")).status_code == 404
    assert events.count_documents(opened) == 0
    answer = reader.post(at(file, "telecharger"))
    assert answer.status_code == 200 and answer.headers["Refresh"].startswith("0; url=http")
    assert events.count_documents(opened) == 1

"""Files in a real Chromium: seen in place, played, downloaded; what a hostile one brings never runs, never asks out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page

from portfolio.documents import EvidenceFile
from tests.support import specimens as made
from tests.support.browser.looks import DESK, accessible
from tests.support.worlds.world import World

HOSTILE = "<script>alert(1)</script><img src=https://example.org/x onerror=alert(1)>"
# A film as a phone's browser records it: a second of changing colours.
RECORD = """async () => {
  const canvas = document.createElement("canvas"), ink = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), {mimeType: "video/webm"}), parts = [];
  recorder.ondataavailable = event => parts.push(event.data);
  recorder.start();
  for (let step = 0; step < 20; step++) {
    ink.fillStyle = `rgb(${step * 12},0,90)`; ink.fillRect(0, 0, 300, 150);
    await new Promise(done => setTimeout(done, 50));
  }
  await new Promise(done => { recorder.onstop = done; recorder.stop(); });
  return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
}"""
PLAYED = "film => film.play().then(() => new Promise(done => { film.onended = () => done(film.currentTime); }))"


def see(page: Page, file: EvidenceFile) -> None:
    page.goto(f"/fichiers/{file.id}/vue")
    page.wait_for_load_state("networkidle")


def test_each_kind_of_file_is_seen_in_place_and_nothing_hostile_runs(
    world: World, page_for: Callable[..., Any]
) -> None:
    piece, page = world.new_piece(), page_for(world.follower, viewport=DESK)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    mail = f"From: a@b.fr\nSubject: {HOSTILE}\nContent-Type: text/html\n\n<p>Bonjour</p>{HOSTILE}".encode()
    for data, name, expected in (
        (made.picture("JPEG", located=True), "photo.jpg", "photo.jpg"),
        (made.pdf(script=True), "contrat.pdf", "contrat.pdf"),
        (made.workbook(hidden=True), "base.xlsx", "AUTO-1"),
        (mail, "lettre.eml", "Bonjour"),
        (f"<html><p>Accueil{HOSTILE}".encode(), "faq.html", "Accueil"),
        (HOSTILE.encode(), "note.txt", HOSTILE),
    ):
        file = world.upload(piece, data, name)
        see(page, file)
        assert expected in page.inner_text("main"), name
        for image in page.locator("img").all():
            assert image.evaluate("image => image.naturalWidth") > 0
        accessible(page)
    page.goto(f"/fichiers/{file.id}/vue")
    page.evaluate("document.body.append(Object.assign(document.createElement('p'), {id: 'still'}))")
    assert page.locator("#still").count() == 1 and dialogs == []


def test_pages_that_were_asked_for_too_fast_come_without_reloading(world: World, page_for: Callable[..., Any]) -> None:
    """As over HTTP/2, all at once: more than one person may have waiting, so that some are put off."""
    page, put_off = page_for(world.follower, viewport=DESK), []
    page.on("response", lambda answer: put_off.append(answer.url) if answer.status == 503 else None)
    file = world.upload(world.new_piece(), made.pdf_of_pages(8), "contrat.pdf")
    page.goto(f"/fichiers/{file.id}/vue")
    page.evaluate("document.querySelectorAll('img').forEach(picture => { picture.loading = 'eager'; })")
    page.wait_for_function(
        "() => [...document.images].every(one => Math.abs(one.naturalWidth - one.getAttribute('width')) < 3)"
    )
    assert put_off and page.locator("img").count() == 8
    accessible(page)


def test_a_view_stands_in_a_frame_of_our_pages(world: World, page_for: Callable[..., Any]) -> None:
    page = page_for(world.follower)
    file = world.upload(world.new_piece(), made.message(), "lettre.eml")
    page.goto("/connexion")
    page.evaluate(
        "src => document.body.append(Object.assign(document.createElement('iframe'), {src, title: 'Aperçu'}))",
        f"/fichiers/{file.id}/vue?cadre=1",
    )
    page.frame_locator("iframe").get_by_text("Voici le constat.").wait_for()


def test_a_film_plays_to_its_end(world: World, page_for: Callable[..., Any]) -> None:
    page = page_for(world.follower)
    page.goto("/connexion")
    film = world.upload(world.new_piece(), bytes(page.evaluate(RECORD)), "visite.webm", alternative="On voit l'accueil")
    see(page, film)
    player = page.locator("video")
    player.evaluate("film => { film.muted = true; }")
    assert player.evaluate(PLAYED) > 0.5
    accessible(page)


def test_a_file_downloads_from_its_view(
    world: World, page_for: Callable[..., Any], chromium: Browser, address: str
) -> None:
    """From the store, by a link of five minutes: the one request that is meant to go elsewhere, so nobody watches."""
    file = world.upload(world.new_piece(), b"Compte rendu", "note.txt")
    unwatched = chromium.new_context(base_url=address)
    unwatched.add_cookies(page_for(world.follower).context.cookies())  # type: ignore[arg-type]
    page = unwatched.new_page()
    see(page, file)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    assert download.value.suggested_filename == "note.txt"
    assert download.value.path().read_bytes() == b"Compte rendu"
    unwatched.close()

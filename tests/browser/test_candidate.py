"""The candidate's job on a phone: a photo that survives a cut and a reload, then a portfolio that is handed in."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from portfolio.documents import Evidence, EvidenceFile, Portfolio, Submission
from portfolio.evidence import drafts, uploads
from tests.support.browser.looks import DESK, accessible, still
from tests.support.containers import zipped
from tests.support.worlds.unpackings import work
from tests.support.worlds.world import PDF, World

Pages = Callable[..., Page]


def photo() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (640, 480), (20, 90, 80)).save(data, "JPEG")
    return data.getvalue()


def large_picture() -> bytes:
    """Two parts long: noise does not compress."""
    data = io.BytesIO()
    Image.frombytes("RGB", (1700, 1800), random.Random(5).randbytes(1700 * 1800 * 3)).save(
        data, "PNG", compress_level=0
    )
    return data.getvalue()


def choose(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.locator("#deposit-files").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    )


def word(page: Page, said: str, name: str) -> None:
    expect(page.locator("[data-sending] li", has_text=name).locator(".state")).to_have_text(said)


def test_a_cut_a_pause_and_a_reload_lose_nothing_of_what_was_chosen(
    world: World, page_for: Pages, app: Any, tmp_path: Path
) -> None:
    page = page_for(world.candidate, has_touch=True, is_mobile=True)
    data = large_picture()
    assert app.config["PART_BYTES"] < len(data) < 2 * app.config["PART_BYTES"]
    page.goto("/portfolio")
    cut: list[str] = []

    def second_part_is_cut(route: Route) -> None:
        cut.append(route.request.url)
        page.context.set_offline(True)
        route.abort("internetdisconnected")

    page.route("**/parts/2", second_part_is_cut)
    (tmp_path / "contrat.png").write_bytes(data)
    page.locator("#deposit-files").set_input_files(tmp_path / "contrat.png")
    row = page.locator("[data-sending] li", has_text="contrat.png")
    expect(row.get_by_role("status")).to_contain_text("La connexion manque")
    word(page, "sur ce téléphone", "contrat.png")
    accessible(page)
    assert cut
    row.get_by_role("button", name="Mettre en pause").click()
    expect(row.get_by_role("status")).to_contain_text("En pause")
    row.get_by_role("button", name="Reprendre").click()
    file = EvidenceFile.objects.get()
    assert (file.state, file.declared_size) == ("pending", len(data))
    page.unroute("**/parts/2")
    page.route("**/parts/*", lambda route: route.abort())  # still no luck when it is back, until it is left and opened
    page.context.set_offline(False)
    page.goto("/connexion")
    page.unroute("**/parts/*")
    again: list[str] = []
    page.on("request", lambda request: again.append(request.url) if "/parts/" in request.url else None)
    page.goto("/portfolio")
    word(page, "vérifié", "contrat.png")
    assert {url.rpartition("/")[2] for url in again} == {"2"}, "the first part was sent twice"
    still(page)  # what was left to send has come back into the page, whenever this browser's store was read
    accessible(page)
    stored = EvidenceFile.objects.get()
    assert (stored.state, stored.size) == ("verified", len(data))
    page.reload()
    expect(page.locator("[data-sending] li")).to_have_count(0)


def test_a_file_chosen_before_the_page_is_ready_is_sent_too(world: World, page_for: Pages) -> None:
    page, held = page_for(world.candidate), list[Route]()
    page.route("**/js/candidate_pages.js*", lambda route: held.append(route))
    with page.expect_request("**/js/candidate_pages.js*"):
        page.goto("/portfolio", wait_until="commit")
    choose(page, ("lettre.pdf", "application/pdf", PDF))
    held[0].continue_()
    word(page, "vérifié", "lettre.pdf")
    assert EvidenceFile.objects.get().state == "verified"


def test_a_photo_becomes_a_piece_that_is_mapped_signed_for_and_handed_in(world: World, page_for: Pages) -> None:
    activity, page = world.activity, page_for(world.candidate, has_touch=True, is_mobile=True)
    page.goto("/portfolio")
    choose(page, ("IMG_1.jpg", "image/jpeg", photo()), ("faux.pdf", "application/pdf", b"MZ" + bytes(300)))
    word(page, "vérifié", "IMG_1.jpg")
    word(page, "refusé", "faux.pdf")
    page.locator("[data-sending] li", has_text="IMG_1.jpg").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Photo du 12/01/2027")
    page.locator("li", has_text="faux.pdf").get_by_role("button", name="Retirer ce fichier").click()
    expect(page.get_by_text("est retiré de la preuve")).to_be_visible()
    page.get_by_text("Décrire pour qui ne voit").click()
    page.get_by_label("Description de « IMG_1.jpg »").fill("Écran du logiciel de relance")
    page.get_by_role("button", name="Enregistrer la description").click()
    page.get_by_label("Titre").fill("Relance par courriel")
    page.get_by_label("Type de preuve").select_option("EML1")
    page.get_by_label("Date de la preuve").fill("2026-06-02")
    page.get_by_label("Activité", exact=True).select_option(str(activity.id))
    page.get_by_label("en situation réelle", exact=True).check()
    page.get_by_label("période de formation en milieu professionnel").check()
    page.get_by_label("Fait : noms").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_role("button", name="Choisir les compétences").click()
    page.get_by_role("checkbox", name="C47").check()
    page.get_by_label("Pourquoi cette preuve montre C47").fill("J'ai rédigé le message moi-même.")
    accessible(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("La preuve est complète")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Activités", exact=True).click()
    page.get_by_role("button", name="Demander au tuteur").click()
    expect(page.get_by_text("La demande est enregistrée")).to_be_visible()
    page.get_by_role("link", name="Remise", exact=True).click()
    page.get_by_role("button", name="Remettre mon portfolio").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accusé de remise n° 1")
    expect(page.get_by_text(Submission.objects.get().digest)).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Revenir à la remise").click()
    with page.expect_download() as archive:
        page.get_by_role("button", name="Télécharger mon portfolio").click()
    assert archive.value.suggested_filename.endswith(".zip")
    assert Evidence.objects.get().state == "ready" and Portfolio.objects.get().state == "submitted"


def test_what_is_typed_outlives_a_failed_save_and_a_reload(world: World, page_for: Pages) -> None:
    piece, page = world.new_piece(), page_for(world.candidate, viewport=DESK)
    page.goto(f"/portfolio/preuve/{piece.id}")
    failed: list[str] = []

    def fails_once(route: Route) -> None:
        failed.append(route.request.url)
        route.abort() if len(failed) == 1 else route.continue_()

    page.route("**/brouillons", fails_once)
    page.get_by_label("Titre").fill("Un titre tapé dans le train")
    said = page.locator(f"#piece-{piece.id} [data-saved]")
    expect(said).to_contain_text("Pas encore gardé")
    expect(said).to_contain_text("Brouillon gardé à")
    page.reload()
    expect(page.get_by_label("Titre")).to_have_value("Un titre tapé dans le train")
    expect(page.get_by_text("Votre brouillon a été retrouvé")).to_be_visible()
    assert Evidence.objects.get().title == "Lettre de relance"


def test_what_cannot_be_kept_is_said_while_it_is_typed(
    world: World, page_for: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 0)
    piece, page = world.new_piece(), page_for(world.candidate, viewport=DESK)
    page.goto(f"/portfolio/preuve/{piece.id}")
    page.get_by_label("Titre").fill("Un titre de plus")
    said = page.locator(f"#piece-{piece.id} [data-saved]")
    expect(said).to_contain_text("Pas gardé. Trop de formulaires commencés attendent déjà")
    expect(said).to_contain_text("Enregistrez celui-ci avant de quitter la page")


def test_a_browser_without_javascript_deposits_a_file(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate, java_script_enabled=False)
    page.goto("/portfolio")
    choose(page, ("lettre.pdf", "application/pdf", PDF))
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("C'est envoyé et vérifié")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("lettre")
    assert EvidenceFile.objects.get().state == "verified"


def test_an_upload_left_on_another_phone_goes_on_when_the_file_is_chosen_again(
    world: World, page_for: Pages, app: Any
) -> None:
    piece, by, data = world.new_piece(), world.actor(world.candidate), large_picture()
    left = uploads.begin(by, piece, {"name": "contrat.png", "size": len(data)}, world.clock())
    uploads.receive_part(by, left, 1, io.BytesIO(data[: app.config["PART_BYTES"]]), world.clock())
    page, sent = page_for(world.candidate), list[str]()
    page.on("request", lambda request: sent.append(request.url) if "/parts/" in request.url else None)
    page.goto(f"/portfolio/preuve/{piece.id}")
    expect(page.get_by_text("il reprend où il s'est arrêté")).to_be_visible()
    accessible(page)
    page.locator(f"#files-{piece.id}-files").set_input_files(
        [{"name": "contrat.png", "mimeType": "image/png", "buffer": data}]
    )
    word(page, "vérifié", "contrat.png")
    assert [url.rpartition("/")[2] for url in sent] == ["2"], "the first part was sent twice"
    assert [(one.id, one.state) for one in EvidenceFile.objects] == [(left.id, "verified")]


def test_every_other_page_is_for_everybody(world: World, page_for: Pages) -> None:
    piece = world.new_piece(competences=[{"competence": "C47", "justification": "Écrit par moi."}])
    world.sign_off()
    page = page_for(world.candidate, viewport=DESK, color_scheme="dark")
    below = ("preuves", "couverture", "activites", "remise", "historique", "resultat", "activites/nouvelle")
    for path in [
        *(f"/portfolio/{world.candidacy.id}/{name}" for name in below),
        f"/portfolio/preuve/{piece.id}/versions",
        f"/portfolio/activite/{world.activity.id}",
    ]:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        accessible(page)


def test_a_year_of_work_is_brought_and_sorted_on_a_phone(world: World, page_for: Pages) -> None:
    assert world.activity.id
    page = page_for(world.candidate, has_touch=True, is_mobile=True)
    page.goto(f"/portfolio/{world.candidacy.id}/archives")
    files = {f"Stage/C42/Relance {number}.txt": f"Relance {number}" for number in range(1, 6)}
    data = zipped({**files, "Cours/outil.exe": "MZ" + "\0" * 99, "Cours/Thumbs.db": "x"})
    zip_file = {"name": "travaux.zip", "mimeType": "application/zip", "buffer": data}
    page.locator("#archive-files").set_input_files([zip_file])  # type: ignore[list-item]
    page.get_by_role("link", name="Voir ce qu'ils deviennent").click()
    expect(page.locator(".lead")).to_contain_text("attend son tour")
    work(world)
    page.reload()
    expect(page.locator(".lead")).to_contain_text("5 preuves faites")
    still(page)
    accessible(page)
    page.get_by_role("button", name="Trier toutes les preuves").click()
    page.get_by_label("Type de preuve").select_option(index=1)
    page.get_by_label("Activité", exact=True).select_option(world.activity.title)
    page.locator("#sorting-competences-0 input[value=C42]").check()
    accessible(page)
    page.get_by_role("button", name="Trier ces preuves").click()
    expect(page.get_by_text("5 preuves sont triées.")).to_be_visible()
    assert Evidence.objects(activity=world.activity.id, competences__competence="C42").count() == 5

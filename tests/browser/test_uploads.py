"""Files on their way: on every page, in two tabs, on a network that hangs, and refused by what is not the network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import upload_ending
from portfolio.submission import submit
from tests.browser.test_candidate import choose, word
from tests.evidence.test_first_look import broken_picture
from tests.support.browser.looks import PHONE, accessible, still
from tests.support.worlds.world import PDF, World

Pages = Callable[..., Page]
LETTER = ("lettre.pdf", "application/pdf", PDF)


def test_a_file_not_to_be_sent_is_sent_by_no_tab(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate)
    page.context.route("**/preuves/nouvelle", lambda route: route.abort())
    page.goto("/portfolio")
    choose(page, LETTER)
    word(page, "sur ce téléphone", "lettre.pdf")
    other = page.context.new_page()
    other.goto("/portfolio")
    word(other, "sur ce téléphone", "lettre.pdf")
    page.get_by_role("button", name="Ne pas envoyer").click()
    for tab in (page, other):
        expect(tab.locator("[data-sending] li")).to_have_count(0)
    page.context.unroute("**/preuves/nouvelle")
    choose(other, ("reçu.pdf", "application/pdf", PDF))  # it goes after whatever else its tab would send
    word(other, "vérifié", "reçu.pdf")
    assert [file.name for file in EvidenceFile.objects] == ["reçu.pdf"]
    assert Evidence.objects.count() == 1


def test_a_request_that_hangs_is_made_again(world: World, page_for: Pages) -> None:
    page, held = page_for(world.candidate), list[Route]()
    page.clock.install()
    page.goto("/portfolio")
    page.route("**/parts/1", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/parts/1"):
        choose(page, LETTER)
    page.clock.fast_forward(61_000)
    expect(page.locator("[data-sending] li").get_by_role("status")).to_contain_text("Le service ne répond pas")
    page.clock.fast_forward(2_000)
    word(page, "vérifié", "lettre.pdf")
    assert EvidenceFile.objects.get().state == "verified"


def test_a_file_that_is_told_to_come_back_says_so_and_goes_by_itself(world: World, page_for: Pages) -> None:
    page, told = page_for(world.candidate), list[str]()
    body = '{"code": "deposits_wait", "detail": "Beaucoup de fichiers arrivent en ce moment."}'

    def crowded(route: Route) -> None:
        told.append(route.request.url)
        route.fulfill(status=503, content_type="application/problem+json", headers={"Retry-After": "10"}, body=body)

    page.clock.install()
    page.goto("/portfolio")
    page.route("**/preuves/nouvelle", crowded, times=1)
    page.route("**/parts/1", crowded, times=1)
    said = page.locator("[data-sending] li").get_by_role("status")
    choose(page, LETTER)
    expect(said).to_contain_text("Beaucoup de fichiers arrivent en ce moment : l'envoi reprendra tout seul")
    page.clock.fast_forward(9_000)
    assert len(told) == 1, "before its time"
    with page.expect_response("**/parts/1"):
        page.clock.fast_forward(7_000)
    expect(said).to_contain_text("Beaucoup de fichiers arrivent en ce moment")
    page.clock.fast_forward(16_000)
    word(page, "vérifié", "lettre.pdf")
    assert len(told) == 2
    assert EvidenceFile.objects.get().state == "verified"


# What the service, or a server in front of it, answers: (status, media type, body), and what is then told.
ANSWERS = {
    "signed out": (
        (401, "application/problem+json", '{"code": "unauthenticated", "detail": "Connectez-vous."}'),
        "Votre session est terminée",
    ),
    "too large for the proxy": ((413, "text/html", "<h1>413</h1>"), "trop volumineux"),
    "refused": (
        (409, "application/problem+json", '{"code": "too_many_pending", "detail": "Trop d\'envois en cours."}'),
        "Trop d'envois en cours.",
    ),
}


@pytest.mark.parametrize("why", ANSWERS)
def test_what_stops_a_file_is_told_as_it_is(world: World, page_for: Pages, why: str) -> None:
    (status, kind, body), words = ANSWERS[why]
    page = page_for(world.candidate)
    page.goto("/portfolio")
    page.route("**/evidence/*/files", lambda route: route.fulfill(status=status, content_type=kind, body=body))
    choose(page, LETTER)
    row = page.locator("[data-sending] li")
    expect(row.get_by_role("status")).to_contain_text(words)
    expect(row).not_to_contain_text("connexion manque")
    expect(row.get_by_role("link", name="Se reconnecter")).to_have_count(1 if status == 401 else 0)
    page.unroute("**/evidence/*/files")
    row.get_by_role("button", name="Réessayer").click()
    word(page, "vérifié", "lettre.pdf")


def test_a_fault_of_the_page_is_not_blamed_on_the_network(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate)
    page.add_init_script("SubtleCrypto.prototype.digest = () => { throw new TypeError('ours'); };")
    page.goto("/portfolio")
    choose(page, LETTER)
    expect(page.locator("[data-sending] li").get_by_role("status")).to_contain_text("Cette page a rencontré une erreur")


def waiting(page: Page, *files: tuple[str, str, bytes]) -> None:
    """Files that were chosen, and that nothing has left of."""
    page.route("**/preuves/nouvelle", lambda route: route.abort())
    page.goto("/portfolio")
    choose(page, *files)
    for name, _, _ in files:
        word(page, "sur ce téléphone", name)


@pytest.mark.parametrize("elsewhere", ["/portfolio/{}/couverture", "/aide", "/compte"])
def test_files_go_on_leaving_from_a_page_where_none_is_chosen(world: World, page_for: Pages, elsewhere: str) -> None:
    page = page_for(world.candidate)
    waiting(page, LETTER)
    page.goto(elsewhere.format(world.candidacy.id))
    word(page, "sur ce téléphone", "lettre.pdf")
    accessible(page)
    page.unroute("**/preuves/nouvelle")
    word(page, "vérifié", "lettre.pdf")
    assert EvidenceFile.objects.get().state == "verified"


def test_handing_in_says_first_what_is_not_sent_yet_and_then_what_was_left_out(world: World, page_for: Pages) -> None:
    page, hand_in = page_for(world.candidate), f"/portfolio/{world.candidacy.id}/remise"
    waiting(page, LETTER)
    page.goto(hand_in)
    word(page, "sur ce téléphone", "lettre.pdf")
    page.get_by_role("button", name="Remettre mon portfolio").click()
    expect(page.locator("[data-said]")).to_contain_text("Rien n'est encore remis. 1 fichier n'est pas encore envoyé")
    world.submit()  # before the queue may begin a piece beside it
    page.unroute("**/preuves/nouvelle")
    page.goto(hand_in)
    row = page.locator("[data-sending] li")
    expect(row.get_by_role("status")).to_contain_text("« lettre.pdf » n'a pas été remis")
    expect(row.get_by_role("status")).to_contain_text("demandez à votre professeur de rouvrir le portfolio")
    still(page)  # its words came when the service had answered, longer than those of a file that waits
    accessible(page)
    with page.expect_download() as saving:
        row.get_by_role("button", name="L'enregistrer ailleurs").click()
    assert saving.value.suggested_filename == "lettre.pdf"
    assert saving.value.path().read_bytes() == PDF
    submit.reopen(world.actor(world.follower), world.portfolio, "Une lettre manque", world.clock())
    page.goto(hand_in)
    word(page, "vérifié", "lettre.pdf")


def test_a_file_seen_in_full_stands_in_a_tab_of_its_own_and_the_queue_goes_on(world: World, page_for: Pages) -> None:
    piece = world.new_piece()
    world.upload(piece)
    page = page_for(world.candidate)
    waiting(page, LETTER)
    page.goto(f"/portfolio/preuve/{piece.id}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Voir en grand").click()
    assert "/vue" in opened.value.url
    page.unroute("**/preuves/nouvelle")
    word(page, "vérifié", "lettre.pdf")


def test_a_file_that_a_full_store_kept_nothing_of_is_announced_anew(world: World, page_for: Pages) -> None:
    page, answers = page_for(world.candidate), list[str]()

    def full(route: Route) -> None:
        """As the service does where the store can write nothing: the file counts no more, and its part is refused."""
        answers.append(route.request.url)
        upload_ending.remove(world.actor(world.candidate), EvidenceFile.objects.get(), world.clock())
        body = '{"code": "store_cannot_write", "detail": "Le stockage ne peut rien enregistrer."}'
        route.fulfill(status=503, content_type="application/problem+json", body=body)

    page.goto("/portfolio")
    page.route("**/parts/1", full, times=1)
    choose(page, LETTER)
    word(page, "vérifié", "lettre.pdf")
    assert len(answers) == 1
    assert sorted((file.state, file.removed_at is None) for file in EvidenceFile.objects) == [
        ("pending", False),
        ("verified", True),
    ]
    assert Evidence.objects(withdrawn_at=None).count() == 1


REFUSED = {
    "empty": (("vide.pdf", "application/pdf", b""), "Ce fichier est vide"),
    "refused once read": (("faux.pdf", "application/pdf", b"MZ" + bytes(300)), "Les programmes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_leaves_no_draft_and_says_why_until_it_is_read(world: World, page_for: Pages, case: str) -> None:
    file, why = REFUSED[case]
    page = page_for(world.candidate)
    page.goto("/portfolio")
    choose(page, file)
    word(page, "refusé", file[0])
    page.goto(f"/portfolio/{world.candidacy.id}/preuves")
    row = page.locator("[data-sending] li", has_text=file[0])
    expect(row.get_by_role("status")).to_contain_text(why)
    assert Evidence.objects(withdrawn_at=None).count() == 0
    accessible(page)
    row.get_by_role("button", name="J'ai lu").click()
    expect(row).to_have_count(0)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-sending] li")).to_have_count(0)


def test_a_refused_file_stays_beside_one_that_was_accepted(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate)
    page.goto("/portfolio")
    choose(page, LETTER, REFUSED["refused once read"][0])
    word(page, "vérifié", "lettre.pdf")
    word(page, "refusé", "faux.pdf")
    assert Evidence.objects(withdrawn_at=None).count() == 1


def test_a_file_that_cannot_be_displayed_says_so_in_its_row_and_on_its_page(world: World, page_for: Pages) -> None:
    page = page_for(world.candidate, viewport=PHONE)
    page.goto("/portfolio")
    choose(page, ("capture.png", "image/png", broken_picture()))
    word(page, "reçu, pas affiché", "capture.png")
    row = page.locator("[data-sending] li", has_text="capture.png")
    expect(row).to_contain_text("il ne se laisse pas lire en entier")
    row.get_by_role("link", name="Compléter la preuve").click()
    expect(page.locator("figure")).to_contain_text("déposez-le aussi en PDF")
    assert page.locator("figure img").count() == 0
    accessible(page)

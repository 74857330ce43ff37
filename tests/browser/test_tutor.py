"""A tutor with a phone and two minutes: from the mail to the receipt, in a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from portfolio.documents import Attestation, Placement, SignIn
from portfolio.identity import links
from portfolio.sign_offs import reality
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities
from tests.support.browser.looks import DESK, accessible
from tests.support.worlds.world import World

MOST_INTERACTIONS = 6
MADE = "Les relances ont été faites sur les dossiers réels de l'agence, seules puis accompagnées."


class Hand:
    """Counts what a person does: each press, each word typed."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, name: str) -> None:
        self.count += 1
        self.page.get_by_role("button", name=name, exact=True).click()


def photo() -> bytes:
    written = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def address_of_link(world: World, clock: Clock, address: str) -> str:
    """As the mail holds it."""
    made = activities(world, 3)
    world.upload(world.new_piece(made[0], title="Photo du courrier"), photo(), "courrier.jpg")
    world.upload(world.new_piece(made[1], title="Lettre type"))
    return f"{address}/s/{links.issue(world.tutor.id, 'sign_off', clock())}"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_mail_to_the_receipt_in_six_interactions_at_most(
    opened: Callable[..., BrowserContext], address_of_link: str, script: bool
) -> None:
    page = opened(java_script_enabled=script).new_page()
    hand = Hand(page)
    hand.count += 1  # the link in the mail
    page.goto(address_of_link)
    hand.press("Voir et répondre")
    expect(page.get_by_role("heading", name="Relance des impayés")).to_have_count(3)
    hand.press("Tout confirmer")
    expect(page.get_by_label("Vos prénom et nom")).to_have_value("Dominique Martin")
    expect(page.get_by_label("Votre fonction")).to_have_value("Responsable d'agence")
    expect(page.get_by_text("J'atteste que les activités")).to_be_visible()
    hand.press("Signer")
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est signé, merci")
    assert hand.count <= MOST_INTERACTIONS
    assert {one.state for one in Attestation.objects} == {"confirmed"}


def test_every_page_of_a_tutor_is_for_everybody(
    world: World, opened: Callable[..., BrowserContext], address_of_link: str, address: str, clock: Clock
) -> None:
    reality.write(world.actor(world.follower), Placement.objects.get(), MADE, clock())
    page = opened().new_page()
    for path in (
        "/s/nouveau-lien",
        "/s/code?demande=x",
        f"/s/{'x' * 43}",
        f"/qr/{world.placement.id}",
        address_of_link,
    ):
        page.goto(path if path.startswith("http") else address + path)
        accessible(page)
    page.get_by_role("button", name="Voir et répondre").click()
    expect(page.locator("img").first).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Lire et approuver").click()
    accessible(page)
    page.get_by_role("button", name="J'approuve ce texte").click()
    page.get_by_role("link", name=re.compile("pas la bonne personne")).click()
    accessible(page)
    page.go_back()
    page.get_by_role("radio", name="Non").first.check()
    page.get_by_role("button", name="Continuer avec mes réponses").click()
    accessible(page)
    page.get_by_role("link", name="ajouter une phrase").click()
    page.get_by_text("Ajouter une précision").first.click()
    page.get_by_role("textbox", name="Précision").first.fill("Je n'ai pas vu ce travail.")
    page.get_by_role("button", name="Tout confirmer").click()
    accessible(page)
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est signé, merci")
    accessible(page)
    assert sorted(one.state for one in Attestation.objects) == ["confirmed", "confirmed", "refused"]


def test_the_whole_way_by_keyboard_alone(opened: Callable[..., BrowserContext], address_of_link: str) -> None:
    page = opened(viewport=DESK).new_page()
    page.goto(address_of_link)
    _press_by_keyboard(page, "Voir et répondre")
    expect(page.get_by_role("heading", name="Vos confirmations")).to_be_visible()
    _press_by_keyboard(page, "Tout confirmer")
    expect(page.get_by_role("heading", name="Relisez, puis signez")).to_be_visible()
    _press_by_keyboard(page, "Signer")
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est signé, merci")


def _press_by_keyboard(page: Page, name: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName + ':' + document.activeElement.textContent.trim()") == (
            f"BUTTON:{name}"
        ):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"« {name} » is not reached by the Tab key")


def test_what_is_typed_is_kept_while_it_is_typed(
    opened: Callable[..., BrowserContext], address_of_link: str, world: World
) -> None:
    """The phone rings, the page is closed; the link opens again on the office's computer."""
    first = opened().new_page()
    first.goto(address_of_link)
    first.get_by_role("button", name="Voir et répondre").click()
    first.get_by_role("radio", name="En partie").first.check()
    expect(first.get_by_text(re.compile("Brouillon gardé"))).to_be_visible()
    first.close()
    second = opened(viewport=DESK).new_page()
    second.goto(address_of_link)
    second.get_by_role("button", name="Voir et répondre").click()
    expect(second.get_by_role("radio", name="En partie").first).to_be_checked()
    assert Attestation.objects(state="requested").count() == 3


def test_the_candidate_shows_a_page_to_scan_that_holds_no_token(
    world: World, page_for: Callable[..., Page], address_of_link: str
) -> None:
    page = page_for(world.candidate)
    page.goto(f"/periodes/{world.placement.id}/qr")
    expect(page.get_by_role("img", name=re.compile("Code QR"))).to_be_visible()
    assert links.SignOffLink.objects.get().token_hash not in page.content()
    assert address_of_link.rpartition("/")[2] not in page.content()
    accessible(page)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_visit_that_ends_while_typing_is_told_and_what_was_typed_comes_back(
    opened: Callable[..., BrowserContext], address_of_link: str, world: World, clock: Clock, script: bool
) -> None:
    page = opened(java_script_enabled=script).new_page()
    page.goto(address_of_link)
    page.get_by_role("button", name="Voir et répondre").click()
    SignIn.objects(person=world.tutor.id).update(set__ended_at=clock())
    page.get_by_role("radio", name="En partie").first.check()
    page.get_by_text("Ajouter une précision").first.click()
    page.get_by_role("textbox", name="Précision").first.fill("Sans le suivi des paiements.")
    if script:
        expect(page.locator("[data-saved]")).to_contain_text("Pas gardé. Votre visite est terminée")
        expect(page.locator("[data-saved]")).not_to_contain_text("connexion")
    page.get_by_role("button", name="Continuer avec mes réponses").click()
    expect(page.get_by_text("Ce que vous avez tapé est gardé pendant un jour")).to_be_visible()
    if script:
        accessible(page)
    page.goto(address_of_link)
    page.get_by_role("button", name="Voir et répondre").click()
    expect(page.get_by_role("textbox", name="Précision").first).to_have_value("Sans le suivi des paiements.")
    expect(page.get_by_role("radio", name="En partie").first).to_be_checked()

"""Coming in and going out, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser.looks import accessible
from tests.support.worlds.world import World


def test_somebody_signs_in_is_told_when_it_fails_and_goes_out(world: World, page_for: Callable[..., Page]) -> None:
    office = world.office
    password = world.set_password(office)
    page = page_for()
    page.goto("/")
    expect(page).to_have_title("Connexion – Portfolio E5")
    accessible(page)
    page.get_by_label("Adresse e-mail").fill(office.email)
    page.get_by_label("Mot de passe").fill("autre chose")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Adresse ou mot de passe incorrect")
    expect(page.get_by_label("Adresse e-mail")).to_have_value(office.email)
    accessible(page)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()
    expect(page).to_have_url(re.compile("/etablissement"))  # the only page that is theirs
    page.locator(".me > summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_title("Connexion – Portfolio E5")


def test_a_page_that_is_not_there_says_what_to_do(world: World, page_for: Callable[..., Page]) -> None:
    page = page_for(world.office)
    answer = page.goto("/nulle-part")
    assert answer is not None and answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Introuvable")
    accessible(page)

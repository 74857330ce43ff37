"""The pages that everybody has."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.conftest import Clock
from tests.support.browser.in_pieces import InPieces
from tests.support.browser.looks import DESK, accessible, still
from tests.support.worlds.commissions import PASSWORD, with_password
from tests.support.worlds.world import World


def test_the_pages_that_explain_and_the_forgotten_password(world: World, page_for: Callable[..., Page]) -> None:
    page = page_for()
    for path in ("/aide", "/aide/reseau-d-entreprise", "/mentions-legales", "/accessibilite"):
        page.goto(path)
        accessible(page)
    page.goto("/mot-de-passe-oublie")
    page.get_by_label("Adresse e-mail").fill("pas une adresse")
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("alert")).to_be_focused()
    accessible(page)
    page.get_by_label("Adresse e-mail").fill(world.office.email)
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos messages")
    accessible(page)


def test_a_page_that_arrives_in_pieces_moves_nothing(
    app: Flask, page_for: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its table grows wider row by row: nothing is drawn before the last of them."""
    monkeypatch.setattr(app, "wsgi_app", InPieces(app.wsgi_app))
    page = page_for(viewport=DESK)
    page.goto("/accessibilite", wait_until="networkidle")
    assert still(page) == []


def test_somebody_sets_up_an_authenticator_and_types_its_code_at_the_next_sign_in(
    world: World, page_for: Callable[..., Page], clock: Clock
) -> None:
    office = with_password(world.office)
    page = page_for(office, viewport=DESK, color_scheme="dark")
    page.goto("/compte")
    accessible(page)
    page.get_by_role("link", name="Ajouter une application").click()
    accessible(page)
    secret = page.locator("code").inner_text()
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_label("Code à six chiffres").fill("12")
    page.get_by_role("button", name="Enregistrer l'application").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce code n'est pas le bon")
    assert page.locator("code").inner_text() == secret
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).at(clock()))
    page.get_by_role("button", name="Enregistrer l'application").click()
    expect(page.get_by_role("status")).to_contain_text("à chaque connexion")
    clock.advance(seconds=30)
    elsewhere = page_for()
    elsewhere.goto("/compte")
    elsewhere.get_by_label("Adresse e-mail").fill(office.email)
    elsewhere.get_by_label("Mot de passe").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Se connecter").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Confirmez votre identité")
    accessible(elsewhere)
    elsewhere.get_by_label("Code à six chiffres").fill(pyotp.TOTP(secret).at(clock()))
    elsewhere.get_by_role("button", name="Continuer").click()
    expect(elsewhere).to_have_url(re.compile("/compte$"))

"""What a member does on the desk of a commission, by keys or by pointer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from portfolio.documents import Person
from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.worlds.commissions import PASSWORD, ROWS

Pages = Callable[..., Page]


def at(commission: Any, step: str = "") -> str:
    return f"/commissions/{commission.id}{step}"


def desk_of(page_for: Pages, person: Person, path: str, **more: Any) -> Page:
    page = page_for(person, viewport=DESK, **more)
    page.goto(path)
    return page


def saved(page: Page) -> None:
    expect(page.locator(".bar [data-saved]")).to_have_text(re.compile(r"^Enregistré à \d\d:\d\d:\d\d$"))


def row(page: Page, code: str) -> Any:
    return page.locator(f"[data-row={code}]")


def score_by_keys(page: Page, **keys: str) -> None:
    """From a page just opened, with nothing but a keyboard."""
    page.wait_for_url("**/grille")
    page.wait_for_load_state()
    for code in ROWS:
        page.keyboard.press(keys.get(code, "3"))
        expect(row(page, code).locator("input:checked")).to_have_count(1)
        page.keyboard.press("Enter")
    saved(page)


def seal(page: Page) -> None:
    page.get_by_role("button", name="Sceller ma grille").click()


def agree(page: Page, divergent: str = "C42") -> None:
    page.wait_for_url("**/accord")
    row(page, divergent).get_by_label("Satisfaisant", exact=True).check()
    saved(page)
    page.get_by_role("button", name="Retenir P1").click()
    expect(page.locator(".piece").first).to_contain_text("Retenue")
    page.get_by_role("button", name="Établir la fiche").click()
    expect(page.get_by_role("alert")).to_contain_text("Indiquez la note que la commission propose.")
    page.get_by_label("Appréciation de la commission").fill("Preuves variées, bien commentées.")
    page.get_by_label("Note proposée").fill("14,3")
    page.get_by_role("button", name="Enregistrer l'appréciation").click()
    expect(page.get_by_role("alert")).to_contain_text("par pas de 0,5")
    page.get_by_label("Note proposée").fill("14,5")
    page.get_by_role("button", name="Enregistrer l'appréciation").click()
    meet(page)
    page.get_by_role("button", name="Établir la fiche").click()
    expect(page.get_by_role("heading", name="Signer cette fiche")).to_be_visible()
    on_a_phone(page)


def meet(page: Page) -> None:
    for present in page.locator("#reunion input[name=present]").all():
        present.check()
    page.get_by_role("button", name="Enregistrer la réunion").click()
    expect(page.get_by_role("alert")).to_contain_text("était convoquée le")
    page.get_by_label("La date est exacte").check()
    page.get_by_role("button", name="Enregistrer la réunion").click()
    expect(page.locator("#reunion")).to_contain_text("Réunie le")


def on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    accessible(page)
    page.set_viewport_size(DESK)


def sign(page: Page, told: str) -> None:
    confirm = page.get_by_label("C'est voulu : je le confirme")
    if confirm.count():
        confirm.check()
    page.get_by_label("Votre mot de passe").fill("autre chose")
    page.get_by_role("button", name="Signer la fiche").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Signer la fiche").click()
    expect(page.locator("main")).to_contain_text(told)

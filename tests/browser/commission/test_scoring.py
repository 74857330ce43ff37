"""A member scores in a browser: keys alone, no JavaScript, a network that fails, a code that is over."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from portfolio.documents import AskedWay, Grid
from portfolio.identity.one_time_codes import code_of
from tests.browser.commission.desk import Pages, at, desk_of, on_a_phone, row, saved
from tests.conftest import Clock
from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.waiting import await_until
from tests.support.worlds.commissions import ROWS, convened, grid_of
from tests.support.worlds.world import World

# --- the network ----------------------------------------------------------------------------------


def test_a_save_that_fails_is_tried_again_and_the_next_candidate_waits_for_it(
    submitted: World, page_for: Pages
) -> None:
    world, commission = submitted, convened(submitted)
    second = convened(world, world.new_candidacy())
    page = desk_of(page_for, world.follower, at(commission))
    asked: list[Route] = []  # the second is answered once told

    def fail_first(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            route.abort()

    page.route("**/saisie", fail_first)
    page.keyboard.press("4")
    expect(page.locator(".bar [data-saved]")).to_contain_text("Pas encore enregistré : la connexion manque")
    page.keyboard.press("n")
    expect(page.locator(".bar [data-saved]")).to_contain_text("la suite attend la réponse du serveur")
    assert page.url.endswith(at(commission, "/grille"))
    await_until(lambda: page.wait_for_timeout(20) or len(asked) == 2)
    asked[1].continue_()
    page.wait_for_url(f"**{at(second, '/grille')}")
    assert grid_of(commission, world.follower).degrees == {"C1": "TS"}
    assert len(asked) == 2
    page.keyboard.press("p")
    page.wait_for_url(f"**{at(commission, '/grille')}")
    expect(row(page, "C42")).to_have_class("grid-row current")


def test_the_evidence_follows_the_row_and_an_observation_is_written_by_keys(submitted: World, page_for: Pages) -> None:
    world, commission = submitted, convened(submitted)
    page = desk_of(page_for, world.follower, at(commission))
    expect(page.locator(".piece:visible")).to_have_count(3)
    page.keyboard.press("3")
    expect(page.locator("[data-filtered]")).to_have_text("1 preuve sur 3 pour C1.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[data-filtered]")).to_have_text("3 preuves sur 3 pour C43.")
    page.keyboard.press("c")
    page.keyboard.type("Vu en agence, 3 dossiers, n'a rien oublié")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    saved(page)
    expect(row(page, "C43").get_by_label("Insuffisant", exact=True)).to_be_checked()
    grid = grid_of(commission, world.follower)
    assert grid.degrees == {"C1": "S", "C43": "I"}
    assert grid.observations == {"C43": "Vu en agence, 3 dossiers, n'a rien oublié"}
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("ligne suivante")
    accessible(page)
    page.get_by_label("Touches actives").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    page.wait_for_timeout(100)
    assert Grid.objects.get(pk=grid.id).degrees == {"C1": "S", "C43": "I"}
    page.keyboard.press("?")
    page.get_by_role("button", name="Fermer").click()
    on_a_phone(page)


# What the key of each digit types, as browsers tell it: (code, key, modifiers). 8 is Shift (Chrome DevTools Protocol).
KEYBOARDS = {
    "french": ("Digit4", "'", 0),
    "french, shift": ("Digit4", "4", 8),
    "french, caps lock on a Mac": ("Digit2", "É", 0),
    "belgian": ("Digit3", '"', 0),
    "swiss": ("Digit3", "3", 0),
    "number pad": ("Numpad2", "2", 0),
}


@pytest.mark.parametrize("keyboard", KEYBOARDS)
def test_digits_give_degrees_on_every_keyboard(submitted: World, page_for: Pages, keyboard: str) -> None:
    commission, (code, key, modifiers) = convened(submitted), KEYBOARDS[keyboard]
    page = desk_of(page_for, submitted.follower, at(commission))
    press_as_typed(page, code, key, modifiers)
    expect(row(page, "C1").locator(f'input[data-key="{code[-1]}"]')).to_be_checked()
    saved(page)


def test_caps_lock_changes_no_key_and_other_keys_give_nothing(submitted: World, page_for: Pages) -> None:
    commission = convened(submitted)
    convened(submitted, submitted.new_candidacy())
    page = desk_of(page_for, submitted.follower, at(commission))
    press_as_typed(page, "Digit3", '"', 0)
    press_as_typed(page, "Numpad2", "ArrowDown", 0)  # the number pad without Num Lock moves
    press_as_typed(page, "Digit7", "/", 8)  # Shift and 7 on a German keyboard
    expect(page.locator("[data-row] input:checked")).to_have_count(1)
    press_as_typed(page, "KeyC", "C", 0)
    expect(row(page, "C42").get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")
    press_as_typed(page, "KeyN", "N", 0)
    page.wait_for_url(lambda url: not url.endswith(at(commission, "/grille")))


def press_as_typed(page: Page, code: str, key: str, modifiers: int) -> None:
    """Presses a key of any keyboard: Playwright's own has the layout of the United States."""
    session = page.context.new_cdp_session(page)
    for kind in ("rawKeyDown", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, "code": code, "key": key, "modifiers": modifiers})


def test_what_is_given_before_the_module_has_come_is_saved_too(submitted: World, page_for: Pages) -> None:
    world, commission = submitted, convened(submitted)
    page, held = page_for(world.follower, viewport=DESK), list[Route]()
    page.route("**/js/commission_pages.js*", lambda route: held.append(route))
    page.goto(at(commission), wait_until="commit")
    row(page, "C1").get_by_label("Satisfaisant", exact=True).check()
    row(page, "C1").get_by_role("textbox").fill("Vu en agence")
    await_until(lambda: page.wait_for_timeout(20) or held)
    assert not grid_of(commission, world.follower).degrees
    held[0].continue_()
    saved(page)
    grid = grid_of(commission, world.follower)
    assert (grid.degrees, grid.observations) == ({"C1": "S"}, {"C1": "Vu en agence"})


def test_a_code_that_is_over_while_scoring_is_typed_and_nothing_of_the_grid_is_lost(
    submitted: World, page_for: Pages, clock: Clock
) -> None:
    world, commission = submitted, convened(submitted)
    page = desk_of(page_for, world.tutor, at(commission))
    row(page, "C1").get_by_label("Très satisfaisant").check()
    saved(page)
    clock.advance(hours=3)
    row(page, "C42").get_by_label("Insuffisant", exact=True).check()
    row(page, "C42").get_by_role("textbox").fill("Rien n'est masqué.")
    expect(page.locator(".bar [data-saved]")).to_contain_text("Pour continuer, tapez un code")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Ce que vous avez tapé est gardé")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="M'envoyer un code").click()
    expect(page.get_by_text("Un code vient de partir")).to_be_visible()
    accessible(page)
    page.get_by_label("Code à six chiffres").fill(code_of(AskedWay.objects.order_by("-id").first()))
    page.get_by_role("button", name="Continuer").click()
    accessible(page)
    expect(row(page, "C42").get_by_role("textbox")).to_have_value("Rien n'est masqué.")
    saved(page)
    grid = grid_of(commission, world.tutor)
    assert (grid.degrees, grid.observations) == ({"C1": "TS", "C42": "I"}, {"C42": "Rien n'est masqué."})


# --- without JavaScript, on a phone ---------------------------------------------------------------


def test_the_same_grid_is_filled_in_and_sealed_without_javascript(submitted: World, page_for: Pages) -> None:
    world, commission = submitted, convened(submitted)
    page = page_for(world.follower, viewport=PHONE, java_script_enabled=False)
    page.goto(at(commission))
    page.get_by_role("link", name="Grille", exact=True).click()
    for code in ROWS:
        row(page, code).get_by_label("Satisfaisant", exact=True).check()
    row(page, "C1").get_by_label("Très insuffisant").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré à 10:00:00.")).to_be_visible()
    expect(page.get_by_text("Une observation est souhaitable (provisoire, aucune circulaire lue)")).to_be_visible()
    row(page, "C1").get_by_label("Observation sur C1").fill("Aucune preuve de sa main.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="C43 (3)").click()
    expect(page.locator(".piece")).to_have_count(3)
    page.get_by_role("button", name="Sceller ma grille").click()
    expect(page.get_by_text("Votre grille est scellée.")).to_be_visible()
    grid = grid_of(commission, world.follower)
    assert grid.sealed_at is not None and grid.observations == {"C1": "Aucune preuve de sa main."}

"""The commission at work, in browsers: two members at once, keys alone, no JavaScript, a network that fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from portfolio.documents import AskedWay, Grid, Person, Sheet
from portfolio.identity.one_time_codes import code_of
from tests.conftest import Clock
from tests.support.browser.looks import DESK, PHONE, accessible, still
from tests.support.waiting import await_until
from tests.support.worlds.commissions import PASSWORD, ROWS, appraise, convened, fill, grid_of, with_password
from tests.support.worlds.world import World

Pages = Callable[..., Page]


@pytest.fixture
def submitted(world: World) -> World:
    """A piece for every competence, another for one of them, and an element that the commission has to admit."""
    world.upload(world.new_piece())
    one = [{"competence": "C43", "justification": "Les données sont masquées."}]
    world.new_piece(title="Registre des accords", competences=one)
    world.new_piece(nature="autre", title="Note rédigée pour un stage d'été", competences=one)
    world.sign_off()
    world.submit()
    return world


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


# --- the whole of it, by two people at once -------------------------------------------------------


def test_two_members_score_apart_then_agree_and_sign(submitted: World, page_for: Pages) -> None:
    world, commission = submitted, convened(submitted)
    for person in (world.follower, world.tutor):
        with_password(person)
    one = desk_of(page_for, world.follower, "/commissions")
    accessible(one)
    one.get_by_role("button", name="Commencer").click()
    other = desk_of(page_for, world.tutor, at(commission))
    expect(other.locator("[data-others]")).to_contain_text("Camille Professeur est aussi là depuis 10:00")
    score_by_keys(one)
    seal(one)
    expect(one.locator("main")).to_contain_text("Elle s'ouvrira à l'autre membre")
    score_by_keys(other, C42="2")
    seal(other)
    expect(other.get_by_role("heading", name="1 divergence")).to_be_visible()
    expect(row(other, "C42")).to_contain_text("Camille Professeur : Satisfaisant")
    expect(row(other, "C42")).to_contain_text("Dominique Martin : Insuffisant")
    accessible(other)
    agree(other)
    one.goto(at(commission))
    sign(one, "Il manque la signature de l'autre membre")
    other.goto(at(commission))
    sign(other, "Les deux membres ont signé")
    sheet = Sheet.objects.get(commission=commission.id)
    assert (sheet.state, str(sheet.proposed_mark), len(sheet.signatures)) == ("proposed", "14.50", 2)
    one.goto("/commissions")
    expect(one.locator(".lead")).to_have_text("1 sur 1, 1 signée")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_other_member_who_comes_in_moves_nothing(submitted: World, page_for: Pages, size: Any) -> None:
    world, commission = submitted, convened(submitted)
    one = page_for(world.follower, viewport=size)
    one.goto(at(commission), wait_until="networkidle")
    assert still(one) == []
    desk_of(page_for, world.tutor, at(commission))
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(one.locator("[data-others]")).to_contain_text("Dominique Martin est aussi là")
    assert still(one) == []


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
    page.get_by_role("button", name="Établir la fiche").click()
    expect(page.get_by_role("heading", name="Signer cette fiche")).to_be_visible()
    on_a_phone(page)


def on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    accessible(page)
    page.set_viewport_size(DESK)


def sign(page: Page, told: str) -> None:
    page.get_by_label("Votre mot de passe").fill("autre chose")
    page.get_by_role("button", name="Signer la fiche").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Signer la fiche").click()
    expect(page.locator("main")).to_contain_text(told)


# --- the network, two screens ---------------------------------------------------------------------


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
    page.route("**/commission_saver*.js*", lambda route: held.append(route))
    page.goto(at(commission), wait_until="commit")
    row(page, "C1").get_by_label("Satisfaisant", exact=True).check()
    row(page, "C1").get_by_role("textbox").fill("Vu en agence")
    await_until(lambda: page.wait_for_timeout(20) or held)
    assert not grid_of(commission, world.follower).degrees
    held[0].continue_()
    saved(page)
    grid = grid_of(commission, world.follower)
    assert (grid.degrees, grid.observations) == ({"C1": "S"}, {"C1": "Vu en agence"})


def test_what_two_people_changed_at_once_is_shown_twice(submitted: World, page_for: Pages) -> None:
    world = submitted
    commission = convened(world, mode="together")
    page = page_for(world.follower, viewport=DESK)
    page.route("**/presence", lambda route: route.abort())  # what the other one saves is not shown before a gesture
    page.goto(at(commission))
    fill(world, world.tutor, grid_of(commission), {"C1": "TS", "C42": "I"})
    row(page, "C1").get_by_label("Satisfaisant", exact=True).check()
    clash = row(page, "C1").get_by_role("alert")
    expect(clash).to_contain_text("Enregistrée entre-temps : « Très satisfaisant ». La vôtre : « Satisfaisant »")
    expect(row(page, "C42").get_by_label("Insuffisant", exact=True)).to_be_checked()
    still(page)  # the answer to a gesture has made room for itself, however late it came
    accessible(page)
    page.keyboard.press("n")
    clash.get_by_role("button", name="Enregistrer la mienne").click()
    saved(page)
    assert grid_of(commission).degrees == {"C1": "S", "C42": "I"}
    fill(world, world.tutor, grid_of(commission), {"C1": "I"})
    row(page, "C1").get_by_label("Très satisfaisant").check()
    row(page, "C1").get_by_role("button", name="Garder « Insuffisant »").click()
    expect(row(page, "C1").get_by_label("Insuffisant", exact=True)).to_be_checked()
    assert grid_of(commission).degrees == {"C1": "I", "C42": "I"}
    appraise(world, world.tutor, commission, outcome="absent")
    row(page, "C44").get_by_label("Insuffisant", exact=True).check()
    expect(page.locator(".bar [data-saved]")).to_contain_text("Une situation sans appréciation est choisie")
    page.get_by_role("button", name="Recharger la page").click()
    expect(page.locator("#grille")).to_contain_text("Absence non justifiée")


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
    expect(page.get_by_text("Une observation est souhaitable (règle provisoire)")).to_be_visible()
    row(page, "C1").get_by_label("Observation sur C1").fill("Aucune preuve de sa main.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="C43 (3)").click()
    expect(page.locator(".piece")).to_have_count(3)
    page.get_by_role("button", name="Sceller ma grille").click()
    expect(page.get_by_text("Votre grille est scellée.")).to_be_visible()
    grid = grid_of(commission, world.follower)
    assert grid.sealed_at is not None and grid.observations == {"C1": "Aucune preuve de sa main."}

"""Lines of a list and acts of the board, on a phone and at a desk: a line says that it is one, an act is touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.enrolment.rosters.test_roster_import import LEFEVRE, NGUYEN, file
from tests.enrolment.year_lists.test_year import TEACHERS
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.world import World

PageFor = Callable[..., Page]
TOUCHED = 44  # px
TITLE_OF_A_CARD = "cell => getComputedStyle(cell, '::before').content"
BESIDE = "list => list.querySelector('dd').offsetTop - list.querySelector('dt').offsetTop"


def lists(page: Page, world: World) -> None:
    """A list with a line to correct, shown before anything is written."""
    page.goto(f"/etablissement/{world.school.id}/imports")
    wrong = (*LEFEVRE[:4], "31/02/2005", *LEFEVRE[5:])
    page.get_by_label("Fichier de la liste").set_input_files(
        {"name": "classe.csv", "mimeType": "text/csv", "buffer": file(wrong, NGUYEN).encode("cp1252")}
    )
    page.get_by_role("button", name="Montrer ce qui serait inscrit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Import du")


def year(page: Page, world: World) -> None:
    page.goto(f"/etablissement/{world.school.id}/annee")
    page.get_by_label("Session", exact=True).fill("2027")
    page.get_by_label("Fichiers", exact=True).set_input_files(
        {"name": "professeurs.csv", "mimeType": "text/csv", "buffer": TEACHERS}
    )
    page.get_by_role("button", name="Montrer ce qui serait écrit").click()
    expect(page.get_by_role("heading", name="Professeurs")).to_be_visible()


@pytest.mark.parametrize("shows", [lists, year])
def test_a_line_says_that_it_is_one_on_a_phone(world: World, page_for: PageFor, shows: Callable[..., None]) -> None:
    page = page_for(world.office, viewport=PHONE)
    shows(page, world)
    unfold(page)
    accessible(page)
    title = page.locator(".stack tbody th").first
    assert title.evaluate(TITLE_OF_A_CARD) == '"Ligne "'
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    assert title.evaluate(TITLE_OF_A_CARD) == "none"


@pytest.mark.parametrize("shows", [lists, year])
def test_a_column_stands_beside_its_title_at_a_desk(
    world: World, page_for: PageFor, shows: Callable[..., None]
) -> None:
    page = page_for(world.office, viewport=DESK)
    shows(page, world)
    unfold(page)
    assert page.locator("details dl").first.evaluate(BESIDE) == 0


def test_each_act_of_the_board_is_wide_enough_to_be_touched(world: World, page_for: PageFor) -> None:
    world.new_candidacy(followed=False)
    page = page_for(world.office, viewport=PHONE)
    page.goto("/etablissement")
    unfold(page)
    accessible(page)
    acts = page.locator("[data-label=Agir] a")
    assert acts.count() == 2
    for act in acts.all():
        box = act.bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= TOUCHED, act.inner_text()

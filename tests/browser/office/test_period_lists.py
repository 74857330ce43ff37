"""Periods from a file, in a browser of each size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portfolio.documents import Placement
from tests.enrolment.lists.test_any_list import workbook
from tests.enrolment.period_lists.test_period_list import TITLES, WITH_ADDRESS, WITHOUT
from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.worlds.world import World

PageFor = Callable[..., Page]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_periods_are_looked_at_corrected_and_added(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    for birth_date in ("2005-04-12", "2006-01-02"):
        world.new_candidacy(birth_name="Abgrall", given_names="Adèle", birth_date=birth_date, division="2BTSA2")
    world.new_candidacy(birth_name="Diop", given_names="Gaël")
    wrong = ("DIOP Gaël", "2BTSA1", "Mutuelle du Ponant", 9582537910001, "", *WITH_ADDRESS[4:])
    rows = ("DIOP Gaël", *WITHOUT), ("ABGRALL Adèle", *WITH_ADDRESS), wrong
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/periodes")
    accessible(page)
    page.get_by_label("Fichier de la liste").set_input_files(
        {"name": "stages.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(TITLES, *rows)}
    )
    page.get_by_role("button", name="Montrer ce qui serait ajouté").click()
    expect(page.get_by_role("button", name="Ajouter 1 période")).to_be_visible()
    accessible(page)
    page.get_by_role("combobox", name="Candidat").select_option(index=1)
    page.get_by_role("button", name="Relire avec ces corrections").click()
    page.get_by_role("button", name="Ajouter 2 périodes").click()
    expect(page.get_by_role("status").first).to_contain_text("2 périodes ajoutées")
    accessible(page)
    assert Placement.objects.count() == 2

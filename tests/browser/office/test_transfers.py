"""A transfer, in a browser of each size: proposed, read and accepted; what the candidate and both schools see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.acts.enrolling import UAI, other_school
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.world import World

PageFor = Callable[..., Page]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_transfer_is_proposed_read_and_accepted(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    world.new_piece()
    world.sign_off()
    school = other_school(world)
    office, teacher = world.new_office(school), world.new_teacher(school)
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/candidats/{world.candidacy.id}")
    unfold(page)
    form = page.locator("form", has=page.get_by_label("Code UAI de l'établissement d'accueil"))
    form.get_by_label("Code UAI de l'établissement d'accueil").fill(UAI)
    form.get_by_label("À compter du").fill("2026-11-20")
    form.get_by_label("Motif").fill("Déménagement de la famille")
    accessible(page)
    page.get_by_role("button", name="Proposer le transfert").click()
    expect(page.get_by_role("status").first).to_contain_text("Le transfert est proposé")
    unfold(page)
    accessible(page)
    own = page_for(world.candidate, viewport=size)
    own.goto("/portfolio")
    expect(own.get_by_text("propose votre transfert")).to_be_visible()
    accessible(own)
    joining = page_for(office, viewport=size)
    joining.goto(f"/etablissement/{school.id}/transferts")
    accessible(joining)
    joining.get_by_role("link", name=world.candidacy.display_name).click()
    unfold(joining)
    joining.get_by_label(teacher.name).check()
    accessible(joining)
    joining.get_by_role("button", name="Accueillir le candidat").click()
    expect(joining.get_by_role("status").first).to_contain_text("Le candidat est accueilli")
    accessible(joining)
    page.reload()
    accessible(page)
    own.reload()
    expect(own.get_by_text("Vous avez changé d'établissement")).to_be_visible()
    follower = page_for(teacher, viewport=size)
    follower.goto(f"/classe/candidats/{world.candidacy.id}")
    expect(follower.get_by_text("(Lycée Ampère, Lyon)").first).to_be_visible()
    accessible(follower)

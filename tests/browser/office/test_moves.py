"""Who gives up, in a browser of each size: the office records it, the candidate reads it, who sits too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portfolio.documents import Placement
from portfolio.enrolment import placements
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.asking import requests
from tests.support.acts.enrolling import give_up
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.commissions import convened
from tests.support.worlds.juries import confirm, publish, sheet_of
from tests.support.worlds.world import World

PageFor = Callable[..., Page]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_abandonment_is_recorded_read_and_taken_back(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    commission = convened(world)
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/candidats/{world.candidacy.id}")
    unfold(page)
    accessible(page)
    page.get_by_label("Jour de l'abandon").fill("2026-11-20")
    page.locator("form", has=page.get_by_label("Jour de l'abandon")).get_by_label("Motif").fill("Il a trouvé un emploi")
    page.get_by_role("button", name="Enregistrer l'abandon").click()
    expect(page.get_by_role("status").first).to_contain_text("L'abandon est enregistré")
    unfold(page)
    accessible(page)
    page.goto(f"/etablissement/{world.school.id}/candidats?session={world.session}")
    expect(page.get_by_text("a abandonné").first).to_be_visible()
    accessible(page)
    own = page_for(world.candidate, viewport=size)
    own.goto("/portfolio")
    expect(own.get_by_text("Il a trouvé un emploi")).to_be_visible()
    accessible(own)
    member = page_for(world.follower, viewport=size)
    for address in ("/commissions", f"/classe/commissions/{commission.id}", f"/classe/candidats/{world.candidacy.id}"):
        member.goto(address)
        expect(member.get_by_text("a abandonné").first).to_be_visible()
        accessible(member)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_what_a_teacher_leaves_is_read_and_taken_over(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    by = world.actor(world.candidate)
    requests.request(by, world.activity, SignOffSeat.TEACHER, world.follower.id, world.clock())
    convened(world)
    colleague = world.second_teacher
    page = page_for(world.office, viewport=size)
    page.goto(f"/comptes/{world.follower.id}")
    unfold(page)
    expect(page.get_by_text("1 confirmation attend sa réponse")).to_be_visible()
    accessible(page)
    page.get_by_label("Qui prend la suite ?").select_option(str(colleague.id))
    page.get_by_role("button", name="Retirer le droit").click()
    expect(page.get_by_role("status").first).to_contain_text("Le droit est retiré")
    placement = Placement.objects.get(pk=world.placement.id)
    requests.request(by, world.activity, SignOffSeat.TUTOR, None, world.clock())
    placements.cancel_placement(world.actor(world.office), placement, "N'a pas eu lieu", world.clock())
    own = page_for(world.candidate, viewport=size)
    own.goto(f"/portfolio/{world.candidacy.id}/activites")
    expect(own.get_by_text("À redemander").first).to_be_visible()
    accessible(own)
    board = page_for(world.office, viewport=size)
    board.goto(f"/etablissement/{world.school.id}?session={world.session}")
    unfold(board)
    expect(board.get_by_text("Confirmations à redemander").first).to_be_visible()
    accessible(board)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_who_gave_up_finds_their_result_and_receipts(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    _ = world.jury
    world.new_piece()
    world.sign_off()
    world.submit()
    sheet_of(world, candidacy=world.candidacy)
    give_up(world)
    confirm(world)
    publish(world)
    own = page_for(world.candidate, viewport=size)
    for address in ("/portfolio", f"/portfolio/{world.candidacy.id}/remise"):
        own.goto(address)
        expect(own.get_by_text("Les résultats sont publiés.")).to_be_visible()
        accessible(own)
    expect(own.get_by_role("link", name="Remise n° 1")).to_be_visible()

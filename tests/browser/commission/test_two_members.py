"""Two members of a commission at work at once, in browsers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from portfolio.documents import Sheet
from tests.browser.commission.desk import Pages, agree, at, desk_of, row, saved, score_by_keys, seal, sign
from tests.support.browser.looks import DESK, PHONE, accessible, still
from tests.support.worlds.commissions import appraise, convened, fill, grid_of, with_password
from tests.support.worlds.world import World


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

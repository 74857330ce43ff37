"""What no commission appraises, in a browser of each size: an outcome put right by the jury, an exam at one sitting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portfolio.commission import office_outcomes
from portfolio.documents import Candidacy
from portfolio.enrolment import exam_form
from portfolio.jury import outcomes
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.juries import publish
from tests.support.worlds.world import World

PageFor = Callable[..., Page]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_published_outcome_is_put_right_and_its_candidate_reads_it(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    absent: office_outcomes.OutcomeValues = {"outcome": "absent"}
    outcome = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, absent, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())
    publish(world)
    page = page_for(world.jury_member, viewport=size)
    page.goto(f"/jury/situations/{outcome.id}")
    unfold(page)
    accessible(page)
    page.get_by_label("Situation exacte").select_option("dispensed")
    page.get_by_role("textbox", name="Motif", exact=True).fill("Arrêté de dispense reçu")
    page.get_by_label("C'est une erreur matérielle").check()
    page.get_by_role("button", name="Rectifier le résultat publié").click()
    expect(page.get_by_role("status").first).to_contain_text("est rectifié")
    accessible(page)
    own = page_for(world.candidate, viewport=size)
    own.goto(f"/portfolio/{world.portfolio.id}/resultat")
    expect(own.get_by_text("Le jury a rectifié ce résultat")).to_be_visible()
    accessible(own)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_one_sitting_is_read_by_its_candidate_and_recorded_by_the_office(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    candidacy = Candidacy.objects.get(pk=world.portfolio.id)
    turned: exam_form.FormValues = {"status": "experience", "reason": "Inscrit au titre de son expérience"}
    exam_form.change_form(world.actor(world.office), candidacy, turned, world.clock())
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/candidats/{candidacy.id}")
    unfold(page)
    accessible(page)
    page.get_by_label("Note (facultatif)", exact=True).fill("11,5")
    page.get_by_label("Reçu le").fill("2027-01-10")
    page.get_by_label("Document ou liste qui le porte").fill("Relevé de notes")
    page.get_by_role("button", name="Enregistrer le résultat").click()
    expect(page.get_by_text("11,5 / 20")).to_be_visible()
    accessible(page)
    own = page_for(world.candidate, viewport=size)
    own.goto("/portfolio")
    expect(own.get_by_text("sous forme ponctuelle")).to_be_visible()
    accessible(own)

"""A teacher at work in a browser, on a phone and at a desk; then an inspector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from portfolio.documents import Activity, Attestation, Commission, Evidence
from portfolio.enrolment import placements
from portfolio.evidence import deposit
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.asking import requests
from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.worlds.world import World

Pages = Callable[..., Page]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@SIZES
def test_from_the_board_to_a_candidate_then_confirmations_in_series(
    world: World, page_for: Pages, size: dict[str, Any]
) -> None:
    for activity in (world.activity, world.new_activity("classe")):
        world.new_piece(activity)
        fresh = Activity.objects.get(pk=activity.id)
        requests.request(world.actor(world.candidate), fresh, "teacher", None, world.clock())
    page = page_for(world.follower, viewport=size)
    page.goto("/classe")
    expect(page.get_by_text("2 réponses attendues")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name=world.candidacy.display_name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(world.candidacy.display_name)
    accessible(page)
    page.get_by_role("link", name="Confirmations", exact=True).click()
    accessible(page)
    page.get_by_role("button", name="Répondre à la suite").click()
    accessible(page)
    page.get_by_role("button", name="Enregistrer ma réponse").click()
    expect(page.get_by_role("alert")).to_be_focused()
    accessible(page)
    page.get_by_label("En partie").check()
    page.get_by_label("Commentaire").fill("Seulement la première relance.")
    page.get_by_role("button", name="et passer à la suivante").click()
    expect(page.get_by_role("status").first).to_contain_text("Voici la suivante")
    page.get_by_label("Oui, je confirme").check()
    page.get_by_role("button", name="Enregistrer ma réponse").click()
    expect(page.get_by_text("Rien n'attend votre réponse")).to_be_visible()
    assert set(Attestation.objects(seat="teacher").scalar("state")) == {"partly", "confirmed"}


@SIZES
def test_a_check_is_typed_from_row_to_row_and_a_wrong_row_is_told(
    world: World, page_for: Pages, size: dict[str, Any]
) -> None:
    for name in ("Abel", "Bost", "Cros"):
        world.new_candidacy(birth_name=name)
    page = page_for(world.follower, viewport=size)
    page.goto("/classe")
    page.get_by_role("link", name="Saisir un contrôle").click()
    page.wait_for_url("**/controles/**")
    page.get_by_label("Titre du contrôle").fill("QCM tableur")
    page.get_by_label("Date", exact=True).fill("2027-01-08")
    page.get_by_label("C42").check()
    page.get_by_label("Zoé Abel").focus()
    for key in ("1", "4", ",", "5", "Enter", "2", "5", "Enter", "9", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_label("Zoé Cros")).to_be_focused()
    page.get_by_role("button", name="Enregistrer les résultats").click()
    expect(page.get_by_label("Zoé Bost")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Zoé Abel")).to_have_value("14,5")
    accessible(page)
    page.get_by_label("Zoé Bost").fill("15")
    page.get_by_role("button", name="Enregistrer les résultats").click()
    expect(page.get_by_text("Résultats enregistrés : 3")).to_be_visible()
    assert [one.details["score"] for one in Evidence.objects.order_by("id")] == ["14.5", "15", "9"]


@SIZES
def test_dates_are_fixed_for_a_series_and_taken_to_one_s_own_calendar(
    world: World, page_for: Pages, size: dict[str, Any]
) -> None:
    world.placement  # noqa: B018 (made when first asked for)
    late = world.new_candidacy(birth_name="Zola")
    page = page_for(world.follower, viewport=size)
    page.goto("/classe/commissions")
    accessible(page)
    page.get_by_label("Jour").fill("2027-04-12")
    page.get_by_label("Heure").fill("14:00")
    page.get_by_label("Lieu").fill("Salle B12")
    for candidacy in (world.candidacy, late):
        page.get_by_role("checkbox", name=candidacy.display_name).check()
    page.get_by_label("Deuxième professeur, en l'absence").fill(world.second_teacher.email)
    page.get_by_label("Motif de l'absence").fill("Le tuteur est en congé")
    page.get_by_role("button", name="Fixer ces dates").click()
    expect(page.get_by_role("heading", name="lundi 12 avril 2027")).to_be_visible()
    assert Commission.objects.count() == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="Ajouter mes commissions").click()
    assert len(Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")) == 2
    page.get_by_role("link", name=late.display_name).click()
    accessible(page)


def test_an_inspector_reads_the_calendar_and_a_school_on_a_phone(world: World, page_for: Pages) -> None:
    world.candidacy  # noqa: B018 (made when first asked for)
    page = page_for(world.inspector)
    page.goto("/inspection")
    accessible(page)
    page.get_by_role("link", name="Lycée Ampère").click()
    expect(page.get_by_text("0 sur 1")).to_be_visible()
    accessible(page)


@SIZES
def test_a_period_waits_for_its_tutor_on_every_page(world: World, page_for: Pages, size: dict[str, Any]) -> None:
    values: Any = {"company": world.company.id, "kind": "stage", "starts_on": "2026-05-18", "ends_on": "2026-06-26"}
    by = world.actor(world.office)
    placement = placements.add_placement(by, world.candidacy, values | {"days": 29}, world.clock())
    deposit.amend_activity(world.actor(world.candidate), world.activity, {"placement": placement.id}, world.clock())
    activity = Activity.objects.get(pk=world.activity.id)
    world.new_piece(activity)
    requests.request(world.actor(world.candidate), activity, SignOffSeat.TUTOR, None, world.clock())
    page = page_for(world.follower, viewport=size)
    page.goto(f"/classe/candidats/{world.candidacy.id}")
    expect(page.get_by_text("Tuteur : à désigner")).to_be_visible()
    accessible(page)
    for address in (f"/classe/periodes/{placement.id}", f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle"):
        page.goto(address)
        accessible(page)
    for person, address in (
        (world.candidate, f"/portfolio/activite/{activity.id}"),
        (world.candidate, f"/portfolio/{world.candidacy.id}/activites"),
        (world.office, "/etablissement"),
    ):
        page = page_for(person, viewport=size)
        page.goto(address)
        expect(page.get_by_text("à désigner").first).to_be_attached()
        accessible(page)

"""The year by files, in a browser of each size: shown, corrected on the page, written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.enrolment.year_lists.test_year import CANDIDATES, TEACHERS, WHOLE_YEAR, added, book
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.worlds.world import World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHORT_YEAR = ("2BTSA1", "CARADEC", "Dylan", "24/12/06", "scolaire", None)
NO_DAY = ("2BTSA1", "DIOP", "Gaël", "32/01/2006", "scolaire", None)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_year_is_shown_corrected_and_written(
    world: World, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/annee")
    accessible(page)
    lists = {**WHOLE_YEAR, "élèves": (*CANDIDATES, SHORT_YEAR, NO_DAY), "légende": (("Une", "légende", "ici"),)}
    sent = [
        {"name": "année.xlsx", "mimeType": XLSX, "buffer": book(**lists)},
        {"name": "professeurs.csv", "mimeType": "text/csv", "buffer": TEACHERS},
    ]
    page.get_by_label("Session", exact=True).fill("2027")
    page.get_by_label("Fichiers", exact=True).set_input_files(sent)  # type: ignore[arg-type]
    page.get_by_role("button", name="Montrer ce qui serait écrit").click()
    expect(page.get_by_role("heading", name="Candidats")).to_be_visible()
    unfold(page)
    accessible(page)
    page.locator("[name='cell.0.5.birth_date']").fill("31/01/2006")
    page.get_by_label("Que contient cette feuille ?").select_option("left")
    page.get_by_role("button", name="Relire avec ces corrections").click()
    expect(page.get_by_role("button", name="Enregistrer : 4 candidats, 3 professeurs")).to_be_visible()
    page.get_by_label("Ces dates sont lues comme il faut").check()
    page.get_by_role("button", name="Enregistrer :").click()
    expect(page.get_by_role("status").first).to_contain_text("4 candidats inscrits")
    unfold(page)
    accessible(page)
    page.get_by_role("link", name="Voir ou annuler").click()
    expect(page.get_by_role("heading", name="Annuler", exact=True)).to_be_visible()
    unfold(page)
    accessible(page)
    page.get_by_label("Motif").fill("Mauvais fichiers")
    page.get_by_role("button", name="Annuler ce que ces listes").click()
    expect(page.get_by_role("status").first).to_contain_text("lignes annulées")
    unfold(page)
    accessible(page)


TUTORS = (
    ("Élève", "SIRET", "Tuteur", "Prénom tuteur", "Fonction", "Mél tuteur"),
    ("ABGRALL Adèle", 95690795000011, "LE ROUX", "Anne", "Gérante", "anne@morvan.example"),
    ("BENALI Bilal", 95825379100015, "COZIC", "Sylvie", "Responsable", "sylvie@ponant.example"),
    ("CARADEC Dylan", None, "COZIC", "Sylvie", None, "sylvie(at)ponant.example"),
)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_tutors_alone_are_named_and_differences_chosen(
    world: World, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    added(world, book(**WHOLE_YEAR))
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/annee")
    sent = [{"name": "tuteurs.xlsx", "mimeType": XLSX, "buffer": book(tuteurs=TUTORS)}]
    page.get_by_label("Session", exact=True).fill("2027")
    page.get_by_label("Fichiers", exact=True).set_input_files(sent)  # type: ignore[arg-type]
    page.get_by_role("button", name="Montrer ce qui serait écrit").click()
    expect(page.get_by_role("heading", name="Tuteurs")).to_be_visible()
    unfold(page)
    accessible(page)
    page.get_by_label("Anne LE ROUX, au lieu de Ronan BODÉNEZ").check()
    page.get_by_role("button", name="Enregistrer : 1 tuteur").click()
    expect(page.get_by_role("status").first).to_contain_text("2 tuteurs désignés, complétés ou corrigés")
    unfold(page)
    accessible(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_teacher_s_name_is_ticked_and_one_without_address_leads_to_the_coupons(
    world: World, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    added(world, book(**WHOLE_YEAR), TEACHERS)
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/annee")
    amended = (
        "Nom;Prénom;Mél;Enseignements professionnels\n"
        "OSMANI-ROUX;Lina;lina.osmani@lycee.example;oui\nKERVELLA;Anne;;non\n"
    ).encode()
    page.get_by_label("Session", exact=True).fill("2027")
    sent = {"name": "professeurs.csv", "mimeType": "text/csv", "buffer": amended}
    page.get_by_label("Fichiers", exact=True).set_input_files([sent])  # type: ignore[list-item]
    page.get_by_role("button", name="Montrer ce qui serait écrit").click()
    page.get_by_label("Ligne 2, Nom").check()
    page.get_by_label("Ligne 2, Enseignements professionnels").check()
    unfold(page)
    accessible(page)
    page.get_by_role("button", name="Enregistrer :").click()
    unfold(page)
    accessible(page)
    page.get_by_role("link", name="imprimer leurs coupons").last.click()
    expect(page.get_by_role("link", name="Anne KERVELLA")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes des professeurs et des tuteurs")

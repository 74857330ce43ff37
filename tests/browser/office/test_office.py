"""The office, the jury and the administrator at their desks, in a browser of each size."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portfolio.documents import Candidacy, EliminationSlip, RosterImport
from portfolio.enrolment import email_corrections
from portfolio.identity import accounts
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.enrolment.rosters.test_roster_import import LEFEVRE, NGUYEN, file
from tests.support.browser.looks import DESK, PHONE, accessible, unfold
from tests.support.mails.mailbox import deliver
from tests.support.worlds import commissions
from tests.support.worlds.eliminations import full, published
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World

PageFor = Callable[..., Page]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_class_is_imported_looked_at_confirmed_and_undone(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    page = page_for(world.office, viewport=size)
    page.goto("/etablissement")
    accessible(page)
    page.get_by_role("button", name="Inscrire une classe par fichier").click()
    wrong = (*LEFEVRE[:4], "31/02/2005", *LEFEVRE[5:])
    for lines in ((wrong, NGUYEN), (LEFEVRE, NGUYEN)):
        page.goto(f"/etablissement/{world.school.id}/imports")
        accessible(page)
        page.get_by_label("Fichier de la liste").set_input_files(
            {"name": "classe.csv", "mimeType": "text/csv", "buffer": file(*lines).encode("cp1252")}
        )
        page.get_by_role("button", name="Montrer ce qui serait inscrit").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Import du")
        accessible(page)
    page.get_by_role("button", name="Inscrire 2 candidats").click()
    expect(page.get_by_role("status").first).to_contain_text("2 candidats inscrits")
    assert Candidacy.objects.count() == 2
    page.get_by_text("Annuler cet import").click()
    page.get_by_label("Motif").fill("Mauvaise classe")
    page.get_by_role("button", name="Annuler l'import").click()
    expect(page.get_by_text("Import annulé")).to_be_visible()
    assert RosterImport.objects(state="undone").count() == 1 and Candidacy.objects.count() == 0


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_wrong_line_waits_and_is_corrected_from_the_board(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/imports")
    page.get_by_label("Liste collée depuis un tableur").fill(
        "Élèves;Né le;Mél;Truc\nDA SILVA Emma;12/04/05;emma@exemple,fr;x\n"
        "OGER Yanis;14/10/2005;y@exemple.fr;y\nTotal;2;;"
    )
    page.get_by_label("Statut, là où la liste ne le dit pas").select_option("scolaire")
    page.get_by_role("button", name="Montrer ce qui serait inscrit").click()
    accessible(page)
    page.get_by_text("Ces noms sont partagés comme il faut").click()
    page.get_by_role("button", name="Inscrire 1 candidat").click()
    expect(page.get_by_role("status").first).to_contain_text("1 ligne attend")
    page.goto("/etablissement")
    accessible(page)
    page.get_by_role("link", name="Corriger", exact=True).first.click()
    expect(page.get_by_label("Courriel")).to_have_value("emma@exemple.fr")
    accessible(page)
    page.get_by_role("button", name="Corriger cette ligne").click()  # which shows how names and date are read
    page.get_by_role("button", name="Inscrire 1 candidat").click()
    expect(page.get_by_role("status").first).to_contain_text("1 candidat inscrit")
    assert Candidacy.objects.count() == 2


def test_every_page_of_an_office_is_accessible(world: World, page_for: PageFor) -> None:
    commissions.convened(world)
    world.new_candidacy(followed=False, division="TS2A")
    sheet_of(world, state="proposed")
    number = sheet_of(world, "12").number.partition("-")[2]
    page = page_for(world.office, viewport=DESK)
    place = f"/etablissement/{world.school.id}"
    paths = [place, f"{place}/candidats", f"{place}/candidats/nouveau", f"{place}/commissions", f"{place}/comptes"]
    paths += [f"{place}/conservation"]
    paths += [f"/etablissement/candidats/{world.candidacy.id}", f"/comptes/{world.follower.id}", f"{place}/fiches"]
    for path in paths:
        page.goto(path)
        unfold(page)
        accessible(page)
    page.get_by_label("Numéros et notes saisis").fill(f"{number};13\n02099999999;8")
    page.get_by_role("button", name="Comparer au bordereau").click()
    expect(page.get_by_role("heading", name="Résultat de la relecture")).to_be_focused()
    accessible(page)
    page.get_by_role("button", name="Transmettre 1 fiche au jury").click()
    expect(page.get_by_role("status").first).to_contain_text("Fiches transmises au jury : 1")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_jury_harmonises_confirms_and_publishes(world: World, page_for: PageFor, size: dict[str, int]) -> None:
    sheets = [sheet_of(world, mark) for mark in ("8", "12", "12.5", "13", "14")]
    _ = world.jury
    page = page_for(world.jury_member, viewport=size)
    page.goto("/jury")
    unfold(page)
    accessible(page)
    page.get_by_role("link", name="Fiches et harmonisation").click()
    accessible(page)
    page.goto(f"/jury/fiches/{sheets[0].id}")
    accessible(page)
    page.get_by_label("Note définitive").fill("9")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_role("alert")).to_contain_text("Indiquez le motif")
    accessible(page)
    page.get_by_label("Motif de l'harmonisation").fill("Notation plus sévère que les autres")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.get_by_role("status").first).to_contain_text("La décision est enregistrée")
    page.goto("/jury")
    page.get_by_text("Confirmer les propositions qui restent (4)").click()
    page.get_by_label("Le jury arrête ces notes").check()
    page.get_by_role("button", name="Confirmer 4 propositions").click()
    page.get_by_role("link", name="Publication").click()
    accessible(page)
    page.get_by_label("Recopiez le code de la session").fill("2027")
    page.get_by_label("Je publie ces résultats").check()
    page.get_by_role("button", name="Publier 5 résultats").click()
    expect(page.get_by_role("status").first).to_contain_text("Résultats publiés : 5")
    page.goto(f"/jury/fiches/{sheets[0].id}")
    accessible(page)


def test_every_page_of_an_administrator_is_accessible(world: World, page_for: PageFor) -> None:
    _ = (world.office, world.jury, world.jury_member)
    page = page_for(world.administrator)
    paths = ["/administration", f"/administration/academies/{world.academy.id}", "/administration/comptes"]
    for path in [*paths, f"/comptes/{world.office.id}"]:
        page.goto(path)
        unfold(page)
        accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_proof_of_a_candidate_s_acts_is_for_everybody(
    world: World, store: Connections, page_for: PageFor, scheme: str
) -> None:
    commissions.transmitted(world)
    page = page_for(world.office, color_scheme=scheme)
    page.goto(f"/etablissement/candidats/{world.candidacy.id}")
    page.get_by_role("link", name="Preuve des actes").click()
    expect(page.get_by_role("status")).to_contain_text("Rien n'a été changé")
    accessible(page)
    page.emulate_media(media="print")
    expect(page.locator("nav, .acts").filter(visible=True)).to_have_count(0)
    page.emulate_media(media="screen")
    store.database.sheets.update_one({}, {"$set": {"content": "{}"}})
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("1 défaut")
    accessible(page)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk in the dark"])
def test_portfolios_are_eliminated_with_a_visa_and_one_is_kept(
    world: World, clock: Clock, page_for: PageFor, size: dict[str, int], scheme: str
) -> None:
    published(world, clock, full(world), world.new_candidacy())
    page = page_for(world.office, viewport=size, color_scheme=scheme)
    page.goto(f"/etablissement/{world.school.id}/conservation?session=2027")
    accessible(page)
    _slip_with_its_visa(page)
    _one_is_kept(page)
    _typed_number_eliminates(page, clock)
    candidate = page_for(world.candidate, viewport=size)
    candidate.goto("/portfolio")
    expect(candidate.get_by_text("Ce portfolio a été éliminé")).to_be_visible()
    accessible(candidate)


def _slip_with_its_visa(page: Page) -> None:
    page.get_by_role("button", name="Établir un bordereau").click()
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    accessible(page)
    page.get_by_label("Référence du visa").fill("AD69-2029-14")
    page.get_by_label("Date du visa").fill("2029-01-09")
    page.get_by_label("Donné par").fill("La directrice des archives départementales")
    page.get_by_role("button", name="Enregistrer le visa").click()
    accessible(page)


def _one_is_kept(page: Page) -> None:
    address = page.url
    page.get_by_role("link", name=re.compile("Conserver le portfolio")).last.click()
    accessible(page)
    page.get_by_label("Motif").fill("Recours gracieux du 8 janvier")
    page.get_by_role("button", name="Conserver ce portfolio").click()
    expect(page.get_by_text("Conservé au-delà de sa durée")).to_be_visible()
    accessible(page)
    page.goto(address)


def _typed_number_eliminates(page: Page, clock: Clock) -> None:
    page.get_by_label("tapez le numéro").fill("oui")
    page.get_by_role("button", name="Éliminer définitivement").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n'est pas le numéro du bordereau")
    accessible(page)
    page.get_by_label("tapez le numéro").fill(EliminationSlip.objects.get().number)
    page.get_by_role("button", name="Éliminer définitivement").click()
    expect(page.get_by_text("Élimination en cours")).to_be_visible()
    deliver(clock)
    page.reload()
    expect(page.get_by_role("button", name="Attestation d'élimination")).to_be_visible()
    expect(page.get_by_text("1 sur 2")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="← Registre de conservation").click()
    accessible(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_second_person_confirms_a_right_and_its_owner_refuses_another_address(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    second = world.person("Seconde", world.grant("administrator"))
    values = {"email": "jury@exemple.fr", "family_name": "Durand", "given_names": "Paule", "role": "jury"}
    by = world.actor(world.administrator)
    accounts.invite_staff(by, world.academy, values | {"session": world.session}, world.clock())
    email_corrections.correct(by, world.jury_member, "neuve@exemple.fr", world.clock())
    page = page_for(second, viewport=size)
    page.goto("/droits-et-comptes")
    accessible(page)
    page.get_by_role("listitem").filter(has_text="Paule Durand").get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status").first).to_contain_text("compte dès maintenant")
    accessible(page)
    own = page_for(world.jury_member, viewport=size)
    own.goto("/droits-et-comptes")
    expect(own.get_by_text("neuve@exemple.fr")).to_be_visible()
    own.get_by_role("button", name="Refuser").click()
    expect(own.get_by_role("status").first).to_contain_text("ne comptera pas")
    accessible(own)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_what_is_to_be_known_of_a_sheet_is_read_before_it_is_transmitted(
    world: World, page_for: PageFor, size: dict[str, int]
) -> None:
    type(world.placement).objects(pk=world.placement.id).update(set__starts_on="2026-01-05")
    email_corrections.correct_tutor(world.actor(world.follower), world.placement, "boite@exemple.fr", world.clock())
    sheet = commissions.signed(world)
    page = page_for(world.office, viewport=size)
    page.goto(f"/etablissement/{world.school.id}/fiches")
    expect(page.get_by_text("À lire avant de transmettre")).to_be_visible()
    unfold(page)
    accessible(page)
    page.goto(f"/fiches/{sheet.id}")
    expect(page.get_by_role("heading", name="À savoir avant la transmission")).to_be_visible()
    accessible(page)

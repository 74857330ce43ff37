"""A school's year from its own files, on the office's page: shown, corrected there, written; again, nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Company, ListImport, Person, Placement
from portfolio.enrolment.year_lists.sheets import ListOf
from portfolio.store.connections import Connections
from tests.enrolment.year_lists.test_year import CANDIDATES, COMPANIES, PERIODS, TEACHERS, WHOLE_YEAR, book
from tests.support.filling import HTML, form_of, shown, words
from tests.support.queries import counted
from tests.support.worlds.world import World

FILES = {"content_type": "multipart/form-data"}


@pytest.fixture(autouse=True)
def _there(office: FlaskClient) -> None:
    """The office is there before the lists are."""


def sent(office: FlaskClient, place: str, *files: bytes, **typed: str) -> Any:
    form = form_of(shown(office, f"{place}/annee"), "year-files")
    chosen = [(io.BytesIO(data), f"fichier{rank}.bin") for rank, data in enumerate(files)]
    data = form["fields"] | {"session": "2027", "files": chosen, **typed}
    return office.post(form["action"], data=data, headers=HTML, **FILES)


def saved(office: FlaskClient, page: Any, again: bool = False, **typed: Any) -> Any:
    """Sends the form of the lists, or has them read again."""
    form = form_of(page.text, "year")
    several = {name: _all_of(page.text, name) for name in ("list", "called", "invited")}
    address = form["action"].removesuffix("/ajout") if again else form["action"]
    return office.post(address, data=form["fields"] | several | typed, headers=HTML)


def _all_of(html: str, name: str) -> list[str]:
    return [part.split('"')[0] for part in html.split(f'name="{name}" value="')[1:]]


def test_the_year_is_shown_then_written_in_two_forms(world: World, office: FlaskClient, place: str) -> None:
    page = sent(office, place, book(**WHOLE_YEAR), TEACHERS)
    assert page.status_code == 200 and Candidacy.objects.count() == Placement.objects.count() == 0
    assert "Enregistrer : 2 candidats, 3 professeurs, 2 entreprises, 2 périodes" in words(page)
    page = saved(office, page, professional="3.2")
    assert "2 candidats inscrits ou complétés, 3 professeurs invités, désignés ou corrigés, 2 entreprises" in words(
        page
    )
    assert "Tout ce que disent ces listes est enregistré" in words(page)
    teachers = Person.objects(email__endswith="@lycee.example")
    assert {one.family_name: one.grants[0].teaches_profession for one in teachers} == {
        "GUILLOU": True,
        "DÉSIRÉ": False,  # guessed of the subject, and unticked
        "OSMANI": False,
    }
    assert "Ces listes ne changent rien" in words(sent(office, place, book(**WHOLE_YEAR), TEACHERS))


def test_a_wrong_cell_is_corrected_on_the_page(world: World, office: FlaskClient, place: str) -> None:
    page = sent(office, place, book(a=(COMPANIES[0], COMPANIES[1], ("Ponant", "12", "Brest"))))
    assert "Cellule B3" in words(page) and "Enregistrer : 1 entreprise" in words(page)
    page = saved(office, page, **{"cell.0.3.siret": "95825379100015"})
    assert "2 entreprises ajoutées ou corrigées" in words(page)


def test_a_file_may_be_added_to_those_that_are_shown(world: World, office: FlaskClient, place: str) -> None:
    page = sent(office, place, book(a=CANDIDATES))
    form = form_of(page.text, "year")
    more = {"files": (io.BytesIO(book(b=COMPANIES, c=PERIODS)), "stages.xlsx")}
    page = office.post(form["action"].removesuffix("/ajout"), data=form["fields"] | more, headers=HTML, **FILES)
    assert "Enregistrer : 2 candidats, 2 entreprises, 2 périodes" in words(page)


def test_a_sheet_that_is_not_recognised_is_asked_about(world: World, office: FlaskClient, place: str) -> None:
    page = sent(office, place, "Nom;Prénom;Mél;Truc\nDurand;Paul;paul@lycee.example;x\n".encode())
    assert "Que contient cette feuille" in words(page)
    page = saved(office, page, again=True, **{"kind.0": "teachers"})
    assert "Enregistrer : 1 professeur" in words(page)


def test_a_status_that_no_list_says_is_chosen_once(world: World, office: FlaskClient, place: str) -> None:
    without = tuple((*row[:4], row[5]) for row in CANDIDATES)
    page = sent(office, place, book(a=without))
    assert "Statut, là où la liste ne le dit pas" in words(page) and "Enregistrer :" not in words(page)
    page = saved(office, page, again=True, status="scolaire")
    assert "Enregistrer : 2 candidats" in words(page)
    assert "2 candidats inscrits" in words(saved(office, page, status="scolaire"))


def test_what_is_refused_loses_nothing(world: World, office: FlaskClient, place: str) -> None:
    short = (CANDIDATES[0], ("2BTSA2", "ABGRALL", "Adèle", "23/05/06", "scolaire", None))
    page = sent(office, place, book(a=short, b=COMPANIES))
    refused = saved(office, page)
    assert refused.status_code == 409 and Company.objects.count() == 0
    assert "1 candidat inscrit" in words(saved(office, refused, agreed="two_digit_years"))


def test_who_is_followed_by_others_is_taken_over_only_if_ticked(world: World, office: FlaskClient, place: str) -> None:
    candidacy = world.new_candidacy(birth_name="Abgrall", given_names="Adèle", division="2BTSA1")
    page = saved(office, sent(office, place, TEACHERS))
    assert "OSMANI, au lieu de 1 candidat suivi par" in words(page)
    assert Candidacy.objects.get(pk=candidacy.id).followers == [world.follower.id]
    saved(office, page, amend=["0.3.follows", "0.4.follows"])
    named = Person.objects(pk__in=Candidacy.objects.get(pk=candidacy.id).followers).scalar("family_name")
    assert sorted(named) == ["DÉSIRÉ", "OSMANI"]


def test_no_file_says_what_to_do(office: FlaskClient, place: str) -> None:
    told = sent(office, place)
    assert told.status_code == 422 and "Choisissez au moins un fichier" in words(told)


def test_the_files_themselves_are_kept_nowhere(
    world: World, office: FlaskClient, place: str, store: Connections
) -> None:
    rows = (*COMPANIES, ("JAMAIS-ÉCRIT", "12", "Brest"))
    saved(office, sent(office, place, book(a=rows)))
    names = store.database.list_collection_names()
    assert Company.objects.count() == 2
    assert [name for name in names if "JAMAIS" in str(list(store.database[name].find()))] == []


def test_longer_lists_are_shown_by_as_many_commands(
    world: World, office: FlaskClient, place: str, store: Connections
) -> None:
    with counted(store.database) as one:
        sent(office, place, book(a=CANDIDATES[:2], b=COMPANIES[:2], c=PERIODS[:2]), TEACHERS)
    with counted(store.database) as two:
        sent(office, place, book(a=CANDIDATES, b=COMPANIES, c=PERIODS), TEACHERS)
    assert one == two


def test_what_was_just_written_is_undone_from_its_page(world: World, office: FlaskClient, place: str) -> None:
    page = saved(office, sent(office, place, book(**WHOLE_YEAR), TEACHERS))
    assert "Voir ou annuler ce qui vient d'être enregistré" in words(page).replace("’", "'")
    listed = ListImport.objects.get()
    address = f"/etablissement/listes/{listed.id}"
    assert address in page.text and address in shown(office, f"{place}/annee")
    form = form_of(shown(office, address), f"undo-list-{listed.id}")
    refused = office.post(form["action"], data=form["fields"] | {"reason": ""}, headers=HTML)
    assert refused.status_code == 422 and Candidacy.objects.count() == 2
    answer = office.post(form["action"], data=form["fields"] | {"reason": "Mauvais fichiers"}, headers=HTML)
    assert answer.status_code == 303 and Candidacy.objects.count() == Placement.objects.count() == 0
    after = shown(office, address)
    assert "Annulé" in after and "Mauvais fichiers" in after and "undo-list" not in after


def test_what_stays_of_a_year_is_named_with_its_reason(world: World, office: FlaskClient, place: str) -> None:
    saved(office, sent(office, place, book(**WHOLE_YEAR)))
    adele = Candidacy.objects.get(birth_name="ABGRALL")
    world.new_placement(adele)
    listed = ListImport.objects.get()
    address = f"/etablissement/listes/{listed.id}"
    form = form_of(shown(office, address), f"undo-list-{listed.id}")
    office.post(form["action"], data=form["fields"] | {"reason": "Mauvais fichiers"}, headers=HTML)
    after = shown(office, address)
    assert "Adèle ABGRALL" in after and "une autre période en entreprise" in after
    assert [one.birth_name for one in Candidacy.objects] == ["ABGRALL"]


def test_what_a_sheet_is_may_be_said_otherwise(world: World, office: FlaskClient, place: str) -> None:
    page = sent(office, place, b"Raison sociale;SIRET;Ville;Tuteur\nPonant;95825379100015;Brest;Anne LE GOFF\n")
    assert "Enregistrer : 1 entreprise" in words(page)
    assert "kind.0.companies" in page.text
    page = saved(office, page, again=True, **{"kind.0.companies": "tutors"})
    assert "Aucune période de cette session" in words(page)


def test_tutors_alone_are_named_and_what_differs_is_ticked(world: World, office: FlaskClient, place: str) -> None:
    saved(office, sent(office, place, book(**WHOLE_YEAR)))
    lines = (("Élève", "SIRET", "Tuteur", "Prénom tuteur", "Fonction", "Mél tuteur"),)
    lines += (("ABGRALL Adèle", 95690795000011, "LE ROUX", "Anne", "Gérante", "anne@morvan.example"),)
    lines += (("BENALI Bilal", 95825379100015, "COZIC", "Sylvie", "", "sylvie@ponant.example"),)
    page = sent(office, place, book(tuteurs=lines))
    assert "Enregistrer : 1 tuteur" in words(page)
    assert "Anne LE ROUX, au lieu de Ronan BODÉNEZ" in words(page)
    page = saved(office, page, amend="0.2.tutor")
    assert "2 tuteurs désignés, complétés ou corrigés" in words(page)
    assert "au lieu de Ronan BODÉNEZ" not in words(page)
    assert sorted(Placement.objects.scalar("tutor_name")) == ["Anne LE ROUX", "Sylvie COZIC"]
    assert Person.objects(email="sylvie@ponant.example").get().family_name == "COZIC"
    assert "Ces listes ne changent rien" in words(sent(office, place, book(tuteurs=lines)))
    listed = ListImport.objects.order_by("-id").first()
    assert "Tuteurs désignés, complétés ou corrigés" in shown(office, f"/etablissement/listes/{listed.id}")


def test_each_kind_of_list_has_a_model(world: World, office: FlaskClient, place: str) -> None:
    for kind in ListOf:
        assert f"liste={kind}" in shown(office, f"{place}/annee")
        with office.get(f"{place}/annee/modele.xlsx?liste={kind}") as answer:
            assert answer.status_code == 200 and "modele-liste-" in answer.headers["Content-Disposition"]


def test_a_known_company_is_corrected_where_it_is_ticked(world: World, office: FlaskClient, place: str) -> None:
    saved(office, sent(office, place, book(a=COMPANIES)))
    moved = (COMPANIES[0], ("Morvan et fils", 95690795000011, "Quimper"))
    page = sent(office, place, book(a=moved))
    assert "Entreprises, ligne 2, Nom : Morvan et fils, au lieu de Cabinet Morvan Assurances" in words(page)
    two = words(sent(office, place, book(a=moved, b=moved)))
    assert all(f"Entreprises (fichier0.bin – {sheet}), ligne 2, Nom" in two for sheet in "ab")
    page = saved(office, page, amend="0.2.company")
    assert "1 entreprise ajoutée ou corrigée" in words(page) and Company.objects(name="Morvan et fils").count() == 1
    listed = ListImport.objects.order_by("-id").first()
    assert "Entreprises corrigées" in shown(office, f"/etablissement/listes/{listed.id}")


def test_a_name_and_a_charge_that_differ_are_ticked_on_the_page(world: World, office: FlaskClient, place: str) -> None:
    saved(office, sent(office, place, book(**WHOLE_YEAR), TEACHERS))
    amended = ("NOM;Prénom;Mél;Enseignements professionnels\nOSMANI-ROUX;Lina;lina.osmani@lycee.example;oui\n").encode()
    page = sent(office, place, amended)
    assert "OSMANI-ROUX, au lieu de OSMANI" in words(page)
    assert "oui, au lieu de non" in words(page)
    page = saved(office, page, amend=["0.2.family_name", "0.2.teaches_profession"])
    assert "Tout ce que disent ces listes est enregistré" in words(page)
    lina = Person.objects.get(email="lina.osmani@lycee.example")
    assert (lina.family_name, lina.grants[0].teaches_profession) == ("OSMANI-ROUX", True)


def test_teachers_without_address_are_written_and_the_page_leads_to_their_coupons(
    world: World, office: FlaskClient, place: str
) -> None:
    page = sent(office, place, "Nom;Prénom;Discipline\nGUILLOU;Maëlle;Assurance\n".encode())
    assert "sans adresse e-mail" in words(page)
    page = saved(office, page)
    assert "1 professeur ou tuteur n" in words(page) and f"{place}/codes/equipe" in page.text
    assert "Maëlle GUILLOU" in shown(office, f"{place}/codes/equipe")

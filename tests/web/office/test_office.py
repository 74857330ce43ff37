"""The office's pages, without JavaScript: what is shown, what is sent, what is refused, and to whom."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from portfolio.audit.verify_chains import FaultKind
from portfolio.documents import Candidacy, Person
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, followed, form_of, shown
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.commissions import signed
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World
from web.office import labels, people
from web.office.candidates import teachers_of

# --- the first page -------------------------------------------------------------------------------


def test_an_office_begins_with_an_invitation_to_enrol(office: FlaskClient) -> None:
    assert "Inscrire une classe par fichier" in shown(office, "/etablissement")


def test_the_board_says_who_owes_what_with_a_way_to_put_it_right(world: World, office: FlaskClient) -> None:
    candidacy = world.new_candidacy(followed=False, division="TS2A")
    world.new_candidacy(division="TS2A")
    told = shown(office, "/etablissement?classe=TS2A")
    assert "Commission à convoquer" in told and "Professeur chargé du suivi à désigner" in told
    assert f"/etablissement/candidats/{candidacy.id}" in told
    assert "Modèle provisoire" in told and "7 mai 2027" in told


def test_the_pages_of_a_school_cost_the_same_whatever_the_class(
    world: World, office: FlaskClient, store: Connections, place: str
) -> None:
    paths = [f"{place}{page}" for page in ("", "/candidats", "/commissions", "/fiches", "/conservation")]
    costs = []
    for _ in range(2):
        sheet_of(world, state="proposed")
        sheet_of(world, state="proposed")
        with counted(store.database) as count:
            for path in paths:
                shown(office, path)
        costs.append(count[0])
    assert costs[0] == costs[1]


@pytest.mark.parametrize("who", ["follower", "candidate", "tutor", "jury_member"])
def test_nobody_else_opens_a_school(world: World, client_for: Clients, place: str, who: str) -> None:
    client = client_for(getattr(world, who))
    for page in (
        "",
        "/candidats",
        "/imports",
        "/comptes",
        "/commissions",
        "/fiches",
        "/bordereau.csv",
        "/conservation",
    ):
        shown(client, place + page, 403)


def test_another_school_s_people_are_told_that_there_is_nothing(world: World, client_for: Clients, place: str) -> None:
    other = world.new_school("0691644M")
    for person, status in ((world.new_office(other), 404), (world.new_teacher(other), 403)):
        client = client_for(person)
        for path in (place, f"/etablissement/candidats/{world.candidacy.id}", f"/comptes/{world.candidate.id}"):
            shown(client, path, status)


# --- candidates -----------------------------------------------------------------------------------


def test_a_candidate_is_enrolled_corrected_followed_and_adapted(world: World, office: FlaskClient, place: str) -> None:
    typed = {"session": "2027", "candidate_number": "02012345678", "birth_name": "Lefèvre", "given_names": "Zoé"}
    typed |= {"birth_date": "2005-04-12", "email": "zoe@exemple.fr", "status": "scolaire"}
    wrong = fill(office, f"{place}/candidats/nouveau", "enrol", **typed | {"candidate_number": "2E+10"})
    assert wrong.status_code == 422 and 'value="Lefèvre"' in wrong.text and "au format Texte" in wrong.text
    told = followed(office, fill(office, f"{place}/candidats/nouveau", "enrol", **typed))
    assert "Contrôle en cours de formation" in told
    one = Candidacy.objects.get()
    path = f"/etablissement/candidats/{one.id}"
    corrected = fill(office, path, f"identity-{one.id}", **{**typed, "division": "TS2A"} | {"birth_name": "Lefebvre"})
    assert corrected.status_code == 422  # the session is not corrected
    names = {name: typed[name] for name in ("candidate_number", "given_names", "birth_date")}
    names |= {"birth_name": "Lefebvre", "division": "TS2A", "ine": "1234b56789c"}
    told = followed(office, fill(office, path, f"identity-{one.id}", **names))
    assert "Zoé Lefebvre" in told and "TS2A" in told
    assert "1234B56789C n'a pas une forme habituelle" in unescape(told)
    asked = unescape(followed(office, fill(office, path, f"identity-{one.id}", **names | {"candidate_number": "12"})))
    assert "compte d'habitude de 8 à 13" in asked and "compte d'habitude" not in unescape(told)
    chosen = str(world.follower.id)
    assert " checked" in followed(office, fill(office, path, f"followers-{one.id}", followers=chosen))
    adapted = {"decision_reference": "D-12", "effect": "Remise reportée", "deadline": "2027-05-20T18:00"}
    told = followed(office, fill(office, path, f"adapt-{one.id}", **adapted))
    assert "20 mai 2027 à 18 h 00" in told and "Remise reportée" in told
    assert "Zoé" in fill(office, f"{place}/candidats", "seek", nom="lefe").text
    assert "Personne ne porte ce nom" in fill(office, f"{place}/candidats", "seek", nom="x").text


def test_a_first_year_has_no_number_and_gets_it_later(world: World, office: FlaskClient, place: str) -> None:
    typed = {"session": "2028", "birth_name": "Lefèvre", "given_names": "Zoé"}
    typed |= {"birth_date": "2006-04-12", "email": "zoe@exemple.fr", "status": "scolaire"}
    told = followed(office, fill(office, f"{place}/candidats/nouveau", "enrol", **typed))
    assert "numéro à venir" in told
    assert "numéro à venir" in shown(office, f"{place}/candidats?session=2028")
    one = Candidacy.objects.get(session="2028")
    assert "Numéro de candidat à venir" in shown(office, f"/classe/candidats/{one.id}/commission")
    names = {name: typed[name] for name in ("birth_name", "given_names", "birth_date")}
    names |= {"candidate_number": "02028345678"}
    given = fill(office, f"/etablissement/candidats/{one.id}", f"identity-{one.id}", **names)
    assert "<dd>02028345678</dd>" in followed(office, given)
    assert Candidacy.objects.get(pk=one.id).numbered == "n° 02028345678"


def test_a_sheet_without_a_number_waits_and_says_so(world: World, office: FlaskClient, place: str) -> None:
    Candidacy.objects(pk=world.candidacy.id).update(unset__candidate_number=True)
    signed(world)
    told = shown(office, f"{place}/fiches")
    assert "Donner le numéro de candidat" in told and "1 candidat sans numéro" in told
    assert "Transmettre" not in told.replace("transmettre", "")


def test_two_offices_on_one_page_are_told_of_each_other(world: World, office: FlaskClient) -> None:
    one = world.candidacy
    path, form = f"/etablissement/candidats/{one.id}", f"followers-{one.id}"
    before = form_of(shown(office, path), form)
    fill(office, path, form)
    late = office.post(before["action"], data=before["fields"], headers=HTML)
    assert late.status_code == 412 and "a été modifié entre-temps" in late.text


def test_a_late_portfolio_is_submitted_and_reopened_with_reasons(
    world: World, office: FlaskClient, clock: Clock, client_for: Clients
) -> None:
    world.new_piece()
    world.sign_off()
    path, one = f"/etablissement/candidats/{world.candidacy.id}", world.candidacy.id
    assert "le candidat peut encore remettre lui-même" in shown(office, path)
    clock.advance(days=150)
    office = client_for(world.office)
    assert "le candidat peut encore remettre lui-même" not in shown(office, path)
    assert fill(office, path, f"late-{one}").status_code == 422
    assert "remise n° 1" in followed(office, fill(office, path, f"late-{one}", reason="Hospitalisation"))
    assert "à remettre avant" in followed(office, fill(office, path, f"reopen-{one}", reason="Fichier illisible"))


# --- accounts -------------------------------------------------------------------------------------


def test_a_teacher_is_invited_then_again_and_loses_the_right(world: World, office: FlaskClient, place: str) -> None:
    typed = {"family_name": "Durand", "given_names": "Paul", "email": "durand@exemple.fr", "role": "teacher"}
    told = followed(office, fill(office, f"{place}/comptes", "invite", teaches_profession="on", **typed))
    assert "durand@exemple.fr" in told and "enseignements professionnels" in told
    again = fill(office, f"{place}/comptes", "invite", **typed)
    assert again.status_code == 409 and "déjà ce rôle" in again.text
    one = Person.objects.get(email="durand@exemple.fr")
    path = f"/comptes/{one.id}"
    assert "nouvelle invitation part" in followed(office, fill(office, path, f"again-{one.id}"))
    assert "paul@exemple.fr" in followed(office, fill(office, path, f"address-{one.id}", email="paul@exemple.fr"))
    assert "retiré le" in followed(office, fill(office, path, f"revoke-{one.grants[0].id}"))
    assert f"suspend-{one.id}" not in shown(office, path)


# --- what proves a candidate's case ---------------------------------------------------------------


def test_the_proof_of_a_candidate_s_acts_says_that_nothing_was_changed_or_what_was(
    world: World, store: Connections, office: FlaskClient
) -> None:
    sheet = commissions.transmitted(world)
    case = f"/etablissement/candidats/{world.candidacy.id}"
    assert f"{case}/preuve" in shown(office, case)
    told = unescape(shown(office, f"{case}/preuve"))
    assert "Rien n'a été changé, retiré ni ajouté après coup." in told
    assert sheet.digest in told and f"{world.follower.name} a signé la fiche d'évaluation." in told
    assert "14,5" not in told and "Lettre de relance" not in told
    store.database.sheets.update_one({}, {"$set": {"content": "{}"}})
    told = unescape(shown(office, f"{case}/preuve"))
    assert "1 défaut : ce qui est enregistré n'est plus ce qui a été scellé." in told
    assert re.search(r"n'est plus ce qui a été scellé \(acte A\d+, journal de l'appréciation\)\.", told)
    assert "<code>" not in told
    assert "la fiche" in told and "contenu" in told


def test_every_kind_of_fault_has_its_sentence() -> None:
    assert set(labels.FAULTS) == set(FaultKind)


def test_accounts_and_teachers_are_in_the_order_of_names_whatever_their_letters(
    world: World, office: FlaskClient, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Zola", "LE BRAS", "Laurent", "Élan", "etienne"]
    for name in names:
        Person.objects(pk=world.new_teacher(world.school).id).update(family_name=name)
    expected = ["Élan", "etienne", "Laurent", "LE BRAS", "Zola"]
    listed = [name for _, name in teachers_of(world.school.id)]
    assert names_in(listed, names) == expected
    monkeypatch.setattr(people, "PER_PAGE", 2)  # across pages too
    page, lines = shown(office, f"{place}/comptes"), []
    while True:
        lines += re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', page)
        if (more := re.search(r'href="([^"]*suite=[^"]*)"', page)) is None:
            break
        page = shown(office, unescape(more[1]))
    assert names_in(lines, names) == expected
    assert len(lines) == len(set(lines))


def names_in(listed: list[str], names: list[str]) -> list[str]:
    return [name for line in listed for name in names if name in line]

"""Pages and routes where a school offers two exams: which ones is recorded, and enrolment asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.boards.office_board import office_board
from portfolio.documents import Candidacy, Jury, MadeCircular, RosterImport, School, Sheet
from portfolio.enrolment import institutions
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get, post_new
from tests.support.filling import fill, followed, shown
from tests.support.worlds.commissions import convened
from tests.support.worlds.juries import fresh
from tests.support.worlds.two_exams import Z9, offering_both, second_exam, two_juries
from tests.support.worlds.world import World

CANDIDATE = {
    "session": "2027",
    "birth_name": "Astro",
    "given_names": "Zoé",
    "birth_date": "2005-04-12",
    "email": "zoe.astro@exemple.fr",
    "status": "scolaire",
}
LISTED = (
    "nom de naissance;prénoms;courriel;date de naissance;statut\nNaute;Ali;ali.naute@exemple.fr;12/04/2005;scolaire\n"
)


@pytest.fixture(autouse=True)
def _second_exam() -> Iterator[None]:
    with second_exam():
        yield


def test_an_administrator_says_which_exams_a_school_offers_and_opens_a_jury_for_each(
    world: World, client_for: Clients
) -> None:
    client, path = client_for(world.administrator), f"/administration/academies/{world.school.id and world.academy.id}"
    assert "Épreuves que propose Lycée Ampère" in shown(client, path)
    told = followed(client, fill(client, path, f"exams-{world.school.id}", exams=[BTS_ASSURANCE_E5, Z9]))
    assert "propose maintenant" in told and "E5, Z9" in told
    assert School.objects.get().exams == [BTS_ASSURANCE_E5, Z9]
    jury = {"session": "2027", "name": "Jury des astronautes"}
    followed(client, fill(client, path, "jury", **jury, exam=Z9))
    followed(client, fill(client, path, "jury", **jury, exam=BTS_ASSURANCE_E5))
    assert set(Jury.objects.scalar("exam")) == {Z9, BTS_ASSURANCE_E5}
    assert fill(client, path, "jury", **jury, exam=Z9).status_code == 409


def test_enrolment_asks_for_the_exam_and_says_so_in_a_refusal(world: World, client_for: Clients) -> None:
    both = offering_both(world)
    client, path = client_for(both.office), f"/etablissement/{both.school.id}/candidats/nouveau"
    assert "Z9, Diplôme fictif d&#39;astronautique" in shown(client, path)
    assert fill(client, path, "enrol", **CANDIDATE).status_code == 422
    followed(client, fill(client, path, "enrol", **CANDIDATE, exam=Z9))
    assert Candidacy.objects.get(birth_name="Astro").exam == Z9
    listed = shown(client, f"/etablissement/{both.school.id}/candidats")
    assert ">Z9</span>" in listed and ">E5</span>" in listed
    imports = f"/etablissement/{both.school.id}/imports"
    followed(client, fill(client, imports, "roster", session="2027", pasted=LISTED, exam=Z9))
    assert RosterImport.objects.get().exam == Z9
    told = shown(client, f"/etablissement/{both.school.id}/circulaire?exam={Z9}")
    assert "Circulaire fictive de l'épreuve Z9" in told.replace("&#39;", "'") and "1 candidature la suit" in told


def test_the_board_and_the_commissions_count_each_exam_apart_under_its_own_circular(
    world: World, client_for: Clients
) -> None:
    both = offering_both(world)
    for _ in range(2):
        both.new_candidacy(exam=Z9)
    convened(both, both.candidacy)
    board = office_board(both.actor(both.office), both.school, both.clock())
    assert [(of.exam, of.counts.candidates, of.counts.convened) for of in board.exams] == [
        (BTS_ASSURANCE_E5, 1, 1),
        (Z9, 2, 0),
    ]
    assert [of.circular.referential.id for of in board.exams] == ["bts-assurance-2017-e5", "diplome-fictif-2017-z9"]
    client, home = client_for(both.office), f"/etablissement/{both.school.id}"
    told = shown(client, home)
    assert "ses circulaires" in told and "Circulaire fictive de l'épreuve Z9" in told.replace("&#39;", "'")
    meetings = shown(client, f"{home}/commissions")
    assert "E5, BTS Assurance : " in meetings and "1 commission convoquée, 0 candidat sans date" in meetings
    assert "Z9, Diplôme fictif" in meetings and "0 commission convoquée, 2 candidats sans date" in meetings


def test_a_school_with_one_exam_reads_of_none(world: World, client_for: Clients) -> None:
    assert 'name="exam"' not in shown(client_for(world.office), f"/etablissement/{world.school.id}/candidats/nouveau")


def test_the_api_offers_exams_and_enrols_in_one(world: World, client_for: Clients) -> None:
    administrator, office = client_for(world.administrator), client_for(world.office)
    school = get(administrator, "/schools").json["items"][0]
    offered = {"exams": [BTS_ASSURANCE_E5, Z9]}
    assert change(office, "PUT", f"/schools/{school['id']}/exams", 1, offered).status_code == 403
    answer = change(administrator, "PUT", f"/schools/{school['id']}/exams", 1, offered)
    assert answer.json["exams"] == [BTS_ASSURANCE_E5, Z9]
    made = post_new(office, f"/schools/{school['id']}/candidacies", CANDIDATE | {"exam": Z9})
    assert made.json["exam"] == Z9
    refused = post_new(office, f"/schools/{school['id']}/candidacies", CANDIDATE | {"email": "autre@exemple.fr"})
    assert refused.status_code == 422 and "exam" in refused.json["errors"]


def test_sheets_are_listed_transmitted_and_keyed_for_one_exam_at_a_time(world: World, client_for: Clients) -> None:
    of = two_juries(world)
    mine, other = of[BTS_ASSURANCE_E5], of[Z9]
    Sheet.objects.update(set__state="proposed")
    client, path = client_for(world.office), f"/etablissement/{world.school.id}/fiches"
    page = shown(client, path)
    assert mine.candidate in page and other.candidate not in page and "Z9, Diplôme fictif" in page
    page = shown(client, f"{path}?epreuve={Z9}")
    assert other.candidate in page and mine.candidate not in page
    page = followed(client, fill(client, f"{path}?epreuve={Z9}", "transmit-all"))
    assert "Fiches transmises au jury : 1" in page and other.candidate in page
    assert {sheet.exam: sheet.state for sheet in Sheet.objects} == {BTS_ASSURANCE_E5: "proposed", Z9: "transmitted"}
    Sheet.objects.update(set__state="transmitted")
    listed = client.get(f"/etablissement/{world.school.id}/bordereau.csv?session=2027&epreuve={Z9}")
    assert other.candidate in listed.text and mine.candidate not in listed.text
    assert "bordereau-2027-0690026D-Z9.csv" in listed.headers["Content-Disposition"]
    number = fresh(other.sheet).number.partition("-")[2]
    told = fill(client, f"{path}?epreuve={Z9}", "read-back", keyed=f"{number};3").text
    assert "1 différence" in told and "Résultat de la relecture, Z9, Diplôme fictif" in told
    assert f'{number} <span class="muted small">Z9</span>' in told and mine.candidate not in told


def test_the_api_asks_for_the_exam_of_a_list_where_a_school_has_sheets_of_several(
    world: World, client_for: Clients
) -> None:
    of = two_juries(world)
    client, place = client_for(world.office), f"/schools/{world.school.id}"
    refused = get(client, f"{place}/mark-list.csv", session="2027")
    assert "Z9, Diplôme fictif" in expect_problem(refused, 422)["errors"]["exam"][0]
    listed = get(client, f"{place}/mark-list.csv", session="2027", exam=Z9).text
    assert of[Z9].candidate in listed and of[BTS_ASSURANCE_E5].candidate not in listed
    for code in (BTS_ASSURANCE_E5, Z9):
        own = get(client_for(of[code].jury_member), f"{place}/mark-list.csv", session="2027").text
        assert of[code].candidate in own and len(own.splitlines()) == 2
    Sheet.objects.update(set__state="proposed")
    asked = {"session": "2027"}
    expect_problem(client.post(f"/api/v1{place}/transmit", json=asked), 422)
    sent = client.post(f"/api/v1{place}/transmit", json=asked | {"exam": Z9}).json
    assert sent["transmitted"] == [of[Z9].sheet.number]
    keyed = asked | {"exam": Z9, "keyed": "02099999999;8"}
    told = client.post(f"/api/v1{place}/mark-list/compare", json=keyed).json
    assert (told["exam"], told["expected"]) == (Z9, 1)
    expect_problem(client.post(f"/api/v1{place}/mark-list/compare", json=keyed | {"exam": "autre"}), 422)


def test_a_circular_made_on_screen_is_of_the_exam_that_was_chosen(world: World, client_for: Clients) -> None:
    where = {"academy": world.academy.code, "session": world.session}
    client = client_for(world.person("Inspection", world.grant("inspector", exam=Z9, **where)))
    assert ">Z9</span>" in followed(client, fill(client, "/circulaires", "begin", session="2027", exam=Z9))
    assert MadeCircular.objects.get().exam == Z9
    assert "Z9, Diplôme fictif" in shown(client, "/circulaires")


def test_the_exam_service_reads_of_which_exam_each_jury_of_its_session_is(world: World, client_for: Clients) -> None:
    values = {"session": world.session, "name": "Jury de Z9", "exam": Z9}
    of_z9 = institutions.create_jury(world.actor(world.administrator), world.academy, values, world.clock())
    juries = [world.jury, of_z9]
    where = {"academy": world.academy.code, "session": world.session}
    grants = [world.grant("exam_service", exam=code, **where) for code in (BTS_ASSURANCE_E5, Z9)]
    told = shown(client_for(world.person("Examens", *grants)), "/examens")
    assert "E5, BTS Assurance, session 2027" in told and "Z9, Diplôme fictif" in told
    assert all(f"/examens/{jury.id}" in told for jury in juries)

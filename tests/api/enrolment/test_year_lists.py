"""A school's year from its files, over HTTP: read, then written."""

from __future__ import annotations

import base64

from portfolio.documents import Candidacy, Company, Placement
from tests.enrolment.year_lists.test_year import TEACHERS, WHOLE_YEAR, book
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, change, expect_problem
from tests.support.worlds.world import World


def test_the_year_is_read_and_then_written_once(world: World, client_for: Clients) -> None:
    office, path = client_for(world.office), f"/schools/{world.school.id}/year-lists"
    files = [base64.b64encode(data).decode() for data in (book(**WHOLE_YEAR), TEACHERS)]
    body = {"session": "2027", "files": [{"name": "a.xlsx", "data": files[0]}, {"name": "b.csv", "data": files[1]}]}
    read = ask(office, f"{path}/read", body)
    assert read.status_code == 200 and Candidacy.objects.count() == 0
    assert [sheet["kind"] for sheet in read.json["sheets"]] == ["candidates", "companies", "periods", "teachers"]
    assert [line["state"] for sheet in read.json["sheets"] for line in sheet["lines"]] == ["ready"] * 9
    chosen = [{"sheet": 3, "line": 3, "values": {"teaches_profession": "non"}}]
    written = ask(office, f"{path}/add", body | {"corrections": chosen})
    assert [line["state"] for sheet in written.json["sheets"] for line in sheet["lines"]] == ["added"] * 9
    assert Placement.objects.count() == 2
    again = ask(office, f"{path}/add", body).json
    assert [line["state"] for sheet in again["sheets"] for line in sheet["lines"]] == ["known"] * 9


def test_the_year_is_not_read_to_others(world: World, client_for: Clients) -> None:
    path = f"/schools/{world.school.id}/year-lists/read"
    body = {"session": "2027", "files": [{"name": "a", "data": "eA=="}]}
    expect_problem(ask(client_for(world.follower), path, body), 403)
    expect_problem(ask(client_for(world.candidate), path, body), 404)
    expect_problem(ask(client_for(world.office), path, body | {"session": "x"}), 422)
    large = base64.b64encode(b"x" * 200_000).decode()
    two = [{"name": name, "data": large} for name in ("a", "b")]
    assert "files" in expect_problem(ask(client_for(world.office), path, body | {"files": two}), 422)["errors"]


def test_what_the_year_wrote_is_listed_and_undone(world: World, client_for: Clients) -> None:
    office, path = client_for(world.office), f"/schools/{world.school.id}/year-lists"
    data = base64.b64encode(book(**WHOLE_YEAR)).decode()
    body = {"session": "2027", "files": [{"name": "a.xlsx", "data": data}]}
    assert ask(office, f"{path}/read", body).json["written"] is None
    written = ask(office, f"{path}/add", body).json["written"]
    (listed,) = office.get("/api/v1/list-imports").json["items"]
    assert listed["id"] == written and "undo_list_import" in listed["can"]
    assert [row["kind"] for row in listed["rows"]] == ["candidate"] * 2 + ["company"] * 2 + ["period"] * 2
    act, why = f"/list-imports/{written}/undo", {"reason": "Mauvais fichiers"}
    undone = change(office, "POST", act, listed["revision"], why).json
    assert undone["state"] == "undone" and all(row["kept"] is None for row in undone["rows"])
    assert (Candidacy.objects.count(), Placement.objects.count()) == (0, 0)
    assert expect_problem(change(office, "POST", act, undone["revision"], why), 409)["code"] == "list_undone"
    expect_problem(client_for(world.follower).get(f"/api/v1/list-imports/{written}"), 404)


def test_tutors_are_named_and_the_chosen_differences_corrected(world: World, client_for: Clients) -> None:
    office, path = client_for(world.office), f"/schools/{world.school.id}/year-lists"
    year = base64.b64encode(book(**WHOLE_YEAR)).decode()
    ask(office, f"{path}/add", {"session": "2027", "files": [{"data": year}]})
    lines = "Élève;SIRET;Tuteur;Prénom tuteur\r\nABGRALL Adèle;95690795000011;LE ROUX;Anne\r\n".encode()
    body = {"session": "2027", "files": [{"data": base64.b64encode(lines).decode()}]}
    (line,) = ask(office, f"{path}/read", body).json["sheets"][0]["lines"]
    assert (line["state"], line["amendable"]) == ("differs", ["tutor"])
    assert line["differs"] == {"tutor": ["Ronan BODÉNEZ", "Anne LE ROUX"]}
    amend = [{"sheet": 0, "line": 2, "fields": ["tutor"]}]
    (line,) = ask(office, f"{path}/add", body | {"amend": amend}).json["sheets"][0]["lines"]
    assert line["state"] == "corrected" and Placement.objects(tutor_name="Anne LE ROUX").count() == 1


def test_models_are_downloaded_by_whoever_enrols(world: World, client_for: Clients) -> None:
    path = f"/api/v1/schools/{world.school.id}/year-lists/model.xlsx"
    with client_for(world.office).get(f"{path}?kind=tutors") as answer:
        assert answer.status_code == 200 and "modele-liste-tuteurs.xlsx" in answer.headers["Content-Disposition"]
    expect_problem(client_for(world.office).get(f"{path}?kind=autre"), 422)
    expect_problem(client_for(world.follower).get(f"{path}?kind=tutors"), 403)


def test_a_known_company_is_corrected_by_the_fields_that_are_named(world: World, client_for: Clients) -> None:
    office, path = client_for(world.office), f"/schools/{world.school.id}/year-lists"
    for name, amend, state in (("Ponant", [], "added"), ("Ponant Vie", [], "known"), ("Ponant Vie", ["company"], "")):
        lines = f"Raison sociale;SIRET;Ville\r\n{name};95825379100015;Brest\r\n".encode()
        body = {"session": "2027", "files": [{"data": base64.b64encode(lines).decode()}]}
        chosen = [{"sheet": 0, "line": 2, "fields": amend}]
        (line,) = ask(office, f"{path}/add", body | {"amend": chosen}).json["sheets"][0]["lines"]
        assert line["state"] == (state or "corrected")
    assert Company.objects.get(siret="95825379100015").name == "Ponant Vie"

"""Academies, schools, juries, companies over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Person
from tests.support.api.clients import Clients
from tests.support.api.requests import expect_problem, get, post_new
from tests.support.worlds.world import World


@pytest.fixture
def administrator(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.administrator)


def created(answer: Any) -> Any:
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    return answer.json


def test_an_administrator_opens_an_academy_a_school_and_a_jury(administrator: FlaskClient) -> None:
    academy = created(post_new(administrator, "/academies", {"code": "10", "name": "Lyon"}))
    assert academy["timezone"] == "Europe/Paris"
    said = {"uai": "0690026d", "name": "Lycée Ampère", "city": "Lyon", "kind": "public"}
    school = created(post_new(administrator, f"/academies/{academy['id']}/schools", said))
    assert (school["uai"], school["academy"], school["habilitated"]) == ("0690026D", "10", False)
    jury = created(post_new(administrator, f"/academies/{academy['id']}/juries", {"session": "2027", "name": "Jury"}))
    assert (jury["session"], jury["published_at"]) == ("2027", None)
    listed = {path: get(administrator, path).json["items"] for path in ("/academies", "/schools", "/juries")}
    assert listed == {"/academies": [academy], "/schools": [school], "/juries": [jury]}
    assert "create_places" in academy["can"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"uai": "0690026E"}, "uai"),
        ({"kind": "lycée"}, "kind"),
        ({"name": ""}, "name"),
        ({"city": None}, "city"),
        ({"habilitated": "oui, sans doute"}, "habilitated"),
        ({"academy": "10"}, "academy"),
    ],
)
def test_a_school_with_a_bad_value_is_refused_by_its_field(
    world: World, administrator: FlaskClient, changed: dict[str, Any], field: str
) -> None:
    said = {"uai": "0690026D", "name": "Lycée Ampère", "city": "Lyon", "kind": "public"}
    answer = post_new(administrator, f"/academies/{world.academy.id}/schools", said | changed)
    assert list(expect_problem(answer, 422, "invalid_values")["errors"]) == [field]
    assert get(administrator, "/schools").json["items"] == []


def test_a_place_that_exists_is_refused_with_what_it_is(world: World, administrator: FlaskClient) -> None:
    world.academy  # noqa: B018
    body = expect_problem(post_new(administrator, "/academies", {"code": "10", "name": "Lyon"}), 409, "already_exists")
    assert body["detail"] == "L'académie 10 existe déjà."
    assert body["errors"] == {"code": [body["detail"]]}


def test_a_school_keeps_its_companies_to_itself(world: World, client_for: Clients) -> None:
    company = str(world.company.id)
    elsewhere = client_for(world.new_office(world.new_school("0690027E")))
    assert get(elsewhere, "/companies").json["items"] == []
    for person in (world.office, world.follower):
        (shown,) = get(client_for(person), "/companies").json["items"]
        assert (shown["id"], shown["siret"]) == (company, "73282932000074")
    for person in (world.candidate, world.administrator, world.jury_member):
        assert get(client_for(person), "/companies").json["items"] == []


def test_a_company_is_refused_by_its_digits(world: World, client_for: Clients) -> None:
    said = {"siret": "73282932000075", "name": "Assurances du Rhône", "city": "Lyon"}
    answer = post_new(client_for(world.office), f"/schools/{world.school.id}/companies", said)
    assert "vérifiez chaque chiffre" in expect_problem(answer, 422)["errors"]["siret"][0]


def test_pages_follow_each_other_without_gap_nor_repetition(world: World, administrator: FlaskClient) -> None:
    schools = [str(world.new_school(uai).id) for uai in ("0690026D", "0690027E", "0690028F", "0690029G", "0690030H")]
    seen, after = [], None
    while True:
        page = get(administrator, "/schools", limit=2, **({"after": after} if after else {})).json
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == schools


def test_a_school_and_a_teacher_that_were_written_wrong_are_put_right(world: World, client_for: Clients) -> None:
    office = client_for(world.office)
    sent = {"name": "Lycée Herriot", "city": "Lyon 6e"}
    put = office.put(f"/api/v1/schools/{world.school.id}/name", json=sent, headers={"If-Match": '"1"'})
    assert put.status_code == 200 and (put.json or {})["amended"][0]["before"] == world.school.name
    revision = Person.objects.get(pk=world.follower.id).revision
    sent = {"family_name": "Le Goff", "given_names": "Maëlle"}
    to = f"/api/v1/people/{world.follower.id}/name"
    put = office.put(to, json=sent, headers={"If-Match": f'"{revision}"'})
    assert put.status_code == 200 and (put.json or {})["amended"][0]["after"] == "Le Goff"
    again = office.put(to, json=sent, headers={"If-Match": f'"{revision + 1}"'})
    assert again.status_code == 422 and "family_name" in (again.json or {})["errors"]

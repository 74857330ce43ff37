"""Enrolment over HTTP: what each reader sees, and one candidacy per intention, number and person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Person
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, fresh_key, get, post_new
from tests.support.worlds.world import World

ZOE = {
    "session": "2027",
    "candidate_number": "02012345678",
    "ine": "123456789AB",
    "birth_name": "Lefèvre",
    "given_names": "Zoé",
    "birth_date": "2005-04-12",
    "email": "zoe@exemple.fr",
    "status": "scolaire",
}


@pytest.fixture
def office(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.office)


@pytest.fixture
def candidacies(world: World) -> str:
    return f"/schools/{world.school.id}/candidacies"


# --- one candidacy --------------------------------------------------------------------------------


def test_the_office_enrols_and_reads_what_it_wrote(office: FlaskClient, candidacies: str) -> None:
    answer = post_new(office, candidacies, ZOE)
    assert answer.status_code == 201
    nothing = {
        "adaptations": [],
        "sittings": [],
        "stage_reduction": None,
        "form_changed_because": None,
        "abandoned": None,
    }
    assert answer.json["identity"] == {"ine": "123456789AB", "birth_date": "2005-04-12", **nothing}
    assert answer.json["ccf"]["form"] == "ccf"
    assert "D643-19" in answer.json["ccf"]["reason"]
    assert answer.json["circular"]["id"] == "2027"
    assert get(office, f"/candidacies/{answer.json['id']}").json == answer.json


def test_a_number_is_not_asked_for_and_given_later(office: FlaskClient, candidacies: str) -> None:
    first_year = {name: value for name, value in ZOE.items() if name != "candidate_number"} | {"session": "2028"}
    answer = post_new(office, candidacies, first_year)
    assert (answer.status_code, answer.json["candidate_number"]) == (201, None)
    path, said = f"/candidacies/{answer.json['id']}", {"candidate_number": "02028345678"}
    given = change(office, "PATCH", path, answer.json["revision"], said)
    assert given.json["candidate_number"] == "02028345678"


def test_a_number_that_is_taken_is_told_with_what_it_is(office: FlaskClient, candidacies: str) -> None:
    post_new(office, candidacies, ZOE)
    said = ZOE | {"email": "leo@exemple.fr", "given_names": "Léo", "candidate_number": "02 012 345 678"}
    body = expect_problem(post_new(office, candidacies, said), 409, "already_exists")
    sentence = "Le numéro de candidat 02012345678 est déjà inscrit à cette épreuve dans l'académie, session 2027."
    assert (body["detail"], body["errors"]) == (sentence, {"candidate_number": [sentence]})
    assert not Person.objects(email="leo@exemple.fr")


def test_an_address_of_another_name_is_refused_beside_the_address(office: FlaskClient, candidacies: str) -> None:
    post_new(office, candidacies, ZOE)
    answer = post_new(office, candidacies, ZOE | {"given_names": "Léo", "candidate_number": "02012345679"})
    assert "sous un autre nom" in expect_problem(answer, 422)["errors"]["email"][0]


def test_the_same_enrolment_sent_twice_is_one(office: FlaskClient, candidacies: str) -> None:
    key = fresh_key()
    first, second = (post_new(office, candidacies, ZOE, key) for _ in range(2))
    assert (first.status_code, second.status_code, first.json) == (201, 201, second.json)
    assert Candidacy.objects.count() == 1
    other = post_new(office, candidacies, ZOE | {"division": "TS2B"}, key)
    expect_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("one_intention", [True, False])
def test_the_same_enrolment_at_once_is_one(
    world: World, client_for: Clients, candidacies: str, one_intention: bool
) -> None:
    together = 5
    clients = [client_for(world.office) for _ in range(together)]
    key, barrier = fresh_key(), Barrier(together)

    def act(client: FlaskClient) -> Any:
        barrier.wait()
        return post_new(client, candidacies, ZOE, key if one_intention else None)

    with ThreadPoolExecutor(together) as threads:
        answers = list(threads.map(act, clients))
    assert Candidacy.objects.count() == Person.objects(email="zoe@exemple.fr").count() == 1
    if one_intention:
        assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    else:
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * (together - 1)


def test_an_unfit_override_is_refused_where_it_is_written(office: FlaskClient, candidacies: str) -> None:
    override = {"form": "ccf", "decision_reference": "", "why": "parce que"}
    body = expect_problem(post_new(office, candidacies, ZOE | {"ccf_override": override}), 422)
    assert set(body["errors"]) == {"ccf_override.decision_reference", "ccf_override.why"}


def test_a_session_that_no_circular_covers_is_refused(office: FlaskClient, candidacies: str) -> None:
    body = expect_problem(post_new(office, candidacies, ZOE | {"session": "2035"}), 422)
    assert "2035" in body["errors"]["session"][0]


# --- who sees what --------------------------------------------------------------------------------


def test_identity_is_for_the_candidate_and_the_office_alone(world: World, client_for: Clients) -> None:
    candidacy = world.new_candidacy(ine="123456789AB")
    candidate = Person.objects.get(pk=candidacy.person)
    tutor = Person.objects.get(pk=world.new_placement(candidacy).tutor)
    path = f"/candidacies/{candidacy.id}"
    for person in (candidate, world.office):
        assert get(client_for(person), path).json["identity"]["ine"] == "123456789AB"
    others = (world.follower, world.second_teacher, tutor, world.jury_member, world.inspector)
    for person in others:
        for answer in (get(client_for(person), path), get(client_for(person), "/candidacies")):
            assert answer.status_code == 200
            assert "123456789AB" not in answer.text
            assert candidacy.birth_date not in answer.text
        assert get(client_for(person), path).json["identity"] is None
    expect_problem(get(client_for(world.administrator), path), 404)


def test_another_school_s_office_is_told_that_it_is_not_there(world: World, client_for: Clients) -> None:
    stranger = client_for(world.new_office(world.new_school("0690027E")))
    path = f"/candidacies/{world.candidacy.id}"
    expect_problem(get(stranger, path), 404, "not_found")
    assert get(stranger, "/candidacies").json == {"items": [], "next": None}
    acts = [
        ("PATCH", path, {"division": "TS2A"}),
        ("PUT", f"{path}/followers", {"followers": []}),
        ("POST", f"{path}/adaptations", {"decision_reference": "DEC", "effect": "Délai"}),
    ]
    for method, address, said in acts:
        expect_problem(change(stranger, method, address, world.candidacy.revision, said), 404, "not_found")
    expect_problem(post_new(stranger, f"/schools/{world.school.id}/candidacies", ZOE), 404, "not_found")


def test_those_who_may_look_and_not_touch_are_told_so(world: World, client_for: Clients) -> None:
    path = f"/candidacies/{world.candidacy.id}"
    for person in (world.candidate, world.follower, world.jury_member):
        answer = change(client_for(person), "PATCH", path, world.candidacy.revision, {"division": "TS2A"})
        expect_problem(answer, 403, "forbidden")
        assert "amend_candidacy" not in get(client_for(person), path).json["can"]


def test_a_class_is_listed_by_name_and_found_by_division(world: World, office: FlaskClient) -> None:
    for name, division in (("Zola", "TS2A"), ("Étienne", "TS2A"), ("Martin", "TS2B")):
        world.new_candidacy(birth_name=name, division=division)
    world.new_candidacy(session="2027R", birth_name="Fictif")

    def names(**query: Any) -> list[str]:
        return [one["birth_name"] for one in get(office, "/candidacies", **query).json["items"]]

    assert names(session="2027") == ["Étienne", "Martin", "Zola"]
    assert names(division="TS2A") == ["Étienne", "Zola"]
    assert names(session="2026") == []
    first = get(office, "/candidacies", session="2027", limit=2).json
    assert [one["birth_name"] for one in first["items"]] == ["Étienne", "Martin"]
    assert names(session="2027", limit=2, after=first["next"]) == ["Zola"]


# --- changes --------------------------------------------------------------------------------------


def test_a_follower_must_teach_here(world: World, office: FlaskClient) -> None:
    candidacy = world.candidacy
    elsewhere = world.new_teacher(world.new_school("0690027E"))
    path = f"/candidacies/{candidacy.id}/followers"
    answer = change(office, "PUT", path, candidacy.revision, {"followers": [str(elsewhere.id)]})
    assert list(expect_problem(answer, 422)["errors"]) == ["followers"]
    malformed = change(office, "PUT", path, candidacy.revision, {"followers": ["x", 3, str(elsewhere.id) + "\n"]})
    assert list(expect_problem(malformed, 422)["errors"]) == ["followers.0", "followers.1", "followers.2"]


def test_an_adaptation_is_told_to_the_candidate_and_has_no_field_for_its_ground(
    world: World, office: FlaskClient, client_for: Clients
) -> None:
    candidacy = world.candidacy
    path = f"/candidacies/{candidacy.id}/adaptations"
    said = {"decision_reference": "DEC 2026-77", "effect": "Délai", "deadline": "2027-06-01T18:00:00+02:00"}
    for ground in ("medical_ground", "motif", "reason"):
        answer = change(office, "POST", path, candidacy.revision, said | {ground: "dyslexie"})
        assert list(expect_problem(answer, 422)["errors"]) == [ground]
    assert change(office, "POST", path, candidacy.revision, said).status_code == 200
    (told,) = get(client_for(world.candidate), f"/candidacies/{candidacy.id}").json["identity"]["adaptations"]
    assert (told["effect"], told["deadline"]) == ("Délai", "2027-06-01T16:00:00+00:00")
    assert get(client_for(world.follower), f"/candidacies/{candidacy.id}").json["identity"] is None


@pytest.mark.parametrize(
    "deadline",
    ["2027-06-01", "2027-06-01T18:00:00", "demain", 5, "9999-12-31T23:59:59-05:00", "0001-01-01T00:00+05:00"],
)
def test_a_deadline_is_an_instant(world: World, office: FlaskClient, deadline: Any) -> None:
    said = {"decision_reference": "DEC", "effect": "Délai", "deadline": deadline}
    answer = change(office, "POST", f"/candidacies/{world.candidacy.id}/adaptations", world.candidacy.revision, said)
    assert list(expect_problem(answer, 422)["errors"]) == ["deadline"]


def test_what_may_be_absent_is_emptied_by_null(world: World, office: FlaskClient) -> None:
    candidacy = world.new_candidacy(ine="123456789AB", division="TS2A")
    path = f"/candidacies/{candidacy.id}"
    emptied = change(office, "PATCH", path, candidacy.revision, {"ine": None, "division": None})
    assert (emptied.json["identity"]["ine"], emptied.json["division"]) == (None, None)
    for field in ("candidate_number", "birth_name", "given_names", "birth_date"):
        answer = change(office, "PATCH", path, emptied.json["revision"], {field: None})
        assert list(expect_problem(answer, 422)["errors"]) == [field]

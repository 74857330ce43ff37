"""Invitations and grants, over HTTP: who comes in, by whom, and how access ends."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Person
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.entering import PHRASE, accept, bearer, revision_of, sign_in, token_of
from tests.support.api.requests import API, change, expect_problem, get, post_new
from tests.support.worlds.world import World

# --- an invitation --------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_is_in(anonymous: FlaskClient, teacher: Person, world: World) -> None:
    answer = accept(anonymous, token_of(teacher))
    assert (answer.status_code, answer.json["state"]) == (200, "active")
    me = get(anonymous, "/me").json
    assert (me["email"], me["given_names"], me["family_name"]) == ("ana.durand@exemple.fr", "Ana", "Durand")
    assert [(grant["role"], grant["school"]) for grant in me["grants"]] == [("teacher", str(world.school.id))]
    assert "password" not in answer.text + get(anonymous, "/me").text


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("court", "trop court"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "trop facile à deviner"),
        ("Marseille2026!!", "un mot, un nom ou un lieu que l'on essaie en premier et une année"),
        ("Durand aime les phrases longues et sûres", "« durand »"),
        ("Mon adresse à exemple est bien trop longue", "« exemple »"),
        ("é" * 257, "Au plus 256"),
    ],
)
def test_a_password_below_the_bar_is_refused_with_its_reason(
    anonymous: FlaskClient, teacher: Person, password: str, reason: str
) -> None:
    body = expect_problem(accept(anonymous, token_of(teacher), password), 422, "invalid_values")
    assert reason in " ".join(body["errors"]["password"])
    assert accept(anonymous, token_of(teacher)).status_code == 200  # the invitation was not spent


def test_an_invitation_serves_once(anonymous: FlaskClient, teacher: Person) -> None:
    token = token_of(teacher)
    accept(anonymous, token)
    expect_problem(accept(anonymous, token, PHRASE + " encore"), 409, "invitation_over")
    assert sign_in(anonymous, teacher.email).status_code == 200


def test_an_invitation_expires(anonymous: FlaskClient, teacher: Person, clock: Clock) -> None:
    clock.advance(days=14)
    expect_problem(accept(anonymous, token_of(teacher)), 409, "invitation_over")


def test_an_unknown_token_answers_like_an_old_one(anonymous: FlaskClient) -> None:
    expect_problem(accept(anonymous, "n'importe quoi"), 409, "invitation_over")


def test_a_new_invitation_replaces_the_old_one_and_a_lost_password(
    anonymous: FlaskClient, client_for: Clients, teacher: Person, world: World
) -> None:
    old = token_of(teacher)
    accept(anonymous, old)
    elsewhere = bearer(client_for(), teacher.email)
    office, address = client_for(world.office), f"/people/{teacher.id}/invite-again"
    revision = revision_of(teacher)
    stranger = client_for(world.new_office(world.new_school("0690027E")))
    expect_problem(change(stranger, "POST", address, revision), 404)
    invited = change(office, "POST", address, revision)
    assert invited.status_code == 200
    expect_problem(change(office, "POST", address, revision), 412, "stale_revision")

    other = PHRASE + " et une autre"
    assert accept(client_for(), token_of(teacher), other).status_code == 200
    expect_problem(client_for().get(f"{API}/me", headers=elsewhere), 401)
    expect_problem(sign_in(client_for(), teacher.email), 401, "wrong_credentials")
    assert sign_in(client_for(), teacher.email, other).status_code == 200


def test_an_invitation_that_was_replaced_no_longer_serves(
    anonymous: FlaskClient, client_for: Clients, teacher: Person, world: World
) -> None:
    old = token_of(teacher)
    change(client_for(world.office), "POST", f"/people/{teacher.id}/invite-again", teacher.revision)
    expect_problem(accept(anonymous, old), 409, "invitation_over")
    assert accept(anonymous, token_of(teacher)).status_code == 200


@pytest.mark.parametrize("role", ["jury", "exam_service", "inspector", "support", "administrator", "office"])
def test_a_school_reopens_no_account_that_opens_more_than_the_school(
    client_for: Clients, world: World, role: str
) -> None:
    scope: dict[str, Any] = {
        "jury": {"academy": "10", "session": "2027"},
        "exam_service": {"academy": "10", "session": "2027"},
        "inspector": {},
        "support": {},
        "administrator": {},
    }
    scope["office"] = {"school": world.new_school("0690027E").id}
    person = world.new_teacher(world.school)
    Person.objects(pk=person.id).update(push__grants=world.grant(role, **scope[role]))
    path = f"/people/{person.id}/invite-again"
    refused = change(client_for(world.office), "POST", path, person.revision)
    expect_problem(refused, 403, "administrator_invites")
    assert change(client_for(world.administrator), "POST", path, person.revision).status_code == 200


# --- who invites whom -----------------------------------------------------------------------------


def test_the_administrator_invites_an_office_a_jury_an_inspector_and_support(world: World, client_for: Clients) -> None:
    administrator = client_for(world.administrator)
    address = f"/academies/{world.academy.id}/people"
    names = {"family_name": "Roy", "given_names": "Sacha"}
    scopes: dict[str, dict[str, Any]] = {
        "office": {"school": str(world.school.id)},
        "jury": {"session": "2027"},
        "exam_service": {"session": "2027"},
        "inspector": {"session": "2027r"},
        "support": {},
        "administrator": {},
    }
    granted = {}
    for role, scope in scopes.items():
        answer = post_new(administrator, address, names | {"email": f"{role}@exemple.fr", "role": role} | scope)
        assert answer.status_code == 201, answer.text
        granted[role] = answer.json["grants"][0]
    assert granted["office"]["school"] == str(world.school.id)
    assert (granted["jury"]["academy"], granted["jury"]["session"]) == ("10", "2027")
    assert granted["inspector"]["session"] == "2027R"
    service = granted["exam_service"]
    assert (service["academy"], service["session"], service["waits"]) == ("10", "2027", True)
    assert (granted["support"]["academy"], granted["support"]["session"], granted["support"]["waits"]) == (
        "10",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"role": "jury"}, "session"),
        ({"role": "exam_service"}, "session"),
        ({"role": "jury", "session": "27"}, "session"),
        ({"role": "office"}, "school"),
        ({"role": "office", "school": "5f5f5f5f5f5f5f5f5f5f5f5f"}, "school"),
        ({"role": "candidate"}, "role"),
        ({"email": "sacha.exemple.fr"}, "email"),
        ({"family_name": "=1+1"}, "family_name"),
        ({"given_names": "12"}, "given_names"),
    ],
)
def test_an_invitation_with_a_bad_value_invites_nobody(
    world: World, client_for: Clients, changed: dict[str, str], field: str
) -> None:
    said = {"email": "sacha@exemple.fr", "family_name": "Roy", "given_names": "Sacha", "role": "administrator"}
    administrator = client_for(world.administrator)
    answer = post_new(administrator, f"/academies/{world.academy.id}/people", said | changed)
    assert list(expect_problem(answer, 422)["errors"]) == [field]
    assert Person.objects.count() == 1


def test_an_office_invites_only_into_its_own_school(world: World, client_for: Clients) -> None:
    said = {"email": "sacha@exemple.fr", "family_name": "Roy", "given_names": "Sacha", "role": "teacher"}
    elsewhere = world.new_school("0690027E")
    expect_problem(post_new(client_for(world.office), f"/schools/{elsewhere.id}/people", said), 404)
    expect_problem(post_new(client_for(world.follower), f"/schools/{world.school.id}/people", said), 403, "forbidden")


def test_the_same_role_is_not_given_twice_so_that_one_revocation_ends_it(
    world: World, client_for: Clients, teacher: Person
) -> None:
    said = {"email": teacher.email, "family_name": "DURAND", "given_names": "Ana", "role": "teacher"}
    address = f"/schools/{world.school.id}/people"
    expect_problem(post_new(client_for(world.office), address, said), 409, "already_granted")
    assert len(Person.objects.get(pk=teacher.id).grants) == 1
    assert post_new(client_for(world.office), address, said | {"role": "office"}).status_code == 201


def test_an_address_that_is_another_persons_is_refused(world: World, client_for: Clients, teacher: Person) -> None:
    said = {"email": teacher.email, "family_name": "Durand", "given_names": "Léo", "role": "office"}
    body = expect_problem(post_new(client_for(world.office), f"/schools/{world.school.id}/people", said), 422)
    assert list(body["errors"]) == ["email"]
    assert "Ana" not in str(body)

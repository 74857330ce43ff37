"""Support's page: one person at a time, states alone; it says whom to ask, and acts on nothing."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portfolio.boards.support.support_states import MAILS
from portfolio.documents import Person
from portfolio.documents.people import PersonState
from portfolio.rules.file_kinds import UnacceptableFile
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, expect_problem
from tests.support.filling import fill, shown, words
from tests.support.worlds.world import World
from tests.walks.test_words_shown import faults
from web.app import OF_SUPPORT
from web.support import labels


@pytest.fixture
def support(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.support)


def sought(world: World, client: FlaskClient, **typed: str) -> str:
    answer = fill(client, "/assistance", f"look-up-{world.academy.id}", **typed)
    assert answer.status_code == 200, answer.text[:2000]
    return words(answer)


def test_a_candidate_who_calls_is_found_and_the_page_says_whom_to_ask(world: World, support: FlaskClient) -> None:
    piece = world.new_piece(title="Titre confidentiel")
    world.upload(piece, b"MZ" + b"\0" * 200, "programme.exe")
    world.sign_off()
    assert support.get("/").headers["Location"] == "/assistance"
    page = sought(world, support, candidate_number=world.candidacy.candidate_number)
    refused = "1 refusé, motif : programme ou script"
    for told in (world.candidate.family_name, "Compte ouvert", refused, "À qui demander", world.school.name):
        assert told in page, told
    for secret in ("onfidentiel", "programme.exe", "Relance", world.candidate.email, "Vu ensemble"):
        assert secret not in page, secret
    assert re.findall(r'<form [^>]*action="([^"]*)"', page) == ["/deconnexion"]
    assert faults(page) == []


def test_the_account_of_a_tutor_is_not_shown(world: World, support: FlaskClient) -> None:
    page = fill(support, "/assistance", f"look-up-{world.academy.id}", email=world.tutor.email).text
    assert page.count("non montré pour un tuteur") == 2 and "Compte ouvert" not in page
    assert "Dernière visite pour confirmer" in page
    assert faults(page) == []


def test_of_a_suspended_tutor_the_suspension_alone_is_told_besides(world: World, support: FlaskClient) -> None:
    Person.objects(pk=world.tutor.id).update(set__state=PersonState.SUSPENDED)
    page = fill(support, "/assistance", f"look-up-{world.academy.id}", email=world.tutor.email).text
    assert "suspendu" in page and page.count("non montré pour un tuteur") == 1
    assert "Dernière visite pour confirmer" in page and "Dernière connexion" not in page


def test_nobody_and_somebody_elsewhere_are_the_same_page_with_what_was_typed(
    world: World, support: FlaskClient
) -> None:
    elsewhere = world.person("Ailleurs", world.grant("support", academy="01"))
    told = set()
    for email in (elsewhere.email, "personne@exemple.fr"):
        answer = fill(support, "/assistance", f"look-up-{world.academy.id}", email=email)
        assert answer.status_code == 422 and email in answer.text
        told.add(re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text.replace(email, "")))
    told = {re.sub(r"[\w-]{20,}", "", page) for page in told}
    assert len(told) == 1 and "Personne n" in told.pop()


def test_the_route_gives_the_same_and_is_refused_to_another_academy_s_support(
    world: World, support: FlaskClient, client_for: Clients
) -> None:
    path, asked = f"/academies/{world.academy.id}/look-ups", {"email": world.candidate.email}
    body = ask(support, path, asked).json
    assert body["candidacies"][0]["portfolio"] == "open" and body["account"]["state"] == "active"
    assert "email" not in body and "id" not in body
    far = client_for(world.person("Loin", world.grant("support", academy="01")))
    expect_problem(ask(far, path, asked), 404)
    expect_problem(ask(client_for(world.office), path, asked), 404)
    errors = expect_problem(ask(support, path, {"email": "personne@exemple.fr"}), 422, "invalid_values")["errors"]
    assert list(errors) == ["email"]
    listed = client_for(world.administrator).get(f"/api/v1{path}").json["items"]
    assert [(row["by"], row["person"]) for row in listed] == [(world.support.name, world.candidate.name)]


def test_support_has_one_form_and_it_only_looks(app: Flask) -> None:
    (look_ups,) = OF_SUPPORT
    endpoints = [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("support.")]
    assert sorted(endpoints) == ["support.home", "support.look_up_act"] and look_ups.pages.roles == ("support",)


def test_every_kind_of_mail_has_its_words() -> None:
    assert set(labels.MAILS) == set(MAILS)


def test_every_refusal_of_a_file_has_its_words() -> None:
    refusals, codes = [UnacceptableFile], set[str]()
    while refusals:
        below = refusals.pop().__subclasses__()
        codes |= {refusal.code for refusal in below}
        refusals += below
    of_no_file = {"not_a_scan", "not_an_annex", "packed_otherwise", "too_many_packed"}
    assert set(labels.REFUSALS) == codes - of_no_file, "refused at once, or of an archive, and never kept of a file"


def test_a_mail_that_waits_is_told_with_its_day(world: World, support: FlaskClient) -> None:
    invited = world.new_candidacy(birth_name="Attendue")
    page = sought(world, support, candidate_number=invited.candidate_number)
    assert "prévu le 12 janvier 2027" in re.sub(r"\s+", " ", page)


def test_where_no_worker_runs_a_mail_is_told_as_overdue_with_whom_to_ask(
    world: World, support: FlaskClient, clock: Clock
) -> None:
    invited = world.new_candidacy(birth_name="Attendue")
    clock.advance(minutes=6)
    page = re.sub(r"\s+", " ", sought(world, support, candidate_number=invited.candidate_number))
    assert "en retard : devait partir le 12 janvier 2027" in page and "prévu le" not in page
    assert "Courriel en retard</strong> (plus rien ne part)" in page


def test_the_first_page_says_that_it_is_written_down(world: World, support: FlaskClient) -> None:
    page = shown(support, "/assistance")
    assert "mes données" in page and world.academy.name in page

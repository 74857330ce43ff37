"""A form that was refused for want of a session: kept for its author in their browser, never for anybody else."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

import web
from api.http.schemas import secret_names
from portfolio.documents import Person, SignIn
from portfolio.evidence.unsent_forms import MOST
from portfolio.identity import second_factor, sign_ins
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.filling import HTML, csrf, fill, form_of, shown
from tests.support.worlds.world import World

OURS = {"Origin": "http://localhost"}
INVITED = {"email": "complice@exemple.fr", "family_name": "Complice", "given_names": "Camille", "role": "teacher"}


class Secretary:
    """Signed in by the page, then not any more; knows the password."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world, self.person = client, world, world.office
        self.password = world.set_password(world.office)
        self.people = f"/etablissement/{world.school.id}/comptes"

    def sign_in(self, form: dict[str, Any] | None = None) -> Any:
        typed = {"email": self.person.email, "password": self.password}
        if form is None:
            return fill(self.client, "/connexion", "sign-in", **typed)
        return self.client.post("/connexion", data=form["fields"] | typed, headers=HTML | OURS)

    def session_ends(self) -> None:
        SignIn.objects(person=self.person.id).update(set__ended_at=self.world.clock())

    def invites(self, **changed: str) -> Any:
        sent = {"_form": "invite", "csrf_token": csrf(self.client), **INVITED, **changed}
        return self.client.post(self.people, data=sent, headers=HTML | OURS)


@pytest.fixture
def secretary(anonymous: FlaskClient, world: World) -> Secretary:
    secretary = Secretary(anonymous, world)
    secretary.sign_in()
    return secretary


def test_it_is_found_again_on_its_page_filled_in_and_not_sent(secretary: Secretary) -> None:
    secretary.session_ends()
    refused = secretary.invites()
    assert refused.status_code == 401 and "Ce que vous avez tapé est gardé" in html.unescape(refused.text)
    wrong = secretary.client.post(
        "/connexion",
        data=form_of(refused.text, "sign-in")["fields"] | {"email": "x", "password": "y"},
        headers=HTML | OURS,
    )
    assert wrong.status_code == 401 and "Ce que vous avez tapé est gardé" in html.unescape(wrong.text)
    back = secretary.sign_in(form_of(wrong.text, "sign-in"))
    assert (back.status_code, back.headers["Location"]) == (303, secretary.people)
    page = html.unescape(shown(secretary.client, secretary.people))
    assert "Rien n'est encore envoyé" in page
    assert 'value="complice@exemple.fr"' in page and 'value="Complice"' in page
    assert Person.objects(email=INVITED["email"]).first() is None


def test_nothing_that_another_site_sends_is_ever_kept(secretary: Secretary, store: Connections) -> None:
    """To the sign-in page, as to any act: with the names that the pages once used, and without a token of ours."""
    secretary.session_ends()
    planted = {f"_kept.{name}": value for name, value in INVITED.items()} | {"_kept_to": secretary.people}
    for path in ("/connexion", secretary.people):
        for token in ({}, {"csrf_token": "volé"}):
            sent = {"_form": "sign-in", **planted, **INVITED, **token}
            answer = secretary.client.post(path, data=sent, headers=HTML | OURS)
            assert (
                "complice" not in answer.text.replace('value="complice@exemple.fr"', "") and "_kept" not in answer.text
            )
            form = form_of(answer.text, "sign-in")
            assert secretary.people not in str(form)
            assert secretary.sign_in(form).headers["Location"] == "/"
            secretary.session_ends()
    assert store.database.unsent.count_documents({}) == 0
    assert store.database.drafts.count_documents({}) == 0


def test_nothing_is_kept_of_a_visitor(anonymous: FlaskClient, world: World, store: Connections) -> None:
    sent = {"_form": "invite", "csrf_token": csrf(anonymous), **INVITED}
    refused = anonymous.post(f"/etablissement/{world.school.id}/comptes", data=sent, headers=HTML | OURS)
    assert refused.status_code == 401 and "rien n'a été envoyé" in html.unescape(refused.text)
    assert store.database.unsent.count_documents({}) == 0


def test_whoever_signs_in_instead_finds_nothing_of_it(secretary: Secretary, world: World, store: Connections) -> None:
    secretary.session_ends()
    form = form_of(secretary.invites().text, "sign-in")
    secretary.person, secretary.password = world.follower, world.set_password(world.follower)
    assert secretary.sign_in(form).headers["Location"] == "/"
    assert store.database.drafts.count_documents({}) == 0
    assert "complice" not in shown(secretary.client, "/classe")


def test_another_browser_of_the_same_person_finds_nothing_of_it(secretary: Secretary, app: Flask) -> None:
    secretary.session_ends()
    secretary.invites()
    elsewhere = app.test_client()
    signed = fill(elsewhere, "/connexion", "sign-in", email=secretary.person.email, password=secretary.password)
    assert signed.headers["Location"] == "/"
    assert "complice" not in shown(elsewhere, secretary.people)


def test_it_counts_for_a_day_and_the_latest_twenty(secretary: Secretary, clock: Clock, store: Connections) -> None:
    secretary.session_ends()
    for number in range(MOST + 5):
        refused = secretary.invites(family_name=f"Numéro {number}")
    names = {field["values"][0] for row in store.database.unsent.find() for field in row["fields"]}
    assert store.database.unsent.count_documents({}) == MOST
    assert f"Numéro {MOST + 4}" in names and "Numéro 0" not in names
    clock.advance(hours=23)
    again = secretary.sign_in(form_of(refused.text, "sign-in"))
    assert again.headers["Location"] == secretary.people
    secretary.session_ends()
    refused = secretary.invites()
    clock.advance(days=1)
    assert secretary.sign_in(form_of(refused.text, "sign-in")).headers["Location"] == "/"


def test_what_is_too_long_to_be_kept_is_said_to_be_lost(secretary: Secretary, store: Connections) -> None:
    secretary.session_ends()
    refused = secretary.invites(family_name="a" * 20_001)
    assert "rien n'a été envoyé" in html.unescape(refused.text)
    assert store.database.unsent.count_documents({}) == 0


def test_it_waits_for_the_digits_too(secretary: Secretary, world: World, clock: Clock) -> None:
    """Both when the session ended (password, then digits), and when only the digits were still owed."""
    by = world.actor(secretary.person)
    nonce = second_factor.offer(by).nonce
    totp = pyotp.TOTP(second_factor.offered(by, nonce).secret)
    sign_in, _ = sign_ins.sign_in(secretary.person.email, secretary.password, "cookie", None, clock())
    second_factor.set_up(by, secretary.password, nonce, totp.at(clock()), sign_in, clock())
    secretary.session_ends()
    to_digits = secretary.sign_in(form_of(secretary.invites().text, "sign-in"))
    asked = secretary.client.get(to_digits.headers["Location"], headers=HTML)
    for told in (asked, None):
        told = told or secretary.invites()
        assert "six chiffres" in told.text and "Ce que vous avez tapé est gardé" in html.unescape(told.text)
        wrong = form_of(told.text, "second-factor")["fields"] | {"code": "000000"}
        again = secretary.client.post("/second-facteur", data=wrong, headers=HTML | OURS)
        assert again.status_code == 422 and "Ce que vous avez tapé est gardé" in html.unescape(again.text)
        clock.advance(seconds=60)
        right = form_of(again.text, "second-factor")["fields"] | {"code": totp.at(clock())}
        back = secretary.client.post("/second-facteur", data=right, headers=HTML | OURS)
        assert back.headers["Location"] == secretary.people
        assert 'value="complice@exemple.fr"' in shown(secretary.client, secretary.people)
        SignIn.objects(person=secretary.person.id).update(unset__second_factor_at=True)


# --- secrets --------------------------------------------------------------------------------------


def test_no_form_of_any_page_gives_back_or_keeps_a_secret_that_was_typed(
    secretary: Secretary, app: Flask, store: Connections
) -> None:
    """Every act of every page, sent once the session has ended, with a secret under every name that takes one."""
    names = secret_names()
    assert {"password", "current", "again", "code", "token"} <= names
    secretary.session_ends()
    typed = {name: f"secret-de-{name}-9f3a" for name in names} | {"comment": "à suivre"}
    acts = [rule for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "back", None)]
    assert len(acts) > 60
    token = csrf(secretary.client)
    for rule in acts:
        numbers = {name for name, one in rule._converters.items() if isinstance(one, IntegerConverter)}
        ids = {name: 1 if name in numbers else secretary.world.school.id for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, ids)
        sent = typed | {"csrf_token": token, "_form": f"form-{rule.endpoint}"}
        answer = secretary.client.post(path, data=sent, headers=HTML | OURS)
        assert "9f3a" not in answer.text, rule
    kept = str(list(store.database.unsent.find())) + str(list(store.database.drafts.find()))
    assert "à suivre" in kept and "9f3a" not in kept


def test_whatever_a_page_asks_for_in_hidden_letters_is_known_as_a_secret() -> None:
    """A field of a template that hides what is typed, or takes a code, is one of a Secret."""
    asked = set()
    for template in Path(web.__file__).parent.glob("*/templates/*.html"):
        for line in template.read_text().splitlines():
            if 'kind="password"' in line or "one-time-code" in line:
                asked |= set(re.findall(r'f\.text\(form, "(\w+)"', line))
    assert asked and asked <= secret_names()

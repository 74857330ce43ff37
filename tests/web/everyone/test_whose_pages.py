"""A page belongs to some readers: the others are told whose it is, whatever it is about, and sent to their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask import Flask

from portfolio.documents import Person, SignIn
from portfolio.documents.people import ROLES, WITHOUT_PASSWORD
from portfolio.ids import new_token, token_hash
from tests.support.api.clients import Clients
from tests.support.filling import HTML
from tests.support.worlds.world import World
from web.layout import MENU
from web.terms import READERS

ROOTS = {
    "/portfolio": ("candidate",),
    "/classe": ("teacher",),
    "/confirmations": ("teacher",),
    "/commissions": ("teacher", "tutor"),
    "/etablissement": ("office",),
    "/jury": ("jury",),
    "/inspection": ("inspector",),
    "/circulaires": ("inspector", "administrator"),
    "/assistance": ("support",),
    "/examens": ("exam_service",),
    "/administration": ("administrator",),
}
# Periods and commissions are kept on the same pages by teachers and offices, accounts by offices and administrators.
SHARED = {
    "/classe/periodes/": "office",
    "/classe/periodes-proposees/": "office",
    "/classe/candidats/<oid:candidacy_id>/periodes/": "office",
    "/classe/candidats/<oid:candidacy_id>/commission": "office",
    "/classe/etablissements/<oid:school_id>/entreprises": "office",
    "/classe/commissions": "office",
    "/commissions/<oid:commission_id>/papier": "office",
    "/commissions/<oid:commission_id>/grille-vierge": "office",
    "/etablissement/<oid:school_id>/comptes": "administrator",
    "/jury/<oid:jury_id>/membres": "administrator",
}


@pytest.fixture
def people(world: World) -> dict[str, Person]:
    """One for each role, who holds no other."""
    return {
        "candidate": world.candidate,
        "tutor": world.tutor,
        "teacher": world.follower,
        "office": world.office,
        "jury": world.jury_member,
        "inspector": world.inspector,
        "support": world.support,
        "exam_service": world.exam_service,
        "administrator": world.administrator,
    }


def test_the_menu_leads_each_role_to_pages_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        for role, _, endpoint in MENU:
            address = app.url_for(endpoint)
            assert address == "/s" or role in ROOTS[address]
            assert app.blueprints[endpoint.partition(".")[0]].roles == ROOTS.get(address, ())  # type: ignore[attr-defined]
    assert set(READERS) == set(ROLES)


def test_whoever_opens_the_first_page_of_others_is_told_whose_it_is_and_led_home(
    people: dict[str, Person], client_for: Clients
) -> None:
    for role, person in people.items():
        client = client_for(person)
        homes = [root for root, roles in ROOTS.items() if role in roles] + ["/s"] * (role == "tutor")
        for root, roles in ROOTS.items():
            answer = client.get(root, headers=HTML)
            if role in roles:
                assert answer.status_code in (200, 302), (role, root)
                continue
            assert answer.status_code == 403, (role, root)
            told = unescape(answer.text)
            assert f"Cette page est celle {' et '.join(READERS[one] for one in roles)}." in told
            shown = re.findall(r'<a href="([^"]+)" role="button">', told)
            assert sorted(shown) == sorted(homes), (role, root)


def test_every_page_below_is_refused_before_anything_is_looked_for(
    app: Flask, people: dict[str, Person], client_for: Clients
) -> None:
    """Whatever exists or not: no address tells anything to whom it is not meant for."""
    clients = {role: client_for(person) for role, person in people.items()}
    asked = list(_pages(app))
    assert len(asked) > 100
    for method, path, roles in asked:
        for role in set(ROLES) - set(roles):
            answer = clients[role].open(path, method=method)
            assert (answer.status_code, answer.json["code"]) == (403, "page_of_others"), (role, method, path)


def _pages(app: Flask) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(method, path, whose) of every page below a root."""
    for rule in app.url_map.iter_rules():
        root = f"/{rule.rule.split('/')[1]}"
        if root not in ROOTS:
            continue
        roles = (*ROOTS[root], *(role for begins, role in SHARED.items() if rule.rule.startswith(begins)))
        path = re.sub(r"<int:[a-z_]+>", "1", re.sub(r"<oid:[a-z_]+>", "0" * 24, rule.rule))
        assert "<" not in path
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, path, roles


def test_a_candidate_no_longer_opens_the_page_that_teachers_have_of_them(world: World, client_for: Clients) -> None:
    path = f"/classe/candidats/{world.candidacy.id}"
    assert client_for(world.follower).get(path).status_code == 200
    answer = client_for(world.candidate).get(path, headers=HTML)
    assert answer.status_code == 403
    assert "des professeurs" in answer.text and 'href="/portfolio" role="button">Mon portfolio' in answer.text


def test_somebody_of_several_roles_opens_the_pages_of_each(world: World, client_for: Clients) -> None:
    both: Any = world.follower
    both.grants.append(world.grant("office", school=world.school.id))
    both.save()
    client = client_for(both)
    assert [client.get(root).status_code for root in ("/classe", "/commissions", "/etablissement", "/jury")] == [
        *[200] * 3,
        403,
    ]


def test_a_right_that_was_withdrawn_opens_nothing_any_more(world: World, client_for: Clients) -> None:
    client = client_for(world.follower)
    assert client.get("/classe").status_code == 200
    person = Person.objects.get(pk=world.follower.id)
    person.grants[0].revoked_at = world.clock()
    person.save()
    answer = client.get("/classe", headers=HTML)
    assert answer.status_code == 403 and 'href="/" role="button"' in answer.text


@pytest.mark.parametrize("way", WITHOUT_PASSWORD)
def test_whoever_came_by_a_link_or_a_code_is_told_to_use_their_password(
    app: Flask, world: World, clock: Any, way: str
) -> None:
    """Even a teacher who is also a tutor: the link opens sign-offs alone."""
    world.tutor.grants.append(world.grant("teacher", school=world.school.id))
    world.tutor.save()
    token = new_token()
    kept = {"person": world.tutor.id, "token_hash": token_hash(token), "way": way, "created_at": clock()}
    SignIn(**kept, expires_at=world.later(days=1)).save()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    assert client.get("/s", headers=HTML).status_code == 200
    for root in ROOTS:
        answer = client.get(root, headers=HTML)
        assert answer.status_code == 403
        assert "connectez-vous avec votre mot de passe" in unescape(answer.text)

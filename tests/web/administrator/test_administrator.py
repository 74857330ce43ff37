"""The administrator's pages: places, staff, accounts; nothing of a portfolio."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Academy, Jury, Person, School
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, followed, shown
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World
from web.administrator import institutions


@pytest.fixture
def administrator(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.administrator)


def test_an_academy_its_school_its_jury_and_their_people_are_made_in_order(administrator: FlaskClient) -> None:
    typed = {"code": "10", "name": "Lyon", "timezone": "Mars/Olympus"}
    refused = fill(administrator, "/administration", "academy", **typed)
    assert refused.status_code == 422 and "Fuseau horaire inconnu" in refused.text
    told = followed(
        administrator, fill(administrator, "/administration", "academy", **typed | {"timezone": "Europe/Paris"})
    )
    assert "Aucun établissement" in told
    path = f"/administration/academies/{Academy.objects.get().id}"
    school = {"uai": "0690026D", "name": "Lycée Ampère", "city": "Lyon", "kind": "public"}
    assert fill(administrator, path, "school", **school | {"uai": "0690026X"}).status_code == 422
    assert "Lycée Ampère" in followed(administrator, fill(administrator, path, "school", **school))
    assert not School.objects.get().habilitated
    jury = {"session": "2027", "name": "Jury de Lyon"}
    followed(administrator, fill(administrator, path, "jury", **jury))
    assert Jury.objects.count() == 1 and fill(administrator, path, "jury", **jury).status_code == 409
    names = {"family_name": "Durand", "given_names": "Paule"}
    office = {"role": "office", "school": str(School.objects.get().id), "email": "secretariat@exemple.fr"}
    followed(administrator, fill(administrator, path, "staff", **names, **office))
    judge = {"role": "jury", "session": "2027", "email": "jury@exemple.fr"}
    assert "Paule Durand" in followed(administrator, fill(administrator, path, "staff", **names, **judge))
    assert Person.objects.get(email="jury@exemple.fr").grants[0].academy == "10"


def test_an_account_is_found_suspended_and_reinstated(world: World, administrator: FlaskClient) -> None:
    office = world.office
    assert office.email in fill(administrator, "/administration/comptes", "seek", nom="bur").text
    assert office.email not in fill(administrator, "/administration/comptes", "seek", nom="zz").text
    assert office.email not in shown(administrator, "/administration/comptes?role=jury")
    path = f"/comptes/{office.id}"
    assert fill(administrator, path, f"suspend-{office.id}").status_code == 422
    told = followed(administrator, fill(administrator, path, f"suspend-{office.id}", reason="Départ"))
    assert "Suspendu" in told and "Départ" in told
    assert "rétabli" in followed(administrator, fill(administrator, path, f"reinstate-{office.id}"))


def test_who_of_support_looked_up_whom_is_read_page_by_page(
    world: World, administrator: FlaskClient, client_for: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/administration/academies/{world.academy.id}/consultations"
    assert "n'a encore consulté aucun compte" in shown(administrator, path).replace("’", "'")
    monkeypatch.setattr(institutions, "PER_PAGE", 1)
    support, form = client_for(world.support), f"look-up-{world.academy.id}"
    for person in (world.follower, world.candidate):
        assert fill(support, "/assistance", form, email=person.email).status_code == 200
    first = shown(administrator, path)
    assert world.candidate.name in first and world.support.name in first and world.follower.name not in first
    (following,) = re.findall(r'href="([^"]+suite=[^"]+)"', first)
    assert world.follower.name in shown(administrator, following)


def test_an_administrator_reads_no_evidence_and_no_mark(world: World, administrator: FlaskClient) -> None:
    sheet = sheet_of(world)
    for path in (
        f"/etablissement/candidats/{sheet.candidacy}",
        f"/fiches/{sheet.id}",
        f"/jury/fiches/{sheet.id}",
        f"/etablissement/{world.school.id}/bordereau.csv",
    ):
        assert administrator.get(path, headers=HTML).status_code in (403, 404), path
    told = shown(administrator, f"/administration/academies/{world.academy.id}")
    assert sheet.number not in told


@pytest.mark.parametrize("who", ["office", "follower", "candidate", "jury_member", "inspector", "support"])
def test_nobody_else_administers(world: World, client_for: Clients, who: str) -> None:
    person, path = getattr(world, who), f"/administration/academies/{world.academy.id}"
    client = client_for(person)
    for page in (path, "/administration", "/administration/comptes"):
        assert "@exemple.fr" not in shown(client, page, 403).replace(person.email, "")

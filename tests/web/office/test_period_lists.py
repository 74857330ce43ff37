"""Periods from a file, on the office's page: shown, corrected there, added; the same file again adds nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Placement
from portfolio.store.connections import Connections
from tests.enrolment.lists.test_any_list import workbook
from tests.enrolment.period_lists.test_period_list import TITLES, WITH_ADDRESS, WITHOUT
from tests.support.filling import HTML, form_of, shown, words
from tests.support.queries import counted
from tests.support.worlds.world import World

FILES = {"content_type": "multipart/form-data"}


@pytest.fixture
def adele(world: World) -> Candidacy:
    return world.new_candidacy(birth_name="Abgrall", given_names="Adèle", division="2BTSA2")


def sent(office: FlaskClient, place: str, *rows: tuple[Any, ...]) -> Any:
    form = form_of(shown(office, f"{place}/periodes"), "period-list")
    typed = {"session": "2027", "file": (io.BytesIO(workbook(TITLES, *rows)), "stages.xlsx")}
    return office.post(form["action"], data=form["fields"] | typed, headers=HTML, **FILES)


def added(office: FlaskClient, page: Any, **typed: str) -> Any:
    form = form_of(page.text, "periods")
    return office.post(form["action"], data=form["fields"] | typed, headers=HTML)


def test_a_list_is_shown_corrected_and_added(world: World, office: FlaskClient, place: str, adele: Candidacy) -> None:
    page = sent(office, place, ("ABGRALL Adèle", *WITHOUT), ("ABGRALE Adèle", "2BTSA2", "Ponant", *WITH_ADDRESS[2:]))
    assert page.status_code == 200 and Placement.objects.count() == 0
    assert "Ajouter 1 période" in words(page) and "Cellule A3" in words(page) and "confirme sur papier" in words(page)
    page = added(office, page)
    assert "1 période ajoutée" in words(page) and Placement.objects.count() == 1
    assert form_of(page.text, "periods")["fields"]["list"]
    typed = {"cell.3.candidate": "Abgrall Adèle"}
    read = form_of(page.text, "periods")
    again = office.post(read["action"].replace("/ajout", ""), data=read["fields"] | typed, headers=HTML)
    assert "Une période y est déjà enregistrée" not in words(again)
    assert "Cette période est déjà celle de la ligne 2" in words(again)


def test_the_same_file_again_adds_nothing(world: World, office: FlaskClient, place: str, adele: Candidacy) -> None:
    added(office, sent(office, place, ("ABGRALL Adèle", *WITH_ADDRESS)))
    assert "Cette liste n'ajoute rien" in words(sent(office, place, ("ABGRALL Adèle", *WITH_ADDRESS)))
    assert Placement.objects.count() == 1


def test_namesakes_are_chosen_on_the_page(world: World, office: FlaskClient, place: str, adele: Candidacy) -> None:
    other = world.new_candidacy(birth_name="Abgrall", given_names="Adèle", birth_date="2006-01-02", division="2BTSA2")
    page = sent(office, place, ("ABGRALL Adèle", *WITH_ADDRESS))
    assert "2 janvier 2006" in words(page)
    assert "1 période ajoutée" in words(added(office, page, **{"cell.2.candidacy": str(other.id)}))
    assert Placement.objects.get().candidacy == other.id


def test_names_to_check_are_asked_on_the_page_which_loses_nothing(
    world: World, office: FlaskClient, place: str, adele: Candidacy
) -> None:
    page = sent(office, place, ("ABGRALL Adèle", *WITH_ADDRESS[:7], "Bodénez Ronan", *WITH_ADDRESS[8:]))
    refused = added(office, page)
    assert refused.status_code == 409 and "Bodénez Ronan → Bodénez | Ronan" in words(refused)
    assert "1 période ajoutée" in words(added(office, refused, agreed="split_names"))


def test_the_list_itself_is_kept_nowhere(
    world: World, office: FlaskClient, place: str, adele: Candidacy, store: Connections
) -> None:
    rows = ("ABGRALL Adèle", *WITH_ADDRESS), ("JAMAIS-ÉCRIT Paul", *WITH_ADDRESS)
    added(office, sent(office, place, *rows))
    names = store.database.list_collection_names()
    assert Placement.objects.count() == 1
    assert [name for name in names if "JAMAIS" in str(list(store.database[name].find()))] == []


def test_no_file_says_what_to_do(office: FlaskClient, place: str) -> None:
    form = form_of(shown(office, f"{place}/periodes"), "period-list")
    for data in (b"", b"PK\x03\x04" + b"0" * 100):
        typed = {"session": "2027", "file": (io.BytesIO(data), "stages.xlsx")}
        told = office.post(form["action"], data=form["fields"] | typed, headers=HTML, **FILES)
        assert told.status_code == (200 if data else 422)
        assert "period-list-file" in told.text


def test_a_longer_list_is_shown_by_as_many_commands(
    world: World, office: FlaskClient, place: str, adele: Candidacy, store: Connections
) -> None:
    world.new_candidacy(birth_name="Diop", given_names="Gaël")
    rows = (("ABGRALL Adèle", *WITH_ADDRESS), ("DIOP Gaël", *WITH_ADDRESS))
    with counted(store.database) as one:
        sent(office, place, rows[0])
    with counted(store.database) as two:
        sent(office, place, *rows)
    assert one == two

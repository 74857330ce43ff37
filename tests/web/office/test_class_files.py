"""A class from a file, on the pages of the office."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Candidacy, RosterImport
from tests.enrolment.rosters.test_roster_import import LEFEVRE, NGUYEN, file
from tests.support.filling import HTML, fill, followed, form_of, shown
from tests.support.worlds.world import World

FILES = {"content_type": "multipart/form-data"}


def imported(office: FlaskClient, place: str, *lines: tuple[str, ...], data: bytes | None = None) -> Any:
    sent = {"session": "2027", "file": (io.BytesIO(data or file(*lines).encode("cp1252")), "classe.csv")}
    hidden = form_of(shown(office, f"{place}/imports"), "roster")
    return office.post(hidden["action"], data=hidden["fields"] | sent, headers=HTML, **FILES)


def test_a_class_is_shown_confirmed_and_undone(world: World, office: FlaskClient, place: str) -> None:
    told = followed(office, imported(office, place, LEFEVRE, NGUYEN))
    assert "Ce qui serait inscrit" in told and "12 avril 2005" in told and Candidacy.objects.count() == 0
    roster = RosterImport.objects.get()
    path = f"/etablissement/imports/{roster.id}"
    assert "2 candidats inscrits" in followed(office, fill(office, path, f"confirm-{roster.id}"))
    assert Candidacy.objects.count() == 2
    assert fill(office, path, f"undo-{roster.id}").status_code == 422
    assert "Import annulé" in followed(office, fill(office, path, f"undo-{roster.id}", reason="Mauvaise classe"))
    assert Candidacy.objects.count() == 0


def test_what_is_wrong_in_a_file_stands_on_its_line_and_nothing_is_confirmed(
    world: World, office: FlaskClient, place: str
) -> None:
    wrong = (*LEFEVRE[:4], "31/02/2005", *LEFEVRE[5:])
    told = followed(office, imported(office, place, wrong, NGUYEN))
    assert "vérifiez le jour et le mois" in told and "Inscrire 2 candidats" not in told
    assert "faulty" in told


def test_a_namesake_is_decided_by_a_person(world: World, office: FlaskClient, place: str) -> None:
    followed(office, imported(office, place, LEFEVRE))
    first = RosterImport.objects.get()
    fill(office, f"/etablissement/imports/{first.id}", f"confirm-{first.id}")
    again = (LEFEVRE[0], LEFEVRE[1], "02099999999", "autre@exemple.fr", *LEFEVRE[4:])
    followed(office, imported(office, place, again))
    second = RosterImport.objects(pk__ne=first.id).get()
    path, form = f"/etablissement/imports/{second.id}", f"confirm-{second.id}"
    refused = fill(office, path, form)
    assert refused.status_code == 409 and "homonymes" in refused.text
    assert "1 candidat inscrit" in followed(office, fill(office, path, form, homonym_lines="2"))


def test_numbers_without_their_zeros_are_asked_about(world: World, office: FlaskClient, place: str) -> None:
    told = followed(office, imported(office, place, (*LEFEVRE[:2], LEFEVRE[2][1:], *LEFEVRE[3:])))
    assert "ont-ils perdu leur zéro" in told and f"{LEFEVRE[2][1:]} → {LEFEVRE[2]}" in told
    roster = RosterImport.objects.get()
    path, form = f"/etablissement/imports/{roster.id}", f"confirm-{roster.id}"
    assert fill(office, path, form).status_code == 409 and Candidacy.objects.count() == 0
    assert "1 candidat inscrit" in followed(office, fill(office, path, form, zeros="lost_zeros"))
    assert Candidacy.objects.get().candidate_number == LEFEVRE[2]


def test_no_file_or_a_workbook_says_what_to_do(world: World, office: FlaskClient, place: str) -> None:
    assert fill(office, f"{place}/imports", "roster", session="2027").status_code == 422
    told = followed(office, imported(office, place, data=b"PK\x03\x04" + b"0" * 100))
    assert "CSV" in told

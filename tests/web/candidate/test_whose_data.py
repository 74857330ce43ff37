"""Other people's data in a candidate's files: said on the page of the piece and before handing in."""

from __future__ import annotations

import io

import openpyxl
import pytest
from flask.testing import FlaskClient

from portfolio.documents import Evidence
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.files.cleaning.test_cleaning import photo
from tests.support.api.clients import Clients
from tests.support.browser.addresses import of
from tests.support.filling import fill, shown
from tests.support.worlds.world import World

NIR, PHONE = "2 84 02 75 241 042 02", "06 39 98 02 44"
HIDDEN = "1 numéro de sécurité sociale : feuille masquée « Clients », B2"


@pytest.fixture
def piece(world: World) -> Evidence:
    """A piece that is handed in, with a workbook whose hidden sheet holds somebody's number."""
    book = openpyxl.Workbook()
    book.active.append(["Nom", "Téléphone"])
    book.active.append(["Aubrac", PHONE])
    clients = book.create_sheet("Clients")
    clients.sheet_state = "hidden"
    clients.append(["Adhérent", "NIR"])
    clients.append(["Elsa Monnier", NIR])
    buffer = io.BytesIO()
    book.save(buffer)
    piece = world.new_piece()
    world.upload(piece, buffer.getvalue(), "suivi.xlsx")
    return piece


def searched(world: World) -> None:
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)


def test_its_candidate_reads_what_where_and_what_to_do_once_it_was_searched(
    world: World, client: FlaskClient, piece: Evidence
) -> None:
    address = f"/portfolio/preuve/{piece.id}"
    assert "semble contenir" not in shown(client, address)
    assert "Données d'autres personnes" not in shown(client, of(world, "remise"))
    searched(world)
    page = shown(client, address)
    assert HIDDEN in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert "2 8• •• •• ••• ••• 02" in page and "déposez la copie" in page
    assert NIR not in page
    hand_in = shown(client, of(world, "remise")).replace("\u00a0", " ")
    assert "Données d'autres personnes" in hand_in
    assert f'<a href="{address}">' in hand_in
    assert "1 numéro de sécurité sociale, 1 numéro de téléphone" in hand_in


def test_who_follows_the_candidate_reads_kind_place_and_count_alone(
    world: World, client_for: Clients, piece: Evidence
) -> None:
    searched(world)
    page = shown(client_for(world.follower), f"/classe/preuves/{piece.id}").replace("\u00a0", " ")
    assert HIDDEN in page
    assert "•" not in page and "déposez la copie" not in page and NIR not in page


def test_a_cleaned_copy_is_offered_made_and_both_are_left_to_compare(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    original = world.upload(piece, photo(), "degats.jpg")
    address = f"/portfolio/preuve/{piece.id}"
    answer = fill(client, address, f"clean-{original.id}")
    assert (answer.status_code, answer.location) == (303, address)
    page = shown(client, address)
    assert "degats (copie nettoyée).jpg" in page and "degats.jpg" in page
    plain = page.replace("\u00a0", " ").replace("&#39;", "'")
    assert "est ajouté à la preuve. Retiré : 1 fiche de l'appareil photo" in plain
    assert page.count("Faire une copie nettoyée") == 1, "the copy needs none"

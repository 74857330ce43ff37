"""The pages of a candidate whose portfolio is as full as may be: lists in parts, and as much to read at any size."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from portfolio.documents import Activity, Evidence
from portfolio.store.connections import Connections
from tests.support.browser.addresses import of, pages_of
from tests.support.country.brimful import ACTIVITIES, PIECES, fill
from tests.support.filling import shown
from tests.support.queries import read_by
from tests.support.worlds.world import World

ROWS = 250  # of lists, menus and forms: what a page shows at once
TO_PIECES = re.compile(r'href="/portfolio/preuve/([0-9a-f]{24})"')


def pieces_on(html: str) -> list[str]:
    return TO_PIECES.findall(html)


def test_no_page_shows_more_of_the_fullest_portfolio_than_somebody_reads(world: World, client: FlaskClient) -> None:
    fill(world, files=1)
    Evidence.objects(title="Pièce 7").update(set__activity=None, set__competences=[])
    piece = Evidence.objects(title="Pièce 2").get()
    for address in (*pages_of(world, piece), of(world, "tri")):
        page = shown(client, address)
        assert (page.count("<li") < ROWS, len(set(pieces_on(page))) <= 110) == (True, True), address


def test_the_parts_of_the_list_are_all_of_it_once(world: World, client: FlaskClient) -> None:
    fill(world, activities=3, pieces=120, files=1)
    first = shown(client, of(world, "preuves"))
    assert "120 preuves en tout" in first and "De 1 à 50 sur 120, page 1 sur 3" in first
    assert "Page suivante" in first and "Page précédente" not in first
    last = shown(client, of(world, "preuves?page=3"))
    assert "De 101 à 120 sur 120" in last and "Page suivante" not in last and "Page précédente" in last
    found = [pieces_on(page) for page in (first, shown(client, of(world, "preuves?page=2")), last)]
    assert [len(part) for part in found] == [50, 50, 20]
    assert {key for part in found for key in part} == {str(key) for key in Evidence.objects.scalar("id")}


def test_a_part_that_is_not_there_is_the_nearest_one(world: World, client: FlaskClient) -> None:
    fill(world, activities=1, pieces=60, files=0)
    assert "De 51 à 60 sur 60" in shown(client, of(world, "preuves?page=99"))
    for typed in ("0", "-1", "deux", "9" * 40, "²"):
        assert "De 1 à 50 sur 60" in shown(client, of(world, f"preuves?page={typed}"))


def test_the_parts_of_what_shows_a_competence_keep_it(world: World, client: FlaskClient) -> None:
    fill(world, activities=2, pieces=140, files=0)
    Evidence.objects(title__in=[f"Pièce {rank}" for rank in range(2, 62)]).update(set__competences=[])
    coverage = shown(client, of(world, "couverture"))
    assert "Les 80 preuves" in coverage and "montre=C42" in coverage
    page = shown(client, of(world, "preuves?montre=C42"))
    assert "80 preuves montrent C42" in page and "De 1 à 50 sur 80" in page and "montre=C42&amp;page=2" in page
    assert len(pieces_on(shown(client, of(world, "preuves?montre=C42&page=2")))) == 30
    to_sort = shown(client, of(world))
    assert "Les 60 preuves à ranger" in to_sort and "montre=aucune" in to_sort
    assert "60 preuves ne montrent aucune compétence" in shown(client, of(world, "preuves?montre=aucune"))
    assert "140 preuves en tout" in shown(client, of(world, "preuves?montre=X1"))


def test_the_fullest_portfolio_is_read_by_as_many_commands(
    world: World, client: FlaskClient, store: Connections
) -> None:
    fill(world, activities=2, pieces=4, files=1)
    pages = pages_of(world, Evidence.objects(title="Pièce 2").get())
    few = {address: _commands(client, store, address) for address in pages}
    fill(world, files=2)
    assert Activity.objects.count() > ACTIVITIES and Evidence.objects.count() > PIECES
    assert {address: _commands(client, store, address) for address in pages} == few


def _commands(client: FlaskClient, store: Connections, address: str) -> int:
    """Without those that take the next batch of a list."""
    return read_by(store.database, lambda: shown(client, address)).asked

"""Each to-do of the office's first page: there when it should be, done where its link leads, and gone then."""

from __future__ import annotations

import ast
import inspect
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from portfolio.boards import office_board
from portfolio.boards.office_board import OWING
from portfolio.documents import ProposedPlacement
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.filling import fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import World
from tests.web.office.to_do.cases import CASES
from web.office import labels

pytestmark = pytest.mark.usefixtures("bucket")
OF_THE_OFFICE = sorted(what for what, case in CASES.items() if case.form is not None)


def codes() -> dict[str, set[str]]:
    """{code: who owes it}, as the board makes them: every call of `owed` or `Owed` in its source that says which."""
    tree = ast.parse(inspect.getsource(office_board))
    named: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, set()).update(texts(node.value, named))
    found: dict[str, set[str]] = {}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1):
        handed_on = all(isinstance(argument, ast.Name) for argument in call.args[:2])
        if isinstance(call.func, ast.Name) and call.func.id in ("owed", "Owed") and not handed_on:
            for what in texts(call.args[1], named):
                found.setdefault(what, set()).update(texts(call.args[0], named))
    return found


def texts(node: ast.expr, named: dict[str, set[str]]) -> set[str]:
    """The texts that an expression may be."""
    if isinstance(node, ast.IfExp):
        return texts(node.body, named) | texts(node.orelse, named)
    if isinstance(node, ast.Name):
        return named.get(node.id, set())
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def test_every_to_do_has_its_case_its_words_and_a_link_where_the_office_does_it() -> None:
    """A to-do was added to the board: its words (web/office/labels.py), and its case here."""
    made = codes()
    assert set(CASES) == set(labels.OWED) == set(made)
    assert set(labels.OWING) == set(OWING)
    by_the_office = {what for what, who in made.items() if "office" in who}
    assert by_the_office == set(OF_THE_OFFICE)
    assert set(labels.ACTS) == by_the_office


def lines(html: str, what: str) -> list[str]:
    """The rows of the first page that say this to-do."""
    rows = re.findall(r"<tr>.*?</tr>", html, re.S)
    return [row for row in rows if labels.OWED[what] in unescape(row).replace("\u00a0", " ")]


def links(row: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'data-label="Agir">.*?href="([^"]+)"', row, re.S)]


@pytest.fixture
def board(world: World, office: FlaskClient, store: Connections) -> str:
    vars(world)["store"] = store
    return f"/etablissement/{world.school.id}"


@pytest.mark.parametrize("what", OF_THE_OFFICE)
def test_what_the_office_owes_is_done_on_the_page_it_leads_to_and_goes(
    what: str, world: World, clock: Clock, office: FlaskClient, board: str
) -> None:
    case = CASES[what]
    assert lines(shown(office, board), what) == []
    case.arises(world, clock)
    board = f"/etablissement/{world.school.id}"
    (row,) = lines(shown(office, board), what)
    (link,) = links(row)
    page, _, anchor = link.partition("#")
    there = shown(office, page)
    assert not anchor or f'id="{anchor}"' in there
    assert case.form is not None
    form = case.form(world)
    if what == "proposed":
        form += str(ProposedPlacement.objects.get().id)
    if case.link:
        further = case.link.format(candidacy=world.candidacy.id)
        assert further in there
        page = further
    assert f'value="{form}"' in shown(office, page)
    if case.done is not None:
        case.done(world, clock)
    else:
        answer = fill(office, page, form, **case.typed(world, clock))
        assert answer.status_code == 303, answer.text[:3000]
    assert lines(shown(office, board), what) == []


@pytest.mark.parametrize("what", sorted(set(CASES) - set(OF_THE_OFFICE)))
def test_what_others_owe_is_told_without_a_link_and_goes_once_done(
    what: str, world: World, clock: Clock, office: FlaskClient, board: str
) -> None:
    case = CASES[what]
    assert lines(shown(office, board), what) == []
    case.arises(world, clock)
    (row,) = lines(shown(office, board), what)
    assert links(row) == []
    assert case.done is not None
    case.done(world, clock)
    assert lines(shown(office, board), what) == []


@pytest.mark.parametrize("what", sorted(CASES))
def test_no_to_do_names_what_the_office_may_not_see_nor_shows_to_another_school(
    what: str, world: World, clock: Clock, office: FlaskClient, board: str
) -> None:
    if what not in ("placement", "submit"):
        world.upload(world.new_piece(title="Lettre très personnelle"))
    CASES[what].arises(world, clock)
    said = unescape(shown(office, f"/etablissement/{world.school.id}"))
    assert lines(said, what)
    hidden = ("Lettre très personnelle", "lettre.pdf", "Relance des impayés", commissions.APPRECIATION, "14,5")
    hidden += ("Voyez M. Roy", "Vu ensemble, précisions données.")
    assert [words for words in hidden if words in said] == []
    assert str(world.candidacy.id) not in said_to_another_school(world, office)


def said_to_another_school(world: World, office: FlaskClient) -> str:
    other = world.new_office(world.new_school("0691644M"))
    client = office.application.test_client()
    token = World.token_for(other, world.clock())
    return client.get("/etablissement", headers={"Authorization": f"Bearer {token}", "Accept": "text/html"}).text

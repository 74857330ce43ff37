"""The candidate who is enrolled again ticks what goes along; everybody who reads it reads where it comes from."""

from __future__ import annotations

import pytest

from portfolio.documents import Evidence
from portfolio.sheet import annex_input
from portfolio.submission import submit
from portfolio.submission.overview import overview
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.lives.repeating import enrolled_again, take, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")
TAKEN = "Reprise de la session 2027"


def test_pieces_are_ticked_on_a_page_found_from_the_first_one(world: World, client_for: Clients) -> None:
    piece, portfolio = worked(world), enrolled_again(world)
    client, place = client_for(world.candidate), f"/portfolio/{portfolio.id}/reprise"
    assert place in shown(client, f"/portfolio/{portfolio.id}")
    assert "/reprise" not in shown(client, f"/portfolio/{world.candidacy.id}")
    page = shown(client, place)
    assert "Session 2027" in page and piece.title in page and "Confirmée" in page
    refused = fill(client, place, "reuse", pieces=[])
    assert "Cochez au moins une preuve" in refused.text
    said = followed(client, fill(client, place, "reuse", pieces=[str(piece.id)]))
    assert "1 preuve est reprise" in said and TAKEN in said
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 1
    assert "Déjà reprise" in shown(client, place)


def test_candidate_teacher_and_control_page_say_where_a_piece_comes_from(world: World, client_for: Clients) -> None:
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, worked(world))
    candidate, teacher = client_for(world.candidate), client_for(world.follower)
    for client, address in (
        (candidate, f"/portfolio/{portfolio.id}/preuves"),
        (candidate, f"/portfolio/preuve/{here.id}"),
        (candidate, f"/portfolio/activite/{here.activity}"),
        (teacher, f"/classe/candidats/{portfolio.id}"),
        (teacher, f"/classe/preuves/{here.id}"),
    ):
        assert TAKEN in shown(client, address), address
    assert "reprise de la session 2027" in shown(candidate, f"/portfolio/activite/{here.activity}")
    frozen = submit.manifest(overview(portfolio), 1, world.clock())
    assert frozen["reused"] == {str(here.id): "2027"}
    assert ("Repris d'une session antérieure", "1 de la session 2027") in annex_input.control(frozen, [], 1, "UTC")
    assert "reused" not in submit.manifest(overview(world.portfolio), 1, world.clock())

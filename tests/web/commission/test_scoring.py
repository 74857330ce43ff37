"""The page on which a member scores: what it shows, saves, seals, and who else is there."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Commission, Link, Portfolio
from portfolio.submission import submit
from tests.support import filling
from tests.support.api.clients import Clients
from tests.support.filling import csrf, fill, form_of
from tests.support.worlds.commissions import assessment_of, fill_and_seal, grid_of
from tests.support.worlds.commissions import fill as fill_in
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import ORIGIN, at, degrees, page, send


def test_the_page_shows_the_evidence_its_sign_offs_and_the_official_rows(
    world: World, client_for: Clients, commission: Commission
):
    text = page(client_for(world.follower), at(commission, "/grille"))
    assert "P1 – Lettre de relance" in text and "P2 – Note rédigée" in text
    assert "connexion à son compte, par mot de passe" in text and "Vu ensemble, précisions données." in text
    assert "réalité des activités non évaluée conjointement" in text
    assert "Appliquer la réglementation relative à la protection des données personnelles" in text
    assert "Très satisfaisant" in text
    asked = re.sub(r"<[^>]+>", "", text)
    assert "Une observation est souhaitable (provisoire, aucune circulaire lue) avec : Très insuffisant" in asked
    only = page(client_for(world.follower), at(commission, "/grille?ligne=K9"))
    assert "P2 – Note rédigée" in only, "an unknown row hides nothing"


def test_the_other_member_s_degrees_are_nowhere_before_both_sealed(
    world: World, client_for: Clients, commission: Commission
):
    fill_in(world, world.tutor, grid_of(commission, world.tutor), {"C1": "TI"}, C1="Il ne savait pas ouvrir le fichier")
    for path in ("/grille", "/accord"):
        text = page(client_for(world.follower), at(commission, path))
        assert "ne savait pas ouvrir" not in text
        assert not re.search(r'name="degrees\.C1" value="TI"[^>]* checked', text)


def test_a_save_names_only_what_was_changed_and_says_when(world: World, client_for: Clients, commission: Commission):
    client, form = client_for(world.follower), f"grid-{grid_of(commission, world.follower).id}"
    typed = {"degrees.C1": "S", "observations.C1": "  Vu en agence.\r\nDeux fois.  "}
    answer = fill(client, at(commission, "/grille"), form, **typed)
    assert answer.status_code == 303
    grid = grid_of(commission, world.follower)
    assert (grid.degrees, grid.observations) == ({"C1": "S"}, {"C1": "Vu en agence.\nDeux fois."})
    assert "Enregistré à 10:00:00" in page(client, answer.location)
    fill(client, at(commission, "/grille"), form, **{"degrees.C1": "S", "observations.C1": ""})
    assert grid_of(commission, world.follower).observations == {}


def test_two_windows_show_both_values_and_the_other_rows_as_stored(
    world: World, client_for: Clients, commission: Commission
):
    client, path = client_for(world.follower), at(commission, "/grille")
    grid = grid_of(commission, world.follower)
    form = form_of(page(client, path), f"grid-{grid.id}")
    fill_in(world, world.follower, grid, {"C1": "TS", "C42": "I"})
    answer = send(client, path, form, **{"degrees.C1": "S"})
    text = unescape(filling.words(answer))
    assert answer.status_code == 412 and "a été modifié entre-temps" in text
    assert "Deux valeurs pour C1" in text and "Très satisfaisant" in text and "Deux valeurs pour C42" not in text
    assert re.search(r'name="degrees\.C1" value="S"[^>]* checked', text)
    assert re.search(r'name="degrees\.C42" value="I"[^>]* checked', text)
    again = form_of(text, f"grid-{grid.id}")
    assert send(client, path, again, **{"degrees.C1": "S", "degrees.C42": "I"}).status_code == 303
    assert grid_of(commission, world.follower).degrees == {"C1": "S", "C42": "I"}


def test_a_save_for_another_candidate_or_another_revision_is_refused(
    world: World, client_for: Clients, commission: Commission
):
    client, path = client_for(world.follower), at(commission, "/grille")
    grid = grid_of(commission, world.follower)
    form = form_of(page(client, path), f"grid-{grid.id}")
    wrong = {"candidacy": str(world.new_candidacy().id), "degrees.C1": "S"}
    assert "un autre candidat" in unescape(send(client, path, form, **wrong).text)
    wrong = {"submission": "2", "degrees.C1": "S"}
    answer = send(client, path, form, **wrong)
    assert answer.status_code == 409 and "devant une autre remise" in unescape(answer.text)
    assert re.search(r'name="degrees\.C1" value="S"[^>]* checked', answer.text), "what was typed is still there"
    assert grid_of(commission, world.follower).degrees == {}


def test_a_field_is_saved_alone_at_the_revision_last_acknowledged(
    world: World, client_for: Clients, commission: Commission
):
    client, grid = client_for(world.follower), grid_of(commission, world.follower)
    said = {"csrf_token": csrf(client), "candidacy": str(world.candidacy.id), "submission": "1", "_revision": "1"}
    address = f"/commissions/grilles/{grid.id}/saisie"
    answer = client.post(address, data=said | {"degrees.C1": "S"}, headers=ORIGIN)
    assert answer.json == {"revision": 2, "saved_at": "10:00:00"}
    stale = client.post(address, data=said | {"degrees.C1": "I"}, headers=ORIGIN)
    assert stale.status_code == 412
    assert (stale.json["current"]["degrees"], stale.json["current"]["revision"]) == ({"C1": "S"}, 2)


def test_sealing_tells_what_is_missing_then_waits_for_the_other(
    world: World, client_for: Clients, commission: Commission
):
    client, grid = client_for(world.follower), grid_of(commission, world.follower)
    path = at(commission, "/grille")
    answer = fill(client, path, f"seal-{grid.id}")
    assert answer.status_code == 409 and "C42 : donnez un degré" in unescape(answer.text)
    assert 'href="#ligne-C42"' in answer.text
    fill(client, path, f"grid-{grid.id}", **degrees())
    assert fill(client, path, f"seal-{grid.id}").status_code == 303
    text = page(client, at(commission))
    assert "Elle s'ouvrira à l'autre membre" in text and "Sceller ma grille" not in text
    fill_and_seal(world, commission, world.tutor, "I", C1="S")
    text = page(client, at(commission))
    assert "8 divergences" in text and text.index('id="ligne-C42"') < text.index('id="ligne-C1"')


def test_a_newer_revision_is_offered_and_taken_over_by_its_number(
    world: World, client_for: Clients, commission: Commission
):
    fill_and_seal(world, commission, world.follower)
    Portfolio.objects(pk=world.portfolio.id).update(set__state="open")  # as if it had been reopened before convening
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    client = client_for(world.follower)
    assert "une version plus récente (n° 2)" in page(client, at(commission))
    assert fill(client, at(commission, "/grille"), "take-over").status_code == 303
    assert assessment_of(commission).submission == 2
    assert "Sceller ma grille" in page(client, at(commission))


def here(client: FlaskClient, commission: Commission, **more: Any) -> Any:
    return client.post(at(commission, "/presence"), data={"csrf_token": csrf(client), **more}, headers=ORIGIN).json


def test_each_member_sees_the_other_for_a_minute_and_nothing_is_journalled(
    world: World, client_for: Clients, clock: Any, commission: Commission
):
    one, other = client_for(world.follower), client_for(world.tutor)
    links = Link.objects.count()
    assert here(one, commission)["others"] == []
    clock.advance(seconds=20)
    assert here(other, commission)["others"] == [{"name": "Camille Professeur", "since": "10:00"}]
    assert here(one, commission)["others"] == [{"name": "Dominique Martin", "since": "10:00"}]
    assert "Dominique Martin est aussi là depuis 10:00" in page(one, at(commission, "/grille"))
    clock.advance(seconds=70)
    assert here(other, commission)["others"] == []
    assert Link.objects.count() == links


def test_presence_tells_what_moved_of_the_shared_grid_alone(world: World, client_for: Clients, commission: Commission):
    client = client_for(world.follower)
    own, theirs = grid_of(commission, world.follower), grid_of(commission, world.tutor)
    assert here(client, commission, grid=str(own.id), revision="1")["grid"] is None
    assert "grid" not in here(client, commission, grid=str(theirs.id), revision="1")
    assert here(client, commission, grid="n'importe quoi")["sheet"] is None
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor)
    told = here(client, commission, grid=str(own.id), revision="1")
    assert told["opened"] is True and told["grid"]["degrees"]["C1"] == "S"

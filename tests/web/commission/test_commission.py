"""The commission's pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.commission import convene
from portfolio.commission.queue import STATES
from portfolio.documents import AskedWay, Commission, Evidence, Link, Portfolio, SignIn
from portfolio.identity.one_time_codes import code_of
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support import filling
from tests.support.api.clients import Clients
from tests.support.filling import HTML, csrf, fill, form_of
from tests.support.queries import counted
from tests.support.worlds.commissions import APPRECIATION, ROWS, assessment_of, convened, fill_and_seal, grid_of
from tests.support.worlds.commissions import fill as fill_in
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import ORIGIN, at, decide, degrees, page, send
from web.commission import labels


@pytest.fixture
def commission(world: World) -> Commission:
    """One piece, and one that the commission has to admit; submitted. Each member scores alone first."""
    world.new_piece()
    world.new_piece(nature="autre", title="Note rédigée pour un stage d'été")
    world.sign_off()
    world.submit()
    return convened(world)


# --- the queue ------------------------------------------------------------------------------------


def test_every_state_of_the_queue_has_its_words():
    assert set(labels.STATES) == set(STATES)


def test_the_queue_tells_how_far_one_is_and_where_to_go_on(world: World, client_for: Clients, commission: Commission):
    client = client_for(world.follower)
    text = page(client, "/commissions")
    assert "0 sur 1" in text and "Commencer : Zoé" in text and "À noter" in text
    fill_in(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    text = page(client, "/commissions")
    assert "Reprendre : Zoé" in text and "1 sur 9" in text
    fill_and_seal(world, commission, world.follower)
    text = page(client, "/commissions")
    assert "Ma grille scellée" in text and "Rien ne vous attend" in text and "1 sur 1" in text


def test_a_candidate_without_a_commission_of_mine_is_nowhere(world: World, client_for: Clients, commission: Commission):
    second = world.second_teacher
    assert "Aucune commission" in page(client_for(second), "/commissions")
    grid = grid_of(commission, world.follower)
    for path in ("", "/grille", "/accord", "/fiche"):
        for person, status in ((second, 404), (world.candidate, 403), (world.office, 403)):
            page(client_for(person), at(commission, path), status)
    page(client_for(world.tutor), f"/commissions/grilles/{grid.id}", 404)
    client = client_for(second)
    sent = {"csrf_token": csrf(client), "_revision": "1", "candidacy": str(world.candidacy.id), "degrees.C1": "S"}
    assert client.post(f"/commissions/grilles/{grid.id}", data=sent, headers=HTML | ORIGIN).status_code == 404
    assert client.post(f"/commissions/grilles/{grid.id}/saisie", data=sent, headers=ORIGIN).status_code == 404
    assert client.post(at(commission, "/presence"), data=sent, headers=ORIGIN).status_code == 404


def test_a_tutor_who_has_not_typed_their_code_is_sent_to_type_it(
    world: World, client_for: Clients, commission: Commission
):
    client = client_for(world.tutor)
    assert "Commencer" in page(client, "/commissions")
    SignIn.objects(person=world.tutor.id).update(unset__second_factor_at=True)
    for path in ("/commissions", at(commission), at(commission, "/grille"), at(commission, "/accord")):
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 303 and answer.location.startswith("/second-facteur?suite="), path


def test_a_code_that_is_over_in_the_middle_of_a_form_loses_nothing_of_it(
    world: World, client_for: Clients, opened: Commission, clock: Clock
):
    client, typed = client_for(world.tutor), {"appreciation": APPRECIATION, "proposed_mark": "12,5"}
    clock.advance(hours=1)
    form = form_of(page(client, at(opened, "/accord")), f"appraise-{opened.id}")
    clock.advance(hours=2)
    asked = send(client, at(opened), form, **typed)
    assert asked.status_code == 401 and "Ce que vous avez tapé est gardé" in asked.text
    sent = send(client, "", form_of(asked.text, "send-code"))
    mailed = client.get(sent.headers["Location"], headers=HTML)
    assert "Un code vient de partir" in mailed.text and "Ce que vous avez tapé est gardé" in mailed.text
    wrong = send(client, "", form_of(mailed.text, "second-factor"), code="000000")
    assert wrong.status_code == 422 and "Ce que vous avez tapé est gardé" in wrong.text
    code = code_of(AskedWay.objects(way="second_factor").order_by("-id").first())
    resumed = send(client, "", form_of(wrong.text, "second-factor"), code=code)
    assert resumed.headers["Location"] == at(opened, "/accord")
    found = page(client, at(opened, "/accord"))
    assert "Rien n'est encore envoyé" in html.unescape(found)
    assert APPRECIATION in found and 'value="12,5"' in found and code not in found
    assert assessment_of(opened).appreciation is None
    assert send(client, at(opened), form_of(found, f"appraise-{opened.id}"), **typed).status_code == 303
    kept = assessment_of(opened)
    assert (kept.appreciation, kept.proposed_mark) == (APPRECIATION, Decimal("12.5"))


def test_a_code_that_is_over_is_told_to_the_module_that_saves(
    world: World, client_for: Clients, commission: Commission, clock: Clock
):
    client, grid = client_for(world.tutor), grid_of(commission, world.tutor)
    clock.advance(hours=3)
    sent = {"_revision": "1", "candidacy": str(world.candidacy.id), "degrees.C1": "S"}
    answer = client.post(f"/commissions/grilles/{grid.id}/saisie", data=sent, headers=ORIGIN)
    assert (answer.status_code, answer.json["code"]) == (401, "second_factor_needed")


# --- scoring --------------------------------------------------------------------------------------


def test_the_page_shows_the_evidence_its_sign_offs_and_the_official_rows(
    world: World, client_for: Clients, commission: Commission
):
    text = page(client_for(world.follower), at(commission, "/grille"))
    assert "P1 – Lettre de relance" in text and "P2 – Note rédigée" in text
    assert "connexion à son compte, par mot de passe" in text and "Vu ensemble, précisions données." in text
    assert "réalité des activités non évaluée conjointement" in text
    assert "Appliquer la réglementation relative à la protection des données personnelles" in text
    assert "Très satisfaisant" in text and "Une observation est demandée avec : Très insuffisant" in text
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


# --- presence -------------------------------------------------------------------------------------


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


# --- what is decided together ---------------------------------------------------------------------


@pytest.fixture
def opened(world: World, commission: Commission) -> Commission:
    fill_and_seal(world, commission, world.follower)
    fill_and_seal(world, commission, world.tutor)
    return commission


def test_the_mark_is_typed_with_the_circular_s_step_and_a_low_one_is_explained(
    world: World, client_for: Clients, opened: Commission
):
    client = client_for(world.tutor)
    answer = decide(client, opened, "appraise", appreciation=APPRECIATION, proposed_mark="12,3")
    assert answer.status_code == 422 and "par pas de 0,5" in unescape(answer.text)
    assert 'value="12,3"' in answer.text and APPRECIATION in unescape(answer.text)
    answer = decide(client, opened, "appraise", appreciation="", proposed_mark="8")
    assert "s'explique par écrit" in unescape(answer.text)
    assert decide(client, opened, "appraise", appreciation=APPRECIATION, proposed_mark="12,5").status_code == 303
    assert str(assessment_of(opened).proposed_mark) == "12.50"


def test_an_appraisal_changed_meanwhile_shows_both_values(world: World, client_for: Clients, opened: Commission):
    client, path = client_for(world.follower), at(opened, "/accord")
    form = form_of(page(client, path), f"appraise-{opened.id}")
    decide(client_for(world.tutor), opened, "appraise", appreciation="Bien.", proposed_mark="12")
    answer = send(client, path, form, appreciation="Très bien.", proposed_mark="14")
    text = unescape(filling.words(answer))
    assert answer.status_code == 412
    assert "Deux valeurs : appréciation" in text and "<q>Bien.</q>" in text and "Très bien." in text
    assert "Deux valeurs : note" in text and "<q>12</q>" in text and 'value="14"' in text


def test_other_elements_are_admitted_then_retained(world: World, client_for: Clients, opened: Commission):
    client, other = client_for(world.follower), Evidence.objects.get(nature="autre").id
    path = at(opened, "/accord")
    assert "À admettre par la commission" in page(client, path)
    assert fill(client, path, f"admitted-{other}").status_code == 303
    assert fill(client, path, f"retained-{other}").status_code == 303
    assert assessment_of(opened).retained == {str(other): True}
    assert fill(client, path, f"retained-{other}").status_code == 303
    assert assessment_of(opened).retained == {str(other): False}
    assert fill(client, path, f"admitted-{other}").status_code == 303
    assert assessment_of(opened).admitted == {str(other): False}


def test_without_a_portfolio_only_a_situation_of_the_circular_can_be_chosen(world: World, client_for: Clients):
    commission = convened(world)
    client = client_for(world.follower)
    assert "il n'y a rien à apprécier" in page(client, at(commission, "/grille"))
    text = page(client, at(commission, "/accord"))
    assert "Portfolio non remis" in text and "Absence pour cause de force majeure dûment constatée" in text
    answer = decide(client, commission, "outcome", outcome="absent_force_majeure", outcome_reference="")
    assert answer.status_code == 422 and "Indiquez la référence du justificatif" in unescape(answer.text)
    assert decide(client, commission, "outcome", outcome="no_portfolio").status_code == 303
    answer = decide(client, commission, "draw-up")
    assert "/fiches/" in answer.location
    assert "Portfolio non remis" in page(client, answer.location)
    assert "À signer" in page(client, "/commissions")


def test_a_situation_is_given_up_by_choosing_none(world: World, client_for: Clients, opened: Commission):
    client = client_for(world.follower)
    decide(client, opened, "outcome", outcome="absent")
    assert "Absence non justifiée : rien n'est apprécié" in page(client, at(opened))
    decide(client, opened, "outcome", outcome="")
    assert assessment_of(opened).outcome is None


def test_together_both_fill_in_one_grid_and_nothing_is_sealed(world: World, client_for: Clients):
    world.new_piece()
    world.submit()
    commission = convened(world, mode="together")
    client = client_for(world.tutor)
    text = page(client, at(commission))
    assert "Grille commune" in text and "Sceller" not in text
    fill(client, at(commission, "/grille"), f"grid-{grid_of(commission).id}", **degrees())
    assert grid_of(commission).degrees == dict.fromkeys(ROWS, "S")
    assert "Appréciation commune" in page(client, at(commission))
    decide(client, commission, "appraise", appreciation=APPRECIATION, proposed_mark="12")
    assert decide(client, commission, "draw-up").status_code == 303


def test_whoever_was_replaced_reads_nothing_any_more_and_the_newcomer_scores_anew(
    world: World, client_for: Clients, opened: Commission
):
    values = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Hospitalisé"}
    values["tutor_absence"] = "Hospitalisé"
    fresh = Commission.objects.get(pk=opened.id)
    convene.replace_member(world.actor(world.office), fresh, values, world.clock())
    page(client_for(world.tutor), at(opened, "/grille"), 404)
    text = page(client_for(world.second_teacher), at(opened))
    assert "Sceller ma grille" in text and "remplacé(e) le" in text and "Absence du tuteur : Hospitalisé" in text
    assert not re.search(r'name="degrees[^>]* checked', text)
    assert "Elle s'ouvrira à l'autre membre" in page(client_for(world.follower), at(opened))


# --- what it costs --------------------------------------------------------------------------------


def commands(world: World, client: FlaskClient, path: str, database: Any) -> int:
    client.get(path, headers=HTML)
    with counted(database) as count:
        assert client.get(path, headers=HTML).status_code == 200
    return count[0]


def test_the_queue_and_the_grid_cost_the_same_number_of_commands_for_many(
    world: World, client_for: Clients, store: Any, commission: Commission
):
    client = client_for(world.follower)
    paths = ("/commissions", at(commission, "/grille"))
    before = [commands(world, client, path, store.database) for path in paths]
    for _ in range(4):
        convened(world, world.new_candidacy())
    assert [commands(world, client, path, store.database) for path in paths] == before
    assert "0 sur 5" in page(client, "/commissions")
    assert "1 sur 5" in page(client, at(commission, "/grille"))
    assert before[0] <= 14 and before[1] <= 24, before

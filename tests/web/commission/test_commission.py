"""The commission's pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from portfolio.commission import amend
from portfolio.commission.queue import STATES
from portfolio.documents import AskedWay, Commission, Evidence, SignIn
from portfolio.identity.one_time_codes import code_of
from tests.conftest import Clock
from tests.support import filling
from tests.support.api.clients import Clients
from tests.support.filling import HTML, csrf, fill, form_of
from tests.support.queries import counted
from tests.support.worlds.commissions import APPRECIATION, ROWS, assessment_of, convened, fill_and_seal, grid_of, met
from tests.support.worlds.commissions import fill as fill_in
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import ORIGIN, at, decide, degrees, page, send
from web.commission import labels

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


# --- what is decided together ---------------------------------------------------------------------


def test_the_mark_is_typed_with_the_circular_s_step_and_a_low_one_is_explained(
    world: World, client_for: Clients, opened: Commission
):
    client = client_for(world.tutor)
    answer = decide(client, opened, "appraise", appreciation=APPRECIATION, proposed_mark="12,3")
    assert answer.status_code == 422 and "par pas de 0,5" in unescape(answer.text)
    assert 'value="12,3"' in answer.text and APPRECIATION in unescape(answer.text)
    hint = re.sub(r"<[^>]+>", "", unescape(answer.text))
    assert "expliquez-la au jury dans l'appréciation (provisoire, aucune circulaire lue)." in hint
    assert decide(client, opened, "appraise", appreciation="", proposed_mark="8").status_code == 303
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


def test_without_a_portfolio_it_is_appraised_on_paper_or_a_situation_is_chosen(world: World, client_for: Clients):
    commission = convened(world)
    client = client_for(world.follower)
    assert "sur papier par exemple, appréciez-le ici" in page(client, at(commission, "/grille"))
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
    assert "Absence non justifiée : la grille n'est pas remplie" in page(client, at(opened))
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
    refused = decide(client, commission, "draw-up")
    assert refused.status_code == 409 and "Enregistrez la réunion" in unescape(refused.text)
    met(world, commission)
    assert decide(client, commission, "draw-up").status_code == 303


def test_whoever_was_replaced_reads_nothing_any_more_and_the_newcomer_scores_anew(
    world: World, client_for: Clients, opened: Commission
):
    values = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Hospitalisé"}
    values["tutor_absence"] = "Hospitalisé"
    fresh = Commission.objects.get(pk=opened.id)
    amend.replace_member(world.actor(world.office), fresh, values, world.clock())
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

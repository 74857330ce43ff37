"""The teacher's pages as a browser without JavaScript has them: the class, a candidate, confirmations in series."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import escape

from portfolio.documents import Activity, Attestation, Company, Evidence, Feedback, Person, Placement, RealityEvaluation
from portfolio.evidence import feedback
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.boards.test_class_board import multiply
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, shown
from tests.support.queries import counted
from tests.support.worlds.world import World

REALITY = "Les relances ont été faites sur les dossiers réels de l'agence."


def asked(world: World, activity: Activity) -> None:
    fresh = Activity.objects.get(pk=activity.id)
    requests.request(world.actor(world.candidate), fresh, "teacher", world.follower.id, world.clock())


# --- the board ------------------------------------------------------------------------------------


def test_the_board_shows_each_candidate_filters_and_costs_the_same_for_thirty_five(
    world: World, client_for: Clients, store: Connections
) -> None:
    in_class = world.new_activity("classe")
    world.new_piece(in_class)
    world.new_candidacy(birth_name="Zola", division="2A", followed=False)
    client = client_for(world.follower)
    shown(client, "/classe")
    with counted(store.database) as for_one:
        html = shown(client, "/classe")
    assert world.candidacy.display_name in html and "Zola" not in html
    assert "7 mai 2027 à 18 h 00" in html and "1 à demander" in html
    wide = shown(client, "/classe?portee=etablissement&classe=2A&ordre=name")
    assert "Zola" in wide and world.candidacy.display_name not in wide
    multiply(store, world.candidacy.id, 34)
    with counted(store.database) as for_many:
        assert shown(client, "/classe").count('<th scope="row">') == 35
    assert for_many == for_one
    assert for_many[0] <= 25


def test_a_class_page_opened_by_others_shows_nobody(world: World, client_for: Clients) -> None:
    name = world.candidacy.display_name
    elsewhere = world.new_teacher(world.new_school("0690132U"))
    assert name not in shown(client_for(elsewhere), "/classe")
    piece = world.new_piece()
    hidden = [f"/classe/candidats/{world.candidacy.id}", f"/classe/preuves/{piece.id}"]
    hidden += [f"/classe/periodes/{world.placement.id}", f"/confirmations/{world.activity.id}"]
    for path in hidden:
        assert client_for(elsewhere).get(path, headers=HTML).status_code == 404


# --- a candidate ----------------------------------------------------------------------------------


def test_a_candidate_s_page_says_what_is_owed_who_answered_and_what_to_know_of_it(
    world: World, client_for: Clients
) -> None:
    world.new_piece()
    Person.objects(pk=world.tutor.id).update(set__email="tuteur@gmail.com", set__address_failed_at=world.clock())
    world.sign_off(answer="partly")
    html = shown(client_for(world.follower), f"/classe/candidats/{world.candidacy.id}")
    assert "Confirmée en partie" in html and "Vu ensemble, précisions données." in html
    assert "Adresse de messagerie personnelle (gmail.com)" in html
    assert "messages non arrivés" in html and "à évaluer" in html
    own = client_for(world.candidate).get(f"/classe/candidats/{world.candidacy.id}", headers=HTML)
    assert own.status_code == 403 and "gmail.com" not in own.text, "signals are never the candidate's"


def test_a_teacher_waives_the_tutor_and_reopens_with_a_reason(world: World, client_for: Clients) -> None:
    world.new_piece()
    client, path = client_for(world.follower), f"/classe/candidats/{world.candidacy.id}"
    refused = fill(client, path, f"waive-{world.activity.id}", reason="  ")
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert fill(client, path, f"waive-{world.activity.id}", reason="Malade").status_code == 303
    assert sign_offs_on(world.activity).tutor.status == "waived"
    world.submit()
    refused = fill(client, path, f"reopen-{world.candidacy.id}", reason="  ")
    assert refused.status_code == 422 and 'role="alert"' in refused.text
    assert fill(client, path, f"reopen-{world.candidacy.id}", reason="Il manque une preuve").status_code == 303
    assert world.portfolio.state == "open"
    other = client_for(world.second_teacher)
    assert "Rouvrir le portfolio" not in shown(other, path)


def test_advice_is_given_on_the_version_that_was_read(world: World, client_for: Clients) -> None:
    piece = world.new_piece()
    client, path = client_for(world.follower), f"/classe/preuves/{piece.id}"
    assert fill(client, path, f"advise-{piece.id}", text="").status_code == 422
    assert fill(client, path, f"advise-{piece.id}", text="Datez votre relance.").status_code == 303
    given = Feedback.objects.get()
    assert (given.text, given.evidence_revision) == ("Datez votre relance.", piece.revision)
    feedback.acknowledge(world.actor(world.candidate), given, "C'est fait", world.clock())
    html = shown(client, path)
    assert "lu par le candidat" in html and "C&#39;est fait" in html
    assert "Datez votre relance." not in shown(client_for(world.second_teacher), path)


# --- confirmations in series ----------------------------------------------------------------------


def test_confirmations_are_answered_one_after_the_other(world: World, client_for: Clients) -> None:
    activities = [world.activity, world.new_activity("classe")]
    for activity in activities:
        world.new_piece(activity)
        asked(world, activity)
    by = world.actor(world.tutor)
    seen = content.content_for(by, activities[0], "tutor")
    answers.answer(
        by, activities[0], "tutor", "partly", seen.digest, "Seulement les relances", None, None, world.clock()
    )
    client = client_for(world.follower)
    html = shown(client, "/confirmations")
    assert "2 demandes" in html and "Seulement les relances" in html
    path, form = f"/confirmations/{activities[0].id}", f"answer-{activities[0].id}"
    refused = fill(client, path, form, answer="refused", comment="x" * 2001)
    assert refused.status_code == 422 and 'value="refused" checked' in refused.text
    answered = fill(client, path, form, answer="confirmed")
    assert answered.headers["Location"] == f"/confirmations/{activities[1].id}"
    last = fill(client, answered.headers["Location"], f"answer-{activities[1].id}", answer="partly", comment="La fin")
    assert last.headers["Location"] == "/confirmations"
    assert "Rien n'attend votre réponse" in shown(client, "/confirmations")
    states = Attestation.objects(seat="teacher").order_by("id").scalar("state")
    assert list(states) == ["confirmed", "partly"]


def test_what_changed_while_it_was_read_is_read_again(world: World, client_for: Clients) -> None:
    piece = world.new_piece()
    client, path = client_for(world.follower), f"/confirmations/{world.activity.id}"
    stale = fill(client, path, f"answer-{world.activity.id}", answer="confirmed", shown_digest="0" * 64)
    assert stale.status_code == 409 and "a changé depuis" in stale.text
    assert Evidence.objects.get(pk=piece.id).title in stale.text


def test_the_inbox_narrows_by_candidate_class_and_age(world: World, client_for: Clients, clock: Any) -> None:
    world.new_piece()
    asked(world, world.activity)
    client = client_for(world.follower)
    for query, listed in {
        f"candidat={world.candidacy.id}": True,
        "classe=2B": False,
        "depuis=3": False,
        "depuis=x&candidat=y": True,
    }.items():
        assert (world.activity.title in shown(client, f"/confirmations?{query}")) is listed, query
    clock.advance(days=4)
    assert world.activity.title in shown(client, "/confirmations?depuis=3")


# --- periods --------------------------------------------------------------------------------------


def test_reality_is_written_rewritten_and_concluded_alone(world: World, client_for: Clients) -> None:
    path, form = f"/classe/periodes/{world.placement.id}", f"reality-{world.placement.id}"
    client = client_for(world.follower)
    assert fill(client, path, form, text="  ").status_code == 422
    assert fill(client, path, form, text=REALITY).status_code == 303
    assert fill(client, path, form, text=REALITY + " Bis.").status_code == 303
    reason = "Le tuteur ne répond pas"
    assert fill(client, path, f"alone-{world.placement.id}", reason=reason).status_code == 303
    evaluation = RealityEvaluation.objects.get()
    assert (evaluation.text, evaluation.state, evaluation.alone_reason) == (REALITY + " Bis.", "teacher_alone", reason)
    stale = fill(client, path, form, text="Un autre texte, tout aussi long", _revision="1")
    assert stale.status_code == 412 and "Un autre texte" in stale.text


def test_a_period_is_amended_its_tutor_corrected_replaced_and_itself_cancelled(
    world: World, client_for: Clients
) -> None:
    placement = world.placement
    client, path = client_for(world.follower), f"/classe/periodes/{placement.id}"
    dates = {"starts_on": "2026-05-18", "ends_on": "2026-07-10", "days": "36", "missions": "Gestion"}
    assert fill(client, path, f"placement-{placement.id}", **dates).status_code == 303
    refused = fill(client, path, f"placement-{placement.id}", **dates | {"ends_on": "2026-05-01"})
    assert refused.status_code == 422 and 'value="2026-05-01"' in refused.text
    assert fill(client, path, f"address-{placement.id}", email="exacte@assurances.fr").status_code == 303
    assert Person.objects.get(pk=placement.tutor).email == "exacte@assurances.fr"
    tutor = {"given_names": "Ana", "family_name": "Ruiz", "email": "ana@assurances.fr", "function": ""}
    assert fill(client, path, f"tutor-{placement.id}", **tutor).status_code == 303
    assert Placement.objects.get(pk=placement.id).tutor_name == "Ana Ruiz"
    assert fill(client, path, f"cancel-{placement.id}", reason="Stage annulé").status_code == 303
    assert "Cette période est annulée" in shown(client, path)


def test_any_teacher_of_the_school_evaluates_a_period_and_only_who_follows_changes_it(
    world: World, client_for: Clients
) -> None:
    historian = world.new_teacher(world.school, teaches_profession=False)
    client, path = client_for(historian), f"/classe/periodes/{world.placement.id}"
    html = shown(client, path)
    assert "Remplacer le tuteur" not in html and world.tutor.email not in html
    assert fill(client, path, f"reality-{world.placement.id}", text=REALITY).status_code == 303
    assert RealityEvaluation.objects.get().concurrences[0].name == historian.name


def test_a_period_is_added_after_its_company(world: World, client_for: Clients) -> None:
    client, path = client_for(world.follower), f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle"
    company = {"siret": "732 829 320 00074", "name": "Assurances du Rhône", "city": "Lyon", "address": ""}
    form = f"company-{world.candidacy.id}"
    refused = fill(client, path, form, **company | {"siret": "123"})
    assert refused.status_code == 422 and "Assurances du Rhône" in refused.text
    assert fill(client, path, form, **company).headers["Location"] == path
    values = {"company": str(Company.objects.get().id), "kind": "stage", "starts_on": "2026-05-18"}
    values |= {"ends_on": "2026-07-03", "days": "35", "missions": "", "tutor.email": "nora@assurances.fr"}
    values |= {"tutor.given_names": "Nora", "tutor.family_name": "Diallo", "tutor.function": "Conseillère"}
    form = f"placement-new-{world.candidacy.id}"
    refused = fill(client, path, form, **values | {"tutor.email": "nora"})
    assert refused.status_code == 422 and 'value="Conseillère"' in refused.text
    assert fill(client, path, form, **values).status_code == 303
    assert Placement.objects.get().tutor_name == "Nora Diallo"


@pytest.mark.parametrize("state", ["proposed", "joint"])
def test_a_period_s_page_says_where_its_evaluation_is(world: World, client_for: Clients, state: str) -> None:
    evaluation = reality.write(world.actor(world.follower), world.placement, REALITY, world.clock())
    if state == "joint":
        reality.concur(world.actor(world.tutor), evaluation, evaluation.digest, world.clock())
    html = shown(client_for(world.follower), f"/classe/periodes/{world.placement.id}")
    assert ("Conclure sans le tuteur" in html) is (state == "proposed")


def test_an_office_keeps_a_period_without_what_only_the_teacher_who_follows_does(
    world: World, client_for: Clients
) -> None:
    reality.write(world.actor(world.follower), world.placement, REALITY, world.clock())
    path = f"/classe/periodes/{world.placement.id}"
    theirs = ("Réalité des activités", escape(REALITY), "Conclure sans le tuteur", "signe sur papier")
    html = shown(client_for(world.office), path)
    assert "Remplacer le tuteur" in html and not [words for words in theirs if str(words) in html]
    html = shown(client_for(world.follower), path)
    assert "Remplacer le tuteur" in html and not [words for words in theirs if str(words) not in html]


def test_a_colleague_evaluates_what_is_done_in_class_and_the_candidate_reads_it(
    world: World, client_for: Clients
) -> None:
    path, form = f"/classe/candidats/{world.candidacy.id}", f"reality-class-{world.portfolio.id}"
    client = client_for(world.second_teacher)
    assert '<h2 id="realite">En classe et en ateliers</h2>' in shown(client, path)
    assert fill(client, path, form, text=REALITY).status_code == 303
    assert str(escape(REALITY)) in shown(client, path)
    assert fill(client, path, form, text=REALITY + " Complété.").status_code == 303
    world.new_activity("atelier")
    theirs = shown(client_for(world.candidate), f"/portfolio/{world.portfolio.id}/activites")
    assert "En classe et en ateliers" in theirs
    assert str(escape(REALITY + " Complété.")) in theirs

"""The candidate's pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask.testing import FlaskClient

from portfolio.documents import Activity, Attestation, Person, Portfolio, Submission
from portfolio.ids import new_id
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.browser.addresses import of, pages_of
from tests.support.filling import HTML, fill, form_of, shown
from tests.support.queries import counted
from tests.support.worlds import commissions, juries
from tests.support.worlds.world import World


def test_every_page_opens_and_costs_the_same_for_three_times_as_much(
    world: World, client: FlaskClient, store: Connections
) -> None:
    piece = world.new_piece()
    world.upload(piece)
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    commands: list[list[tuple[str, int]]] = []
    for _ in range(2):
        commands.append([])
        for path in pages_of(world, piece):
            with counted(store.database) as count:
                shown(client, path)
            commands[-1].append((path, count[0]))
        submit.reopen(world.actor(world.follower), world.portfolio, "Pour la suite", world.clock())
        for context in ("pfmp", "classe", "pfmp"):
            world.upload(world.new_piece(world.new_activity(context)))
        submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    assert commands[0] == commands[1]
    assert max(count for _, count in commands[0]) <= 25, commands[0]


# --- activities -----------------------------------------------------------------------------------


def test_activities_are_added_amended_and_withdrawn(world: World, client: FlaskClient) -> None:
    typed = {"title": "Accueil", "context": "pfmp", "placement": str(world.placement.id)}
    answer = fill(client, of(world, "activites/nouvelle"), "new-activity", **typed | {"context": "classe"})
    assert answer.status_code == 422 and "Seule une activité en entreprise" in answer.text
    answer = fill(client, of(world, "activites/nouvelle"), "new-activity", **typed)
    made = Activity.objects.get()
    assert answer.location == f"/portfolio/activite/{made.id}"
    fill(client, answer.location, f"activity-{made.id}", **typed | {"title": "Accueil des sociétaires"})
    assert Activity.objects.get().title == "Accueil des sociétaires"
    assert fill(client, answer.location, f"withdraw-{made.id}").location == of(world, "activites")


def test_confirmations_are_asked_for_several_activities_at_once(world: World, client: FlaskClient) -> None:
    for activity in (world.activity, world.new_activity("pfmp")):
        world.new_piece(activity)
    ids = [str(one.id) for one in Activity.objects]
    answer = fill(client, of(world, "activites"), "ask-tutor", activities=ids)
    assert answer.location == of(world, "activites")
    assert Attestation.objects(state="requested", seat="tutor").count() == 2
    page = shown(client, of(world, "activites"))
    assert page.count("Demandée") == 2 and 'id="ask-tutor"' not in page
    assert fill(client, of(world, "activites"), "ask-teacher").status_code == 422
    fill(client, of(world, "activites"), "ask-teacher", activities=ids)
    assert Attestation.objects(state="requested", seat="teacher", person=world.follower.id).count() == 2


def test_one_activity_is_asked_for_from_its_page(world: World, client: FlaskClient) -> None:
    world.new_piece()
    path = f"/portfolio/activite/{world.activity.id}"
    assert fill(client, path, f"ask-tutor-{world.activity.id}").location == path
    assert Attestation.objects.get().person == world.tutor.id


# --- handing in -----------------------------------------------------------------------------------


def test_the_checklist_warns_of_what_a_provisional_circular_asks(world: World, client: FlaskClient) -> None:
    page = shown(client, of(world, "remise"))
    assert "Bloque la remise" not in page and "0 preuve pour 1 au moins" in page


def test_the_checklist_says_what_is_missing_and_who_owes_it(bound: World, client: FlaskClient) -> None:
    world = bound
    page = shown(client, of(world, "remise"))
    assert "Bloque la remise" in page and "0 preuve pour 1 au moins" in page and "7 mai 2027 à 18 h 00" in page
    answer = fill(client, of(world, "remise"), "submit")
    assert answer.status_code == 409 and "ne peut pas encore être remis" in answer.text


def test_nothing_is_left_to_do_once_the_deadline_has_passed(bound: World, client: FlaskClient, clock: Clock) -> None:
    assert 'id="a-faire"' in shown(client, of(bound)) and 'id="vous"' in shown(client, of(bound, "remise"))
    clock.now = datetime(2027, 5, 8, 10, tzinfo=UTC)
    assert 'id="a-faire"' not in shown(client, of(bound)) and 'id="vous"' not in shown(client, of(bound, "remise"))


def test_past_a_provisional_deadline_nothing_is_asked_for_before_it(
    world: World, client: FlaskClient, clock: Clock
) -> None:
    clock.now = datetime(2027, 5, 8, 10, tzinfo=UTC)
    home, hand_in = shown(client, of(world)), shown(client, of(world, "remise"))
    assert "la date limite était le" in home and "À remettre avant" not in home
    assert 'id="autres"' in hand_in and "si possible avant" not in hand_in


def test_handing_in_gives_a_receipt_and_freezes(world: World, client: FlaskClient) -> None:
    piece, _ = world.new_piece(), world.new_piece(description={}, title="Brouillon oublié")
    answer = fill(client, of(world, "remise"), "submit")
    assert answer.status_code == 409 and "Brouillon oublié" in answer.text
    answer = fill(client, of(world, "remise"), "submit", without_drafts="on")
    submission = Submission.objects.get()
    page = shown(client, answer.location)
    assert (
        submission.digest in page
        and "12 janvier 2027 à 10 h 00" in page
        and "1 preuve sans rien à lire, laissée de côté" in page
    )
    assert f'id="piece-{piece.id}"' not in shown(client, f"/portfolio/preuve/{piece.id}")
    assert 'id="deposit"' not in shown(client, of(world))
    assert "Ce que vous devez faire" not in shown(client, of(world, "remise")), "nothing of a portfolio moves any more"
    assert "a remis le portfolio (remise n° 1)" in shown(client, of(world, "historique"))


def test_what_was_seen_before_a_change_is_not_handed_in(world: World, client: FlaskClient) -> None:
    world.new_piece()
    form = form_of(shown(client, of(world, "remise")), "submit")
    world.new_piece()
    assert client.post(of(world, "remise"), data=form["fields"], headers=HTML).status_code == 412
    assert Portfolio.objects.get().state == "open"


def test_the_archive_leaves_by_an_act(world: World, client: FlaskClient) -> None:
    answer = fill(client, of(world, "remise"), "archive")
    assert answer.mimetype == "application/zip" and answer.data[:2] == b"PK"


def test_the_history_goes_back_page_by_page(world: World, client: FlaskClient) -> None:
    for number in range(45):
        world.new_piece(title=f"Preuve {number}")
    page = shown(client, of(world, "historique"))
    assert "« Preuve 44 »" in page and "« Preuve 0 »" not in page
    older = re.search(r'href="([^"]+avant=\d+)"', page)
    assert older and "« Preuve 0 »" in shown(client, older[1])


# --- what a candidate may not know ----------------------------------------------------------------


def text_of(client: FlaskClient, path: str) -> str:
    """Without what is drawn afresh each time."""
    return re.sub(r'name="(csrf_token|_once)" value="[^"]+"', "", shown(client, path))


def test_no_page_moves_while_a_commission_and_a_jury_work_until_the_results(world: World, client: FlaskClient) -> None:
    piece = world.new_piece()
    world.sign_off()
    world.submit()
    assert world.jury
    paths = pages_of(world, piece)
    before = [text_of(client, path) for path in paths]
    commissions.convened(world)
    juries.decide(world, juries.sheet_of(world, candidacy=world.candidacy, mark="13.5"), "14", "Harmonisation")
    assert [text_of(client, path) for path in paths] == before
    juries.publish(world)
    page = shown(client, of(world, "resultat"))
    assert "14 / 20" in page and "13,5" not in page


# --- others ---------------------------------------------------------------------------------------


def test_the_pages_are_the_candidate_s_alone(world: World, client_for: Clients) -> None:
    piece = world.new_piece()
    classmate = Person.objects.get(pk=world.new_candidacy().person)
    elsewhere = world.new_teacher(world.new_school("0691644M"))
    refused = [(world.follower, 403), (classmate, 404), (elsewhere, 403), (world.office, 403)]
    for who, status in refused:
        for path in pages_of(world, piece)[1:]:
            answer = client_for(who).get(path, headers=HTML)
            assert answer.status_code == status, (path, who.family_name)
            assert "Lettre de relance" not in answer.text


def test_whoever_has_no_portfolio_is_told_so(world: World, client_for: Clients) -> None:
    """Enrolled for the other form of the examination, where none is handed in."""
    alone = world.person("Seule", world.grant("candidate", candidacy=new_id()))
    assert "Vous n'avez pas de portfolio" in shown(client_for(alone), "/portfolio")


def test_whoever_has_two_portfolios_chooses(world: World, client: FlaskClient) -> None:
    person = Person.objects.get(pk=world.candidate.id)
    other = world.new_candidacy()
    person.grants.append(world.grant("candidate", candidacy=other.id))
    person.save()
    page = shown(client, "/portfolio")
    assert page.count('class="card"') == 2

"""A page never says that a mail leaves when none will; who manages the address tries it again from there."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Person
from portfolio.identity import bounces, links, sign_ins
from portfolio.identity.client_fingerprint import Origin
from portfolio.sign_offs.answering import answers
from portfolio.sign_offs.asking import objections
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import answers_on
from tests.support.api.clients import Clients
from tests.support.filling import fill, form_of, shown, words
from tests.support.mails.mailbox import deliver, files, rows, words_of
from tests.support.worlds.world import World


def opened_from_mail(store: Connections, client: FlaskClient, reader: Person, subject: str) -> str:
    """The page behind the button of the one mail to this reader whose subject holds these words."""
    (mail,) = [one for one in files(store) if one["To"] == reader.email and subject in one["Subject"]]
    (path,) = re.findall(r"http://localhost(/\S+)", words_of(mail))
    return shown(client, path)


def fails(person: Person, world: World) -> None:
    Person.objects(pk=person.id).update(set__address_failed_at=world.clock(), set__address_failure="5.1.1")


def test_the_candidate_reads_that_no_mail_leaves_and_whom_to_tell(world: World, client_for: Clients) -> None:
    client, page = client_for(world.candidate), f"/portfolio/activite/{world.activity.id}"
    world.new_piece()
    fails(world.tutor, world)
    answer = fill(client, page, f"ask-tutor-{world.activity.id}")
    words = shown(client, answer.location)
    assert "Aucun courriel ne part" in words and "votre professeur" in words
    assert "reçoit un message avec un lien. Vous verrez" not in words
    assert "Son adresse ne reçoit pas" in words


@pytest.mark.parametrize("who", ["follower", "office"])
def test_a_tutor_s_address_is_tried_again_from_the_period(world: World, client_for: Clients, who: str) -> None:
    client, page = client_for(getattr(world, who)), f"/classe/periodes/{world.placement.id}"
    assert "Essayer de nouveau" not in shown(client, page)
    fails(world.tutor, world)
    form = form_of(shown(client, page), f"try-{world.placement.id}")
    assert form["action"].endswith("/adresse/essai")
    answer = fill(client, page, f"try-{world.placement.id}")
    words = shown(client, answer.location)
    assert "repart à" in words and "Essayer de nouveau" not in words
    assert Person.objects.get(pk=world.tutor.id).address_failed_at is None


def test_the_office_tries_a_candidate_s_again_by_page_and_by_api(world: World, client_for: Clients) -> None:
    assert world.candidacy.person == world.candidate.id
    person = Person.objects.get(pk=world.candidate.id)
    person.schools = [world.school.id]
    person.save()
    client, page = client_for(world.office), f"/comptes/{person.id}"
    fails(person, world)
    answer = fill(client, page, f"try-{person.id}")
    assert "repart à" in shown(client, answer.location)
    fails(person, world)
    revision = Person.objects.get(pk=person.id).revision
    again = f"/api/v1/people/{person.id}/try-address-again"
    assert client_for(world.follower).post(again, headers={"If-Match": f'"{revision}"'}).status_code in (403, 404)
    answer = client.post(again, headers={"If-Match": f'"{revision}"'})
    assert (answer.status_code, answer.json["address_failed_at"]) == (200, None)
    answer = client.post(again, headers={"If-Match": f'"{revision + 1}"'})
    assert (answer.status_code, answer.json["code"]) == (409, "address_works")


@pytest.mark.parametrize(("reader", "whose"), [("follower", "tutor"), ("office", "candidate")])
def test_the_mail_of_a_failing_address_leads_to_where_it_is_corrected_and_tried_again(
    world: World, store: Connections, clock: Clock, client_for: Clients, reader: str, whose: str
) -> None:
    told, person = getattr(world, reader), Person.objects.get(pk=getattr(world, whose).id)
    Person.objects(pk=person.id).update(add_to_set__schools=world.school.id)
    bounces.note_failed(Person.objects.get(pk=person.id), "5.1.1", clock())
    deliver(clock)
    page = opened_from_mail(store, client_for(told), told, "Pour action : l'adresse")
    thing = world.placement.id if whose == "tutor" else person.id
    assert form_of(page, f"address-{thing}") and form_of(page, f"try-{thing}")


def test_the_mail_of_a_contested_period_leads_to_where_it_is_answered(
    world: World, store: Connections, clock: Clock, client_for: Clients
) -> None:
    objections.contest(world.actor(world.tutor), world.placement, "did_not_happen", None, clock())
    deliver(clock)
    page = opened_from_mail(store, client_for(world.follower), world.follower, "signale un problème")
    assert form_of(page, f"resume-{world.placement.id}") and form_of(page, f"tutor-{world.placement.id}")


def test_the_candidate_reads_when_the_mail_left_was_opened_and_was_answered(
    world: World, store: Connections, clock: Clock, client_for: Clients
) -> None:
    client, page = client_for(world.candidate), f"/portfolio/activite/{world.activity.id}"
    world.new_piece()
    fill(client, page, f"ask-tutor-{world.activity.id}")
    clock.advance(hours=1)
    deliver(clock)
    assert "message parti le" in shown(client, page)
    (mail,) = [row["_id"] for row in rows(store) if row["kind"] == "sign_offs"]
    token = links.issue(world.tutor.id, "sign_off", clock(), row_id=mail)
    _, visit = links.open_link(token, Origin(None, None), clock())
    assert "ouvert le 12 janvier 2027" in words(client.get(page))
    signed_in = sign_ins.signed_in(visit, clock())
    assert signed_in is not None
    clock.advance(days=1)
    answers.answer_many(signed_in, answers_on([world.activity]), "Dominique Martin", None, clock())
    answered = words(client.get(page))
    assert "Dominique Martin, le 13 janvier 2027" in answered and "ouvert le" not in answered

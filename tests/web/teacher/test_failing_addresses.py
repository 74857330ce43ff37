"""A page never says that a mail leaves when none will; who manages the address tries it again from there."""

from __future__ import annotations

import pytest

from portfolio.documents import Person
from tests.support.api.clients import Clients
from tests.support.filling import fill, form_of, shown
from tests.support.worlds.world import World


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

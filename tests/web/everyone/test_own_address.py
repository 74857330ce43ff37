"""One's own address, changed from one's account: with the password, and with a mail to both."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from portfolio.documents import Link, Person
from portfolio.enrolment import email_corrections
from portfolio.identity import sign_ins
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.filling import fill, shown, words
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.commissions import PASSWORD, with_password
from tests.support.worlds.world import World

Clients = Callable[[Person], FlaskClient]
FRESH = "zoe.nouvelle@exemple.fr"


def asked(client: FlaskClient, email: str = FRESH, password: str = PASSWORD) -> int:
    return int(fill(client, "/compte", "address", email=email, password=password).status_code)


def test_a_person_changes_their_address_and_both_are_written_to(
    world: World, client_for: Clients, clock: Clock, store: Connections
) -> None:
    person = with_password(world.candidate)
    deliver(clock)
    before, count = person.email, len(files(store))
    client = client_for(person)
    assert asked(client) == 303 and FRESH in shown(client, "/compte")
    deliver(clock)
    told = {str(mail["To"]): str(mail["Subject"]) for mail in files(store)[count:]}
    assert told == {
        before: "Votre adresse sur le portfolio E5 est changée : est-ce bien vous ?",
        FRESH: "Portfolio E5 : votre adresse a été changée",
    }
    sign_ins.sign_in(FRESH, PASSWORD, "cookie", None, clock())
    link = Link.objects.get(name="address_corrected")
    assert (link.chain, FRESH in str(link.data)) == (f"person:{person.id}", False)


def test_it_asks_for_the_password_and_an_address_that_is_nobody_s(world: World, client_for: Clients) -> None:
    client = client_for(with_password(world.candidate))
    assert asked(client, password="Une autre phrase de sept mots") == 422
    assert asked(client, email="sans arobase") == asked(client, email=world.follower.email) == 422
    assert Person.objects.get(pk=world.candidate.id).email == world.candidate.email


def test_which_addresses_are_known_is_not_to_be_tried_out(world: World, client_for: Clients) -> None:
    client = client_for(with_password(world.candidate))
    for _ in range(email_corrections.OWN.most):
        assert asked(client, email=world.follower.email) == 422
    assert asked(client) == 429


def test_it_waits_for_a_correction_that_waits(world: World, client_for: Clients) -> None:
    person = with_password(world.office)
    email_corrections.correct(
        world.actor(world.administrator), Person.objects.get(pk=person.id), "autre@exemple.fr", world.clock()
    )
    answer = fill(client_for(person), "/compte", "address", email=FRESH, password=PASSWORD)
    assert answer.status_code == 409 and "Droits et comptes" in words(answer)

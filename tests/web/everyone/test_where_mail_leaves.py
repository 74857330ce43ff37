"""No page says that a mail leaves when none will: an address that fails, a suspended account, a password already."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Invitation, Person
from portfolio.documents.people import PersonState
from portfolio.identity import links, one_time_codes, password_reset
from portfolio.ids import new_id
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.world import World
from tests.web.teacher.test_failing_addresses import fails
from tests.web.tutor.browser import Browser
from tests.web.tutor.test_visit_over import plain
from web.mail_words import invitation_words, invitations_words, members_words


def fresh(person: Person) -> Person:
    read: Person = Person.objects.get(pk=person.id)
    return read


def invited(world: World) -> Person:
    """Somebody to whom an invitation was made this moment."""
    Invitation.objects(person=world.follower.id).delete()
    made = {"id": new_id(), "created_at": world.clock(), "expires_at": world.later(days=14)}
    Invitation(person=world.follower.id, nonce="n", token_hash="h", **made).save(force_insert=True)
    Person.objects(pk=world.follower.id).update(unset__password=True)
    return fresh(world.follower)


def test_an_invitation_is_promised_only_where_it_leaves(world: World) -> None:
    person = invited(world)
    assert invitation_words(person, world.clock()) == f"Une invitation part à {person.email}."
    assert "vaut encore : aucune autre ne part" in invitation_words(person, world.later(hours=1))
    fails(person, world)
    assert "Aucun courriel ne part" in invitation_words(fresh(person), world.clock())
    Person.objects(pk=person.id).update(unset__address_failed_at=True, set__state=PersonState.SUSPENDED)
    assert "suspendu" in invitation_words(fresh(person), world.clock())
    world.set_password(person)
    assert "aucune invitation ne part" in invitation_words(fresh(person), world.clock())


def test_an_import_counts_the_invitations_that_leave(world: World) -> None:
    person = invited(world)
    people = [person.id, world.candidate.id]
    assert invitations_words(people) == "Chacun reçoit une invitation."
    fails(person, world)
    words = invitations_words(people)
    assert "1 invitation part." in words and f"Rien ne part à {person.name} : voyez leur compte." in words
    world.set_password(world.candidate)
    assert "1 personne a déjà un mot de passe" in invitations_words(people)


def test_the_members_whom_no_mail_reaches_are_named(world: World) -> None:
    members = [world.follower.id, world.tutor.id]
    assert members_words(members) == "Chaque membre en est prévenu par courriel."
    fails(world.tutor, world)
    assert members_words(members).startswith(f"Aucun courriel ne part à {world.tutor.name} : prévenez autrement.")


@pytest.mark.parametrize("failing", [False, True])
@pytest.mark.parametrize("ask", [password_reset.ask, one_time_codes.ask_link, one_time_codes.ask_code])
def test_what_is_asked_for_by_address_leaves_unless_it_fails(
    world: World, store: Connections, clock: Clock, ask: Callable[..., object], failing: bool
) -> None:
    person = world.office if ask is password_reset.ask else world.tutor
    if failing:
        fails(person, world)
    ask(person.email, clock())
    deliver(clock)
    assert sum(message["To"] == person.email for message in files(store)) == (0 if failing else 1)


@pytest.mark.parametrize("failing", [False, True])
def test_the_page_of_a_qr_code_says_that_no_code_leaves(world: World, anonymous: FlaskClient, failing: bool) -> None:
    if failing:
        fails(world.tutor, world)
    page = shown(anonymous, f"/qr/{world.placement.id}")
    assert ("Aucun code ne peut vous être envoyé" in page) == failing
    assert ("Un code à six chiffres sera envoyé" in page) != failing


def test_the_second_factor_says_that_no_code_leaves(world: World, client_for: Clients) -> None:
    client = client_for(world.follower)
    assert "Aucun code ne peut partir" not in shown(client, "/second-facteur")
    fails(world.follower, world)
    assert "Aucun code ne peut partir" in shown(client, "/second-facteur")


@pytest.mark.parametrize("failing", [False, True])
def test_handing_in_says_whether_the_acknowledgement_leaves(world: World, client_for: Clients, failing: bool) -> None:
    world.new_piece()
    if failing:
        fails(world.candidate, world)
    client, page = client_for(world.candidate), f"/portfolio/{world.candidacy.id}/remise"
    assert ("vous le recevez aussi par courriel" in shown(client, page)) != failing
    assert ("il ne part pas par courriel" in shown(client, page)) == failing
    receipt = shown(client, fill(client, page, "submit").location)
    assert ("Vous le recevez aussi par courriel" in receipt) != failing


def test_a_tutor_whose_address_fails_reads_that_no_receipt_leaves(
    world: World, anonymous: FlaskClient, clock: Clock
) -> None:
    activities(world, 1)
    browser = Browser(anonymous)
    browser.get(f"/s/{links.issue(world.tutor.id, 'sign_off', clock())}")
    browser.press("open")
    browser.press("answers", do="all")
    fails(world.tutor, world)
    receipt = plain(browser.press("sign"))
    assert "Aucun reçu ne part" in receipt and "Un reçu part" not in receipt


def test_a_teacher_whose_address_fails_reads_that_no_mail_will_tell(world: World, client_for: Clients) -> None:
    client = client_for(world.follower)
    assert "Un message vous prévient" in shown(client, "/confirmations")
    fails(world.follower, world)
    assert "Aucun courriel ne vous préviendra" in shown(client, "/confirmations")


def test_a_member_whose_address_fails_reads_where_the_convocation_will_be(world: World, client_for: Clients) -> None:
    client = client_for(world.follower)
    assert "vous recevrez la convocation par courriel" in shown(client, "/commissions")
    fails(world.follower, world)
    words = shown(client, "/commissions")
    assert "elle se lira ici" in words and "vous recevrez la convocation" not in words

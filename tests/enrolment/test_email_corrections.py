"""A wrong address is corrected by the school, what waits leaves anew, and nobody signs again."""

from __future__ import annotations

import re

import pytest

from portfolio.documents import Attestation, Invitation, Person, Placement
from portfolio.enrolment import email_corrections, placements
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import feedback
from portfolio.identity import accounts, invitations, links, one_time_codes
from portfolio.identity.client_fingerprint import origin
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.world import World

RIGHT = "dominique.martin@assureur.fr"


def asked(world: World, store: Connections, clock: Clock) -> str:
    """The token of the link that left for the wrong address."""
    requests.request_many(world.actor(world.candidate), [world.activity], "tutor", None, clock())
    clock.advance(minutes=3)
    deliver(clock)
    return token_sent_to(world.tutor.email, store)


def token_sent_to(address: str, store: Connections) -> str:
    sent = [words_of(message) for message in files(store) if message["To"] == address]
    return [found[1] for text in sent if (found := re.search(r"/s/([\w-]{20,})", text))][-1]


def correct(world: World, by: Person, email: str = RIGHT) -> Placement:
    placement = Placement.objects.get(pk=world.placement.id)
    return email_corrections.correct_tutor(world.actor(by), placement, email, world.clock())


def test_the_old_link_stops_and_a_new_one_leaves_for_the_right_address(
    world: World, store: Connections, clock: Clock
) -> None:
    wrong, old = world.tutor.email, asked(world, store, clock)
    correct(world, world.follower, " Dominique.Martin@Assureur.fr ")
    assert world.tutor.email == RIGHT
    assert links.view_of(old, clock()).state == "revoked"
    clock.advance(minutes=3)
    deliver(clock)
    assert links.view_of(token_sent_to(RIGHT, store), clock()).state == "open"
    assert token_sent_to(wrong, store) == old  # nothing more left for the wrong one
    assert Attestation.objects(state="requested").count() == 1


def test_a_code_that_left_for_the_wrong_address_opens_no_longer(world: World, store: Connections, clock: Clock) -> None:
    sent = one_time_codes.ask_code(world.tutor.email, clock())
    deliver(clock)
    correct(world, world.follower)
    with pytest.raises(one_time_codes.WrongCode):
        one_time_codes.enter(sent.id, one_time_codes.code_of(sent), origin("198.51.100.7", "Safari"), clock())


def test_what_was_signed_stays(world: World, clock: Clock) -> None:
    world.sign_off()
    before = [one.to_mongo() for one in Attestation.objects.order_by("id")]
    correct(world, world.office)
    assert [one.to_mongo() for one in Attestation.objects.order_by("id")] == before


def test_an_invitation_under_way_leaves_anew_and_the_first_no_longer_opens(
    world: World, store: Connections, clock: Clock
) -> None:
    accounts.invite_again(world.actor(world.office), world.tutor, clock())  # by hand: a tutor needs none to sign off
    first = Invitation.objects.get(person=world.placement.tutor, used_at=None)
    correct(world, world.follower)
    assert not invitations.invitation_holds(invitations.invitation_token(first), clock())
    deliver(clock)
    assert any("/invitation/" in words_of(message) for message in files(store) if message["To"] == RIGHT)


def test_the_journal_keeps_no_address(world: World, store: Connections) -> None:
    correct(world, world.follower)
    (event,) = store.database.events.find({"name": "address_corrected"})
    assert RIGHT not in str(event) and re.fullmatch("[0-9a-f]{64}", event["data"]["address"])


@pytest.mark.parametrize("email", ["pas une adresse", "taken", "same"])
def test_an_address_that_cannot_be_theirs_is_refused(world: World, email: str) -> None:
    tried = {"taken": world.candidate.email, "same": world.tutor.email}.get(email, email)
    with pytest.raises(Invalid):
        correct(world, world.follower, tried)


def test_an_account_that_opens_more_than_this_school_is_not_handed_over(world: World) -> None:
    """Otherwise one school would read, or sign, at another's."""
    tutor, elsewhere = world.tutor, world.new_school("0750655E")
    Person.objects(pk=tutor.id).update(push__schools=elsewhere.id)
    with pytest.raises(email_corrections.AddressInUse):
        correct(world, world.office)
    Person.objects(pk=tutor.id).update(pull__schools=elsewhere.id)
    world.set_password(tutor)
    for by in (world.follower, world.office):
        with pytest.raises(email_corrections.AddressInUse):
            correct(world, by)
        with pytest.raises((email_corrections.AddressInUse, NotFound)):
            email_corrections.correct(world.actor(by), world.tutor, RIGHT, world.clock())
    email_corrections.correct(world.actor(world.administrator), world.tutor, RIGHT, world.clock())
    assert world.tutor.email == RIGHT


def test_who_does_not_follow_corrects_nothing(world: World) -> None:
    for by in (world.second_teacher, world.candidate, world.tutor):
        with pytest.raises((Forbidden, NotFound)):
            correct(world, by)


def test_a_cancelled_period_has_no_address_to_correct(world: World, clock: Clock) -> None:
    placements.cancel_placement(world.actor(world.office), world.placement, "N'a pas eu lieu", clock())
    with pytest.raises(placements.PlacementCancelled):
        correct(world, world.office)


def test_the_office_corrects_a_candidate_who_never_came_in(world: World, store: Connections, clock: Clock) -> None:
    candidate, wrong = world.candidate, world.candidate.email
    email_corrections.correct(world.actor(world.office), candidate, "zoe@exemple.fr", clock())
    deliver(clock)
    assert "zoe@exemple.fr" in [message["To"] for message in files(store)]
    assert wrong not in [message["To"] for message in files(store)]


def test_what_was_withheld_leaves_for_the_right_address(world: World, store: Connections, clock: Clock) -> None:
    piece = world.new_piece()
    deliver(clock)
    Person.objects(pk=world.candidate.id).update(set__address_failed_at=clock())
    feedback.give(world.actor(world.follower), piece, piece.revision, "Montrez la réponse du client.", clock())
    clock.advance(days=4)
    deliver(clock)
    assert [row["outcome"] for row in store.database.outbox.find({"kind": "advice"})] == ["address_failed"]
    failing = Person.objects.get(pk=world.candidate.id)
    email_corrections.correct(world.actor(world.office), failing, "zoe@exemple.fr", clock())
    deliver(clock)
    told = [words_of(message) for message in files(store) if message["To"] == "zoe@exemple.fr"]
    assert len([text for text in told if "1 conseil" in text]) == 1


def test_the_list_of_a_teacher_that_was_withheld_leaves_for_the_right_address(
    world: World, store: Connections, clock: Clock
) -> None:
    activity = world.new_activity("classe")
    requests.request(world.actor(world.candidate), activity, "teacher", world.follower.id, clock())
    Person.objects(pk=world.follower.id).update(set__address_failed_at=clock())
    clock.advance(days=4)
    deliver(clock)
    assert [row["outcome"] for row in store.database.outbox.find({"kind": "teacher_sign_offs"})] == ["address_failed"]
    failing = Person.objects.get(pk=world.follower.id)
    email_corrections.correct(world.actor(world.administrator), failing, "suivi@lycee.example", clock())
    clock.advance(days=4)
    deliver(clock)
    told = [words_of(message) for message in files(store) if message["To"] == "suivi@lycee.example"]
    assert len([text for text in told if "Votre confirmation est demandée" in text]) == 1

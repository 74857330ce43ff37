"""What could not be mailed to somebody without an address leaves once theirs is proven, if it still means something."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.commission import amend
from portfolio.documents import Candidacy, Person
from portfolio.enrolment import enrol
from portfolio.enrolment.entry_codes import making, redeeming
from portfolio.enrolment.moves import abandonment, transfers
from portfolio.evidence import feedback
from portfolio.identity import invitations
from portfolio.identity.waiting_mails.leaving_again import mails_that_leave_again, mails_to_first_address
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.again import mails_sent
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.acts.enrolling import other_school, propose
from tests.support.mails.mailbox import deliver, files, rows, token_in, words_of
from tests.support.worlds import commissions
from tests.support.worlds.world import World

PHRASE = "Sept mots font une bonne phrase secrète"
ADDRESS = "chloe@exemple.fr"


@pytest.fixture
def without(world: World) -> World:
    """The candidate of the world has no address and never came."""
    world.new_piece()
    Person.objects(pk=world.candidate.id).update(unset__email=1, set__state="invited")
    world.candidate.reload()
    return world


def comes_in(world: World, store: Connections, clock: Clock) -> list[str]:
    """They give their address with a coupon and prove it; returns the words of all that leaves to it then."""
    coupon = making.make_code_of(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), clock())
    redeeming.give_address(coupon.code, world.candidacy.birth_date, ADDRESS, clock())
    deliver(clock)
    (invitation,) = [message for message in files(store) if message["To"] == ADDRESS]
    invitations.accept_invitation(token_in(invitation), PHRASE, clock())
    deliver(clock)
    return [words_of(message) for message in files(store) if message["To"] == ADDRESS][1:]


def advised(world: World, clock: Clock) -> None:
    piece = world.new_piece()
    feedback.give(world.actor(world.follower), piece, piece.revision, "Montrez la réponse du client.", clock())
    clock.advance(days=4)
    deliver(clock)


def test_what_was_withheld_leaves_once_the_address_is_proven_and_not_before(
    without: World, store: Connections, clock: Clock
) -> None:
    advised(without, clock)
    assert [row["outcome"] for row in rows(store) if row["kind"] == "advice"] == ["no_address"]
    (told,) = comes_in(without, store, clock)
    assert "1 conseil" in told
    assert [row["outcome"] for row in rows(store) if row["kind"] == "advice"] == ["no_address", "sent"]
    clock.advance(days=2)
    deliver(clock)
    assert [row["outcome"] for row in rows(store) if row["kind"] == "advice"] == ["no_address", "sent"]


def test_advice_that_was_read_meanwhile_is_not_announced(without: World, store: Connections, clock: Clock) -> None:
    piece = without.new_piece()
    given = feedback.give(without.actor(without.follower), piece, piece.revision, "Montrez la réponse.", clock())
    clock.advance(days=4)
    deliver(clock)
    feedback.acknowledge(without.actor(without.candidate), given, None, clock())
    assert comes_in(without, store, clock) == []


@pytest.mark.parametrize("days", [160, 3])
def test_a_deadline_that_moved_is_told_unless_it_is_past(
    without: World, store: Connections, clock: Clock, days: int
) -> None:
    until = clock() + timedelta(days=150)
    values = {"decision_reference": "R-12", "effect": "Remise reportée", "deadline": until}
    enrol.adapt(without.actor(without.office), Candidacy.objects.get(pk=without.candidacy.id), values, clock())
    deliver(clock)
    clock.advance(days=days)
    told = comes_in(without, store, clock)
    assert len(told) == (1 if days < 150 else 0)


def test_nobody_reads_that_an_abandonment_they_never_heard_of_was_taken_back(
    without: World, store: Connections, clock: Clock
) -> None:
    office = without.actor(without.office)
    candidacy = Candidacy.objects.get(pk=without.candidacy.id)
    candidacy = abandonment.abandon(office, candidacy, {"on": clock().date().isoformat(), "reason": "Erreur"}, clock())
    deliver(clock)
    abandonment.take_back(office, candidacy, "C'était un autre candidat", clock())
    deliver(clock)
    told = comes_in(without, store, clock)
    assert not [words for words in told if "abandon" in words]


@pytest.mark.parametrize("becomes", ["declined", "withdrawn"])
def test_nobody_reads_that_a_transfer_they_never_heard_of_does_not_take_place(
    without: World, store: Connections, clock: Clock, becomes: str
) -> None:
    school = other_school(without)
    transfer = propose(without, school)
    deliver(clock)
    if becomes == "declined":
        transfers.decline(without.actor(without.new_office(school)), transfer, "Pas de place", clock())
    else:
        transfers.withdraw(without.actor(without.office), transfer, "Erreur", clock())
    deliver(clock)
    assert comes_in(without, store, clock) == []


def test_of_two_acknowledgements_the_one_that_still_counts_leaves(
    without: World, store: Connections, clock: Clock
) -> None:
    office = without.actor(without.office)
    submit.submit_late(office, without.portfolio, "Absent", clock())
    submit.reopen(office, without.portfolio, "Une pièce manque", clock())
    submit.submit_late(office, without.portfolio, "Absent", clock())
    deliver(clock)
    (told,) = comes_in(without, store, clock)
    assert "remise n° 2" in told


def test_a_convocation_is_said_once_as_it_is_now_to_a_member_whose_address_is_noted_later(
    world: World, store: Connections, clock: Clock
) -> None:
    office = world.actor(world.office)
    Person.objects(pk=world.tutor.id).update(unset__email=1)
    commission = commissions.convened(world, second=world.placement.tutor)
    deliver(clock)
    amend.move(office, commission, commission.meets_at + timedelta(days=2), "Salle C3", clock())
    deliver(clock)
    withheld = [row["payload"]["what"] for row in rows(store) if row["outcome"] == "no_address"]
    assert [what for what in withheld if what in ("convened", "moved")] == ["convened", "moved"]
    again = mails_to_first_address(Person.objects.get(pk=world.placement.tutor), clock())
    assert [errand.payload["what"] for errand in again if errand.kind == "convocation"] == ["convened"]


def test_a_meeting_that_moved_is_not_said_to_stay_to_whom_its_letters_did_not_reach(
    world: World, store: Connections, clock: Clock
) -> None:
    office = world.actor(world.office)
    commission = commissions.convened(world, second=world.placement.tutor)
    deliver(clock)
    Person.objects(pk=world.follower.id).update(set__address_failed_at=clock())
    since, other = clock(), {"leaving": world.placement.tutor, "arriving": world.second_teacher.id}
    commission = amend.replace_member(
        office, commission, other | {"reason": "Malade", "tutor_absence": "Malade"}, since
    )
    amend.move(office, commission, commission.meets_at + timedelta(days=2), "Salle C3", clock())
    deliver(clock)
    again = mails_that_leave_again(Person.objects.get(pk=world.follower.id), since, clock())
    assert [errand.payload["what"] for errand in again if errand.kind == "convocation"] == ["moved"]


def test_a_meeting_cancelled_meanwhile_is_told_to_nobody_who_was_never_convoked(
    world: World, store: Connections, clock: Clock
) -> None:
    Person.objects(pk=world.tutor.id).update(unset__email=1)
    commission = commissions.convened(world, second=world.placement.tutor)
    deliver(clock)
    amend.cancel(world.actor(world.office), commission, "Le lycée est fermé.", clock())
    deliver(clock)
    again = mails_to_first_address(Person.objects.get(pk=world.placement.tutor), clock())
    assert "cancelled" not in [errand.payload.get("what") for errand in again]


def test_no_board_says_that_a_tutor_was_written_to_whose_mails_were_withheld(
    world: World, store: Connections, clock: Clock
) -> None:
    Person.objects(pk=world.tutor.id).update(unset__email=1)
    requests.request(world.actor(world.candidate), world.activity, "tutor", None, clock())
    clock.advance(days=1)
    deliver(clock)
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.mails, delivery.sent_at) == ("no_address", 0, None)
    assert mails_sent([delivery.request.id])[delivery.request.id] == 0

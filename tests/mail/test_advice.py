"""A candidate is told of new advice once a day at most, and of nothing that they have read meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient

from config.processes import free_port
from portfolio.documents import Candidacy, Evidence, Feedback, Person
from portfolio.enrolment import enrol
from portfolio.evidence import deposit, feedback
from portfolio.sign_offs.asking.deliveries import advice_mails
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, mail_server, rows, words_of
from tests.support.worlds import commissions
from tests.support.worlds.world import World

ADVICE = "Montrez aussi la réponse du client."
EVENING = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)  # 18.00 in Lyon, the day the tests begin


def give(world: World, piece: Evidence | None = None, by: Person | None = None) -> Feedback:
    piece = piece or world.new_piece()
    return feedback.give(world.actor(by or world.follower), piece, piece.revision, ADVICE, world.clock())


def read_it(world: World, given: Feedback) -> None:
    feedback.acknowledge(world.actor(world.candidate), Feedback.objects.get(pk=given.id), None, world.clock())


def asked(store: Connections) -> list[dict[str, Any]]:
    return [row for row in rows(store) if row["kind"] == "advice"]


def outcomes(store: Connections) -> list[str]:
    return [row["outcome"] for row in asked(store) if row["done_at"] is not None]


def evening(clock: Clock, days: int = 0) -> None:
    """The worker looks at the outbox that evening."""
    clock.now = max(clock.now, EVENING + timedelta(days=days))
    deliver(clock)


def received(world: World, store: Connections) -> list[EmailMessage]:
    return [one for one in files(store) if one["To"] == world.candidate.email and "conseil" in one["Subject"]]


# --- what it says -----------------------------------------------------------------------------------


def test_it_says_how_many_and_from_whom_and_nothing_of_what_was_said(
    world: World, store: Connections, clock: Clock
) -> None:
    piece = world.new_piece(title="Relance confidentielle")
    give(world, piece)
    evening(clock)
    (message,) = received(world, store)
    text, (html,) = words_of(message), [p.get_content() for p in message.walk() if p.get_content_subtype() == "html"]
    assert message["Subject"] == "Votre professeur vous a donné 1 conseil"
    for said in (text, html):
        assert "Votre professeur vous a donné 1 conseil sur votre portfolio E5." in said
        assert "http://localhost/portfolio" in said
        for kept in (ADVICE, piece.title, world.follower.family_name, str(piece.id)):
            assert kept not in said
    assert "<img" not in html and "http" not in re.sub(r"http://localhost/portfolio", "", html)
    assert '<html lang="fr">' in html
    assert (message["Auto-Submitted"], message["Reply-To"]) == ("auto-generated", world.follower.email)


def test_five_pieces_of_advice_in_ten_minutes_make_one_mail(world: World, store: Connections, clock: Clock) -> None:
    pieces = [world.new_piece() for _ in range(5)]
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    both = [world.follower.id, world.second_teacher.id]
    enrol.set_followers(world.actor(world.office), candidacy, both, clock())
    for number, piece in enumerate(pieces):
        give(world, piece, (world.follower, world.second_teacher)[number % 2])
        clock.advance(minutes=2)
    deliver(clock)
    assert received(world, store) == []
    evening(clock)
    assert [one["Subject"] for one in received(world, store)] == ["Vos professeurs vous ont donné 5 conseils"]
    assert outcomes(store) == ["sent"]


# --- when -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "leaves"),
    [
        ("2027-01-12T17:30+01:00", "2027-01-12T18:00+01:00"),
        ("2027-01-12T17:31+01:00", "2027-01-13T18:00+01:00"),
        ("2027-01-12T23:50+01:00", "2027-01-13T18:00+01:00"),
        ("2027-01-15T19:00+01:00", "2027-01-18T18:00+01:00"),  # a Friday
        ("2027-05-06T10:00+02:00", "2027-05-07T18:00+02:00"),  # Ascension Day
    ],
)
def test_it_leaves_on_the_evening_of_a_working_day_when_the_advice_has_settled(
    world: World, store: Connections, clock: Clock, given: str, leaves: str
) -> None:
    piece = world.new_piece()
    clock.now = datetime.fromisoformat(given)
    give(world, piece)
    (row,) = asked(store)
    assert row["due_at"] == datetime.fromisoformat(leaves)


def test_what_was_told_is_not_told_again_and_what_comes_later_is_the_next_evening(
    world: World, store: Connections, clock: Clock
) -> None:
    give(world)
    evening(clock)
    clock.advance(minutes=5)
    give(world)
    deliver(clock)
    assert len(received(world, store)) == 1
    evening(clock, days=1)
    assert [one["Subject"] for one in received(world, store)] == ["Votre professeur vous a donné 1 conseil"] * 2
    evening(clock, days=2)
    assert outcomes(store) == ["sent", "sent"]
    assert {one: mail.bounced_at for one, mail in advice_mails(Feedback.objects.scalar("id")).items()} == dict.fromkeys(
        Feedback.objects.scalar("id")
    )


def test_after_a_night_without_a_mail_server_there_is_still_one_a_day(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    port = free_port()
    over_smtp(f"smtp://127.0.0.1:{port}")
    give(world)
    evening(clock)
    assert asked(store)[0]["failure"] == "ConnectionRefusedError"
    with mail_server(port) as server:
        clock.now = EVENING + timedelta(hours=16)  # the next morning
        deliver(clock)
        give(world)
        evening(clock, days=1)
        assert outcomes(store) == ["sent", "told_today"]
        evening(clock, days=2)
    assert outcomes(store) == ["sent", "told_today", "sent"]
    telling = [one["To"] for one in server.messages if "conseil" in one["Subject"]]
    assert telling == [world.candidate.email] * 2


# --- why not ----------------------------------------------------------------------------------------


def test_what_was_read_or_withdrawn_meanwhile_is_not_told(world: World, store: Connections, clock: Clock) -> None:
    piece = world.new_piece()
    read, withdrawn = give(world), give(world, piece)
    read_it(world, read)
    deposit.withdraw_piece(world.actor(world.candidate), piece, clock())
    evening(clock)
    assert received(world, store) == []
    assert outcomes(store) == ["nothing_waits"]
    left = give(world)
    evening(clock, days=1)
    assert list(advice_mails([read.id, withdrawn.id, left.id])) == [left.id]


def test_a_portfolio_that_is_handed_in_is_written_to_no_more_whatever_a_commission_does(
    world: World, store: Connections, clock: Clock
) -> None:
    give(world)
    world.sign_off()
    world.submit()
    commissions.convened(world)
    evening(clock)
    assert outcomes(store) == ["nothing_waits"]


def test_a_mail_that_came_back_has_told_nothing(world: World, store: Connections, clock: Clock) -> None:
    given = give(world)
    evening(clock)
    back = {"bounced_at": clock(), "bounce_status": "5.1.1"}
    store.database["outbox"].update_one({"kind": "advice"}, {"$set": back})
    assert advice_mails([given.id])[given.id].bounced_at == clock()
    give(world)
    evening(clock, days=1)
    assert received(world, store)[-1]["Subject"] == "Votre professeur vous a donné 2 conseils"


def test_nobody_is_told_of_another_s_advice(world: World, store: Connections, clock: Clock) -> None:
    other = world.new_candidacy()
    give(world)
    evening(clock)
    address = Person.objects.get(pk=other.person).email
    assert [one["To"] for one in files(store) if "conseil" in one["Subject"]] == [world.candidate.email]
    assert address != world.candidate.email


# --- several workers --------------------------------------------------------------------------------


def test_two_workers_at_once_send_one(world: World, store: Connections, clock: Clock, over_smtp: Any) -> None:
    give(world)
    give(world)
    port = free_port()
    with mail_server(port) as server:
        over_smtp(f"smtp://127.0.0.1:{port}")
        clock.now = EVENING
        store.database["outbox"].delete_many({"kind": {"$ne": "advice"}})  # this one alone, so that both want it
        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(lambda _: deliver(clock), range(2)))
    assert sorted(done) == [0, 1]
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [[world.candidate.email]]


# --- where it shows ---------------------------------------------------------------------------------


def test_the_teacher_sees_that_the_candidate_was_told_and_has_not_read(
    world: World, clock: Clock, client_for: Callable[..., FlaskClient]
) -> None:
    piece = world.new_piece()
    given = give(world, piece)
    client, path = client_for(world.follower), f"/classe/preuves/{piece.id}"
    assert "annoncé par courriel" not in client.get(path).text
    evening(clock)
    assert "annoncé par courriel le 12 janvier 2027" in client.get(path).text
    read_it(world, given)
    assert "annoncé par courriel" not in client.get(path).text

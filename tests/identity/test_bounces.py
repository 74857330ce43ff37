"""A mail that comes back is known by its Message-ID: the address is no longer written to, and the teacher is told."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.processes import free_port
from portfolio.documents import Link, Person, Placement
from portfolio.enrolment import email_corrections
from portfolio.identity import bounces
from portfolio.identity.returns import notifications
from portfolio.ids import new_id
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.bounced_mails import report
from tests.support.mails.mailbox import deliver, files, mail_server, rows, words_of
from tests.support.worlds.world import World


@pytest.mark.parametrize("whole", [True, False], ids=["whole message", "headers alone"])
def test_a_bounce_stops_the_mails_and_tells_the_teacher(
    world: World, store: Connections, clock: Clock, asked: EmailMessage, whole: bool
) -> None:
    clock.advance(minutes=1)
    assert notifications.read_notification(report(asked, whole=whole), clock()) == "bounced"
    assert notifications.read_notification(report(asked, whole=whole), clock()) == "bounced"  # and the same again
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.bounce_status, delivery.bounced_at) == ("bounced", "5.1.1", clock())
    deliver(clock)
    (told,) = [message for message in files(store) if message["To"] == world.follower.email]
    assert world.tutor.email in words_of(told) and "5.1.1" in words_of(told)
    before = len(files(store))
    clock.advance(days=40)
    deliver(clock)
    assert len(files(store)) == before


def test_a_corrected_address_is_written_to_again(
    world: World, store: Connections, clock: Clock, asked: EmailMessage
) -> None:
    notifications.read_notification(report(asked), clock())
    placement = Placement.objects.get(pk=world.placement.id)
    email_corrections.correct_tutor(world.actor(world.follower), placement, "juste@assureur.fr", clock())
    notifications.read_notification(report(asked), clock())  # a late copy about the old address
    clock.advance(minutes=3)
    deliver(clock)
    assert "Pour action" in [one["Subject"][:11] for one in files(store) if one["To"] == "juste@assureur.fr"]
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.mails) == ("sent", 2)
    assert world.tutor.address_failed_at is None


def test_a_mail_that_was_handed_on_is_neither_late_nor_lost(world: World, clock: Clock, asked: EmailMessage) -> None:
    assert notifications.read_notification(report(asked, "relayed", "2.0.0"), clock()) == "other"
    assert deliveries(world.candidacy.id)[0].state == "sent"


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2"), ("failed", "5.2.2")])
def test_a_delay_is_no_end(
    world: World, store: Connections, clock: Clock, asked: EmailMessage, action: str, status: str
) -> None:
    """What the server still tries is left to it; what it gave up leaves again the next day, once."""
    for _ in range(2):  # and the same again
        assert notifications.read_notification(report(asked, action, status), clock()) == "delayed"
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.delayed_at, delivery.bounced_at) == ("delayed", clock(), None)
    world.tutor.reload()
    assert world.tutor.address_failed_at is None
    clock.advance(hours=25)
    deliver(clock)
    to_the_tutor = [message["Subject"] for message in files(store) if message["To"] == world.tutor.email]
    assert len(to_the_tutor) == (1 if action == "delayed" else 2)
    assert deliveries(world.candidacy.id)[0].state == ("delayed" if action == "delayed" else "sent")


def test_after_a_week_of_nothing_but_delays_the_teacher_is_told_once(
    world: World, store: Connections, clock: Clock, asked: EmailMessage
) -> None:
    for day in range(9):
        sent = [message for message in files(store) if message["To"] == world.tutor.email]
        notifications.read_notification(report(sent[-1], "failed", "5.2.2"), clock())
        deliver(clock)
        assert day >= 7 or not any(message["To"] == world.follower.email for message in files(store))
        clock.advance(days=1, minutes=5)
        deliver(clock)
    (told,) = [message for message in files(store) if message["To"] == world.follower.email]
    assert "retardés" in words_of(told) and world.tutor.email in words_of(told)
    world.tutor.reload()
    assert world.tutor.address_delayed_at is not None and world.tutor.address_failed_at is None
    assert world.tutor.no_mail_because is None

    placement = Placement.objects.get(pk=world.placement.id)
    email_corrections.try_tutor_again(world.actor(world.follower), placement, clock())
    world.tutor.reload()
    assert world.tutor.address_delayed_at is None


def test_a_mail_that_passed_ends_the_week(world: World, store: Connections, clock: Clock, asked: EmailMessage) -> None:
    notifications.read_notification(report(asked, "failed", "5.2.2"), clock())
    clock.advance(days=1, minutes=5)
    deliver(clock)  # again, and nothing comes back
    clock.advance(days=8)
    deliver(clock)  # a reminder
    last = [message for message in files(store) if message["To"] == world.tutor.email][-1]
    notifications.read_notification(report(last, "failed", "5.2.2"), clock())
    assert [message for message in files(store) if message["To"] == world.follower.email] == []
    world.tutor.reload()
    assert world.tutor.address_delayed_at is None


def test_a_failed_address_is_tried_again_by_those_who_manage_it(
    world: World, store: Connections, clock: Clock, asked: EmailMessage
) -> None:
    placement = Placement.objects.get(pk=world.placement.id)
    with pytest.raises(email_corrections.AddressWorks):
        email_corrections.try_tutor_again(world.actor(world.office), placement, clock())
    notifications.read_notification(report(asked), clock())
    clock.advance(days=10)
    deliver(clock)  # what would remind is withheld
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.next_mail_at) == ("bounced", None)
    email_corrections.try_tutor_again(world.actor(world.office), placement, clock())
    (event,) = Link.objects(name="address_tried_again")
    assert event.by == str(world.office.id)
    clock.advance(minutes=3)
    deliver(clock)
    to_the_tutor = [message["Subject"][:11] for message in files(store) if message["To"] == world.tutor.email]
    assert to_the_tutor == ["Pour action", "Pour action"]
    assert deliveries(world.candidacy.id)[0].state == "sent"


def test_the_list_of_a_teacher_whose_address_works_again_leaves_the_next_working_morning(
    world: World, store: Connections, clock: Clock
) -> None:
    teacher = world.follower
    bounces.note_failed(Person.objects.get(pk=teacher.id), "5.1.1", clock())  # Tuesday 12 January
    requests.request(world.actor(world.candidate), world.activity, "teacher", None, clock())
    clock.now = datetime(2027, 1, 15, 14, tzinfo=UTC)  # Friday
    deliver(clock)
    assert [message for message in files(store) if message["To"] == teacher.email] == []
    email_corrections.try_again(world.actor(world.office), Person.objects.get(pk=teacher.id), clock())
    clock.advance(hours=24)
    deliver(clock)
    assert [message for message in files(store) if message["To"] == teacher.email] == []
    (waiting,) = [row for row in rows(store) if row["kind"] == "teacher_sign_offs" and row["done_at"] is None]
    assert waiting["due_at"] == datetime(2027, 1, 18, 7, 30, tzinfo=UTC)  # Monday
    clock.now = waiting["due_at"]
    deliver(clock)
    (message,) = [message for message in files(store) if message["To"] == teacher.email]
    assert "1 confirmation en attente" in message["Subject"]


def test_a_full_mailbox_at_the_door_is_tried_again_and_condemns_nobody(
    world: World, store: Connections, clock: Clock, over_smtp: object
) -> None:
    requests.request_many(world.actor(world.candidate), [world.activity], "tutor", None, clock())
    port = free_port()
    with mail_server(port) as received:
        over_smtp(f"smtp://127.0.0.1:{port}")  # type: ignore[operator]
        received.refuses[world.tutor.email] = "552 5.2.2 Mailbox full"
        for _ in range(40):
            clock.advance(hours=6)
            deliver(clock)
        world.tutor.reload()
        assert (world.tutor.address_failed_at, world.tutor.address_delayed_at is None) == (None, False)
        assert [message["To"] for message in received.messages].count(world.follower.email) == 1
        del received.refuses[world.tutor.email]
        clock.advance(hours=7)
        deliver(clock)
    assert [message["To"] for message in received.messages].count(world.tutor.email) == 1
    assert deliveries(world.candidacy.id)[0].state == "sent"


def test_the_office_is_told_of_a_candidate_who_gets_no_mail(world: World, store: Connections, clock: Clock) -> None:
    assert world.candidacy.person == world.candidate.id
    candidate, office = world.candidate.reload(), world.office
    bounces.note_failed(candidate, "5.1.1", clock())
    deliver(clock)
    (told,) = [message for message in files(store) if message["To"] == office.email]
    assert candidate.email in words_of(told) and f"/comptes/{candidate.id}" in words_of(told)


def test_a_refusal_by_policy_is_seen_but_condemns_no_address(world: World, clock: Clock, asked: EmailMessage) -> None:
    """It may be our own server that is not trusted: every tutor of the academy would be declared dead."""
    assert notifications.read_notification(report(asked, status="5.7.1"), clock()) == "bounced"
    assert deliveries(world.candidacy.id)[0].state == "bounced"
    assert world.tutor.address_failed_at is None


def test_what_is_no_bounce_of_ours_changes_nothing(world: World, clock: Clock, asked: EmailMessage) -> None:
    out_of_office = EmailMessage()
    out_of_office["In-Reply-To"] = asked["Message-ID"]
    out_of_office.set_content("Je suis absent jusqu'au 20 janvier.")
    assert notifications.read_notification(out_of_office.as_bytes(), clock()) == "other"
    strange = EmailMessage()
    strange["Message-ID"] = f"<{new_id()}@{asked['Message-ID'].rpartition('@')[2]}"
    assert notifications.read_notification(report(strange), clock()) == "unknown"
    assert notifications.read_notification(b"\xff\x00 not even a message", clock()) == "other"
    assert deliveries(world.candidacy.id)[0].state == "sent"


def test_a_maildir_is_read_once(world: World, clock: Clock, asked: EmailMessage, tmp_path: Path) -> None:
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.mx").write_bytes(report(asked))
    (tmp_path / "new" / "2.mx").write_bytes(b"Subject: publicite\n\nAchetez.")
    assert list(notifications.read_maildir(tmp_path, clock())) == ["bounced", "other"]
    assert list(notifications.read_maildir(tmp_path, clock())) == []
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1.mx:2,S", "2.mx:2,S"]


def test_a_server_that_refuses_the_address_at_once_is_a_bounce(
    world: World, store: Connections, clock: Clock, over_smtp: object
) -> None:
    requests.request_many(world.actor(world.candidate), [world.activity], "tutor", None, clock())
    deliver(clock)
    clock.advance(minutes=3)
    port = free_port()
    with mail_server(port) as received:
        received.refuses[world.tutor.email] = "550 5.1.1 No such user"
        over_smtp(f"smtp://127.0.0.1:{port}")  # type: ignore[operator]
        deliver(clock)
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.bounce_status, delivery.mails) == ("bounced", "5.1.1", 0)
    assert not [row for row in rows(store) if row["kind"] == "sign_off_reminder"]
    assert [envelope.rcpt_tos for envelope in received.envelopes] == [[world.follower.email]]


def test_a_reminder_that_was_refused_leaves_again(
    world: World, store: Connections, clock: Clock, asked: EmailMessage
) -> None:
    clock.advance(days=8)
    deliver(clock)
    reminder = [message for message in files(store) if message["To"] == world.tutor.email][-1]
    assert "rappel" in reminder["Subject"]
    notifications.read_notification(report(reminder), clock())
    placement = Placement.objects.get(pk=world.placement.id)
    email_corrections.try_tutor_again(world.actor(world.office), placement, clock())
    deliver(clock)
    to_the_tutor = [message for message in files(store) if message["To"] == world.tutor.email]
    assert [message["Subject"] for message in to_the_tutor[1:]] == [reminder["Subject"]] * 2
    assert deliveries(world.candidacy.id)[0].state == "sent"
    assert [row for row in rows(store) if row["kind"] == "sign_off_reminder" and row["done_at"] is None]


def test_a_reminder_refused_at_the_door_leaves_again(
    world: World, store: Connections, clock: Clock, asked: EmailMessage, over_smtp: object
) -> None:
    port = free_port()
    with mail_server(port) as received:
        over_smtp(f"smtp://127.0.0.1:{port}")  # type: ignore[operator]
        received.refuses[world.tutor.email] = "550 5.1.1 No such user"
        clock.advance(days=8)
        deliver(clock)
        assert world.tutor.reload().address_failed_at is not None
        received.refuses.clear()
        placement = Placement.objects.get(pk=world.placement.id)
        email_corrections.try_tutor_again(world.actor(world.office), placement, clock())
        clock.advance(minutes=3)
        deliver(clock)
    (again,) = [message for message in received.messages if message["To"] == world.tutor.email]
    assert "rappel" in again["Subject"]

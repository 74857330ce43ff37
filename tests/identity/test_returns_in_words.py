"""A mail server that does not write RFC 3464 is understood in its own words."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from portfolio.identity import bounces
from portfolio.identity.returns import notifications
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.worlds.world import World

# After what these programs write.
QMAIL = """\
From: MAILER-DAEMON@mx.assureur.fr
To: retours@localhost
Subject: failure notice

Hi. This is the qmail-send program at mx.assureur.fr.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{address}>:
Sorry, no mailbox here by that name. (#{status})

--- Below this line is a copy of the message.

{original}
"""
EXIM = """\
From: Mail Delivery System <Mailer-Daemon@mx.assureur.fr>
To: retours@localhost
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: {address}

This message was created automatically by mail delivery software.
A message that you sent could not be delivered to all of its recipients.

  {address}
    unrouteable mail domain

------ This is a copy of the message, including all the headers. ------

{original}
"""


@pytest.mark.parametrize("form", [QMAIL, EXIM], ids=["qmail", "Exim"])
def test_a_return_in_a_server_s_own_words_is_read(
    world: World, store: Connections, clock: Clock, asked: EmailMessage, form: str
) -> None:
    words = form.format(address=asked["To"], status="5.1.1", original=asked.as_string())
    assert notifications.read_notification(words.encode(), clock()) == "bounced"
    assert world.tutor.reload().address_failed_at == clock()


def test_a_full_mailbox_in_a_server_s_own_words_is_a_delay(
    world: World, store: Connections, clock: Clock, asked: EmailMessage
) -> None:
    words = QMAIL.format(address=asked["To"], status="5.2.2", original=asked.as_string())
    assert notifications.read_notification(words.encode(), clock()) == "delayed"
    assert world.tutor.reload().address_failed_at is None


def test_words_about_another_address_or_another_mail_say_nothing_of_ours(
    world: World, store: Connections, clock: Clock, asked: EmailMessage
) -> None:
    of_another = QMAIL.format(address="autre@assureur.fr", status="5.1.1", original=asked.as_string())
    assert notifications.read_notification(of_another.encode(), clock()) == "other"
    not_ours = QMAIL.format(address=asked["To"], status="5.1.1", original="Message-ID: <a@b.fr>")
    assert notifications.read_notification(not_ours.encode(), clock()) == "unknown"
    assert notifications.read_notification(b"Subject: Bonjour\n\nMerci, je signe demain.\n", clock()) == "other"
    assert world.tutor.reload().address_failed_at is None


@pytest.mark.parametrize(
    ("words", "kept"),
    [("mx 62.4.16.70 refused it", None), ("(#5.1.1)", "5.1.1"), ("version 5.1.1.2", None), ("status 4.4.1.", "4.4.1")],
)
def test_an_address_of_the_internet_is_no_status(words: str, kept: str | None) -> None:
    assert bounces.status_in(550, words) == (kept or "5.0.0")


def test_giving_up_after_a_week_of_delays_is_a_delay(world: World, clock: Clock, asked: EmailMessage) -> None:
    words = QMAIL.format(address=asked["To"], status="4.4.1", original=asked.as_string())
    assert notifications.read_notification(words.encode(), clock()) == "delayed"
    assert world.tutor.reload().address_failed_at is None


def test_numbers_that_contradict_the_words_are_no_status(world: World, clock: Clock, asked: EmailMessage) -> None:
    words = QMAIL.format(address=asked["To"], status="4.16.70", original=asked.as_string())
    assert notifications.read_notification(words.encode(), clock()) == "bounced"
    assert world.tutor.reload().address_failure == bounces.UNKNOWN_STATUS


def test_a_return_without_an_author_is_read(
    world: World, clock: Clock, asked: EmailMessage, caplog: pytest.LogCaptureFixture
) -> None:
    words = QMAIL.format(address=asked["To"], status="5.1.1", original=asked.as_string())
    assert notifications.read_notification(words.partition("\n")[2].encode(), clock()) == "bounced"
    assert caplog.records == []


@pytest.mark.parametrize(
    "field", ["From: " + '"' * 200_000, "From: " + '"a" ' * 50_000, "To: " + "a@b.example, " * 20_000, "\n" * 250_000]
)
def test_a_return_made_to_be_long_to_read_holds_no_worker(store: Connections, clock: Clock, field: str) -> None:
    started = time.process_time()
    assert notifications.read_notification(f"{field}\n\nBonjour\n".encode(), clock()) == "other"
    assert time.process_time() - started < 4

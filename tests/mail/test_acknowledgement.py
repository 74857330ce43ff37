"""Whoever hands in, a candidate gets the acknowledgement by mail, with the paper that proves it."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pikepdf
import pypdfium2

from config.processes import free_port
from portfolio.documents import Person, Submission
from portfolio.enrolment.deadline import deadline_of
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, mail_server, rows, words_of
from tests.support.worlds.world import World


def hand_in(world: World) -> Submission:
    submit.submit(world.actor(world.candidate), world.portfolio, False, world.clock())
    return Submission.objects.get(candidacy=world.candidacy.id)


def received(clock: Clock, over_smtp: Any, address: str) -> list[Any]:
    """The acknowledgements that a real server was handed: for this address alone."""
    port = free_port()
    with mail_server(port) as server:
        over_smtp(f"smtp://127.0.0.1:{port}")
        deliver(clock)
    about = [message for message in server.messages if message["Subject"].startswith("Accusé")]
    assert {message["To"] for message in about} <= {address}
    return about


def printed(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_the_acknowledgement_arrives_with_a_paper_that_opens(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    world.new_piece(title="Lettre au client")
    submission = hand_in(world)
    (asked,) = [row for row in rows(store) if row["kind"] == "acknowledgement"]
    assert asked["payload"] == {"submission": submission.id}

    (message,) = received(clock, over_smtp, world.candidate.email)
    assert message["Subject"] == "Accusé de remise n° 1 de votre portfolio E5"
    assert message["Reply-To"] == world.follower.email
    words = words_of(message)
    assert "remise n° 1" in words and f"/portfolio/remise/{submission.id}" in words
    (paper,) = message.iter_attachments()
    assert (paper.get_filename(), paper.get_content_type()) == ("accuse-de-remise-1.pdf", "application/pdf")
    text = printed(paper.get_content())
    assert "Accusé de remise n° 1" in text and "Lettre au client" in text
    assert submission.digest in text.replace(" ", "") and submission.chain_head in text.replace(" ", "")
    with pikepdf.open(io.BytesIO(paper.get_content())) as document:
        attached = json.loads(document.attachments["accuse.json"].get_file().read_bytes())
    assert (attached["digest"], attached["number"]) == (submission.digest, 1)
    assert world.candidacy.birth_date not in json.dumps(attached)


def test_one_that_was_reopened_before_it_left_says_so(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    world.new_piece()
    hand_in(world)
    submit.reopen(world.actor(world.follower), world.portfolio, "Une preuve manque", clock())

    (message,) = received(clock, over_smtp, world.candidate.email)

    words = words_of(message)
    assert "Il ne change plus" not in words and "Votre portfolio est remis" not in words
    assert "Votre portfolio a été rouvert depuis : vous pouvez le modifier, puis remettez-le de nouveau." in words
    assert "Motif : « Une preuve manque »" in words and "Cette remise est gardée telle quelle." in words


def test_the_late_one_of_the_office_that_was_reopened_says_so(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    world.new_piece()
    submit.submit_late(world.actor(world.office), world.portfolio, "Hospitalisée", clock())
    submit.reopen(world.actor(world.office), world.portfolio, "Une preuve manque", clock())

    (message,) = received(clock, over_smtp, world.candidate.email)

    assert "Votre établissement a remis" in words_of(message) and "Votre portfolio a été rouvert depuis" in words_of(
        message
    )


def test_the_late_one_of_the_office_says_who_and_why(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    world.new_piece()
    clock.now = deadline_of(world.candidacy) + timedelta(minutes=1)
    submit.submit_late(world.actor(world.office), world.portfolio, "Panne du réseau\nce soir-là", clock())
    (message,) = received(clock, over_smtp, world.candidate.email)
    words = words_of(message)
    assert "Votre établissement a remis votre portfolio" in words
    assert "Motif : « Panne du réseau ce soir-là »" in words
    (paper,) = message.iter_attachments()
    assert "Panne du réseau" in printed(paper.get_content())


def test_one_that_fails_or_was_eliminated_sends_nothing(world: World, store: Connections, clock: Clock) -> None:
    world.new_piece()
    submission = hand_in(world)
    Person.objects(pk=world.candidate.id).update(set__address_failed_at=clock())
    deliver(clock)
    (row,) = [row for row in rows(store) if row["kind"] == "acknowledgement"]
    assert row["outcome"] == "address_failed"
    store.database["outbox"].update_one({"_id": row["_id"]}, {"$set": {"done_at": None}})
    submission.delete()
    deliver(clock)
    assert [row["outcome"] for row in rows(store) if row["kind"] == "acknowledgement"] == ["over"]

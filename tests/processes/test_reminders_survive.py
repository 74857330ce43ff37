"""Two workers share what is due, one is killed in the middle: everybody is reminded, second copies are recognised."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from config.processes import free_port
from config.settings import Settings
from portfolio.documents import Person, Portfolio
from portfolio.evidence import deposit
from portfolio.sign_offs.asking import requests
from portfolio.store import outbox
from portfolio.store.connections import Connections
from tests.support.clock import now
from tests.support.mails.mailbox import Received, deliver, files, mail_server, rows
from tests.support.waiting import await_until
from tests.support.worlds.world import World

Starts = Callable[..., subprocess.Popen[bytes]]
HANDS = Settings.worker_deliveries  # mails that one worker has in hand


def reminders_due(store: Connections, count: int) -> None:
    """As many tutors were asked, have not answered, and are to be reminded now."""
    world = World(now)
    for number in range(count):
        if number % 20 == 0:  # a portfolio holds so many activities
            candidacy = world.new_candidacy()
            candidate = Person.objects.get(pk=candidacy.person)
        placement = world.new_placement(candidacy)
        said = {"title": "Relance des impayés", "context": "pfmp", "mission": "Relancer", "placement": placement.id}
        portfolio = Portfolio.objects.get(pk=candidacy.id)
        activity = deposit.add_activity(world.actor(candidate), portfolio, said, now())
        requests.request(world.actor(candidate), activity, "tutor", None, now())
    deliver(lambda: world.later(minutes=5))
    came_due = {"kind": "sign_off_reminder", "done_at": None}
    assert store.database["outbox"].update_many(came_due, {"$set": {"due_at": now()}}).modified_count == count


def killed_in_the_middle(worker: Starts, count: int, received: Received, port: int) -> None:
    """Once the first third has arrived, one worker of two dies while a mail is in the server's hands."""
    smtp = f"smtp://127.0.0.1:{port}"
    first, _ = worker(SMTP_URL=smtp), worker(SMTP_URL=smtp)

    def kill_one() -> None:
        if len(received.envelopes) >= count // 3 and first.poll() is None:
            first.kill()
            first.wait()

    received.before_answer = kill_one
    assert first.wait(60) == -9


def left(store: Connections) -> list[dict[str, Any]]:
    """Due and not done; those that follow are for other days."""
    query = {"kind": "sign_off_reminder", "done_at": None, "due_at": {"$lte": now()}}
    return list(store.database["outbox"].find(query))


def check(store: Connections, received: list[str], count: int) -> None:
    """Everybody has one; each second copy is explained by a row that was taken up twice."""
    copies = Counter(received)
    attempts = {f"<{row['_id']}@localhost>": row["attempts"] for row in rows(store)}
    assert len(copies) == count
    again = {name: times for name, times in copies.items() if times > 1}
    assert all(times == 2 and attempts[name] == 2 for name, times in again.items())
    assert len(again) <= HANDS  # what the killed worker had in hand
    assert store.database["outbox"].count_documents({"kind": "sign_off_reminder", "payload.number": 2}) == count


def test_twenty_reminders_survive_a_killed_worker(store: Connections, worker: Starts) -> None:
    count, port = 20, free_port()
    reminders_due(store, count)
    with mail_server(port) as received:
        killed_in_the_middle(worker, count, received, port)
        await_until(lambda: len(left(store)) <= HANDS and all(row["leased_until"] for row in left(store)))
    sent = [str(message["Message-ID"]) for message in received.messages]
    deliver(lambda: now() + outbox.LEASE)  # another takes up what was leased to the dead
    by_file = {str(message["Message-ID"]) for message in files(store) if "rappel" in message["Subject"]}
    check(store, sent + sorted(by_file), count)


@pytest.mark.endure
def test_two_hundred_reminders_reach_everybody_in_real_time(store: Connections, worker: Starts) -> None:
    """Nobody helps: the lease of the dead runs out, the survivor's clock sweeps."""
    count, port = 200, free_port()
    reminders_due(store, count)
    with mail_server(port) as received:
        killed_in_the_middle(worker, count, received, port)
        await_until(lambda: not left(store), seconds=300)
    check(store, [str(message["Message-ID"]) for message in received.messages], count)

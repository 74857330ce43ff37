"""Workers share the outbox, whatever befalls one of them."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from config.processes import free_port
from portfolio.documents import Person
from portfolio.identity import accounts
from portfolio.store import outbox
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.clock import now
from tests.support.mails.mailbox import deliver, files, mail_server, rows, words_of
from tests.support.waiting import LONG_S
from tests.support.worlds.world import World


def invite(world: World, name: str = "Durand", given_names: str = "Ana", email: str = "ana@exemple.fr") -> Person:
    said = {"email": email, "family_name": name, "given_names": given_names, "role": "teacher"}
    return accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


def test_workers_at_once_share_the_work(world: World, store: Connections, clock: Clock) -> None:
    for number in range(20):
        invite(world, email=f"ana{number}@exemple.fr")
    with ThreadPoolExecutor(4) as threads:
        shares = list(threads.map(lambda _: deliver(clock), range(4)))
    assert sum(shares) == 20
    assert {row["attempts"] for row in rows(store)} == {1}


def test_a_row_taken_and_left_is_taken_up_after_its_lease(world: World, store: Connections, clock: Clock) -> None:
    invite(world)
    taken = outbox.claim(clock())
    assert taken is not None
    assert outbox.claim(clock() + timedelta(seconds=119)) is None
    clock.advance(minutes=2)
    assert deliver(clock) == 1
    assert rows(store)[0]["attempts"] == 2


def test_a_worker_killed_in_the_middle_leaves_a_mail_that_another_sends_as_the_same(
    store: Connections, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    """The worst moment: the server has the message, the worker dies before it hears so."""
    invite(World(now))
    port = free_port()
    with mail_server(port) as received:
        process = worker(SMTP_URL=f"smtp://127.0.0.1:{port}")
        received.before_answer = process.kill
        assert process.wait(LONG_S) == -signal.SIGKILL
    (row,) = rows(store)
    assert (row["done_at"], row["attempts"]) == (None, 1)

    assert deliver(now) == 0  # still leased
    assert deliver(lambda: now() + outbox.LEASE) == 1
    (first,), (second,) = received.messages, files(store)
    assert first["Message-ID"] == second["Message-ID"]
    assert words_of(first) == words_of(second)

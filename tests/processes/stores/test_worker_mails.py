"""The worker as a process sends the mails that come."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from config.processes import free_port
from portfolio.store.connections import Connections
from tests.mail.test_workers import invite
from tests.support.clock import now
from tests.support.mails.mailbox import mail_server, rows
from tests.support.waiting import LONG_S, await_until
from tests.support.worlds.world import World


def test_the_worker_sends_what_comes_and_ends_when_told(
    store: Connections, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    world, port = World(now), free_port()
    with mail_server(port) as received:
        process = worker(SMTP_URL=f"smtp://127.0.0.1:{port}")
        for name in ("ana", "leo"):
            invite(world, email=f"{name}@exemple.fr")
            await_until(lambda name=name: [f"{name}@exemple.fr"] in [one.rcpt_tos for one in received.envelopes])
        await_until(lambda: all(row["done_at"] for row in rows(store)))
        process.terminate()
        assert process.wait(LONG_S) == 0
    assert len(received.envelopes) == 2

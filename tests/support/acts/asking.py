"""Asks for sign-offs, lets their mails leave and reads them."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

from portfolio.documents import Activity, Attestation
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, rows, words_of
from tests.support.worlds.world import World


def ask(world: World, *activities: Activity) -> list[Attestation]:
    by = world.actor(world.candidate)
    chosen = list(activities) or [world.activity]
    return requests.request_many(by, chosen, "tutor", None, world.clock())


def mails(store: Connections, address: str) -> list[EmailMessage]:
    """Those that ask for something."""
    asking = [message for message in files(store) if message["Subject"].startswith("Pour action")]
    return [message for message in asking if message["To"] == address]


def due(store: Connections, kind: str) -> list[dict[str, Any]]:
    return [row for row in rows(store) if row["kind"] == kind and row["done_at"] is None]


def outcomes(store: Connections, kind: str) -> list[str]:
    return [row["outcome"] for row in rows(store) if row["kind"] == kind and row["done_at"] is not None]


def wait_for_it(store: Connections, clock: Clock, kind: str) -> None:
    """Until the next row of this kind is due; everything due is done."""
    (row,) = due(store, kind)
    clock.now = max(clock.now, row["due_at"])
    deliver(clock)


def asked_by_mail(world: World, store: Connections, clock: Clock) -> EmailMessage:
    ask(world)
    deliver(clock)
    wait_for_it(store, clock, "sign_offs")
    (message,) = [one for one in mails(store, world.tutor.email) if "Pour action" in one["Subject"]]
    return message


def token_in(message: EmailMessage) -> str:
    return re.findall(r"/s/([\w-]+)", words_of(message))[0]


def answer(world: World) -> None:
    by, activity = world.actor(world.tutor), world.activity
    seen = content.content_for(by, activity, "tutor")
    answers.answer(by, activity, "tutor", "confirmed", seen.digest, None, None, None, world.clock())

"""What the acts of the journey have in hand."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from rehearsal.dates import dates_of
from rehearsal.demo.http import PATIENCE_S, Person, eventually, expect

PASSWORD = "Sept mots font une bonne phrase secrète"  # noqa: S105 - of fictional people on loopback


class Stage:
    """Where the journey is played: the service's address, its mailbox, and what was learned on the way."""

    def __init__(
        self, address: str, data: Path, out: Path, say: Callable[[str], None], *, at: datetime, zone: str
    ) -> None:
        self.address, self.data, self.out, self.say, self.zone = address, data, out, say, zone
        self.began, self.dates = at, dates_of(at, zone)
        self.timings: list[dict[str, Any]] = []
        self.people: dict[str, Person] = {}
        self.known: dict[str, Any] = {}

    @contextmanager
    def step(self, name: str, words: str) -> Iterator[None]:
        """Times one step; says it with its duration."""
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        self.timings.append({"step": name, "seconds": round(seconds, 3)})
        self.say(f"  {words:<78} {seconds * 1000:8.0f} ms")

    def enter(self, name: str, email: str) -> Person:
        """Reads the invitation in the mail, chooses a password, signs in."""
        token = self.mailed(email, r"/invitation/(\S+)")
        said = {"token": token, "password": PASSWORD}
        answer = httpx.post(f"{self.address}/api/v1/invitations/accept", json=said, timeout=PATIENCE_S)
        expect(answer.status_code == 200, f"invitation de {email} : {answer.text}")
        self.people[name] = Person(self.address, email, PASSWORD)
        return self.people[name]

    def confirm(self, name: str) -> None:
        """A second factor: asks for a code, reads it in the mail, types it."""
        person = self.people[name]
        person.ask("/second-factor/ask")
        person.ask("/second-factor", code=self.mailed(person.email, r"^ +(\d{6})\s*$"))

    def mailed(self, email: str | None, sought: str) -> str:
        """What the newest mail to this address that has it says there. sought: an expression with one group."""

        def look() -> str | None:
            for path in sorted((self.data / "mail").glob("*.eml"), reverse=True):
                message = message_from_bytes(path.read_bytes(), policy=policy.default)
                found = re.search(sought, message.get_body(("plain",)).get_content(), re.MULTILINE)
                if message["To"] == email and found:
                    return found[1]
            return None

        return eventually(look, f"aucun courriel pour {email} avec {sought}")

    def leave(self, name: str, data: bytes) -> None:
        (self.out / name).write_bytes(data)

"""People who keep acting through everything, and write down what was acknowledged to them."""

from __future__ import annotations

import hashlib
import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.crashes.service import Service
from tests.support.waiting import LONG_S
from tests.support.worlds.world import PDF

PADDING = 200_000  # of a file: enough for its bytes to be on their way when something dies


@dataclass
class Ledger:
    """titles: {piece: title acknowledged}. files: {file: SHA-256 of what was sent}, once verified. people: {person:
    address}. wrong: answers that nobody should have got. unavailable: how many times it was said « try again »."""

    titles: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)  # SHA-256 of everything that ever left
    wrong: list[str] = field(default_factory=list)
    unavailable: int = 0
    cut: int = 0
    acknowledged: int = 0


class Wrong(Exception):
    """An answer that says neither « done » nor « try again »."""


class Stream(threading.Thread):
    """One person, one connection, one act after another until told to end."""

    def __init__(self, service: Service, token: str) -> None:
        super().__init__(daemon=True)
        self.service, self.token = service, token
        self.client = service.client(token)
        self.ledger = Ledger()
        self.ending = threading.Event()

    def run(self) -> None:
        with self.client:
            while not self.ending.is_set():
                try:
                    self.turn()
                except Exception:
                    self.ledger.wrong.append(traceback.format_exc())
                    return

    def end(self) -> Ledger:
        self.ending.set()
        self.join(LONG_S)
        assert not self.is_alive()
        return self.ledger

    def turn(self) -> None:
        raise NotImplementedError

    def insist(self, method: str, path: str, **what: Any) -> httpx.Response:
        """Asks until it is answered: a cut connection and « try again » leave it in doubt, so it is asked again."""
        deadline = time.monotonic() + LONG_S
        while time.monotonic() < deadline:
            try:
                answer = self.client.request(method, path, **what)
            except httpx.TransportError:
                self.ledger.cut += 1
            else:
                if answer.status_code != 503:
                    return answer
                said_unavailable(answer)
                self.ledger.unavailable += 1
            time.sleep(0.1)
        raise Wrong(f"{method} {path} was never answered")

    def done(self, method: str, path: str, **what: Any) -> Any:
        answer = self.insist(method, path, **what)
        if answer.status_code not in (200, 201):
            raise Wrong(f"{method} {path}: {answer.status_code} {answer.text}")
        self.ledger.acknowledged += 1
        return answer.json()

    def create(self, path: str, body: dict[str, Any]) -> Any:
        return self.done("POST", path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})


def said_unavailable(answer: httpx.Response) -> None:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert answer.json()["code"] in ("engine_unavailable", "not_ready"), answer.text
    assert int(answer.headers["Retry-After"]) > 0


class Depositor(Stream):
    """A piece, a better title, a file: over and over."""

    def __init__(self, service: Service, candidate: dict[str, str]) -> None:
        super().__init__(service, candidate["token"])
        self.portfolio = candidate["portfolio"]
        self.count = 0

    def turn(self) -> None:
        self.count += 1
        body = {"type_code": "WP1", "title": f"Lettre {self.count}", "nature": "production"}
        piece = self.create(f"/portfolios/{self.portfolio}/evidence", body)
        self.ledger.titles[piece["id"]] = body["title"]
        self.rename(piece["id"], piece["revision"], f"Lettre {self.count}, relue")
        self.upload(piece["id"])
        self.withdraw(piece["id"])

    def rename(self, piece: str, revision: int, title: str) -> None:
        """A change in doubt that was made all the same is told by 412: then the title is there already."""
        path = f"/evidence/{piece}"
        answer = self.insist("PATCH", path, json={"title": title}, headers={"If-Match": f'"{revision}"'})
        stored = self.done("GET", path)["title"] if answer.status_code == 412 else answer.json().get("title")
        if stored != title:
            raise Wrong(f"PATCH {path}: {answer.status_code} {answer.text}")
        self.ledger.acknowledged += 1
        self.ledger.titles[piece] = title

    def upload(self, piece: str) -> None:
        """Every other file says its digest beforehand: of the others the server knows nothing but what it read."""
        data = PDF.replace(b"startxref", b"% " + uuid.uuid4().hex.encode() * (PADDING // 32) + b"\nstartxref")
        digest = hashlib.sha256(data).hexdigest()
        self.ledger.sent.add(digest)
        said = {"name": "lettre.pdf", "size": len(data)} | ({"sha256": digest} if self.count % 2 else {})
        file = self.create(f"/evidence/{piece}/files", said)["id"]
        self.done("PUT", f"/files/{file}/parts/1", content=data)
        decided = self.done("POST", f"/files/{file}/commit")
        if (decided["state"], decided["sha256"]) != ("verified", digest):
            raise Wrong(f"file {file} of {digest}: {decided}")
        self.ledger.files[file] = digest

    def withdraw(self, piece: str) -> None:
        """All but one in ten, since a portfolio holds 300 at most."""
        if self.count % 10 == 0:
            return
        revision = self.done("GET", f"/evidence/{piece}")["revision"]
        answer = self.insist("DELETE", f"/evidence/{piece}", headers={"If-Match": f'"{revision}"'})
        if answer.status_code not in (200, 409, 412):  # in doubt, then told that it was done
            raise Wrong(f"DELETE {piece}: {answer.status_code} {answer.text}")


class Office(Stream):
    """Invites colleagues: each invitation asks for a mail."""

    def __init__(self, service: Service) -> None:
        super().__init__(service, service.seeded["office"])

    def turn(self) -> None:
        address = f"prof.{uuid.uuid4().hex}@exemple.fr"
        body = {"email": address, "family_name": "Prof", "given_names": "Camille", "role": "teacher"}
        person = self.create(f"/schools/{self.service.seeded['school']}/people", body)
        self.ledger.people[person["id"]] = address
        time.sleep(0.05)

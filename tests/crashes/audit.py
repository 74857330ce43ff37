"""After the storm: what was acknowledged is compared with what is there, by what a person would see of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import httpx

from tests.crashes.service import Service
from tests.crashes.streams import Depositor, Ledger, Office
from tests.support.clock import START
from tests.support.waiting import await_until


def nothing_is_lost(service: Service, depositors: Iterable[Depositor], office: Office) -> None:
    for depositor in depositors:
        with service.client(depositor.token) as client:
            _pieces_are_there(client, depositor.ledger)
            _files_are_whole(client, depositor.ledger)
    _nothing_torn_counts(service, {digest for one in depositors for digest in one.ledger.sent})
    _every_mail_left(service, office)
    assert "0 défaut" in service.run("commands.py", "verify").stdout
    service.run("commands.py", "reconcile", "--deep")  # fails where a verified file lost its bytes


def _pieces_are_there(client: httpx.Client, ledger: Ledger) -> None:
    for piece, title in ledger.titles.items():
        assert client.get(f"/evidence/{piece}").json()["title"] == title


def _files_are_whole(client: httpx.Client, ledger: Ledger) -> None:
    for file, digest in ledger.files.items():
        told = client.get(f"/files/{file}").json()["file"]
        assert (told["state"], told["sha256"]) == ("verified", digest)
        link = client.post(f"/files/{file}/link").json()["url"]
        assert hashlib.sha256(httpx.get(link, timeout=60).content).hexdigest() == digest


def _nothing_torn_counts(service: Service, sent: set[str]) -> None:
    with service.database() as database:
        decided = list(database.files.find({"state": {"$ne": "pending"}}))
    assert {file["state"] for file in decided} <= {"verified"}, "a whole file was refused"
    assert {file["sha256"] for file in decided} <= sent, "bytes that nobody sent count as evidence"


def _every_mail_left(service: Service, office: Office) -> None:
    """A lease that a dead worker left runs out by itself in two minutes: here the clock is put forward, and one more
    invitation tells the worker to look."""
    with service.database() as database:
        waiting = {"done_at": None, "leased_until": {"$ne": None}}
        database.outbox.update_many(waiting, {"$set": {"leased_until": START}})
        with service.client(office.token) as office.client:
            office.turn()
        await_until(lambda: not database.outbox.count_documents({"done_at": None}), "an errand is never done")
    told = {match for path in service.mails.glob("*.eml") for match in _addresses(path.read_text())}
    assert set(office.ledger.people.values()) <= told


def _addresses(mail: str) -> list[str]:
    return re.findall(r"^To: (\S+)", mail, re.MULTILINE)

"""Mails leave once they are asked for, whatever befalls the worker, the mail server or one of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from portfolio import accounts, outbox, rosters
from portfolio.connections import Connections
from portfolio.documents import Invitation, Person, RosterImport
from portfolio.entropy import new_id
from tests.conftest import Clock
from tests.world import World
from worker import HANDLERS

ROOT = Path(__file__).parent.parent
PHRASE = "Sept mots font une bonne phrase secrète"


def invite(world: World, name: str = "Durand", given_names: str = "Ana", email: str = "ana@exemple.fr") -> Person:
    said = {"email": email, "family_name": name, "given_names": given_names, "role": "teacher"}
    return accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


def deliver(clock: Callable[[], datetime]) -> int:
    return outbox.deliver_due(HANDLERS, clock)


def rows(store: Connections) -> list[dict[str, Any]]:
    return list(store.database["outbox"].find().sort("_id", 1))


def files(store: Connections) -> list[EmailMessage]:
    """The .eml of the rows, where there is one."""
    folder = store.settings.mail_dir
    assert folder is not None
    assert not list(folder.glob("*.partial"))
    paths = [folder / f"{row['_id']}.eml" for row in rows(store)]
    return [read(path.read_bytes()) for path in paths if path.exists()]


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def token_in(message: EmailMessage) -> str:
    return str(message.get_content()).partition("/invitation/")[2].split()[0]


# --- a mail server --------------------------------------------------------------------------------


class Received:
    """What a mail server was handed. refuses: answers to give instead of accepting, by recipient."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refuses: dict[str, str] = {}
        self.before_answer: Callable[[], None] = lambda: None
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        self.before_answer()
        return "250 OK"

    def authenticate(self, *given: Any) -> AuthResult:
        login = given[-1]
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss/mot")

    @property
    def messages(self) -> list[EmailMessage]:
        return [read(bytes(envelope.content or b"")) for envelope in self.envelopes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(port: int, host: str = "127.0.0.1", **options: Any) -> Iterator[Received]:
    received = Received()
    if options:
        options["authenticator"] = received.authenticate
    server = Controller(received, hostname=host, port=port, **options)
    server.start()
    try:
        yield received
    finally:
        server.stop()


@pytest.fixture
def over_smtp(store: Connections, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """From now on, mails leave by the server at this address."""

    def use(url: str) -> None:
        settings = replace(store.settings, smtp_url=url)
        monkeypatch.setattr("portfolio.connections._opened", [replace(store, settings=settings)])

    return use


# --- as files -------------------------------------------------------------------------------------


def test_an_invitation_arrives_and_opens(world: World, store: Connections, clock: Clock) -> None:
    person = invite(world)
    assert deliver(clock) == 1
    (message,) = files(store)
    assert (message["To"], message["Auto-Submitted"]) == ("ana@exemple.fr", "auto-generated")
    text = str(message.get_content())
    assert "Bonjour Ana Durand" in text
    assert "expire le 26/01/2027" in text
    entered = accounts.accept_invitation(token_in(message), PHRASE, clock())
    assert entered.id == person.id


def test_a_class_gets_one_mail_each_and_only_once(world: World, store: Connections, clock: Clock) -> None:
    lines = ["Nom;Prénom;N° candidat;Courriel;Date de naissance;Statut"]
    lines += [f"Nom{chr(65 + n)};Léa;020000000{n:02d};eleve{n}@exemple.fr;01/02/2005;scolaire" for n in range(12)]
    by = world.actor(world.office)
    roster = rosters.preview(by, world.school, "2027", "\n".join(lines).encode(), clock())
    assert deliver(clock) == 0
    rosters.confirm(by, RosterImport.objects.get(pk=roster.id), [], clock())
    assert deliver(clock) == 12
    assert sorted(str(message["To"]) for message in files(store)) == sorted(f"eleve{n}@exemple.fr" for n in range(12))
    assert len({token_in(message) for message in files(store)}) == 12
    assert deliver(clock) == 0


def test_a_refused_act_sends_nothing(world: World, store: Connections, clock: Clock) -> None:
    invite(world)
    with pytest.raises(accounts.AlreadyGranted):
        invite(world)
    assert len(rows(store)) == 1


@pytest.mark.parametrize("meanwhile", ["used", "replaced", "expired"])
def test_a_mail_whose_link_no_longer_opens_is_not_sent(
    world: World, store: Connections, clock: Clock, meanwhile: str
) -> None:
    person = invite(world)
    first = Invitation.objects.get(person=person.id)
    if meanwhile == "used":
        accounts.accept_invitation(accounts.invitation_token(first), PHRASE, clock())
    elif meanwhile == "replaced":
        accounts.invite_again(world.actor(world.office), person, clock())
    else:  # put off again and again by a server that was down for a fortnight
        clock.advance(days=15)
        store.database["outbox"].update_many({}, {"$set": {"due_at": clock()}})
    deliver(clock)
    assert [row["done_at"] is not None for row in rows(store)] == [True] * len(rows(store))
    sent = [token_in(message) for message in files(store)]
    assert accounts.invitation_token(first) not in sent
    assert len(sent) == (meanwhile == "replaced")


# --- over SMTP ------------------------------------------------------------------------------------


def test_a_mail_leaves_by_a_mail_server(world: World, store: Connections, clock: Clock, over_smtp: Any) -> None:
    invite(world)
    port = free_port()
    with mail_server(port) as received:
        over_smtp(f"smtp://127.0.0.1:{port}")
        assert deliver(clock) == 1
    (envelope,), (message,) = received.envelopes, received.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == (store.settings.mail_from, ["ana@exemple.fr"])
    assert message["Message-ID"].startswith(f"<{rows(store)[0]['_id']}@")
    assert "choisissez votre mot de passe" in str(message["Subject"])
    assert accounts.invitation_holds(token_in(message), clock())
    assert files(store) == []


@pytest.mark.parametrize(
    ("name", "given_names"),
    [
        ("é, mechant@exemple.com", "Ana"),
        ('Durand" <mechant@exemple.com>', "Ana"),
        ("=?utf-8?q?mechant=40exemple.com?=", "A"),
        ("X" * 100, "Y" * 100),
        ("é" * 100, "日本" * 50),
    ],
    ids=lambda name: name[:12],
)
def test_a_name_never_changes_where_a_mail_goes(
    world: World, clock: Clock, over_smtp: Any, name: str, given_names: str
) -> None:
    said = {"email": "ana@exemple.fr", "family_name": name.lstrip("="), "given_names": given_names, "role": "teacher"}
    accounts.invite_to_school(world.actor(world.office), world.school, said, clock())
    port = free_port()
    with mail_server(port) as received:
        over_smtp(f"smtp://127.0.0.1:{port}")
        deliver(clock)
    (envelope,), (message,) = received.envelopes, received.messages
    assert envelope.rcpt_tos == ["ana@exemple.fr"]
    assert [one.addr_spec for one in message["To"].addresses] == ["ana@exemple.fr"]
    assert f"Bonjour {given_names} {name.lstrip('=')}," in str(message.get_content())


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_the_worker_signs_in_to_its_mail_server(world: World, clock: Clock, over_smtp: Any) -> None:
    invite(world)
    port = free_port()
    with mail_server(port, auth_required=True, auth_require_tls=False) as received:
        over_smtp(f"smtp://portfolio%40exemple.fr:p%40ss%2Fmot@127.0.0.1:{port}")
        assert deliver(clock) == 1
    assert received.logins == [(b"portfolio@exemple.fr", b"p@ss/mot")]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_password_never_travels_in_clear_beyond_this_machine(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    invite(world)
    port, elsewhere = free_port(), "127.0.0.2"  # as any address that is not known to be this machine
    with mail_server(port, elsewhere, auth_required=True, auth_require_tls=False) as received:
        over_smtp(f"smtp://portfolio:secret@{elsewhere}:{port}")
        assert deliver(clock) == 0
    assert (received.logins, received.envelopes) == ([], [])
    assert rows(store)[0]["failure"] == "SMTPNotSupportedError"


# --- what fails -----------------------------------------------------------------------------------


def test_a_server_that_is_down_is_asked_again_less_and_less_often(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    invite(world)
    port = free_port()
    over_smtp(f"smtp://127.0.0.1:{port}")
    waits = []
    for _ in range(12):
        assert deliver(clock) == 0
        (row,) = rows(store)
        assert row["failure"] == "ConnectionRefusedError"
        waits.append(row["due_at"] - clock())
        clock.now = row["due_at"]
    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
    with mail_server(port) as received:
        assert deliver(clock) == 1
    assert len(received.envelopes) == 1
    assert rows(store)[0]["failure"] is None


def test_a_refused_recipient_keeps_nobody_waiting(
    world: World, store: Connections, clock: Clock, over_smtp: Any
) -> None:
    for name in ("ana", "leo", "zoe"):
        invite(world, email=f"{name}@exemple.fr")
    port = free_port()
    with mail_server(port) as received:
        received.refuses["leo@exemple.fr"] = "550 No such user"
        over_smtp(f"smtp://127.0.0.1:{port}")
        assert deliver(clock) == 2
        assert [row["failure"] for row in rows(store)] == [None, "SMTPRecipientsRefused", None]
        received.refuses.clear()
        clock.advance(minutes=1)
        assert deliver(clock) == 1
    assert [envelope.rcpt_tos for envelope in received.envelopes] == [
        ["ana@exemple.fr"],
        ["zoe@exemple.fr"],
        ["leo@exemple.fr"],
    ]


def test_a_row_that_nobody_understands_keeps_nobody_waiting(world: World, store: Connections, clock: Clock) -> None:
    strange = [{"kind": "carrier_pigeon", "payload": {}}, {"kind": "invitation", "payload": {"invitation": new_id()}}]
    for row in strange:
        due = {"_id": new_id(), "due_at": clock() - timedelta(hours=1), "attempts": 0, "done_at": None}
        store.database["outbox"].insert_one(row | due)
    invite(world)
    assert deliver(clock) == 1
    assert [row["failure"] for row in rows(store)] == ["KeyError", "DoesNotExist", None]


# --- several workers, killed workers --------------------------------------------------------------


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


@pytest.fixture
def worker(store: Connections, engine_environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the real worker on this store."""
    started: list[subprocess.Popen[bytes]] = []
    environment = {**os.environ, **engine_environment, "MONGODB_URI": store.settings.mongodb_uri}
    environment |= {"PUBLIC_URL": store.settings.public_url, "S3_BUCKET": store.settings.s3_bucket}

    def start(**settings: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment | settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def await_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_killed_in_the_middle_leaves_a_mail_that_another_sends_as_the_same(
    store: Connections, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    """The worst moment: the server has the message, the worker dies before it hears so."""
    invite(World(lambda: datetime.now(UTC)))
    port = free_port()
    with mail_server(port) as received:
        process = worker(SMTP_URL=f"smtp://127.0.0.1:{port}")
        received.before_answer = process.kill
        assert process.wait(20) == -signal.SIGKILL
    (row,) = rows(store)
    assert (row["done_at"], row["attempts"]) == (None, 1)

    assert deliver(lambda: datetime.now(UTC)) == 0  # still leased
    assert deliver(lambda: datetime.now(UTC) + outbox.LEASE) == 1
    (first,), (second,) = received.messages, files(store)
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content().replace("\r\n", "\n") == second.get_content().replace("\r\n", "\n")


def test_the_worker_sends_what_comes_and_ends_when_told(
    store: Connections, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    world, port = World(lambda: datetime.now(UTC)), free_port()
    with mail_server(port) as received:
        process = worker(SMTP_URL=f"smtp://127.0.0.1:{port}")
        for name in ("ana", "leo"):
            invite(world, email=f"{name}@exemple.fr")
            await_until(lambda name=name: [f"{name}@exemple.fr"] in [one.rcpt_tos for one in received.envelopes])
        await_until(lambda: all(row["done_at"] for row in rows(store)))
        process.terminate()
        assert process.wait(10) == 0
    assert len(received.envelopes) == 2

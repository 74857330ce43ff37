"""Mails as their readers get them: files, a server that really receives, and the real worker that sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.store import outbox
from portfolio.store.connections import Connections

ROOT = Path(__file__).parents[3]


def deliver(clock: Callable[[], Any]) -> int:
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
    return words_of(message).partition("/invitation/")[2].split()[0]


def words_of(message: EmailMessage) -> str:
    """The words, as a program without HTML shows them."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


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


@contextmanager
def mail_server(port: int, host: str = "127.0.0.1", **options: Any) -> Iterator[Received]:
    received = Received()
    if options:
        options["authenticator"] = received.authenticate
    # Named, so that it does not ask the name servers who it is for each mail.
    server = Controller(received, hostname=host, port=port, server_hostname="localhost", **options)
    server.start()
    try:
        yield received
    finally:
        server.stop()

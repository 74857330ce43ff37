"""A mail server is spoken to over TLS, from the start or after STARTTLS, and believed only if its certificate is."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from config.processes import free_port
from portfolio.identity import accounts
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import Received, deliver, rows
from tests.support.worlds.world import World


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, made here, which nobody else believes: cert.pem, key.pem."""
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    made += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(made, check=True, capture_output=True)
    return folder


@pytest.fixture(params=["smtp", "smtps"])
def address(request: pytest.FixtureRequest, certified: Path) -> Iterator[tuple[str, Received]]:
    """(SMTP_URL, what it received) of a server that wants TLS before anything else, and a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certified / "cert.pem", certified / "key.pem")
    received, port = Received(), free_port()
    secured = (
        {"ssl_context": context} if request.param == "smtps" else {"tls_context": context, "require_starttls": True}
    )
    if request.param == "smtps":
        secured["auth_require_tls"] = False  # aiosmtpd counts STARTTLS alone as TLS
    server = Controller(
        received, hostname="127.0.0.1", port=port, authenticator=received.authenticate, auth_required=True, **secured
    )
    server.start()
    yield f"{request.param}://portfolio:p%40ss%2Fmot@127.0.0.1:{port}", received
    server.stop()


@pytest.fixture
def through(store: Connections, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(**changed: object) -> None:
        settings = replace(store.settings, **changed)  # type: ignore[arg-type]
        monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, settings=settings)])

    return use


def invite(world: World) -> None:
    said = {"email": "ana@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}
    accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_mail_and_its_password_travel_over_tls(
    world: World, clock: Clock, address: tuple[str, Received], certified: Path, through: Callable[..., None]
) -> None:
    url, received = address
    invite(world)
    through(smtp_url=url, smtp_ca_file=certified / "cert.pem", bounce_address="retours@exemple.fr")
    assert deliver(clock) == 1
    (envelope,), (message,) = received.envelopes, received.messages
    assert received.logins == [(b"portfolio", b"p@ss/mot")]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("retours@exemple.fr", ["ana@exemple.fr"])
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert bytes(envelope.content or b"").isascii()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_that_cannot_prove_its_name_is_told_nothing(
    world: World, store: Connections, clock: Clock, address: tuple[str, Received], through: Callable[..., None]
) -> None:
    url, received = address
    invite(world)
    through(smtp_url=url)
    assert deliver(clock) == 0
    assert (received.envelopes, received.logins) == ([], [])
    assert rows(store)[0]["failure"] == "SSLCertVerificationError"

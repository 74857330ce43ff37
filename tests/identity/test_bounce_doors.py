"""The ways in for mails that came back: a provider, a mail server, a mailbox read by a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pymongo.errors import AutoReconnect

import commands
from config.settings import Settings
from portfolio.identity.returns import notifications
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.bounced_mails import REPORT, report
from tests.support.worlds.world import World
from web.app import create_site

TOKEN = "jeton-du-prestataire-" + "b" * 32


@pytest.fixture
def told(settings: Settings, clock: Clock, store: Connections) -> Iterator[FlaskClient]:
    """A client of a site whose door for bounces is open."""
    site = create_site(replace(settings, bounce_token=TOKEN))
    site.config["CLOCK"] = clock
    yield site.test_client()


def tell(client: FlaskClient, data: bytes, kind: str, token: str = TOKEN) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    answer = client.post("/bounces", data=data, headers=headers)
    return answer.status_code, answer.text.strip()


def test_a_provider_tells_of_a_bounce(world: World, told: FlaskClient, asked: EmailMessage) -> None:
    said = json.dumps({"message_id": asked["Message-ID"], "status": "5.1.1"}).encode()
    assert tell(told, said, "application/json", "autre")[0] == 401
    assert deliveries(world.candidacy.id)[0].state == "sent"
    assert tell(told, said, "application/json") == (200, "bounced")
    assert deliveries(world.candidacy.id)[0].state == "bounced"


def test_brevo_and_a_mail_server_are_understood(world: World, told: FlaskClient, asked: EmailMessage) -> None:
    soft = json.dumps({"event": "soft_bounce", "message-id": asked["Message-ID"]}).encode()
    assert tell(told, soft, "application/json") == (200, "delayed")
    late = json.dumps({"event": "soft_bounce", "message-id": asked["Message-ID"], "reason": "550 5.1.1 later"}).encode()
    assert tell(told, late, "application/json") == (200, "delayed")  # its own word, whatever code it quotes
    assert deliveries(world.candidacy.id)[0].state == "delayed"
    hard = json.dumps({"event": "hard_bounce", "message-id": asked["Message-ID"], "email": "x@y.fr"}).encode()
    assert tell(told, hard, "application/json") == (200, "bounced")
    assert tell(told, report(asked), "message/rfc822") == (200, "bounced")


@pytest.mark.parametrize("said", [b"[]", b"{", b'"x"'])
def test_nonsense_is_refused_in_words(told: FlaskClient, said: bytes) -> None:
    assert tell(told, said, "application/json")[0] == 422
    assert told.get("/bounces", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405
    assert tell(told, b"x" * (notifications.LONGEST_BOUNCE + 1), "message/rfc822")[0] == 413


def test_without_its_token_the_door_does_not_exist(anonymous: FlaskClient) -> None:
    assert anonymous.post("/bounces", data=b"{}").status_code == 404


def test_the_commands_list_mails_with_their_links_and_read_bounces(
    world: World, clock: Clock, asked: EmailMessage, monkeypatch: pytest.MonkeyPatch, store: Connections
) -> None:
    monkeypatch.setattr("commands.connect", lambda: store)
    listed = CliRunner().invoke(commands.cli, ["mail", "--to", world.tutor.email]).output
    assert "Pour action : confirmez" in listed and "    http://localhost/s/" in listed
    read = CliRunner().invoke(commands.cli, ["bounces"], input=report(asked))
    assert read.output == "bounced\n"


def test_a_malformed_message_does_not_stop_those_behind_it(
    world: World, clock: Clock, asked: EmailMessage, told: FlaskClient, tmp_path: Path
) -> None:
    broken = REPORT.format(
        action="failed", status="5.1.1", returned="message/rfc822", original="Message-ID: <\n\nBonjour"
    ).encode()
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.mx").write_bytes(broken)
    (tmp_path / "new" / "2.mx").write_bytes(report(asked))
    assert list(notifications.read_maildir(tmp_path, clock())) == ["unknown", "bounced"]
    assert list((tmp_path / "new").iterdir()) == []
    assert tell(told, broken, "message/rfc822") == (200, "unknown")
    assert tell(told, b"[" * 100_000, "application/json")[0] == 422


def test_when_the_store_is_down_the_message_stays_in_the_mailbox(
    clock: Clock, asked: EmailMessage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> str:
        raise AutoReconnect()

    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1.mx").write_bytes(report(asked))
    with monkeypatch.context() as patched, pytest.raises(AutoReconnect):
        patched.setattr(notifications, "note", down)
        list(notifications.read_maildir(tmp_path, clock()))
    assert list(notifications.read_maildir(tmp_path, clock())) == ["bounced"]

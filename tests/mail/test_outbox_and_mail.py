"""Mails leave once they are asked for, whatever befalls the worker, the mail server or one of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.processes import free_port
from portfolio.documents import Invitation, Person, RosterImport
from portfolio.enrolment.rosters import roster_import
from portfolio.identity import accounts, invitations
from portfolio.ids import new_id
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, mail_server, rows, token_in, words_of
from tests.support.worlds.world import World

ROOT = Path(__file__).parents[2]
PHRASE = "Sept mots font une bonne phrase secrète"


def invite(world: World, name: str = "Durand", given_names: str = "Ana", email: str = "ana@exemple.fr") -> Person:
    said = {"email": email, "family_name": name, "given_names": given_names, "role": "teacher"}
    return accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())


# --- as files -------------------------------------------------------------------------------------


def test_an_invitation_arrives_and_opens(world: World, store: Connections, clock: Clock) -> None:
    person = invite(world)
    assert deliver(clock) == 1
    (message,) = files(store)
    assert (message["To"], message["Auto-Submitted"]) == ("ana@exemple.fr", "auto-generated")
    text = words_of(message)
    assert "Bonjour Ana Durand" in text
    assert "expire le 26/01/2027" in text
    entered = invitations.accept_invitation(token_in(message), PHRASE, clock())
    assert entered.id == person.id


def test_a_class_gets_one_mail_each_and_only_once(world: World, store: Connections, clock: Clock) -> None:
    lines = ["Nom;Prénom;N° candidat;Courriel;Date de naissance;Statut"]
    lines += [f"Nom{chr(65 + n)};Léa;020000000{n:02d};eleve{n}@exemple.fr;01/02/2005;scolaire" for n in range(12)]
    by = world.actor(world.office)
    roster = roster_import.preview(by, world.school, "2027", "\n".join(lines).encode(), clock())
    assert deliver(clock) == 0
    roster_import.confirm(by, RosterImport.objects.get(pk=roster.id), [], clock())
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
        invitations.accept_invitation(invitations.invitation_token(first), PHRASE, clock())
    elif meanwhile == "replaced":
        accounts.invite_again(world.actor(world.office), person, clock())
    else:  # put off again and again by a server that was down for a fortnight
        clock.advance(days=15)
        store.database["outbox"].update_many({}, {"$set": {"due_at": clock()}})
    deliver(clock)
    assert [row["done_at"] is not None for row in rows(store)] == [True] * len(rows(store))
    sent = [token_in(message) for message in files(store)]
    assert invitations.invitation_token(first) not in sent
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
    assert invitations.invitation_holds(token_in(message), clock())
    assert files(store) == []


@pytest.mark.parametrize(
    ("name", "given_names"),
    [
        ("é, mechant@exemple.com", "Ana"),
        ('Durand" <mechant@exemple.com>', "Ana"),
        ("=?utf-8?q?mechant=40exemple.com?=", "A"),
        ("X" * 100, "Y" * 100),
        ("é" * 100, "Ngọc ạ" * 16),
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
    assert f"Bonjour {given_names} {name.lstrip('=')}," in words_of(message)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_the_worker_signs_in_to_its_mail_server(world: World, clock: Clock, over_smtp: Any) -> None:
    invite(world)
    port = free_port()
    with mail_server(port, auth_required=True, auth_require_tls=False) as received:
        over_smtp(f"smtp://portfolio%40exemple.fr:p%40ss%2Fmot@127.0.0.1:{port}")
        assert deliver(clock) == 1
    assert received.logins == [(b"portfolio@exemple.fr", b"p@ss/mot")]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("signs_in", [True, False])
def test_neither_a_password_nor_a_mail_travels_in_clear_beyond_this_machine(
    world: World, store: Connections, clock: Clock, over_smtp: Any, signs_in: bool
) -> None:
    invite(world)
    port, elsewhere = free_port(), "127.0.0.2"  # as any address that is not known to be this machine
    with mail_server(port, elsewhere, auth_required=signs_in, auth_require_tls=False) as received:
        over_smtp(f"smtp://{'portfolio:secret@' if signs_in else ''}{elsewhere}:{port}")
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
        received.refuses["leo@exemple.fr"] = "450 4.2.1 Try again later"
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

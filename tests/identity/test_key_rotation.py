"""A key is replaced while people are at work: « new,old », both believed, the first used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from portfolio.audit.verify_chains import verify
from portfolio.documents import Invitation, Person
from portfolio.identity import accounts, invitations
from portfolio.mail import invitation
from portfolio.store import connections
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import Change, commit
from tests.conftest import Clock
from tests.support.api.entering import PHRASE, accept, entered, sign_in, teacher, token_of
from tests.support.api.requests import expect_problem, get
from tests.support.worlds.world import World
from web.app import create_site

NEW = "une-clé-neuve-" + "n" * 32
AT = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
CHAIN = "school:rotation"
Sites = Callable[..., FlaskClient]
__all__ = ["entered", "teacher"]  # fixtures


@contextmanager
def keys(secret: tuple[str, ...] | None = None, chain: tuple[str, ...] | None = None) -> Iterator[Connections]:
    """Within this block the process works as one started with these keys."""
    opened = connections.current()
    chosen = {"secret_key": secret or opened.settings.secret_key, "chain_key": chain or opened.settings.chain_key}
    connections._opened.append(replace(opened, settings=replace(opened.settings, **chosen)))
    try:
        yield connections.current()
    finally:
        connections._opened.pop()


@pytest.fixture
def old(settings: Settings) -> str:
    (key,) = settings.secret_key
    return key


@pytest.fixture
def site_with(settings: Settings, clock: Clock, app: Flask) -> Iterator[Sites]:
    """A browser on another process of the service, started with these SECRET_KEYs."""
    made = []

    def make(*secret: str) -> FlaskClient:
        made.append(create_site(replace(settings, secret_key=secret), clock))
        return made[-1].test_client()

    yield make


def carry(cookie_of: FlaskClient, to: FlaskClient) -> FlaskClient:
    cookie = cookie_of.get_cookie("portfolio")
    assert cookie is not None
    to.set_cookie("portfolio", cookie.value)
    return to


# --- SECRET_KEY: sessions -------------------------------------------------------------------------


def test_a_session_opened_under_the_old_key_goes_on(site_with: Sites, entered: Person, old: str) -> None:
    before = site_with(old)
    assert sign_in(before, entered.email).status_code == 200
    assert get(carry(before, site_with(NEW, old)), "/me").status_code == 200


def test_a_session_opened_during_the_change_is_signed_by_the_new_key(
    site_with: Sites, entered: Person, old: str
) -> None:
    during = site_with(NEW, old)
    assert sign_in(during, entered.email).status_code == 200
    assert get(carry(during, site_with(NEW)), "/me").status_code == 200
    expect_problem(get(carry(during, site_with(old)), "/me"), 401)


def test_once_the_old_key_is_withdrawn_its_sessions_end(site_with: Sites, entered: Person, old: str) -> None:
    before = site_with(old)
    sign_in(before, entered.email)
    expect_problem(get(carry(before, site_with(NEW)), "/me"), 401)


def test_the_new_key_may_be_believed_before_it_is_used(site_with: Sites, entered: Person, old: str) -> None:
    """Machines restart one after the other: those that wait must already know the key the first ones sign with."""
    first = site_with(NEW, old)
    sign_in(first, entered.email)
    assert get(carry(first, site_with(old, NEW)), "/me").status_code == 200


# --- SECRET_KEY: invitations ----------------------------------------------------------------------


def test_an_invitation_sent_under_the_old_key_still_opens(
    anonymous: FlaskClient, teacher: Person, world: World, old: str
) -> None:
    token = token_of(teacher)
    with keys(secret=(NEW, old)):
        assert invitations.invitation_holds(token, world.clock())
        assert accept(anonymous, token, PHRASE).status_code == 200


def test_an_invitation_waiting_to_be_mailed_is_mailed_with_the_token_it_was_made_for(
    teacher: Person, world: World, old: str
) -> None:
    token = token_of(teacher)
    with keys(secret=(NEW, old)):
        assert token_of(teacher) == token
        again = accounts.invite_again(world.actor(world.administrator), teacher, world.clock())
        fresh = token_of(again)
    with keys(secret=(NEW,)):
        assert invitations.invitation_holds(fresh, world.clock())
        assert token_of(again) == fresh


def test_an_invitation_whose_key_was_withdrawn_too_early_is_not_mailed_dead(teacher: Person, world: World) -> None:
    waiting = Invitation.objects.get(person=teacher.id)
    row = {"_id": waiting.id, "payload": {"invitation": waiting.id}, "due_at": world.clock()}
    with keys(secret=(NEW,)), pytest.raises(invitations.KeyRetired):
        invitation.send(row, world.clock())


# --- CHAIN_KEY ------------------------------------------------------------------------------------


def linked(world: World, name: str) -> str:
    """One more link in the chain; the id of the key that seals it."""
    fresh = type(world.school).objects.get(pk=world.school.id)
    return str(commit([Change(fresh)], Event(CHAIN, name, "system", AT, fresh))["key_id"])


def test_links_of_both_keys_make_one_chain_that_verifies(world: World, settings: Settings) -> None:
    (old,) = settings.chain_key
    sealed_by = [linked(world, "school_amended")]
    with keys(chain=(NEW, old)):
        sealed_by.append(linked(world, "school_amended"))
        assert list(verify([CHAIN])) == []
    assert sealed_by == [hashlib.sha256(key.encode()).hexdigest()[:8] for key in (old, NEW)]


def test_a_link_whose_key_is_gone_is_named_not_taken_for_tampered(world: World, settings: Settings) -> None:
    linked(world, "school_amended")
    with keys(chain=(NEW,)):
        linked(world, "school_amended")
        (fault,) = verify([CHAIN])
    assert (fault.seq, fault.what) == (1, "unknown_key")


def test_a_link_of_the_old_key_that_was_tampered_with_still_shows(
    world: World, settings: Settings, store: Connections
) -> None:
    linked(world, "school_amended")
    store.database.events.update_one({"chain": CHAIN, "seq": 1}, {"$set": {"by": "somebody else"}})
    with keys(chain=(NEW, *settings.chain_key)):
        (fault,) = verify([CHAIN])
    assert (fault.seq, fault.what) == (1, "tampered")


def test_the_keys_come_from_the_environment_newest_first(engine_environment: dict[str, str]) -> None:
    chosen = {"SECRET_KEY": f"{'n' * 32}, {'o' * 32}", "PUBLIC_URL": "http://localhost"}
    assert Settings.from_environment(engine_environment | chosen).secret_key == ("n" * 32, "o" * 32)

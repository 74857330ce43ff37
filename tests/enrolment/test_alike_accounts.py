"""One person with two accounts does not pass unseen for a second person: it is said before, kept and told after."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_seals import verify_seals
from portfolio.boards import account_log
from portfolio.documents import AccountChange, Person
from portfolio.enrolment import account_changes, email_corrections
from portfolio.rules.alike import HeldAccount, may_be_the_same
from portfolio.sheet import remarks
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import get
from tests.support.filling import shown
from tests.support.mails.mailbox import deliver
from tests.support.worlds import commissions
from tests.support.worlds.second_people import actor_at, give, sent_to, waiting
from tests.support.worlds.world import World

CLAIRE = HeldAccount("Claire Lebœuf-Martin", "claire.leboeuf@ac-lyon.fr")


def namesake(world: World) -> Person:
    """A second account of whoever asked."""
    return world.person(world.administrator.family_name, world.grant("administrator"))


def test_a_second_account_of_the_author_is_warned_then_kept_and_told_to_the_others(
    world: World, clock: Clock, client_for: Clients
) -> None:
    other, twin = world.person("Tierce", world.grant("administrator")), namesake(world)
    give(world)
    assert "un second regard" in shown(client_for(twin), "/droits-et-comptes")
    assert "un second regard" not in shown(client_for(other), "/droits-et-comptes")
    deliver(clock)
    done = account_changes.confirm(actor_at(twin, clock), waiting(), clock())
    assert (done.state, done.alike) == ("done", ["author_second"])
    deliver(clock)
    assert "reste à vérifier" in sent_to(other.email)[-1]
    assert "reste à vérifier" in shown(client_for(other), "/droits-et-comptes")
    (item,) = get(client_for(other), "/account-changes").json["items"]
    assert item["alike"] == ["author_second"]
    AccountChange.objects(pk=done.id).update(alike=[])
    assert [fault.words for fault in verify_seals() if "ressemblances" in fault.words]


def test_two_people_whom_nothing_brings_together_are_told_nothing_more(
    world: World, clock: Clock, client_for: Clients
) -> None:
    other = world.person("Tierce", world.grant("administrator"))
    give(world)
    deliver(clock)
    before = len(sent_to(other.email))
    assert account_changes.confirm(actor_at(other, clock), waiting(), clock()).alike == []
    deliver(clock)
    assert len(sent_to(other.email)) == before
    assert "à vérifier" not in shown(client_for(other), "/droits-et-comptes")


def test_a_right_given_to_one_s_own_second_account_is_said_to_whoever_confirms(world: World, clock: Clock) -> None:
    asked, other = world.administrator, world.person("Tierce", world.grant("administrator"))
    give(world, email="deuxieme@exemple.fr", family_name=asked.family_name, given_names=asked.given_names)
    deliver(clock)
    assert "qui l'a demandé" in sent_to(other.email)[0] and "adresses proches" in sent_to(other.email)[0]
    assert account_changes.confirm(actor_at(other, clock), waiting(), clock()).alike == ["author_person"]


def test_two_members_who_may_be_one_are_said_before_the_sheet_is_transmitted(world: World) -> None:
    sheet = commissions.signed(world)
    office = world.actor(world.office)
    assert "alike_members" not in [remark.code for remark in remarks.of_sheet(office, sheet)]
    same = {"given_names": world.follower.given_names, "family_name": world.follower.family_name}
    Person.objects(pk=world.tutor.id).update(**same)
    first = remarks.of_sheet(office, sheet)[0]
    assert first.code == "alike_members" and world.follower.name in first.sentence


@pytest.mark.parametrize(
    "other",
    [
        HeldAccount("LEBOEUF MARTIN Claire", "c.lm@exemple.fr"),
        HeldAccount("Claire Martin", "claireleboeuf@gmail.example"),
        HeldAccount("C. L.", "Claire-Leboeuf+bts@ac-lyon.fr"),
        HeldAccount("Claire Lebœuf Martin", None),
    ],
)
def test_the_same_names_or_close_addresses_may_be_one_person(other: HeldAccount) -> None:
    assert may_be_the_same(CLAIRE, other) and may_be_the_same(other, CLAIRE)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CLAIRE, HeldAccount("Claire Martin", "claire.martin@ac-lyon.fr")),
        (HeldAccount("A. B.", "contact@agence-un.fr"), HeldAccount("C. D.", "contact@agence-deux.fr")),
        (HeldAccount("A. B.", "a.b@un.fr"), HeldAccount("C. D.", "ab@deux.fr")),
        (HeldAccount("", None), HeldAccount("", None)),
    ],
)
def test_shared_mailboxes_initials_and_nothing_at_all_say_nothing(first: HeldAccount, second: HeldAccount) -> None:
    assert not may_be_the_same(first, second)


def test_an_address_moved_to_the_author_s_own_is_said_and_only_who_may_refuse_is_told_to(
    world: World, clock: Clock, client_for: Clients
) -> None:
    other = world.person("Tierce", world.grant("administrator"))
    president = world.person("Président", world.grant("jury", academy="10", session=world.session))
    close = f"{world.administrator.email.replace('@', '+perso@')}"
    email_corrections.correct(world.actor(world.administrator), president, close, clock())
    change = waiting("address")
    codes = account_changes.alike_in(change, accounts_of(change), None)
    assert codes == ["author_person"]
    assert "Refusez." in shown(client_for(other), "/droits-et-comptes")
    for may_refuse, words in ((True, True), (False, False)):
        (doubt,) = account_log.doubts(change, {}, codes, may_refuse=may_refuse)
        assert ("Refusez." in doubt) is words


def accounts_of(change: AccountChange) -> dict[str, Person]:
    return {str(person.id): person for person in Person.objects(pk__in=[change.by, change.person])}

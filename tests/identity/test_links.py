"""Links in mails: opened as often as one likes, never by being fetched, and a tutor's own sign-offs alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.documents import Activity, Commission, Person, SignIn, SignOffLink
from portfolio.errors import Forbidden, NotFound
from portfolio.identity import links, sign_ins
from portfolio.identity.client_fingerprint import origin
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed, may, require, scope
from portfolio.policy.relations import SIGN_OFFS_ALONE, Actor
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.concurrency import together
from tests.support.worlds import commissions
from tests.support.worlds.world import World

PHONE = ("198.51.100.7", "Safari")


@pytest.fixture
def phone(store: Connections) -> links.Origin:
    return origin(*PHONE)


def arrive(world: World, token: str, phone: links.Origin) -> Actor:
    """Presses the button of the link, then comes back with the sign-in it opened."""
    _, visit = links.open_link(token, phone, world.clock())
    found = sign_ins.signed_in(visit, world.clock())
    assert found is not None
    return found


def test_a_link_is_told_once_and_only_its_hash_is_kept(world: World, store: Connections) -> None:
    row = new_id()
    token = links.issue(world.tutor.id, "sign_off", world.clock(), row_id=row)
    kept = SignOffLink.objects.get()
    assert (kept.person, kept.row, len(kept.token_hash)) == (world.tutor.id, row, 64)
    assert not any(
        token in str(document) for name in ("sign_off_links", "events") for document in store.database[name].find()
    )


def test_a_link_opens_as_often_as_one_likes_until_it_expires(world: World, clock: Clock, phone: links.Origin) -> None:
    token = links.issue(world.tutor.id, "sign_off", clock())
    for _ in range(3):
        assert arrive(world, token, phone).person.id == world.tutor.id
    clock.advance(days=links.LINK_LASTS.days, seconds=-1)
    assert links.view_of(token, clock()).state == "open"
    clock.advance(seconds=1)
    assert links.view_of(token, clock()).state == "expired"
    with pytest.raises(links.LinkOver):
        links.open_link(token, phone, clock())
    assert links.view_of("inconnu", clock()).state == "unknown"


def test_the_first_opening_is_the_one_that_is_kept(world: World, clock: Clock, phone: links.Origin) -> None:
    token = links.issue(world.tutor.id, "sign_off", clock())
    assert SignOffLink.objects.get().opened_at is None
    first = clock()
    arrive(world, token, phone)
    clock.advance(days=1)
    arrive(world, token, phone)
    assert SignOffLink.objects.get().opened_at == first


def test_two_people_who_press_at_once_both_come_in(world: World, clock: Clock, phone: links.Origin) -> None:
    token = links.issue(world.tutor.id, "sign_off", clock())
    together(*[lambda: links.open_link(token, phone, clock())] * 2)
    assert SignIn.objects(way="link").count() == 2


def test_revoking_ends_every_link_and_what_was_opened_by_them_and_not_the_password_s(
    world: World, clock: Clock, phone: links.Origin
) -> None:
    tokens = [links.issue(world.tutor.id, "sign_off", clock()) for _ in range(2)]
    _, visit = links.open_link(tokens[0], phone, clock())
    bearer = world.token_for(world.tutor, clock())
    other = links.issue(world.follower.id, "sign_off", clock())
    links.revoke_all(world.tutor.id, "address_corrected", clock())
    assert {links.view_of(token, clock()).state for token in tokens} == {"revoked"}
    assert sign_ins.signed_in(visit, clock()) is None
    assert sign_ins.signed_in(bearer, clock()) is not None
    assert links.view_of(other, clock()).state == "open"
    assert {one.revoked_because for one in SignOffLink.objects(person=world.tutor.id)} == {"address_corrected"}


def test_what_a_link_opens_lasts_two_hours(world: World, clock: Clock, phone: links.Origin) -> None:
    _, visit = links.open_link(links.issue(world.tutor.id, "sign_off", clock()), phone, clock())
    assert sign_ins.signed_in(visit, clock() + links.VISIT_LASTS - timedelta(seconds=1)) is not None
    assert sign_ins.signed_in(visit, clock() + links.VISIT_LASTS) is None


def test_a_tutor_who_never_chose_a_password_comes_in_by_the_link_and_a_suspended_one_does_not(
    world: World, clock: Clock, phone: links.Origin
) -> None:
    token = links.issue(world.tutor.id, "sign_off", clock())
    Person.objects(pk=world.tutor.id).update(set__state="invited")
    _, visit = links.open_link(token, phone, clock())
    assert sign_ins.signed_in(visit, clock()) is not None
    Person.objects(pk=world.tutor.id).update(set__state="suspended")
    assert sign_ins.signed_in(visit, clock()) is None
    assert links.view_of(token, clock()).state == "revoked"


def test_a_link_opens_the_tutor_s_sign_offs_and_nothing_else(world: World, clock: Clock, phone: links.Origin) -> None:
    activity = world.activity
    by = arrive(world, links.issue(world.tutor.id, "sign_off", clock()), phone)
    require(by, Action.ATTEST_AS_TUTOR, activity)
    assert set(allowed(by, world.placement)) == {"contest_placement", "deposit_certificate", "read_placement"}
    with pytest.raises(NotFound):
        require(by, Action.READ_PORTFOLIO, world.portfolio)
    with pytest.raises(Forbidden):
        require(by, Action.REQUEST_SIGN_OFF, activity)


def test_a_link_opens_neither_the_commission_where_they_sit_nor_the_class_they_teach(
    world: World, clock: Clock, phone: links.Origin
) -> None:
    """The same person, by password and by link."""
    elsewhere = world.new_candidacy()
    world.submit()
    commission = commissions.convened(world)
    grant = world.grant("teacher", school=world.school.id, teaches_profession=True)
    Person.objects(pk=world.tutor.id).update(push__grants=grant)
    by_password = world.actor(world.tutor)
    by_link = arrive(world, links.issue(world.tutor.id, "sign_off", clock()), phone)
    assert may(by_password, Action.READ_COMMISSION, commission)
    assert may(by_password, Action.READ_CANDIDACY, elsewhere)
    assert not may(by_link, Action.READ_COMMISSION, commission)
    assert not may(by_link, Action.READ_CANDIDACY, elsewhere)
    assert (by_link.seats, by_link.followed) == ([], [])
    assert Commission.objects(__raw__=scope(by_link, Action.READ_COMMISSION, Commission)).count() == 0
    of_link = Activity.objects(__raw__=scope(by_link, Action.READ_ACTIVITY, Activity))
    assert {one.placement for one in of_link} == {world.placement.id}
    assert {
        action for kind in (commission, world.portfolio, world.school) for action in allowed(by_link, kind)
    } == set()
    assert set(allowed(by_link, world.activity)) <= set(SIGN_OFFS_ALONE)

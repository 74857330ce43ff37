"""Codes and new links on demand: the same answer for everybody, few tries, and only to the address on file."""

from __future__ import annotations

import pytest
from bson import ObjectId

from portfolio.documents import AskedWay, Link, Person, Placement, SignOffLink
from portfolio.enrolment import placements
from portfolio.errors import Invalid, NotFound
from portfolio.identity import links, one_time_codes, sign_ins
from portfolio.identity.client_fingerprint import Origin, origin
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.concurrency import together
from tests.support.mails.mailbox import deliver
from tests.support.worlds.world import World


@pytest.fixture
def phone(store: Connections) -> Origin:
    return origin("198.51.100.7", "Safari")


def errands(store: Connections, *kinds: str) -> list[tuple[str, dict[str, ObjectId]]]:
    rows = store.database.outbox.find({"kind": {"$in": kinds}})
    return [(row["kind"], row["payload"]) for row in rows]


def wrong(asked: AskedWay) -> str:
    return f"{(int(one_time_codes.code_of(asked)) + 1) % 1_000_000:06}"


def test_a_code_reaches_the_tutor_and_opens_their_sign_offs_once(
    world: World, store: Connections, clock: Clock, phone: Origin
) -> None:
    asked = one_time_codes.ask_code(f" {world.tutor.email.upper()} ", clock())
    deliver(clock)
    assert errands(store, "sign_in_code") == [("sign_in_code", {"code_row": asked.id})]
    code = one_time_codes.code_of(asked)
    assert len(code) == 6 and code.isdigit()
    assert code not in str(AskedWay._get_collection().find_one())
    sign_in, token = one_time_codes.enter(asked.id, f"{code[:3]} {code[3:]}", phone, clock())
    found = sign_ins.signed_in(token, clock())
    assert found is not None and found.confined and found.id == world.tutor.id
    assert (sign_in.way, sign_in.opened_by) == ("code", asked.id)
    with pytest.raises(one_time_codes.WrongCode):
        one_time_codes.enter(asked.id, code, phone, clock())


def test_a_code_lasts_ten_minutes(world: World, clock: Clock, phone: Origin) -> None:
    asked = one_time_codes.ask_code(world.tutor.email, clock())
    clock.advance(minutes=10)
    with pytest.raises(one_time_codes.WrongCode):
        one_time_codes.enter(asked.id, one_time_codes.code_of(asked), phone, clock())


def test_five_wrong_tries_wear_a_code_out(world: World, clock: Clock, phone: Origin) -> None:
    asked = one_time_codes.ask_code(world.tutor.email, clock())
    for _ in range(one_time_codes.MOST_TRIES):
        with pytest.raises(one_time_codes.WrongCode):
            one_time_codes.enter(asked.id, wrong(asked), phone, clock())
    with pytest.raises(one_time_codes.WrongCode):
        one_time_codes.enter(asked.id, one_time_codes.code_of(asked), phone, clock())


def test_an_address_that_nobody_has_hears_the_same_and_nothing_leaves(
    world: World, store: Connections, clock: Clock, phone: Origin
) -> None:
    suspended = world.person("Parti", world.grant("tutor", candidacy=world.candidacy.id, placement=world.placement.id))
    Person.objects(pk=suspended.id).update(set__state="suspended")
    for ask in (one_time_codes.ask_code, one_time_codes.ask_link):
        for email in ("personne@exemple.fr", world.follower.email, suspended.email):
            asked = ask(email, clock())
            assert (asked.person, asked.expires_at) == (None, clock() + one_time_codes.CODE_LASTS)
            with pytest.raises(one_time_codes.WrongCode):
                one_time_codes.enter(asked.id, one_time_codes.code_of(asked), phone, clock())
    deliver(clock)
    assert errands(store, "sign_in_code", "sign_off_link", "way_in_asked") == [], "nor anything is kept of it"
    assert not Link.objects(name="way_in_asked")


@pytest.mark.parametrize(
    "typed", ["²²²²²²", "１２３４５６７", "①②③④⑤⑥", "", "abcdef", "\ud83d", "٠" * 6]
)  # not one of them is the code
def test_whatever_is_typed_is_read_or_refused_and_counted(
    world: World, clock: Clock, phone: Origin, typed: str
) -> None:
    asked = one_time_codes.ask_code(world.tutor.email, clock())
    assert one_time_codes.code_of(asked) != "000000"
    with pytest.raises(one_time_codes.WrongCode):
        one_time_codes.enter(asked.id, typed, phone, clock())
    assert AskedWay.objects.get(pk=asked.id).tries == 1


@pytest.mark.parametrize("zero", "٠０०")
def test_a_code_is_read_in_the_digits_of_any_script(world: World, clock: Clock, phone: Origin, zero: str) -> None:
    asked = one_time_codes.ask_code(world.tutor.email, clock())
    typed = "".join(chr(ord(zero) + int(digit)) for digit in one_time_codes.code_of(asked))
    assert one_time_codes.enter(asked.id, typed, phone, clock())


def test_twenty_tries_at_once_are_counted_before_they_are_made(world: World, clock: Clock, phone: Origin) -> None:
    asked = one_time_codes.ask_code(world.tutor.email, clock())
    guess = wrong(asked)
    answers = together(*[lambda: one_time_codes.enter(asked.id, guess, phone, clock())] * 20)
    assert all(isinstance(one, one_time_codes.WrongCode) for one in answers)
    assert AskedWay.objects.get(pk=asked.id).tries == one_time_codes.MOST_TRIES


def test_a_new_link_is_asked_for_by_address(world: World, store: Connections, clock: Clock) -> None:
    one_time_codes.ask_link(world.tutor.email, clock())
    deliver(clock)
    assert errands(store, "sign_off_link") == [("sign_off_link", {"person": world.tutor.id})]
    with pytest.raises(Invalid) as refusal:
        one_time_codes.ask_link("sans arobase", clock())
    assert "email" in refusal.value.errors


def test_the_page_of_a_qr_code_sends_the_code_to_the_registered_address(
    world: World, store: Connections, clock: Clock, phone: Origin
) -> None:
    asked = one_time_codes.ask_code_of_placement(world.placement.id, clock())
    deliver(clock)
    assert errands(store, "sign_in_code") == [("sign_in_code", {"code_row": asked.id})]
    assert asked.person == world.tutor.id
    sign_in, _ = one_time_codes.enter(asked.id, one_time_codes.code_of(asked), phone, clock())
    assert sign_in.way == "qr"
    with pytest.raises(NotFound):
        one_time_codes.ask_code_of_placement(ObjectId(), clock())
    placement = Placement.objects.get()
    placements.cancel_placement(world.actor(world.office), placement, "Entreprise fermée", clock())
    with pytest.raises(NotFound):
        one_time_codes.ask_code_of_placement(placement.id, clock())


def test_a_link_asked_for_again_and_again_is_mailed_once_in_ten_minutes_while_it_opens(
    world: World, store: Connections, clock: Clock
) -> None:
    for _ in range(3):
        one_time_codes.ask_link(world.tutor.email, clock())
    deliver(clock)
    one_time_codes.ask_link(world.tutor.email, clock())
    deliver(clock)
    assert SignOffLink.objects.count() == 1
    links.revoke_all(world.tutor.id, "address_corrected", clock())
    one_time_codes.ask_link(world.tutor.email, clock())
    deliver(clock)
    assert SignOffLink.objects(revoked_at=None).count() == 1
    clock.advance(minutes=10)
    one_time_codes.ask_link(world.tutor.email, clock())
    deliver(clock)
    assert SignOffLink.objects(revoked_at=None).count() == 2


@pytest.mark.parametrize(
    ("email", "shown"), [("dominique@assureur.fr", "d…e@assureur.fr"), ("jo@a.fr", "j…@a.fr"), ("x@a.fr", "x…@a.fr")]
)
def test_an_address_is_recognised_by_its_owner_alone(email: str, shown: str) -> None:
    assert one_time_codes.masked(email) == shown

"""People and their way in, through the verbs: the first administrator, invitations at once, who is the same person."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from portfolio.documents import Invitation, Person, SignIn
from portfolio.enrolment import institutions
from portfolio.enrolment.moves import departures, suspensions
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow, Refusal, Unauthenticated
from portfolio.identity import accounts, invitations, passwords, sign_ins
from portfolio.policy import permissions
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists
from tests.conftest import Clock
from tests.support.worlds.inviting import ANA, PHRASE, at_once
from tests.support.worlds.world import World


def first_administrator(clock: Clock, password: str = PHRASE, email: str = "chef@exemple.fr") -> Person:
    return accounts.create_first_administrator(email, "Petit", "Dominique", password, clock())


# --- the first administrator ----------------------------------------------------------------------


def test_the_first_administrator_is_made_once(store: Connections, clock: Clock) -> None:
    person = first_administrator(clock)
    assert World.actor(person).has("administrator")
    institutions.create_academy(
        World.actor(person), {"code": "10", "name": "Lyon", "timezone": "Europe/Paris"}, clock()
    )
    with pytest.raises(accounts.AlreadyAdministered):
        first_administrator(clock, email="autre@exemple.fr")
    assert Person.objects.count() == 1
    assert sign_ins.authenticate("chef@exemple.fr", PHRASE).id == person.id


def test_the_first_administrator_obeys_the_same_rules_of_passwords(store: Connections, clock: Clock) -> None:
    with pytest.raises(Invalid) as refused:
        first_administrator(clock, "Dominique aime les phrases très longues")
    assert "« dominique »" in refused.value.errors["password"][0]
    assert Person.objects.count() == 0


def test_a_service_whose_last_administrator_left_can_have_another(store: Connections, clock: Clock) -> None:
    person = first_administrator(clock)
    departures.revoke_grant(World.actor(person), person, person.grants[0].id, clock())
    assert first_administrator(clock, email="autre@exemple.fr").email == "autre@exemple.fr"


# --- who is the same person -----------------------------------------------------------------------
# One address is one account. Schools enrol by address, and families share addresses: if a second name were let in
# under a known address, a brother would read his sister's portfolio, or a candidate sign off as a tutor.


@pytest.mark.parametrize(
    ("family_name", "given_names"),
    [("Durand", "Ana"), ("DURAND", "ANA"), ("Dûrand", "Ána"), ("  Durand ", "Ana")],
)
def test_the_same_person_is_known_again_however_their_name_is_typed(
    world: World, invited: Person, family_name: str, given_names: str
) -> None:
    names = (family_name, given_names)
    found, is_new = accounts.known_or_new("ANA.durand@exemple.fr", *names, world.clock())
    assert (found.id, is_new) == (invited.id, False)


@pytest.mark.parametrize(
    ("family_name", "given_names"),
    [
        ("Durand", "Léo"),  # her brother, at the family's address
        ("Martin", "Ana"),  # another Ana, at the address of a company's front desk
        ("Ana", "Durand"),  # names swapped: asked to be corrected, since "Durand" may be a first name
        ("Durand", "Ana Lou"),  # a sister, or the same: the office looks and decides
        ("Durand Martin", "Ana"),
    ],
)
def test_another_name_at_a_known_address_is_refused(
    world: World, invited: Person, family_name: str, given_names: str
) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.known_or_new(ANA["email"], family_name, given_names, world.clock())
    (sentence,) = refused.value.errors["email"]
    assert "sous un autre nom" in sentence
    assert "Durand" not in sentence  # whose address it is, another school may not learn


def test_a_married_name_and_the_birth_name_are_one_person(world: World, invited: Person) -> None:
    found, _ = accounts.known_or_new(ANA["email"], "Martin", "Ana", world.clock(), birth_name="Durand")
    assert found.id == invited.id


def test_two_invitations_of_one_new_address_at_once_make_one_person(world: World) -> None:
    office, school, elsewhere = world.office, world.school, world.new_school("0690027E")
    other_office = world.new_office(elsewhere)

    def invite(by: Person, place: Any) -> Callable[[], Any]:
        return lambda: accounts.invite_to_school(world.actor(by), place, ANA, world.clock())

    answers = at_once(invite(office, school), invite(other_office, elsewhere))
    assert Person.objects(email=ANA["email"]).count() == 1
    refused = [one for one in answers if isinstance(one, Refusal)]
    assert all(isinstance(one, AlreadyExists) and list(one.errors) == ["email"] for one in refused)
    if not refused:  # one came after the other
        assert len(Person.objects.get(email=ANA["email"]).grants) == 2


# --- grants ---------------------------------------------------------------------------------------


def test_the_same_grant_twice_at_once_is_given_once(world: World, invited: Person) -> None:
    elsewhere = world.new_school("0690027E")
    office = world.new_office(elsewhere)

    def invite() -> Any:
        return accounts.invite_to_school(world.actor(office), elsewhere, ANA, world.clock())

    answers = at_once(invite, invite, invite)
    assert sum(isinstance(one, Person) for one in answers) == 1
    assert all(isinstance(one, (Person, NotNow)) for one in answers)
    grants = Person.objects.get(pk=invited.id).grants
    assert len([grant for grant in grants if grant.school == elsewhere.id]) == 1


def test_a_revoked_role_can_be_given_again(world: World, invited: Person) -> None:
    office = world.actor(world.office)
    departures.revoke_grant(office, invited, invited.grants[0].id, world.clock())
    person = accounts.invite_to_school(office, world.school, ANA, world.clock())
    assert [grant.revoked_at is None for grant in Person.objects.get(pk=person.id).grants] == [False, True]


def test_a_teacher_invites_nobody_and_a_stranger_learns_nothing(world: World) -> None:
    with pytest.raises(Forbidden):
        accounts.invite_to_school(world.actor(world.follower), world.school, ANA, world.clock())
    stranger = world.new_office(world.new_school("0690027E"))
    with pytest.raises(NotFound):
        accounts.invite_to_school(world.actor(stranger), world.school, ANA, world.clock())
    with pytest.raises(NotFound):
        departures.revoke_grant(world.actor(stranger), world.follower, world.follower.grants[0].id, world.clock())


def test_an_office_cannot_make_an_administrator(world: World) -> None:
    with pytest.raises(Invalid):
        said = {**ANA, "role": "administrator"}
        accounts.invite_to_school(world.actor(world.office), world.school, said, world.clock())
    assert not Person.objects(email=ANA["email"])


def test_of_two_invitations_on_their_way_the_second_dies_with_the_first(world: World, invited: Person) -> None:
    second = invitations.new_invitation(invited, world.clock()).save()
    first = Invitation.objects(person=invited.id, id__ne=second.id).get()
    invitations.accept_invitation(invitations.invitation_token(first), PHRASE, world.clock())
    assert not invitations.invitation_holds(invitations.invitation_token(second), world.clock())


# --- passwords and sign-ins -----------------------------------------------------------------------


@pytest.mark.usefixtures("hashes_as_served")
def test_an_unknown_address_costs_as_much_as_a_known_one(world: World) -> None:
    """In work of the processor, which other programs of the machine do not change."""

    def work(address: str) -> float:
        started = process_time()
        with pytest.raises(Unauthenticated):
            sign_ins.authenticate(address, "faux")
        return process_time() - started

    Person.objects(pk=world.office.id).update(set__password=passwords.hash(PHRASE))
    never_came = world.follower
    known = min(work(world.office.email) for _ in range(3))
    for address in ("personne@exemple.fr", "pas une adresse", never_came.email):
        assert 0.5 < min(work(address) for _ in range(3)) / known < 2


def test_a_signature_asks_for_one_s_own_password(world: World) -> None:
    hashed = passwords.hash(PHRASE)
    Person.objects(pk=world.office.id).update(set__password=hashed)
    sign_ins.confirm_identity(world.actor(world.office), PHRASE, world.clock())
    for by, password in ((world.office, "faux"), (world.follower, PHRASE)):
        with pytest.raises(sign_ins.WrongCredentials):
            sign_ins.confirm_identity(world.actor(by), password, world.clock())


def test_a_suspended_person_acts_no_more(world: World) -> None:
    administrator = world.actor(world.administrator)
    token = World.token_for(world.follower, world.clock())
    suspensions.suspend(administrator, Person.objects.get(pk=world.follower.id), "Compte détourné", world.clock())
    assert sign_ins.signed_in(token, world.clock()) is None
    assert SignIn.objects(person=world.follower.id, ended_at=None).count() == 0
    assert "suspend" in permissions.allowed(administrator, Person.objects.get(pk=world.follower.id))

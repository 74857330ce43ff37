"""Nobody lets themselves in to a mark, and whoever lets somebody in is seen (docs/decisions/0025)."""

from __future__ import annotations

from functools import cached_property

import pytest

from portfolio.documents import AccountChange, Invitation, Person, School, Sheet
from portfolio.documents.people import ROLES
from portfolio.enrolment import account_changes, enrol, placements
from portfolio.enrolment.moves import departures
from portfolio.errors import Forbidden, NotFound
from portfolio.identity import accounts, dual_control, invitations, sign_ins
from portfolio.identity.dual_control import GUARDED, MARK_READING, OwnGrant
from portfolio.ids import new_id
from portfolio.jury import jury
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.second_people import DAY, NAMES, actor_at, give, sent_to, waiting
from tests.support.worlds.world import World


@pytest.fixture
def second_administrator(world: World) -> Person:
    return world.person("Seconde", world.grant("administrator"))


def opens_sheets(person: Person, clock: Clock, sheet: Sheet) -> bool:
    return may(actor_at(person, clock), Action.READ_SHEET, sheet)


# --- which rights ---------------------------------------------------------------------------------


def test_the_guarded_rights_are_those_that_policy_opens_a_mark_to_and_those_that_give_them() -> None:
    assert {"jury", "office", "exam_service"} == MARK_READING
    assert {"jury", "office", "exam_service", "administrator"} == GUARDED
    assert set(ROLES) - GUARDED == {"teacher", "candidate", "tutor", "inspector", "support"}


# --- to oneself -----------------------------------------------------------------------------------


def own_names(person: Person) -> dict[str, str]:
    return {"email": person.email, "family_name": person.family_name, "given_names": person.given_names}


@pytest.mark.parametrize("role", ["jury", "exam_service", "inspector", "office", "administrator"])
def test_an_administrator_gives_themselves_nothing(world: World, role: str) -> None:
    scope = {"session": world.session, "school": world.school.id}
    before = len(world.administrator.grants)
    values = own_names(world.administrator) | {"role": role} | scope
    with pytest.raises((OwnGrant, accounts.AlreadyGranted)):
        accounts.invite_staff(world.actor(world.administrator), world.academy, values, world.clock())
    assert len(Person.objects.get(pk=world.administrator.id).grants) == before


def test_a_secretary_makes_herself_neither_teacher_nor_follower_nor_tutor_nor_candidate(world: World) -> None:
    by, at = world.actor(world.office), world.clock()
    mine = own_names(world.office)
    with pytest.raises(OwnGrant):
        accounts.invite_to_school(by, world.school, mine | {"role": "teacher", "teaches_profession": True}, at)
    with pytest.raises(OwnGrant):
        placements.replace_tutor(by, world.placement, mine | {"function": "Agent"}, at)
    Person.objects(pk=world.office.id).update(push__grants=world.grant("teacher", school=world.school.id))
    with pytest.raises(OwnGrant):
        enrol.set_followers(world.actor(world.office), world.candidacy, [world.office.id], at)
    candidate = {"session": world.session, "candidate_number": "02999999999", "birth_date": "2005-04-12"}
    candidate |= {"birth_name": mine["family_name"], "given_names": mine["given_names"], "status": "scolaire"}
    with pytest.raises(OwnGrant):
        enrol.enrol(world.actor(world.office), world.school, candidate | {"email": mine["email"]}, at)


def test_a_teacher_whom_another_designated_stays_designated_when_the_office_is_theirs_too(world: World) -> None:
    Person.objects(pk=world.follower.id).update(push__grants=world.grant("office", school=world.school.id))
    by = world.actor(world.follower)
    set_ = enrol.set_followers(by, world.candidacy, [world.follower.id, world.second_teacher.id], world.clock())
    assert set_.followers == [world.follower.id, world.second_teacher.id]


# --- a right that opens marks ---------------------------------------------------------------------


@pytest.mark.parametrize("role", ["jury", "office", "administrator"])
def test_a_guarded_right_counts_only_once_a_second_person_confirms_it(
    world: World, clock: Clock, second_administrator: Person, role: str
) -> None:
    given = give(world, role)
    clock.advance(days=30)
    assert not actor_at(given, clock).has(role), "it waits for somebody, however long"
    change = waiting()
    for nobody in (world.administrator, given):
        with pytest.raises((account_changes.SecondPersonNeeded, NotFound, Forbidden)):
            account_changes.confirm(actor_at(nobody, clock), change, clock())
    account_changes.confirm(actor_at(second_administrator, clock), change, clock())
    assert actor_at(given, clock).has(role)
    grant = Person.objects.get(pk=given.id).grants[0]
    assert (grant.granted_by, grant.confirmed_by) == (str(world.administrator.id), str(second_administrator.id))
    with pytest.raises(account_changes.ChangeSettled):
        account_changes.confirm(actor_at(second_administrator, clock), waiting_or_done(change), clock())


def waiting_or_done(change: AccountChange) -> AccountChange:
    return AccountChange.objects.get(pk=change.id)


def test_a_right_that_waits_opens_no_mark_and_reads_no_sheet(
    world: World, clock: Clock, second_administrator: Person
) -> None:
    sheet = sheet_of(world)
    given = give(world)
    assert not opens_sheets(given, clock, sheet)
    with pytest.raises(NotFound):
        jury.set_final_mark(actor_at(given, clock), sheet, "20", "Parce que", clock())
    account_changes.confirm(actor_at(second_administrator, clock), waiting(), clock())
    assert opens_sheets(given, clock, sheet)


def test_somebody_of_that_jury_confirms_and_of_another_does_not(world: World, clock: Clock) -> None:
    elsewhere = world.person("Autre", world.grant("jury", academy="01", session=world.session))
    given = give(world, email="a@exemple.fr") if world.jury_member else None
    assert given is not None
    with pytest.raises(NotFound):
        account_changes.confirm(actor_at(elsewhere, clock), waiting(), clock())
    account_changes.confirm(actor_at(world.jury_member, clock), waiting(), clock())
    assert actor_at(given, clock).has("jury")


def test_a_secretary_confirms_a_colleague_and_no_jury(world: World, clock: Clock, second_administrator: Person) -> None:
    give(world, "office", email="b@exemple.fr")
    give(world, "jury", email="c@exemple.fr")
    colleague, judge = (AccountChange.objects.get(role=role) for role in ("office", "jury"))
    with pytest.raises(Forbidden):
        account_changes.confirm(actor_at(world.office, clock), judge, clock())
    account_changes.confirm(actor_at(world.office, clock), colleague, clock())


def test_a_right_that_itself_waits_confirms_nothing(world: World, clock: Clock) -> None:
    """The second mailbox of a lone administrator is no second person before every office has had a day to see it."""
    puppet = give(world, "administrator")
    Person.objects(pk=puppet.id).update(set__state="active")
    give(world, "jury", email="d@exemple.fr")
    change = AccountChange.objects.get(role="jury")
    assert change.counts_from == clock() + DAY, "there is no second person, and the puppet is none"
    with pytest.raises(NotFound):
        account_changes.confirm(actor_at(puppet, clock), change, clock())


def test_where_there_is_nobody_it_counts_after_a_day_and_every_office_of_the_academy_is_written_to(
    world: World, clock: Clock
) -> None:
    offices = [world.office, world.new_office(world.new_school("0690027E"))]
    far_school = world.new_school("0690028F")
    School.objects(pk=far_school.id).update(set__academy="01")
    far = world.new_office(far_school)
    given = give(world)
    deliver(clock)
    for office in offices:
        (mail,) = sent_to(office.email)
        assert "Lou Nouvelle" in mail and "jury" in mail and "comptera le" in mail
    assert sent_to(far.email) == []
    clock.advance(hours=23, minutes=59)
    assert not actor_at(given, clock).has("jury")
    clock.advance(minutes=1)
    assert actor_at(given, clock).has("jury"), "the day has come, though the worker has not"
    deliver(clock)
    change = AccountChange.objects.get(role="jury")
    assert (change.state, change.settled_by) == ("done", "system")


def test_the_second_persons_are_written_to_and_not_who_gave_it(
    world: World, clock: Clock, second_administrator: Person
) -> None:
    give(world)
    deliver(clock)
    (mail,) = sent_to(second_administrator.email)
    assert "/droits-et-comptes" in mail and "confirmez-le" in mail
    assert sent_to(world.administrator.email) == []


def test_what_is_refused_never_counts(world: World, clock: Clock, second_administrator: Person) -> None:
    given = give(world)
    account_changes.refuse(actor_at(second_administrator, clock), waiting(), clock())
    clock.advance(days=2)
    deliver(clock)
    assert not actor_at(given, clock).has("jury")
    assert Person.objects.get(pk=given.id).grants[0].revoked_at is not None


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a second person"])
def test_an_errand_written_into_the_database_makes_nothing_count_before_its_day(
    world: World, clock: Clock, beside: bool
) -> None:
    if beside:
        world.person("Seconde", world.grant("administrator"))
    given = give(world)
    row = {"_id": new_id(), "kind": "account_change_due", "payload": {"change": waiting().id}, "attempts": 1}
    assert account_changes.due(row, clock()).words == "too_early"
    assert waiting().person == given.id and not actor_at(given, clock).has("jury")


def test_taking_a_right_back_is_written_down_like_giving_it(world: World, clock: Clock) -> None:
    given = give(world)
    by = world.actor(world.administrator)
    departures.revoke_grant(by, given, given.grants[0].id, clock())
    told = {one.what: one.state for one in AccountChange.objects}
    assert told == {"grant": "refused", "grant_end": "done"}
    clock.advance(days=2)
    deliver(clock)
    assert any(mail.startswith("Un droit vous est retiré") for mail in sent_to(given.email))
    assert not actor_at(given, clock).has("jury")


def test_a_teacher_and_an_inspector_need_nobody(world: World) -> None:
    teacher = accounts.invite_to_school(
        world.actor(world.office), world.school, NAMES | {"role": "teacher"}, world.clock()
    )
    assert world.actor(teacher).has("teacher")
    assert AccountChange.objects.count() == 0


# --- the command line -----------------------------------------------------------------------------


def test_before_any_academy_the_command_line_makes_two_and_afterwards_none(store: Connections, clock: Clock) -> None:
    password = "Une phrase de sept mots bien longue"
    made = [
        accounts.create_first_administrator(f"{n}@exemple.fr", "Petit", "Lou", password, clock())
        for n in ("un", "deux")
    ]
    assert all(actor_at(one, clock).has("administrator") for one in made)
    world = World(clock)
    world.__dict__["administrator"] = made[0]
    assert world.academy
    with pytest.raises(accounts.AlreadyAdministered):
        accounts.create_first_administrator("trois@exemple.fr", "Petit", "Lou", password, clock())


def test_on_a_store_at_work_the_command_line_s_administrator_waits_a_day_and_offices_hear_of_it(
    world: World, clock: Clock
) -> None:
    office = world.office
    Person.objects(pk=world.administrator.id).update(set__grants__0__revoked_at=clock())
    password = "Une phrase de sept mots bien longue"
    made = accounts.create_first_administrator("op@exemple.fr", "Petit", "Lou", password, clock())
    assert not actor_at(made, clock).has("administrator")
    deliver(clock)
    assert "la ligne de commande" in sent_to(office.email)[0].lower()
    clock.advance(days=1)
    assert actor_at(made, clock).has("administrator")


def test_a_president_who_was_invited_comes_in_and_sees_nothing_until_it_counts(world: World, clock: Clock) -> None:
    given = give(world)
    invitation = Invitation.objects.get(person=given.id)
    token = invitations.invitation_token(invitation)
    invitations.accept_invitation(token, "Une phrase de sept mots bien longue", clock())
    _, key = sign_ins.sign_in(NAMES["email"], "Une phrase de sept mots bien longue", "bearer", "essai", clock())
    found = sign_ins.signed_in(key, clock())
    assert found is not None and not found.has("jury")
    found = sign_ins.signed_in(key, clock.advance(days=1))
    assert found is not None and found.has("jury")


def test_the_right_alone_that_tells_the_guarded_asks_the_database_for_nothing() -> None:
    read_once = {name for name, value in vars(Actor).items() if isinstance(value, cached_property)}
    assert read_once - {"own_candidacies"} <= vars(dual_control._ByGrantAlone).keys()

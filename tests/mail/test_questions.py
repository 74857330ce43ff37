"""A mail about somebody's case is answered by who follows them or their office, and says where a question goes."""

from __future__ import annotations

import pytest

from portfolio.documents import Activity, Person, Placement
from portfolio.mail.delivery.questions import question_about
from portfolio.sign_offs.answering import answers
from portfolio.sign_offs.asking import objections, requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import answers_on
from tests.support.acts.asking import mails, wait_for_it
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.world import World

TO_BOTH = "Répondez à ce message en nommant le candidat : il arrive aux secrétariats de"


@pytest.fixture
def beside(world: World, clock: Clock) -> World:
    """Another school of the academy, where the tutor and the teacher of the first one are of use too."""
    other = World(clock)
    other.count = 500
    vars(other).update(academy=world.academy, administrator=world.administrator)
    other.school = other.new_school("0690027E")
    for name in ("tutor", "follower"):
        grants = [*getattr(world, name).grants, *getattr(other, name).grants]
        Person.objects(pk=getattr(world, name).id).update(set__grants=grants)
    Placement.objects(pk=other.placement.id).update(set__tutor=world.tutor.id)
    return other


def test_where_nobody_can_be_written_to_the_school_itself_is_named(world: World) -> None:
    asked, addresses = question_about([world.school], [world.follower.id])
    assert addresses == (world.follower.email,) and "Répondez à ce message" in asked.text
    Person.objects(pk__in=[world.follower.id, world.office.id]).update(set__state="suspended")
    asked, addresses = question_about([world.school], [world.follower.id])
    assert addresses == ()
    assert asked.text == f"Une question ? Adressez-vous à {world.school.name} ({world.school.city})."


@pytest.mark.parametrize("reachable", [True, False])
def test_a_contested_period_is_answered_to_the_tutor_or_else_to_the_office(
    world: World, store: Connections, clock: Clock, reachable: bool
) -> None:
    objections.contest(world.actor(world.tutor), world.placement, "did_not_happen", None, clock())
    if not reachable:
        Person.objects(pk=world.tutor.id).update(set__address_failed_at=clock())
    deliver(clock)
    (message,) = mails(store, world.follower.email)
    assert message["Reply-To"] == (world.tutor if reachable else world.office).email
    told = f"Une réponse à ce message arrive à {world.placement.tutor_name}." if reachable else world.school.name
    assert told in words_of(message)


@pytest.mark.parametrize("seat", ["tutor", "teacher"])
def test_a_mail_about_candidates_of_two_schools_is_answered_to_the_office_of_each(
    world: World, beside: World, store: Connections, clock: Clock, seat: str
) -> None:
    reader = {"tutor": world.tutor, "teacher": world.follower}[seat]
    kind = "sign_offs" if seat == "tutor" else "teacher_sign_offs"
    for here in (world, beside):
        person = reader.id if seat == "teacher" else None
        requests.request(here.actor(here.candidate), Activity.objects.get(pk=here.activity.id), seat, person, clock())
    wait_for_it(store, clock, kind)
    (message,) = mails(store, reader.email)
    assert set(message["Reply-To"].split(", ")) == {world.office.email, beside.office.email}
    assert words_of(message).count(TO_BOTH) == 1
    Person.objects(pk=beside.office.id).update(set__state="suspended")
    clock.advance(days=1)
    requests.request(world.actor(world.candidate), world.new_activity(), seat, person, clock())
    wait_for_it(store, clock, kind)
    message = mails(store, reader.email)[-1]
    assert message["Reply-To"] is None
    assert "Adressez-vous au secrétariat de l'établissement du candidat" in words_of(message)


def test_the_receipt_of_what_was_signed_for_two_schools_is_answered_to_the_office_of_each(
    world: World, beside: World, store: Connections, clock: Clock
) -> None:
    made = [Activity.objects.get(pk=here.activity.id) for here in (world, beside)]
    signing = world.actor(Person.objects.get(pk=world.tutor.id))
    answers.answer_many(signing, answers_on(made), None, None, clock())
    deliver(clock)
    (receipt,) = [message for message in files(store) if message["Subject"] == "Reçu de votre confirmation"]
    assert set(receipt["Reply-To"].split(", ")) == {world.office.email, beside.office.email}
    assert TO_BOTH in words_of(receipt)
    assert all(school.name in words_of(receipt) for school in (world.school, beside.school))

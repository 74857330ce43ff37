"""A request never outlives its addressee: it goes to whoever holds the seat now, with a mail, or is to be asked again
and reads so to everybody.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portfolio.boards import class_board, office_board
from portfolio.documents import Activity, Attestation, Person, Placement
from portfolio.enrolment import placements
from portfolio.evidence import deposit
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.sign_offs.asking import objections, requests
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.store.connections import Connections
from portfolio.store.journal import MovedMeanwhile
from tests.conftest import Clock
from tests.support.acts.asking import answer, ask, asked_by_mail, mails
from tests.support.concurrency import in_between
from tests.support.mails.mailbox import deliver
from tests.support.worlds.world import World

OTHER = {"email": "autre@assureur.fr", "family_name": "Petit", "given_names": "Lou", "function": "Agente"}


def replaced(world: World) -> Person:
    placement = Placement.objects.get(pk=world.placement.id)
    placements.replace_tutor(world.actor(world.office), placement, OTHER, world.clock())  # type: ignore[arg-type]
    return Person.objects.get(email=OTHER["email"])


def cancelled(world: World) -> None:
    placement = Placement.objects.get(pk=world.placement.id)
    placements.cancel_placement(world.actor(world.office), placement, "N'a pas eu lieu", world.clock())


def moved_to_another(world: World) -> Person:
    other = world.new_placement(world.candidacy)
    moved(world, {"placement": other.id})
    return Person.objects.get(pk=other.tutor)


def moved(world: World, values: dict[str, object]) -> None:
    activity = Activity.objects.get(pk=world.activity.id)
    deposit.amend_activity(world.actor(world.candidate), activity, values, world.clock())


def out_of_the_company(world: World) -> None:
    moved(world, {"placement": None})


def withdrawn(world: World) -> None:
    deposit.withdraw_activity(world.actor(world.candidate), Activity.objects.get(pk=world.activity.id), world.clock())


def status(world: World, seat: str = "tutor") -> str:
    return str(getattr(sign_offs_on(Activity.objects.get(pk=world.activity.id)), seat).status)


def waiting_of(person: Person, world: World) -> int:
    pending = inbox(world.actor(person))
    return len(pending.sign_offs) + len(pending.reality)


def some_days(clock: Clock, days: int = 30) -> None:
    for _ in range(days):
        clock.advance(days=1)
        deliver(clock)


@pytest.mark.parametrize("happens", [replaced, moved_to_another])
def test_what_waited_is_asked_of_the_tutor_who_is_there_now_by_mail(
    world: World, clock: Clock, store: Connections, happens: Callable[[World], Person]
) -> None:
    asked_by_mail(world, store, clock)
    before = world.tutor
    now = happens(world)
    assert (waiting_of(before, world), waiting_of(now, world)) == (0, 1)
    assert status(world) == "requested"
    some_days(clock)
    assert len(mails(store, before.email)) == 1, "whom nothing waits for is not reminded"
    assert len(mails(store, now.email)) == 4, "the new one is asked, and reminded three times"
    assert [one.state for one in deliveries(world.candidacy.id)] == ["stopped", "sent"]


@pytest.mark.parametrize("happens", [cancelled, out_of_the_company])
def test_what_waited_of_nobody_is_to_be_asked_again_for_everybody(
    world: World, clock: Clock, store: Connections, happens: Callable[[World], None]
) -> None:
    asked_by_mail(world, store, clock)
    tutor = world.tutor
    happens(world)
    assert (status(world), waiting_of(tutor, world)) == ("lapsed", 0)
    some_days(clock)
    assert len(mails(store, tutor.email)) == 1
    (line,) = class_board.board(world.actor(world.follower), clock()).lines
    assert (line.waiting_since, line.tutor.waiting, line.tutor.owed) == (None, 0, 1)
    owed = office_board.office_board(world.actor(world.office), world.school, clock()).owed
    assert [item.who for item in owed if item.what == "ask_again"] == ["candidate"]
    assert not [item for item in owed if item.what == "answer"]


def test_nobody_waits_for_an_answer_on_an_activity_that_was_withdrawn(world: World, clock: Clock) -> None:
    ask(world)
    requests.request(world.actor(world.candidate), world.activity, "teacher", None, clock())  # type: ignore[arg-type]
    withdrawn(world)
    assert {one.state for one in Attestation.objects} == {"lapsed"}
    (line,) = class_board.board(world.actor(world.follower), clock()).lines
    assert line.waiting_since is None
    owed = office_board.office_board(world.actor(world.office), world.school, clock()).owed
    assert not [item for item in owed if item.what in ("answer", "ask_again")]


def test_what_the_wrong_person_was_asked_goes_to_the_right_one(world: World, clock: Clock, store: Connections) -> None:
    asked_by_mail(world, store, clock)
    placement = Placement.objects.get(pk=world.placement.id)
    objections.contest(world.actor(world.tutor), placement, "not_the_right_person", None, clock())
    assert status(world) == "missing"
    now = replaced(world)
    assert (status(world), waiting_of(now, world)) == ("requested", 1)


def test_an_answer_given_before_the_replacement_is_not_asked_for_again(world: World, clock: Clock) -> None:
    world.new_piece()
    world.sign_off()
    now = replaced(world)
    assert (status(world), waiting_of(now, world)) == ("confirmed", 0)


def test_an_evaluation_that_waits_is_asked_of_the_new_tutor(world: World, clock: Clock, store: Connections) -> None:
    reality.write(world.actor(world.follower), world.placement, "Relances des impayés, vues sur place.", clock())
    now = replaced(world)
    clock.advance(hours=1)
    deliver(clock)
    assert waiting_of(now, world) == 1
    assert len(mails(store, now.email)) == 1


def test_asked_again_reads_as_asked(world: World, clock: Clock) -> None:
    ask(world)
    out_of_the_company(world)
    moved(world, {"placement": world.placement.id})
    assert status(world) == "lapsed"
    ask(world, Activity.objects.get(pk=world.activity.id))
    assert status(world) == "requested"
    owed = office_board.office_board(world.actor(world.office), world.school, clock()).owed
    assert not [item for item in owed if item.what == "ask_again"]


def test_a_request_made_while_the_tutor_is_replaced_is_not_written_to_the_former_one(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, activity = world.actor(world.candidate), world.activity
    in_between(monkeypatch, requests, lambda: replaced(world))
    with pytest.raises(MovedMeanwhile):
        requests.request(by, activity, "tutor", None, clock())  # type: ignore[arg-type]
    assert not Attestation.objects


@pytest.mark.parametrize("meanwhile", [ask, answer])
def test_a_tutor_is_not_replaced_behind_what_is_asked_or_answered_at_that_moment(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[World], object]
) -> None:
    assert world.activity
    if meanwhile is answer:
        ask(world)
    in_between(monkeypatch, placements, lambda: meanwhile(world))
    with pytest.raises(MovedMeanwhile):
        replaced(world)
    replaced(world)
    now = Placement.objects.get(pk=world.placement.id).tutor
    asked = [one.person for one in Attestation.objects(state="requested")]
    assert asked == ([] if meanwhile is answer else [now])


def test_a_tutor_who_objects_is_not_to_be_asked_again_for_who_was_there_before(world: World, clock: Clock) -> None:
    ask(world)
    now = replaced(world)
    placement = Placement.objects.get(pk=world.placement.id)
    objections.contest(world.actor(now), placement, "not_the_right_person", None, clock())
    assert status(world) == "missing"
    owed = office_board.office_board(world.actor(world.office), world.school, clock()).owed
    assert "ask_again" not in [item.what for item in owed]
    assert "contested" in [item.what for item in owed]

"""A period whose tutor is still to be named: it is enrolled, opens nothing, and what is asked of the tutor waits."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.boards import class_board, office_board
from portfolio.documents import Activity, Attestation, Person, Placement, RealityEvaluation
from portfolio.enrolment import email_corrections, placements
from portfolio.enrolment.moves.abandonment import waiting_on
from portfolio.enrolment.placements import NoTutorYet
from portfolio.enrolment.training import training_of
from portfolio.errors import Invalid
from portfolio.evidence import deposit
from portfolio.rules.awaited_sign_offs import awaiting_tutor
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import paper
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.sign_offs.asking.requests import AlreadyRequested
from portfolio.store.connections import Connections
from portfolio.store.history import history
from portfolio.submission.overview import overview, state_of
from tests.conftest import Clock
from tests.support.acts.asking import ask, due, mails
from tests.support.concurrency import together
from tests.support.mails.mailbox import deliver
from tests.support.worlds.world import PDF, World

NAMED = {"email": "claude.petit@assureur.fr", "family_name": "Petit", "given_names": "Claude", "function": "Agent"}


@pytest.fixture
def period(world: World) -> Placement:
    """A period of the candidate that has no tutor, and the activity that belongs to it."""
    values: Any = {"company": world.company.id, "kind": "stage", "starts_on": "2026-05-18", "ends_on": "2026-06-26"}
    placement = placements.add_placement(
        world.actor(world.office), world.candidacy, values | {"days": 29}, world.clock()
    )
    changed = {"placement": placement.id}
    deposit.amend_activity(world.actor(world.candidate), world.activity, changed, world.clock())
    world.activity = Activity.objects.get(pk=world.activity.id)
    return placement


def now(period: Placement) -> Placement:
    placement: Placement = Placement.objects.get(pk=period.id)
    return placement


def name_tutor(world: World, period: Placement) -> Person:
    placements.replace_tutor(world.actor(world.office), now(period), NAMED, world.clock())  # type: ignore[arg-type]
    tutor: Person = Person.objects.get(email=NAMED["email"])
    Person.objects(pk=tutor.id).update(set__state="active")
    return tutor


def waiting_of(person: Person, world: World) -> int:
    pending = inbox(world.actor(Person.objects.get(pk=person.id)))
    return len(pending.sign_offs) + len(pending.reality)


def owed(world: World) -> list[tuple[str, str, str]]:
    board = office_board.office_board(world.actor(world.office), world.school, world.clock())
    return [(item.who, item.what, item.detail) for item in board.owed]


def test_a_period_is_enrolled_without_a_tutor_and_says_so(world: World, period: Placement) -> None:
    assert (period.tutor, period.tutor_name, period.shown_tutor) == (None, None, "à désigner")
    assert ("office", "tutor", period.company_name) in owed(world)
    report = training_of(world.candidacy, [period], world.clock().date())
    assert f"{period.company_name} : tuteur à désigner, ce qui lui est demandé attend." in report.lacks


def test_it_opens_nothing_to_anybody(world: World, period: Placement) -> None:
    held = [grant for person in Person.objects for grant in person.grants if grant.placement == period.id]
    assert held == []


def test_what_is_asked_waits_without_any_mail_and_everybody_reads_it(
    world: World, clock: Clock, store: Connections, period: Placement
) -> None:
    world.new_piece(world.activity)
    (asked,) = ask(world, world.activity)
    assert (asked.person, asked.state) == (None, "requested")
    assert due(store, "sign_offs") == []
    assert str(sign_offs_on(world.activity).tutor.status) == "requested"
    assert ("office", "tutor", f"{period.company_name} (1)") in owed(world)
    assert not [item for item in owed(world) if item[1] == "answer"]
    (line,) = class_board.board(world.actor(world.follower), clock()).lines
    assert (line.tutor.waiting, line.tutor.accepted) == (1, 0)
    lack = awaiting_tutor(state_of(overview(world.portfolio)))
    assert lack is not None and lack.owed_by == ("office",) and "Tuteur à désigner" in lack.text
    assert [one.state for one in deliveries(world.candidacy.id)] == ["queued"]
    assert waiting_on(world.candidacy.id) == {}
    with pytest.raises(AlreadyRequested) as refusal:
        requests.request(world.actor(world.candidate), world.activity, "tutor", None, clock())  # type: ignore[arg-type]
    assert "un tuteur à désigner" in refusal.value.message


def test_what_waited_leaves_with_the_naming_of_the_tutor(
    world: World, clock: Clock, store: Connections, period: Placement
) -> None:
    world.new_piece(world.activity)
    ask(world, world.activity)
    reality.write(world.actor(world.follower), now(period), "Relances des impayés, vues sur place.", clock())
    assert RealityEvaluation.objects.get().state == "proposed"
    tutor = name_tutor(world, period)
    assert waiting_of(tutor, world) == 2
    assert {request.state for request in Attestation.objects(person=None)} == {"lapsed"}
    clock.advance(hours=1)
    deliver(clock)
    assert len(mails(store, tutor.email)) == 1
    assert str(sign_offs_on(world.activity).tutor.status) == "requested"
    assert [item[1] for item in owed(world) if item[1] in ("tutor", "answer", "ask_again")] == ["answer"]


def test_a_tutor_who_left_leaves_the_seat_empty_and_what_waited_waits_for_the_next(
    world: World, clock: Clock, store: Connections
) -> None:
    former = world.tutor
    world.new_piece(world.activity)
    ask(world, world.activity)
    placements.end_tutoring(world.actor(world.office), now(world.placement), clock())
    assert now(world.placement).shown_tutor == "à désigner"
    assert waiting_of(former, world) == 0
    assert not [
        grant for grant in Person.objects.get(pk=former.id).live_grants if grant.placement == world.placement.id
    ]
    assert str(sign_offs_on(world.activity).tutor.status) == "requested"
    assert ("office", "tutor", f"{world.placement.company_name} (1)") in owed(world)
    with pytest.raises(NoTutorYet):
        placements.end_tutoring(world.actor(world.office), now(world.placement), clock())
    tutor = name_tutor(world, world.placement)
    assert waiting_of(tutor, world) == 1
    sentences = " ".join(act.sentence for act in history(world.actor(world.candidate), world.portfolio, 0, 100).items)
    assert "n'a plus de tuteur" in sentences and "a désigné le tuteur" in sentences


def test_an_activity_moved_there_waits_for_the_tutor_to_be_named(world: World, clock: Clock, period: Placement) -> None:
    moved = {"placement": world.placement.id}
    deposit.amend_activity(world.actor(world.candidate), world.activity, moved, clock())
    ask(world, Activity.objects.get(pk=world.activity.id))
    back = {"placement": period.id}
    deposit.amend_activity(world.actor(world.candidate), Activity.objects.get(pk=world.activity.id), back, clock())
    assert waiting_of(world.tutor, world) == 0
    assert Attestation.objects(person=None, state="requested").count() == 1


def test_a_cancelled_period_leaves_what_waited_to_be_asked_again(world: World, clock: Clock, period: Placement) -> None:
    world.new_piece(world.activity)
    ask(world, world.activity)
    placements.cancel_placement(world.actor(world.office), now(period), "N'a pas eu lieu", clock())
    assert str(sign_offs_on(world.activity).tutor.status) == "lapsed"
    assert ("candidate", "ask_again", "un tuteur à désigner (1)") in owed(world)


def test_what_needs_a_tutor_says_to_name_one_first(world: World, clock: Clock, period: Placement) -> None:
    office = world.actor(world.office)
    for act in (
        lambda: email_corrections.correct_tutor(office, now(period), "x@assureur.fr", clock()),
        lambda: email_corrections.try_tutor_again(office, now(period), clock()),
    ):
        with pytest.raises(NoTutorYet):
            act()
    world.new_piece(world.activity)
    ask(world, world.activity)
    assert paper.statement(world.actor(world.follower), now(period), clock()).startswith(b"%PDF")
    teacher = world.actor(world.follower)
    scan = paper.deposit_scan(teacher, now(period), PDF, "signe.pdf", clock())
    with pytest.raises(NoTutorYet):
        paper.relay(teacher, now(period), scan.id, [], "Sacha Durand", None, clock())


def test_two_people_name_a_tutor_at_once_and_one_is_named(world: World, clock: Clock, period: Placement) -> None:
    world.new_piece(world.activity)
    ask(world, world.activity)
    other = NAMED | {"email": "sam.roux@assureur.fr", "family_name": "Roux"}
    office = world.actor(world.office)
    read = now(period), now(period)
    outcomes = together(
        lambda: placements.replace_tutor(office, read[0], NAMED, clock()),  # type: ignore[arg-type]
        lambda: placements.replace_tutor(office, read[1], other, clock()),  # type: ignore[arg-type]
    )
    assert sum(isinstance(outcome, Placement) for outcome in outcomes) == 1
    assert Attestation.objects(state="requested").count() == 1
    assert Attestation.objects(state="requested", person=now(period).tutor).count() == 1


def test_a_wrong_tutor_is_said_at_its_field(world: World, clock: Clock, period: Placement) -> None:
    own = NAMED | {"email": world.candidate.email}
    with pytest.raises(Invalid) as refusal:
        placements.replace_tutor(world.actor(world.office), now(period), own, clock())  # type: ignore[arg-type]
    assert "email" in refusal.value.errors

"""The evaluation of the reality of activities, conducted jointly by teachers and the tutor."""

from __future__ import annotations

import json

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Person, Placement, RealityEvaluation, Submission
from portfolio.enrolment import placements
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering.record import OwnWork, ShownHasChanged
from portfolio.store.connections import Connections
from portfolio.submission.overview import conformity_of, overview
from tests.conftest import Clock
from tests.support.worlds.world import World

TEXT = "Relances et devis menés seule en agence, vus ensemble le 30 juin."
ALONE = "La tutrice a quitté l'entreprise en juillet."


def write(world: World, text: str = TEXT, placement: Placement | None = None) -> RealityEvaluation:
    return reality.write(world.actor(world.follower), placement or world.placement, text, world.clock())


def concur(world: World, evaluation: RealityEvaluation, person: Person | None = None) -> RealityEvaluation:
    fresh = RealityEvaluation.objects.get(pk=evaluation.id)
    return reality.concur(world.actor(person or world.tutor), fresh, evaluation.digest, world.clock())


def test_the_follower_writes_and_the_tutor_agrees(world: World, store: Connections) -> None:
    evaluation = write(world)
    assert (evaluation.state, [one.seat for one in evaluation.concurrences]) == ("proposed", ["teacher"])
    concur(world, evaluation)
    stored = RealityEvaluation.objects.get(placement=world.placement.id)
    assert (stored.state, [one.seat for one in stored.concurrences]) == ("joint", ["teacher", "tutor"])
    assert {one.digest for one in stored.concurrences} == {stored.digest}
    chain = f"portfolio:{world.candidacy.id}"
    events = [link["name"] for link in store.database.events.find({"chain": chain}).sort("seq", 1)]
    assert events[-2:] == ["reality_written", "reality_concurred"]
    assert list(verify([chain])) == []


def test_there_is_one_per_placement(world: World) -> None:
    write(world)
    with pytest.raises(reality.AlreadyWritten):
        write(world)
    write(world, placement=world.new_placement(world.candidacy))
    assert RealityEvaluation.objects.count() == 2


def test_the_tutor_agrees_on_what_was_displayed(world: World) -> None:
    shown = write(world)
    fresh = RealityEvaluation.objects.get(pk=shown.id)
    reality.rewrite(world.actor(world.follower), fresh, TEXT + " Sauf les devis.", world.clock())
    with pytest.raises(ShownHasChanged):
        concur(world, shown)
    assert RealityEvaluation.objects.get(pk=shown.id).state == "proposed"


def test_rewriting_keeps_the_earlier_text_and_its_concurrences_which_fall(world: World, clock: Clock) -> None:
    evaluation = concur(world, write(world))
    clock.advance(days=1)
    reality.rewrite(world.actor(world.follower), evaluation, TEXT + " Complété.", clock())
    stored = RealityEvaluation.objects.get(pk=evaluation.id)
    assert (stored.text, stored.state) == (TEXT + " Complété.", "proposed")
    assert [one.seat for one in stored.concurrences] == ["teacher"]
    (earlier,) = stored.earlier
    assert (earlier["text"], earlier["state"], earlier["until"]) == (TEXT, "joint", clock())
    assert [one["seat"] for one in earlier["concurrences"]] == ["teacher", "tutor"]


def test_the_teacher_concludes_alone_and_says_why(world: World) -> None:
    evaluation = write(world)
    with pytest.raises(Invalid):
        reality.conclude_alone(world.actor(world.follower), evaluation, "  ", world.clock())
    reality.conclude_alone(world.actor(world.follower), evaluation, ALONE, world.clock())
    stored = RealityEvaluation.objects.get(pk=evaluation.id)
    assert (stored.state, stored.alone_reason) == ("teacher_alone", ALONE)
    with pytest.raises(reality.AlreadyConcluded):
        reality.conclude_alone(world.actor(world.follower), stored, ALONE, world.clock())


def test_a_tutor_found_again_makes_it_joint_and_the_reason_is_kept(world: World) -> None:
    evaluation = write(world)
    reality.conclude_alone(world.actor(world.follower), evaluation, ALONE, world.clock())
    concur(world, evaluation)
    stored = RealityEvaluation.objects.get(pk=evaluation.id)
    assert (stored.state, stored.alone_reason) == ("joint", None)
    assert stored.earlier[0]["alone_reason"] == ALONE


def test_agreeing_twice_is_refused_and_a_joint_one_is_not_concluded_alone(world: World) -> None:
    evaluation = concur(world, write(world))
    with pytest.raises(reality.AlreadyConcurred):
        concur(world, evaluation)
    with pytest.raises(reality.AlreadyConcluded):
        reality.conclude_alone(world.actor(world.follower), evaluation, ALONE, world.clock())


def test_another_follower_who_concludes_is_named_beside_the_writer(world: World) -> None:
    evaluation = write(world)
    world.candidacy.update(push__followers=world.second_teacher.id)
    reality.conclude_alone(world.actor(world.second_teacher), evaluation, ALONE, world.clock())
    people = [one.person for one in RealityEvaluation.objects.get(pk=evaluation.id).concurrences]
    assert people == [world.follower.id, world.second_teacher.id]


def test_a_cancelled_period_has_no_reality_to_evaluate(world: World) -> None:
    evaluation, other = write(world), world.new_placement(world.candidacy)
    seen = {"by": world.actor(world.follower), "at": world.clock()}
    tutor = world.actor(world.tutor)
    for placement in (world.placement, other):
        fresh = Placement.objects.get(pk=placement.id)
        placements.cancel_placement(world.actor(world.office), fresh, "Entreprise fermée", world.clock())
    with pytest.raises(PlacementCancelled):
        write(world, placement=Placement.objects.get(pk=other.id))
    with pytest.raises(PlacementCancelled):
        reality.rewrite(evaluation=evaluation, text=TEXT, **seen)
    with pytest.raises(PlacementCancelled):
        reality.conclude_alone(evaluation=evaluation, reason=ALONE, **seen)
    with pytest.raises(PlacementCancelled):
        reality.concur(tutor, evaluation, evaluation.digest, world.clock())


def test_a_period_cancelled_after_it_was_read_is_not_evaluated(world: World) -> None:
    read_before = Placement.objects.get(pk=world.placement.id)
    fresh = Placement.objects.get(pk=world.placement.id)
    placements.cancel_placement(world.actor(world.office), fresh, "Entreprise fermée", world.clock())
    with pytest.raises(NotNow):
        write(world, placement=read_before)
    assert RealityEvaluation.objects.count() == 0


def test_each_does_their_part_and_others_may_not_know(world: World) -> None:
    evaluation = write(world)
    for person in (world.candidate, world.tutor):
        with pytest.raises(Forbidden):
            reality.rewrite(world.actor(person), evaluation, TEXT, world.clock())
    for person in (world.candidate, world.follower):
        with pytest.raises(Forbidden):
            concur(world, evaluation, person)
    other_tutor = Person.objects.get(pk=world.new_placement(world.candidacy).tutor)
    for person in (other_tutor, world.office, world.inspector):
        with pytest.raises(NotFound):
            concur(world, evaluation, person)
        with pytest.raises(NotFound):
            reality.rewrite(world.actor(person), evaluation, TEXT, world.clock())


def test_nobody_evaluates_the_reality_of_their_own_work(world: World) -> None:
    evaluation = write(world)
    grant = world.grant("tutor", candidacy=world.candidacy.id, placement=world.placement.id)
    Person.objects(pk=world.candidate.id).update(push__grants=grant)
    with pytest.raises(OwnWork):
        concur(world, evaluation, world.candidate)


def test_a_text_says_something(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        write(world, "   ")
    assert "text" in refusal.value.errors


def test_what_is_done_in_class_is_evaluated_once_by_a_teacher_who_saw_it(world: World, store: Connections) -> None:
    colleague = world.actor(world.second_teacher)
    evaluation = reality.write_for_class(colleague, world.portfolio, TEXT, world.clock())
    assert (evaluation.placement, evaluation.state) == (None, "teacher_alone")
    assert [one.seat for one in evaluation.concurrences] == ["teacher"]
    assert store.database.outbox.count_documents({"kind": "sign_offs"}) == 0
    with pytest.raises(reality.AlreadyWritten):
        reality.write_for_class(world.actor(world.follower), world.portfolio, TEXT, world.clock())
    write(world)  # beside the one of the period
    again = reality.rewrite(world.actor(world.follower), evaluation, TEXT + " Deux ateliers.", world.clock())
    assert (again.state, [earlier["text"] for earlier in again.earlier]) == ("teacher_alone", [TEXT])
    assert list(verify([f"portfolio:{world.candidacy.id}"])) == []


def test_only_teachers_of_the_school_evaluate_what_is_done_in_class(world: World) -> None:
    for stranger in (world.office, world.tutor, world.candidate):
        with pytest.raises((Forbidden, NotFound)):
            reality.write_for_class(world.actor(stranger), world.portfolio, TEXT, world.clock())


def test_what_is_missing_names_class_and_ateliers_where_something_was_done_there(world: World) -> None:
    world.new_piece(world.new_activity("atelier"))
    assert world.placement
    lack = next(check for check in conformity_of(overview(world.portfolio)).checks if check.code == "reality_evaluated")
    assert "classe et ateliers" in lack.text
    reality.write_for_class(world.actor(world.follower), world.portfolio, TEXT, world.clock())
    write(world)
    concur(world, RealityEvaluation.objects.get(placement=world.placement.id))
    lack = next(check for check in conformity_of(overview(world.portfolio)).checks if check.code == "reality_evaluated")
    assert lack.passed


def test_a_submission_freezes_the_evaluation_of_class_and_ateliers(world: World) -> None:
    reality.write_for_class(world.actor(world.follower), world.portfolio, TEXT, world.clock())
    world.upload(world.new_piece())
    world.submit()
    frozen = json.loads(Submission.objects.get(candidacy=world.candidacy.id).content)["reality"]
    assert [(one["placement"], one["text"]) for one in frozen] == [(None, TEXT)]

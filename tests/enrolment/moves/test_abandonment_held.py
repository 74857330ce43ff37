"""An abandonment is held to: it stops what is written at the very moment."""

from __future__ import annotations

import pytest

from portfolio.documents import Attestation, RealityEvaluation
from portfolio.enrolment.moves.abandonment import Abandoned
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import record
from portfolio.sign_offs.asking import requests
from portfolio.store.journal import MovedMeanwhile
from tests.support.acts.enrolling import give_up
from tests.support.concurrency import in_between
from tests.support.worlds.world import World

TEXT = "Relances menées seule en agence."


def test_reality_is_neither_written_nor_agreed_on(world: World) -> None:
    teacher, tutor = world.actor(world.follower), world.actor(world.tutor)
    evaluation = reality.write(teacher, world.placement, TEXT, world.clock())
    other = world.new_placement(world.candidacy)
    give_up(world)
    with pytest.raises(Abandoned):
        reality.write(teacher, other, TEXT, world.clock())
    with pytest.raises(Abandoned):
        reality.write_for_class(teacher, world.portfolio, TEXT, world.clock())
    with pytest.raises(Abandoned):
        reality.rewrite(teacher, evaluation, f"{TEXT} Et des devis.", world.clock())
    with pytest.raises(Abandoned):
        reality.conclude_alone(teacher, evaluation, "Plus de nouvelles", world.clock())
    with pytest.raises(Abandoned):
        reality.concur(tutor, evaluation, evaluation.digest, world.clock())


def test_it_stops_an_answer_that_was_being_given(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.new_piece()
    in_between(monkeypatch, record, lambda: give_up(world))
    with pytest.raises(Abandoned):
        world.sign_off()
    assert Attestation.objects(answered_at__ne=None).count() == 0


def test_it_stops_a_request_that_was_being_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate, activity = world.actor(world.candidate), world.activity
    in_between(monkeypatch, requests, lambda: give_up(world))
    with pytest.raises(MovedMeanwhile):
        requests.request(candidate, activity, "tutor", None, world.clock())  # type: ignore[arg-type]
    assert Attestation.objects.count() == 0


def test_it_stops_an_evaluation_that_was_being_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, placement = world.actor(world.follower), world.placement
    in_between(monkeypatch, reality, lambda: give_up(world))
    with pytest.raises(MovedMeanwhile):
        reality.write(teacher, placement, TEXT, world.clock())
    assert RealityEvaluation.objects.count() == 0

"""Answers of a tutor and a teacher while the candidate works elsewhere in the same portfolio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portfolio.documents import Attestation, Evidence, RealityEvaluation
from portfolio.documents.attestations import RealityState, SignOffState
from portfolio.errors import Unavailable
from portfolio.evidence import deposit
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import answers, content, record
from portfolio.sign_offs.asking import requests
from tests.support.beside import elsewhere, working
from tests.support.concurrency import in_between
from tests.support.worlds.signing import answer, ask, edit, fresh
from tests.support.worlds.world import World

TEXT = "La mission a eu lieu comme décrite, le candidat a relancé les sociétaires."


def test_answers_are_recorded_while_the_candidate_works_elsewhere(world: World) -> None:
    world.new_piece()
    tutor, teacher = world.actor(world.tutor), world.actor(world.follower)
    acts = elsewhere(world)
    shown = {seat: content.shown_of([world.activity], seat)[world.activity.id].digest for seat in ("tutor", "teacher")}
    refused = []
    with working(*acts):
        for seat, by in [("tutor", tutor), ("teacher", teacher)] * 8:
            given = (by, fresh(world.activity), seat, "confirmed", shown[seat], None, None, None, world.clock())
            try:
                answers.answer(*given)
            except record.ShownHasChanged as refusal:
                refused.append(refusal)
    assert refused == []
    assert Attestation.objects(state=SignOffState.CONFIRMED).count() == 16


def test_an_answer_is_read_again_when_the_portfolio_moves_elsewhere(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.new_piece()
    request = ask(world)
    other = world.new_activity("classe")
    in_between(monkeypatch, record, lambda: world.new_piece(other, title="Publication", context="classe"))
    signed = answer(world, world.tutor, "tutor")
    assert (signed.id, signed.state) == (request.id, SignOffState.CONFIRMED)
    assert [piece.title for piece in signed.pieces] == ["Lettre de relance"]


def _amend(world: World, values: dict[str, Any]) -> None:
    deposit.amend_activity(world.actor(world.candidate), fresh(world.activity), values, world.clock())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda world, piece: edit(world, piece, "Lettre corrigée"), "La preuve « Lettre corrigée » a été modifiée."),
        (lambda world, piece: world.new_piece(title="Barème"), "La preuve « Barème » a été ajoutée."),
        (
            lambda world, piece: deposit.withdraw_piece(world.actor(world.candidate), piece, world.clock()),
            "La preuve « Lettre de relance » n'y est plus.",
        ),
        (lambda world, piece: _amend(world, {"mission": "Autre"}), "L'activité a été modifiée."),
    ],
)
def test_a_true_change_between_reading_and_writing_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Callable[[World, Evidence], Any], sentence: str
) -> None:
    piece = world.new_piece()
    in_between(monkeypatch, record, lambda: change(world, piece))
    with pytest.raises(record.ShownHasChanged) as refusal:
        answer(world, world.tutor, "tutor")
    named = "« Relance des impayés » a changé depuis que vous l'avez lue."
    assert refusal.value.errors == {"shown_digest": [named, sentence]}
    assert Attestation.objects.count() == 0


def test_of_several_answers_the_refusal_names_those_that_changed(world: World) -> None:
    activities = [world.new_activity() for _ in range(3)]
    pieces = [world.new_piece(activity) for activity in activities]
    shown = content.shown_of(activities, "tutor")
    edit(world, pieces[1])
    given = [record.Answer(one, "tutor", "confirmed", shown[one.id].digest) for one in activities]
    with pytest.raises(record.ShownHasChanged) as refusal:
        answers.answer_many(world.actor(world.tutor), given, None, None, world.clock())
    assert list(refusal.value.errors) == ["answers.1.shown_digest"]
    assert Attestation.objects.count() == 0


def _map(world: World, piece: Evidence) -> None:
    """Changes what a piece proves, which no signatory is shown."""
    now = Evidence.objects.get(pk=piece.id)
    deposit.amend_piece(world.actor(world.candidate), now, {"criteria": ["K1"]}, world.clock())


def test_what_a_piece_is_claimed_to_prove_may_move_under_an_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = world.new_piece()
    in_between(monkeypatch, record, lambda: _map(world, piece))
    assert answer(world, world.tutor, "tutor").state == SignOffState.CONFIRMED


def test_an_activity_that_moves_at_every_reading_is_a_busy_service_not_a_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = world.new_piece()
    monkeypatch.setattr(record, "INSISTS_S", 0)
    in_between(monkeypatch, record, lambda: _map(world, piece))
    with pytest.raises(Unavailable):
        answer(world, world.tutor, "tutor")
    assert Attestation.objects.count() == 0


def test_the_tutor_agrees_to_the_same_text_while_the_teacher_concludes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, tutor = world.actor(world.follower), world.actor(world.tutor)
    evaluation = reality.write(teacher, world.placement, TEXT, world.clock())
    read = RealityEvaluation.objects.get(pk=evaluation.id)

    def conclude() -> None:
        reality.conclude_alone(teacher, evaluation, "Le tuteur est en congé.", world.clock())

    in_between(monkeypatch, reality, conclude)
    agreed = reality.concur(tutor, read, read.digest, world.clock())
    assert (agreed.state, [earlier["state"] for earlier in agreed.earlier]) == (
        RealityState.JOINT,
        [RealityState.TEACHER_ALONE],
    )


def test_the_tutor_does_not_agree_to_a_text_written_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, tutor = world.actor(world.follower), world.actor(world.tutor)
    evaluation = reality.write(teacher, world.placement, TEXT, world.clock())
    read = RealityEvaluation.objects.get(pk=evaluation.id)
    in_between(monkeypatch, reality, lambda: reality.rewrite(teacher, evaluation, TEXT + " Bis.", world.clock()))
    with pytest.raises(record.ShownHasChanged):
        reality.concur(tutor, read, read.digest, world.clock())


def test_several_requests_go_on_when_one_was_asked_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    activities = [world.new_activity() for _ in range(2)]
    in_between(monkeypatch, requests, lambda: ask(world, activity=activities[0]))
    by = world.actor(world.candidate)
    asked = requests.request_many(by, activities, "tutor", None, world.clock())
    assert [request.activity for request in asked] == [activity.id for activity in activities]
    assert Attestation.objects(state=SignOffState.REQUESTED).count() == 2

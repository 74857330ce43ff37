"""Sign-offs that meet an edit, another sign-off or themselves at the same instant."""

from __future__ import annotations

import pytest

from portfolio.documents import Attestation
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import answers, content, record, waivers
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.store.journal import MovedMeanwhile
from tests.support.concurrency import in_between
from tests.support.worlds.signing import answer, ask, at_once, edit, fresh
from tests.support.worlds.world import World


def test_an_edit_between_reading_and_writing_does_not_slip_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = world.new_piece()
    ask(world)
    in_between(monkeypatch, record, lambda: edit(world, letter))
    with pytest.raises(record.ShownHasChanged):
        answer(world, world.tutor, "tutor")
    assert [one.state for one in Attestation.objects] == ["requested"]


def test_nobody_is_asked_about_an_activity_withdrawn_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    activity, by = world.activity, world.actor(world.candidate)
    in_between(monkeypatch, requests, lambda: deposit.withdraw_activity(by, fresh(activity), world.clock()))
    with pytest.raises(MovedMeanwhile):
        ask(world)
    assert (Attestation.objects.count(), fresh(activity).withdrawn_at) == (0, world.clock())


def test_no_tutor_is_done_without_for_an_activity_withdrawn_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity, by = world.activity, world.actor(world.candidate)
    in_between(monkeypatch, waivers, lambda: deposit.withdraw_activity(by, fresh(activity), world.clock()))
    with pytest.raises(MovedMeanwhile):
        waivers.waive_tutor(world.actor(world.follower), fresh(activity), "Parti à l'étranger", world.clock())
    assert Attestation.objects.count() == 0


@pytest.mark.parametrize("attempt", range(3))
def test_an_edit_and_a_sign_off_at_once_never_leave_an_accepted_piece_nobody_saw(world: World, attempt: int) -> None:
    letter = world.new_piece()
    tutor, activity = world.actor(world.tutor), fresh(world.activity)
    seen = content.content_for(tutor, activity, "tutor").digest
    said = ("tutor", "confirmed", seen, None, None, None)
    signed, _ = at_once(lambda: answers.answer(tutor, activity, *said, world.clock()), lambda: edit(world, letter))
    tutor_seat = sign_offs(world.candidacy.id).activities[0].tutor
    if isinstance(signed, Attestation):
        assert (tutor_seat.status, signed.shown_digest) == ("stale", seen)
    else:
        assert (signed.code, tutor_seat.status) == ("shown_has_changed", "missing")


def test_tutor_and_teacher_signing_at_once_both_succeed(world: World) -> None:
    world.new_piece()
    people = {"tutor": world.tutor, "teacher": world.follower}
    acts = []
    for seat, person in people.items():
        by, activity = world.actor(person), fresh(world.activity)
        said = (seat, "confirmed", content.content_for(by, activity, seat).digest, None, None, None, world.clock())
        acts.append(lambda by=by, activity=activity, said=said: answers.answer(by, activity, *said))
    assert [one.state for one in at_once(*acts)] == ["confirmed", "confirmed"]


def test_the_same_request_answered_twice_at_once_is_filled_once(world: World) -> None:
    world.new_piece()
    ask(world)
    by, activity = world.actor(world.tutor), fresh(world.activity)
    said = ("tutor", "confirmed", content.content_for(by, activity, "tutor").digest, None, None, None, world.clock())
    outcomes = at_once(*[lambda: answers.answer(by, activity, *said)] * 2)
    assert Attestation.objects(state="requested").count() == 0
    assert Attestation.objects(requested_by=world.candidate.id).count() == 1
    assert any(isinstance(one, Attestation) for one in outcomes)

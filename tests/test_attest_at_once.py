"""Sign-offs that meet an edit, another sign-off or themselves at the same instant."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio import attest, sign
from portfolio.documents import Attestation, Evidence
from portfolio.read.sign_offs import sign_offs
from tests.signing import answer, ask, at_once, edit, fresh
from tests.world import World


def edit_between(monkeypatch: pytest.MonkeyPatch, world: World, piece: Evidence) -> None:
    """The candidate edits after everything was read and compared, before the sign-off is written."""
    real, done = sign.commit, []

    def commit_late(*given: Any) -> Any:
        if not done:
            done.append(True)
            edit(world, piece)
        return real(*given)

    monkeypatch.setattr(sign, "commit", commit_late)


def test_an_edit_between_reading_and_writing_does_not_slip_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = world.new_piece()
    ask(world)
    edit_between(monkeypatch, world, letter)
    with pytest.raises(attest.ShownHasChanged):
        answer(world, world.tutor, "tutor")
    assert [one.state for one in Attestation.objects] == ["requested"]


@pytest.mark.parametrize("attempt", range(3))
def test_an_edit_and_a_sign_off_at_once_never_leave_an_accepted_piece_nobody_saw(world: World, attempt: int) -> None:
    letter = world.new_piece()
    tutor, activity = world.actor(world.tutor), fresh(world.activity)
    seen = attest.shown(tutor, activity, "tutor").digest
    said = ("tutor", "confirmed", seen, None, None, None)
    signed, _ = at_once(lambda: attest.answer(tutor, activity, *said, world.clock()), lambda: edit(world, letter))
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
        said = (seat, "confirmed", attest.shown(by, activity, seat).digest, None, None, None, world.clock())
        acts.append(lambda by=by, activity=activity, said=said: attest.answer(by, activity, *said))
    assert [one.state for one in at_once(*acts)] == ["confirmed", "confirmed"]


def test_the_same_request_answered_twice_at_once_is_filled_once(world: World) -> None:
    world.new_piece()
    ask(world)
    by, activity = world.actor(world.tutor), fresh(world.activity)
    said = ("tutor", "confirmed", attest.shown(by, activity, "tutor").digest, None, None, None, world.clock())
    outcomes = at_once(*[lambda: attest.answer(by, activity, *said)] * 2)
    assert Attestation.objects(state="requested").count() == 0
    assert Attestation.objects(requested_by=world.candidate.id).count() == 1
    assert any(isinstance(one, Attestation) for one in outcomes)

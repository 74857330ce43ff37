"""Sign-offs as they count of what is stored: today, and against a frozen revision."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Activity, Evidence, Submission
from portfolio.evidence import deposit
from portfolio.sign_offs.answering.status import against, sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import current
from portfolio.submission import submit
from tests.support.queries import counted
from tests.support.worlds.world import World


def amend(world: World, evidence: Evidence, **values: Any) -> None:
    by = world.actor(world.candidate)
    deposit.amend_piece(by, Evidence.objects.get(pk=evidence.id), values, world.clock())


def test_a_signed_off_piece_is_accepted_until_its_text_changes(world: World) -> None:
    letter = world.new_piece()
    world.sign_off()
    assert sign_offs(world.candidacy.id).accepted_pieces == {letter.id}
    amend(world, letter, criteria=["K4"])
    assert sign_offs(world.candidacy.id).accepted_pieces == {letter.id}, "the mapping is the candidate's argument"
    amend(world, letter, title="Lettre corrigée")
    found = sign_offs(world.candidacy.id)
    assert found.statuses[world.activity.id] == {"tutor": "stale", "teacher": "stale"}
    assert found.activities[0].teacher.changes == ("La preuve « Lettre corrigée » a été modifiée.",)
    assert found.accepted_pieces == frozenset()
    assert {one.state for one in found.attestations} == {"confirmed"}, "stale by computation: nothing is rewritten"


def test_a_file_added_makes_the_sign_off_stale(world: World) -> None:
    letter = world.new_piece()
    world.sign_off()
    world.upload(letter)
    assert Evidence.objects.get(pk=letter.id).state == "ready"
    assert sign_offs(world.candidacy.id).statuses[world.activity.id]["tutor"] == "stale"


def test_a_late_sign_off_counts_against_the_frozen_revision(world: World) -> None:
    letter = world.new_piece()
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    frozen = Submission.objects.get(candidacy=world.candidacy.id)
    assert against(frozen).accepted_pieces == frozenset()
    world.sign_off()
    assert against(frozen).accepted_pieces == {letter.id}
    assert against(frozen).statuses == sign_offs(world.candidacy.id).statuses


def test_what_changes_after_reopening_does_not_touch_the_frozen_revision(world: World) -> None:
    letter = world.new_piece()
    world.sign_off()
    frozen_portfolio = submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    frozen = Submission.objects.get(candidacy=world.candidacy.id)
    submit.reopen(world.actor(world.follower), frozen_portfolio, "Pièce à compléter", world.clock())
    amend(world, letter, title="Lettre corrigée")
    assert sign_offs(world.candidacy.id).statuses[world.activity.id]["tutor"] == "stale"
    assert against(frozen).accepted_pieces == {letter.id}
    world.sign_off(answer="refused")
    assert against(frozen).accepted_pieces == {letter.id}, "the refusal is about other content"


def test_the_number_of_queries_does_not_depend_on_the_number_of_pieces(world: World) -> None:
    def queries() -> tuple[int, int]:
        with counted(current().database) as count:
            found = sign_offs(world.candidacy.id)
        return count[0], len(found.accepted_pieces)

    world.new_piece()
    world.sign_off()
    few, one = queries()
    for _ in range(3):
        activity = world.new_activity()
        world.new_piece(activity)
        world.new_piece(activity)
        world.sign_off(activity)
    many, seven = queries()
    assert (one, seven) == (1, 7)
    assert few == many == 4


def test_a_withdrawn_activity_is_not_listed(world: World) -> None:
    activity = world.activity
    requests.request(world.actor(world.candidate), activity, "teacher", None, world.clock())
    deposit.withdraw_activity(world.actor(world.candidate), Activity.objects.get(pk=activity.id), world.clock())
    assert sign_offs(world.candidacy.id).activities == ()

"""Sign-offs as they count today, or against a frozen revision: by digests, never by a stored flag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from portfolio.documents import Activity, Attestation, Evidence, Submission
from portfolio.documents.attestations import ShownPiece
from portfolio.evidence import deposit
from portfolio.sign_offs.answering.status import ActivityToSign, PieceToSign, SignOffs, against, compute, sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import current
from portfolio.submission import submit
from tests.support.queries import counted
from tests.support.worlds.world import World

MONDAY = datetime(2027, 1, 11, tzinfo=UTC)
TUTOR, TEACHER, COLLEAGUE = ObjectId(), ObjectId(), ObjectId()
COMPANY = ActivityToSign(ObjectId(), "Relance", "pfmp", "a1")
CLASS = ActivityToSign(ObjectId(), "Exposé", "classe", "c1")


def piece(digest: str = "p1", activity: ActivityToSign = COMPANY, **changed: Any) -> PieceToSign:
    values = {"id": ObjectId(), "title": "Lettre", "nature": "production", "by_teacher": False}
    return PieceToSign(**(values | {"activity": activity.id, "digest": digest} | changed))


def said(
    state: str,
    *pieces: PieceToSign,
    seat: str = "tutor",
    person: ObjectId = TUTOR,
    day: int = 0,
    activity: ActivityToSign = COMPANY,
) -> Attestation:
    return Attestation(
        activity=activity.id,
        seat=seat,
        person=person,
        state=state,
        activity_digest=activity.digest,
        pieces=[ShownPiece(evidence=one.id, revision=1, digest=one.digest) for one in pieces],
        created_at=MONDAY,
        answered_at=None if state == "requested" else MONDAY + timedelta(days=day),
    )


def edited(before: PieceToSign, digest: str = "p2") -> PieceToSign:
    return PieceToSign(**(vars(before) | {"digest": digest}))


def status(found: SignOffs, seat: str = "tutor") -> str:
    return found.statuses[found.activities[0].id][seat]


def tutor_seat(pieces: list[PieceToSign], *attestations: Attestation) -> Any:
    return compute([COMPANY], pieces, attestations).activities[0].tutor


def test_nature_decides_before_context() -> None:
    check, other = piece(nature="controle"), piece(nature="autre")
    found = compute([COMPANY], [check], [])
    assert found.statuses[COMPANY.id] == {"tutor": "not_needed", "teacher": "missing"}
    found = compute([COMPANY], [other], [])
    assert found.statuses[COMPANY.id] == {"tutor": "not_needed", "teacher": "not_needed"}
    assert found.accepted_pieces == frozenset()


def test_a_production_of_the_company_needs_both_and_one_of_the_class_its_teacher() -> None:
    company, school = piece(), piece(activity=CLASS)
    teacher = {"seat": "teacher", "person": TEACHER}
    half = [said("confirmed", company, **teacher), said("confirmed", school, activity=CLASS, **teacher)]
    found = compute([COMPANY, CLASS], [company, school], half)
    assert found.statuses[COMPANY.id] == {"tutor": "missing", "teacher": "confirmed"}
    assert found.statuses[CLASS.id] == {"tutor": "not_needed", "teacher": "confirmed"}
    assert found.accepted_pieces == {school.id}
    found = compute([COMPANY, CLASS], [company, school], [*half, said("confirmed", company)])
    assert found.accepted_pieces == {company.id, school.id}


def test_an_activity_without_pieces_tells_who_will_sign() -> None:
    found = compute([COMPANY, CLASS], [], [])
    assert found.statuses[COMPANY.id] == {"tutor": "missing", "teacher": "missing"}
    assert found.statuses[CLASS.id] == {"tutor": "not_needed", "teacher": "missing"}


def test_a_check_that_a_teacher_entered_is_accepted_by_nature_even_outside_any_activity() -> None:
    entered = piece(nature="controle", by_teacher=True, activity=CLASS)
    loose = PieceToSign(**(vars(entered) | {"id": ObjectId(), "activity": None}))
    own = piece(nature="controle", activity=CLASS)
    found = compute([CLASS], [entered, loose, own], [])
    assert found.accepted_pieces == {entered.id, loose.id}
    assert status(found, "teacher") == "missing", "the candidate's own result of a check still needs the teacher"


@pytest.mark.parametrize("state", ["confirmed", "partly"])
def test_confirming_even_in_part_accepts(state: str) -> None:
    letter = piece(nature="production", activity=CLASS)
    answer = said(state, letter, seat="teacher", person=TEACHER, activity=CLASS)
    found = compute([CLASS], [letter], [answer])
    assert (status(found, "teacher"), found.accepted_pieces) == (state, {letter.id})


@pytest.mark.parametrize("state", ["refused", "not_known"])
def test_a_refusal_or_not_knowing_does_not_accept(state: str) -> None:
    letter = piece(activity=CLASS)
    answer = said(state, letter, seat="teacher", person=TEACHER, activity=CLASS)
    found = compute([CLASS], [letter], [answer])
    assert (status(found, "teacher"), found.accepted_pieces) == (state, frozenset())


def test_an_edit_makes_it_stale_and_says_which_piece() -> None:
    letter, table = piece(), PieceToSign(ObjectId(), COMPANY.id, "Tableau", "production", False, "t1")
    seat = tutor_seat([edited(letter), table], said("confirmed", letter, table))
    assert (seat.status, seat.stale, seat.changes) == ("stale", True, ("La preuve « Lettre » a été modifiée.",))


def test_only_the_touched_piece_loses_its_acceptance() -> None:
    letter, table = piece(activity=CLASS), piece(activity=CLASS)
    answer = said("confirmed", letter, table, seat="teacher", person=TEACHER, activity=CLASS)
    found = compute([CLASS], [edited(letter), table], [answer])
    assert (status(found, "teacher"), found.accepted_pieces) == ("stale", {table.id})


def test_a_piece_added_since_is_not_covered() -> None:
    letter, late = piece(), piece(title="Graphique")
    seat = tutor_seat([letter, late], said("confirmed", letter))
    assert (seat.status, seat.changes) == ("stale", ("La preuve « Graphique » a été ajoutée.",))


def test_a_piece_withdrawn_since_leaves_the_others_confirmed() -> None:
    letter, withdrawn = piece(), piece()
    assert tutor_seat([letter], said("confirmed", letter, withdrawn)).status == "confirmed"


def test_an_activity_amended_since_makes_everything_stale() -> None:
    letter = piece()
    answers = [said("confirmed", letter), said("confirmed", letter, seat="teacher", person=TEACHER)]
    amended = ActivityToSign(COMPANY.id, "Autre titre", "pfmp", "a2")
    found = compute([amended], [letter], answers)
    assert found.statuses[COMPANY.id] == {"tutor": "stale", "teacher": "stale"}
    assert found.activities[0].tutor.changes == ("L'activité a été modifiée.",)
    assert found.accepted_pieces == frozenset()


def test_back_to_what_was_confirmed_counts_again() -> None:
    letter = piece()
    refusal = said("refused", edited(letter), day=1)
    assert tutor_seat([letter], said("confirmed", letter), refusal).status == "confirmed"
    assert tutor_seat([edited(letter)], said("confirmed", letter), refusal).status == "refused"


def test_the_latest_answer_on_the_same_content_counts() -> None:
    letter = piece()
    first, then = said("confirmed", letter), said("refused", letter, day=1)
    assert tutor_seat([letter], then, first).status == "refused"
    assert tutor_seat([letter], said("confirmed", letter, day=2), then, first).status == "confirmed"


def test_not_knowing_says_nothing_against_somebody_who_knows() -> None:
    letter = piece()
    colleague = said("not_known", letter, person=COLLEAGUE, day=1)
    assert tutor_seat([letter], said("confirmed", letter), colleague).status == "confirmed"
    assert tutor_seat([letter], said("confirmed", letter), said("not_known", letter, day=1)).status == "not_known"


def test_a_request_that_waits_shows_unless_the_matter_is_settled() -> None:
    letter = piece()
    request = said("requested")
    assert tutor_seat([letter], request).status == "requested"
    assert tutor_seat([letter], said("confirmed", letter), request).status == "confirmed"
    again = tutor_seat([edited(letter)], said("refused", letter), request)
    assert (again.status, again.stale, again.request) == ("requested", True, request)
    assert again.attestation.state == "refused", "the earlier answer stays in sight"


def test_a_waiver_stands_whatever_the_edits_until_the_tutor_decides() -> None:
    letter = piece()
    waiver = said("waived", person=TEACHER, day=1)
    teacher = said("confirmed", edited(letter), seat="teacher", person=TEACHER)
    found = compute([COMPANY], [edited(letter)], [waiver, teacher])
    assert (status(found), found.accepted_pieces) == ("waived", {letter.id})
    refusal = said("refused", letter, day=2)
    assert tutor_seat([letter], waiver, refusal).status == "refused"
    assert tutor_seat([edited(letter)], waiver, refusal).status == "stale", "an edit does not bring the waiver back"
    assert tutor_seat([letter], waiver, said("not_known", letter, day=2)).status == "waived"


def test_a_piece_moved_to_another_activity_takes_no_sign_off_with_it() -> None:
    letter = piece(activity=CLASS)
    answer = said("confirmed", letter, seat="teacher", person=TEACHER, activity=CLASS)
    other = ActivityToSign(ObjectId(), "Autre", "classe", "c2")
    moved = PieceToSign(**(vars(letter) | {"activity": other.id}))
    assert compute([CLASS, other], [moved], [answer]).accepted_pieces == frozenset()


# --- on the engines -------------------------------------------------------------------------------


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

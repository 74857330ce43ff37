"""Sign-offs as they count today, or against a frozen revision: by digests, never by a stored flag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from portfolio.documents import Attestation
from portfolio.documents.attestations import ShownPiece
from portfolio.sign_offs.answering.standing import ActivityToSign, PieceToSign, SignOffs
from portfolio.sign_offs.answering.status import compute

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

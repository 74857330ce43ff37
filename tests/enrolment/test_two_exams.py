"""A second exam, fictional and loaded as data, is played beside E5: enrolled, deposited, submitted, scored."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from portfolio.commission import assess
from portfolio.commission.members import SecondHasNoStanding
from portfolio.documents import Candidacy, Evidence, Person, Portfolio, School, Sheet
from portfolio.enrolment import institutions
from portfolio.enrolment.circulars import at_start, made
from portfolio.enrolment.schools import offered_exams
from portfolio.errors import Invalid
from portfolio.evidence import class_results, deposit
from portfolio.jury.sheets import jury_mark_rows
from portfolio.rules.texts import exam as exam_texts
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sheet import draw_up, transmit
from portfolio.store.journal import AlreadyExists
from portfolio.submission import submit
from tests.support.worlds.commissions import (
    appraised,
    assessment_of,
    convened,
    drafted,
    fill,
    grid_of,
    met,
    signed,
)
from tests.support.worlds.two_exams import Z9, offering_both, second_exam
from tests.support.worlds.world import World


@pytest.fixture(autouse=True)
def _second_exam() -> Iterator[None]:
    with second_exam():
        yield


@pytest.fixture
def both(world: World) -> World:
    return offering_both(world)


def deposited(world: World, candidacy: Candidacy, competence: str = "A1") -> Evidence:
    by = world.actor(Person.objects.get(pk=candidacy.person))
    values = {
        "type_code": "JRN1",
        "title": "Page du 3e jour",
        "nature": "autre",
        "details": {"orbit": "basse"},
        "description": {"result": "Tenu."},
        "competences": [{"competence": competence, "justification": "Voir la page."}],
        "criteria": ["Q1"],
    }
    return deposit.add_piece(by, Portfolio.objects.get(pk=candidacy.id), values, world.clock())


def sheet_of_z9(world: World, candidacy: Candidacy) -> Sheet:
    """Submitted, scored together, appraised and drawn up."""
    deposited(world, candidacy)
    person = world.actor(Person.objects.get(pk=candidacy.person))
    submit.submit(person, Portfolio.objects.get(pk=candidacy.id), True, world.clock())
    commission = convened(world, candidacy, mode="together")
    follower = world.follower
    grid = fill(world, follower, grid_of(commission), dict.fromkeys(("A1", "A2", "A3"), "AC"))
    assert list(grid.degrees) == ["A1", "A2", "A3"]
    values = {"candidacy": candidacy.id, "appreciation": "Bon pilote.", "proposed_mark": "13"}
    assess.appraise(world.actor(follower), assessment_of(commission), values, world.clock())
    met(world, commission)
    return draw_up.draw_up(world.actor(follower), assessment_of(commission), world.clock())


def test_the_second_exam_is_read_beside_the_first() -> None:
    assert at_start.wrong_files() == []
    assert set(exam_texts.exams()) == {BTS_ASSURANCE_E5, Z9}


def test_a_school_that_offers_one_exam_is_never_asked_which(world: World) -> None:
    assert world.school.exams == [BTS_ASSURANCE_E5]
    assert world.new_candidacy().exam == BTS_ASSURANCE_E5
    with pytest.raises(Invalid) as refusal:
        world.new_candidacy(exam=Z9)
    assert "ne prépare pas cette épreuve" in refusal.value.errors["exam"][0]


def test_where_a_school_offers_two_the_exam_is_chosen_at_enrolment(both: World) -> None:
    with pytest.raises(Invalid) as refusal:
        both.new_candidacy()
    assert "E5, BTS Assurance ; Z9, Diplôme fictif d'astronautique" in refusal.value.errors["exam"][0]
    made = both.new_candidacy(exam=Z9)
    assert (made.exam, made.referential.id) == (Z9, "diplome-fictif-2017-z9")
    assert both.new_candidacy(exam=BTS_ASSURANCE_E5).referential.id == "bts-assurance-2017-e5"


def test_a_number_may_serve_once_in_each_exam(both: World) -> None:
    both.new_candidacy(exam=Z9, candidate_number="02000009999")
    both.new_candidacy(exam=BTS_ASSURANCE_E5, candidate_number="02000009999")
    with pytest.raises(AlreadyExists):
        both.new_candidacy(exam=Z9, candidate_number="02000009999")


def test_evidence_is_of_the_types_and_competences_of_its_own_exam(both: World) -> None:
    candidacy = both.new_candidacy(exam=Z9)
    assert deposited(both, candidacy).exam == Z9
    with pytest.raises(Invalid) as wrong_competence:
        deposited(both, candidacy, competence="C47")
    assert "C47" in wrong_competence.value.errors["competences"][0]
    by = both.actor(Person.objects.get(pk=candidacy.person))
    with pytest.raises(Invalid) as wrong_type:
        letter = {"type_code": "REF1", "title": "Lettre", "nature": "production"}
        deposit.add_piece(by, Portfolio.objects.get(pk=candidacy.id), letter, both.clock())
    assert "type_code" in wrong_type.value.errors


def test_a_teacher_enters_the_result_of_a_class_of_either_exam(both: World) -> None:
    candidacy, teacher = both.new_candidacy(exam=Z9), both.actor(both.follower)
    values = {"title": "Contrôle de vol", "produced_on": "2026-11-20", "maximum": "20", "competences": ["A1"]}
    values |= {"results": [{"candidacy": candidacy.id, "score": "14"}]}
    check = class_results.record_check(teacher, both.school, values, both.clock())
    assert [(piece.exam, piece.type_code) for piece in Evidence.objects(pk__in=check.pieces)] == [(Z9, "QZ1")]


def test_a_refusal_names_the_text_of_the_exam_of_its_candidate(both: World) -> None:
    stranger = both.new_teacher(both.school, teaches_profession=False)
    cited = {}
    for code in (BTS_ASSURANCE_E5, Z9):
        candidacy = both.new_candidacy(exam=code)
        with pytest.raises(SecondHasNoStanding) as refusal:
            convened(both, candidacy, second=stranger.id)
        cited[code] = refusal.value.message
    assert "en STS Assurance (arrêté du 13 février 2017, annexe II D, E5)" in cited[BTS_ASSURANCE_E5]
    assert "en section fictive d'astronautique (arrêté fictif du 30 février 2017, annexe fictive A, Z9)" in cited[Z9]


def test_both_exams_are_played_to_the_sheet_side_by_side_each_for_its_own_jury(both: World) -> None:
    values = {"session": both.session, "name": "Jury Z9", "exam": Z9}
    jury_of_z9 = institutions.create_jury(both.actor(both.administrator), both.academy, values, both.clock())
    assert both.jury.exam == BTS_ASSURANCE_E5
    of_e5, of_z9 = drafted(both, appraised(both)), sheet_of_z9(both, both.new_candidacy(exam=Z9))
    ours, theirs = (json.loads(sheet.content) for sheet in (of_e5, of_z9))
    assert (ours["exam"]["exam"], theirs["exam"]["exam"]) == ("E5", "Z9")
    assert (theirs["exam"]["diploma"], theirs["exam"]["coefficient"]) == ("Diplôme fictif d'astronautique", 7)
    assert [row["code"] for row in theirs["grid"]["rows"]] == ["A1", "A2", "A3"]
    for sheet in (of_e5, of_z9):
        transmit.transmit(both.actor(both.office), signed(both, sheet), both.clock())
    where = {"academy": both.academy.code, "session": both.session}
    members = {
        code: both.actor(both.person("Jury", both.grant("jury", exam=code, **where))) for code in (BTS_ASSURANCE_E5, Z9)
    }
    juries = (both.jury, jury_of_z9)
    listed = {jury.exam: [row.exam for row in jury_mark_rows(members[jury.exam], jury)] for jury in juries}
    assert listed == {BTS_ASSURANCE_E5: ["E5"], Z9: ["Z9"]}


def test_what_is_opened_for_an_exam_asks_which_where_several_are_installed(world: World) -> None:
    by, at = world.actor(world.administrator), world.clock()
    jury = {"session": "2027", "name": "Jury"}
    school = {"uai": "0691644M", "name": "Lycée", "city": "Lyon", "kind": "public"}
    school |= {"carried_by_public_body": False, "habilitated": False}
    for opened, field in (
        (lambda **exam: institutions.create_jury(by, world.academy, jury | exam, at), "exam"),
        (lambda **exam: made.begin(by, "2027", at, **exam), "exam"),
    ):
        for named in ({}, {"exam": "autre"}):
            with pytest.raises(Invalid) as refusal:
                opened(**named)
            assert "E5, BTS Assurance ; Z9" in refusal.value.errors[field][0]
        assert opened(exam=Z9).exam == Z9
    with pytest.raises(Invalid) as unsaid:
        institutions.create_school(by, world.academy, school, at)
    assert "E5, BTS Assurance ; Z9" in unsaid.value.errors["exams"][0]
    assert institutions.create_school(by, world.academy, school | {"exams": [Z9]}, at).exams == [Z9]


def test_what_a_school_offers_is_recorded_and_moves_nobody(both: World) -> None:
    candidacy = both.new_candidacy(exam=Z9)
    by = both.actor(both.administrator)
    offered_exams.offer(by, School.objects.get(pk=both.school.id), [BTS_ASSURANCE_E5], both.clock())
    assert Candidacy.objects.get(pk=candidacy.id).exam == Z9
    with pytest.raises(Invalid) as refusal:
        offered_exams.offer(by, School.objects.get(pk=both.school.id), ["autre"], both.clock())
    assert "exams" in refusal.value.errors

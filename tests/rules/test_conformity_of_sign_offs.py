"""Which sign-offs the circular still awaits, and what the report never depends on."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.rules.conformity import conformity
from portfolio.rules.signatories import signatories
from tests.support.acts.portfolios_in_memory import (
    CIRCULAR,
    E5,
    EMPTY,
    SEAT_STATES,
    activity,
    check,
    failed,
    piece,
    portfolio,
)


@pytest.mark.parametrize(
    ("nature", "context", "who"),
    [
        ("production", "pfmp", {"tutor", "teacher"}),
        ("production", "classe", {"teacher"}),
        ("production", "atelier", {"teacher"}),
        ("controle", "pfmp", {"teacher"}),
        ("controle", "classe", {"teacher"}),
        ("autre", "pfmp", set()),
        ("autre", "classe", set()),
    ],
)
def test_nature_decides_before_context_who_signs_off(nature, context, who):
    assert signatories(nature, context) == who


@pytest.mark.parametrize("context", ["classe", "atelier", "pfmp"])
def test_only_a_production_of_the_company_awaits_the_tutor(context):
    state = portfolio(activities=(activity(context, tutor="missing"),))
    assert check(state, "tutor_sign_off").passed is (context != "pfmp")


def test_a_result_of_checks_in_the_company_never_awaits_the_tutor():
    state = portfolio(pieces=(piece(nature="controle"),), activities=(activity(tutor="missing"),))
    assert check(state, "tutor_sign_off").passed


def test_a_result_that_a_teacher_entered_awaits_nothing_more():
    entered = piece(nature="controle", activity=None)
    assert check(portfolio(pieces=(entered,)), "teacher_sign_off").passed
    claimed = replace(entered, accepted=False)
    assert not check(portfolio(pieces=(claimed,)), "teacher_sign_off").passed


def test_another_element_awaits_nobody_but_the_commission():
    state = portfolio(
        pieces=(piece(nature="autre", accepted=False),),
        activities=(activity(tutor="missing", teacher="missing"),),
    )
    assert check(state, "tutor_sign_off").passed
    assert check(state, "teacher_sign_off").passed


def test_an_activity_without_pieces_awaits_nothing():
    state = portfolio(activities=(activity(), activity(id="a2", tutor="missing", teacher="missing")))
    assert failed(state) == []


def test_a_production_below_no_activity_can_be_confirmed_by_nobody():
    state = portfolio(pieces=(piece(), piece("p2", activity=None, accepted=False, title="Égarée")))
    found = check(state, "teacher_sign_off")
    assert found.missing == ("p2",)
    assert found.text == "À rattacher à une activité : « Égarée »."


@pytest.mark.parametrize(
    ("answer", "owed_by", "words"),
    [
        ("missing", "candidate", "À demander au tuteur"),
        ("requested", "tutor", "Réponse attendue du tuteur"),
        ("stale", "candidate", "Modifiée depuis la confirmation"),
        ("refused", "candidate", "Non confirmée par le tuteur"),
        ("not_known", "teacher", "ne peut pas se prononcer"),
    ],
)
def test_what_the_tutor_has_not_confirmed_is_said_with_who_moves_next(answer, owed_by, words):
    found = check(portfolio(activities=(activity(tutor=answer),)), "tutor_sign_off")
    assert (found.passed, found.severity, found.owed_by) == (False, "warn", (owed_by,))
    assert words in found.text and "« Sinistre a1 »" in found.text


def test_activities_are_grouped_by_what_remains_to_do():
    state = portfolio(
        pieces=(piece("p1"), piece("p2", activity="a2"), piece("p3", activity="a3")),
        activities=(
            activity(teacher="missing"),
            activity(teacher="requested", id="a2"),
            activity(teacher="missing", id="a3"),
        ),
    )
    found = check(state, "teacher_sign_off")
    assert found.text == (
        "À demander au professeur : « Sinistre a1 », « Sinistre a3 ». Visa attendu du professeur : « Sinistre a2 »."
    )
    assert found.owed_by == ("candidate", "teacher")


@given(st.sampled_from(SEAT_STATES), st.sampled_from(SEAT_STATES))
def test_a_sign_off_passes_exactly_when_answered_waived_or_not_needed(tutor, teacher):
    state = portfolio(activities=(activity(tutor=tutor, teacher=teacher),))
    done = {"confirmed", "partly", "waived", "not_needed"}
    assert check(state, "tutor_sign_off").passed is (tutor in done)
    assert check(state, "teacher_sign_off").passed is (teacher in done)


PIECES = st.builds(
    piece,
    id=st.uuids().map(str),
    type_code=st.sampled_from(["EML1", "QZ1", "PIX1", "SR1", "REF1"]),
    nature=st.sampled_from(["production", "controle", "autre"]),
    competences=st.sets(st.sampled_from(sorted(E5.competences))).map(tuple),
    criteria=st.sets(st.sampled_from(sorted(E5.criteria))).map(tuple),
    tool_families=st.sets(st.sampled_from(sorted(E5.tool_families))).map(tuple),
    accepted=st.booleans(),
    activity=st.sampled_from(["a1", None]),
    retained=st.sampled_from([True, False, None]),
)


@given(st.lists(PIECES, max_size=6), st.sampled_from(SEAT_STATES))
def test_the_report_never_depends_on_what_the_commission_retained(pieces, tutor):
    state = portfolio(pieces=tuple(pieces), activities=(activity(tutor=tutor),))
    hidden = replace(state, pieces=tuple(replace(one, retained=None) for one in pieces))
    assert conformity(CIRCULAR, E5, state) == conformity(CIRCULAR, E5, hidden)


@given(st.lists(PIECES, max_size=6))
def test_the_report_is_json_blocks_on_its_failed_blocks_and_says_who_owes(pieces):
    report = conformity(CIRCULAR, E5, portfolio(pieces=tuple(pieces)))
    shown = report.as_dict()
    assert json.loads(json.dumps(shown)) == shown
    assert report.blocking == any(one.severity == "block" and not one.passed for one in report.checks)
    assert all(one.passed == (one.owed_by == ()) for one in report.checks)


# --- while nobody has read the circular -------------------------------------------------------------


def test_a_provisional_circular_warns_of_everything_and_blocks_nothing():
    state = portfolio(pieces=(piece(real_unanonymised=True),))
    for lacking in (EMPTY, state):
        report = conformity(CIRCULAR, E5, lacking)
        assert not report.blocking
        assert {one.severity for one in report.checks} == {"warn"}
        assert any(not one.passed for one in report.checks)


def test_it_pushes_away_neither_simulated_work_nor_results_of_checks():
    simulated = piece(situation="simulee")
    quiz = piece("q", "QZ1", "controle")
    codes = {one.code for one in conformity(CIRCULAR, E5, portfolio(pieces=(simulated, quiz))).checks}
    assert not codes & {"real_activity", "not_quiz_alone"}


def test_an_activity_whose_period_is_not_recorded_waits_for_the_office():
    state = portfolio(activities=(activity(tutor="missing", placed=False),))
    found = next(one for one in conformity(CIRCULAR, E5, state).checks if one.code == "tutor_sign_off")
    assert found.owed_by == ("office",)
    assert found.text.startswith("Période en entreprise à enregistrer par l'établissement")

"""Conformity: what the circular asks, what is missing, who owes it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.rules import circular as circulars
from portfolio.rules.conformity import (
    CHECKS,
    ActivityState,
    CheckedPortfolio,
    DeclaredPiece,
    DraftPiece,
    PlacementState,
    conformity,
)
from portfolio.rules.referential import referential
from portfolio.rules.signatories import signatories

CIRCULAR = circulars.circular_for("2027R")
E5 = referential(*CIRCULAR.referential)
EMPTY = CheckedPortfolio(pieces=(), drafts=(), activities=(), placements=())
SEAT_STATES = (
    "confirmed",
    "partly",
    "refused",
    "not_known",
    "waived",
    "requested",
    "missing",
    "stale",
    "not_needed",
)


def piece(id="p1", type_code="EML1", nature="production", **fields):
    given = {
        "title": f"Preuve {id}",
        "situation": "reelle",
        "competences": tuple(E5.competences),
        "criteria": tuple(E5.criteria),
        "tool_families": tuple(E5.tool_families),
        "accepted": True,
        "activity": "a1",
    }
    return DeclaredPiece(id=id, type_code=type_code, nature=nature, **{**given, **fields})


def activity(context="pfmp", tutor="confirmed", teacher="confirmed", id="a1"):
    return ActivityState(id=id, title=f"Sinistre {id}", context=context, tutor=tutor, teacher=teacher)


def portfolio(**fields):
    given = {
        "pieces": (piece(),),
        "drafts": (),
        "activities": (activity(),),
        "placements": (PlacementState("s1", "Assurances du Port", "joint"),),
    }
    return CheckedPortfolio(**{**given, **fields})


def check(state, code):
    return next(one for one in conformity(CIRCULAR, E5, state).checks if one.code == code)


def failed(state):
    return [one.code for one in conformity(CIRCULAR, E5, state).checks if not one.passed]


def test_every_check_a_circular_may_ask_is_known_and_no_other():
    assert CHECKS.keys() == circulars.CHECKS.keys()


def test_a_complete_portfolio_passes_every_check():
    report = conformity(CIRCULAR, E5, portfolio())
    assert [one.code for one in report.checks if not one.passed] == []
    assert not report.blocking
    assert len(report.checks) == len(CIRCULAR.portfolio.checks) + 4
    assert report.checks[2].text == CIRCULAR.portfolio.checks[0].text


def test_an_empty_portfolio_is_blocked_and_everything_missing_is_said():
    report = conformity(CIRCULAR, E5, EMPTY)
    assert report.blocking
    first = report.checks[0]
    assert (first.code, first.severity, first.passed) == ("min_pieces", "block", False)
    assert first.text == "0 preuve pour 1 au moins : il faut en déposer."
    assert set(failed(EMPTY)) == {
        "min_pieces",
        "competences_declared",
        "criteria_declared",
        "tools_used",
        "real_activity",
        "reality_evaluated",
    }


def test_too_many_pieces_are_said_without_blocking():
    state = portfolio(pieces=tuple(piece(str(n)) for n in range(61)))
    assert failed(state) == ["max_pieces"]
    assert not conformity(CIRCULAR, E5, state).blocking


def test_a_missing_competence_and_criterion_are_named():
    state = portfolio(pieces=(piece(competences=tuple(E5.competences)[:-2], criteria=tuple(E5.criteria)[1:]),))
    found = check(state, "competences_declared")
    assert found.missing == ("C48", "C49")
    assert found.owed_by == ("candidate",)
    assert found.text == (
        "Aucune preuve pour C48 (orientation d'un interlocuteur), "
        "C49 (ressources numériques internes et externes) : à déposer."
    )
    assert check(state, "criteria_declared").missing == ("K1",)


def test_the_number_asked_is_the_circulars():
    checks = tuple(replace(one, at_least=2) if one.at_least else one for one in CIRCULAR.portfolio.checks)
    stricter = replace(CIRCULAR, portfolio=replace(CIRCULAR.portfolio, checks=checks))
    lacking = {one.code: one for one in conformity(stricter, E5, portfolio()).checks if not one.passed}
    assert set(lacking) == {"competences_declared", "criteria_declared", "real_activity"}
    assert lacking["criteria_declared"].text.startswith("Moins de 2 preuves pour K1")
    twice = portfolio(pieces=(piece("p1"), piece("p2")))
    assert all(one.passed for one in conformity(stricter, E5, twice).checks)


def test_a_circular_may_block_on_what_another_only_says():
    blocking = tuple(replace(one, severity="block") for one in CIRCULAR.portfolio.checks)
    strict = replace(CIRCULAR, portfolio=replace(CIRCULAR.portfolio, checks=blocking))
    state = portfolio(drafts=(DraftPiece("d1", "Capture"),))
    assert not conformity(CIRCULAR, E5, state).blocking
    assert conformity(strict, E5, state).blocking


def test_a_tool_family_is_asked_once_where_either_will_do():
    tools = tuple(code for code in E5.tool_families if code not in ("T5", "T6", "T9", "T11"))
    found = check(portfolio(pieces=(piece(tool_families=tools),)), "tools_used")
    assert found.missing == ("T5", "T6", "T9")
    assert "T5 (messagerie électronique) ou T6 (messagerie instantanée), T9" in found.text
    assert check(portfolio(pieces=(piece(tool_families=(*tools, "T6", "T9")),)), "tools_used").passed


@pytest.mark.parametrize(
    ("nature", "situation", "enough"),
    [
        ("production", "reelle", True),
        ("production", "simulee", False),
        ("controle", "reelle", False),
        ("production", None, False),
    ],
)
def test_a_real_activity_is_a_production_in_a_real_situation(nature, situation, enough):
    state = portfolio(pieces=(piece(nature=nature, situation=situation),))
    assert check(state, "real_activity").passed is enough


def test_each_placement_needs_its_evaluation_of_reality():
    state = portfolio(
        placements=(
            PlacementState("s1", "Assurances du Port", "joint"),
            PlacementState("s2", "Mutuelle des Îles", "missing"),
            PlacementState("s3", "Courtage Sud", "teacher_alone"),
        )
    )
    found = check(state, "reality_evaluated")
    assert found.missing == ("s2",)
    assert found.owed_by == ("teacher", "tutor")
    assert found.text == (
        "Évaluation de la réalité à établir par le professeur avec le tuteur : « Mutuelle des Îles »."
    )


def test_without_any_placement_the_office_owes_one():
    found = check(portfolio(placements=()), "reality_evaluated")
    assert (found.passed, found.owed_by) == (False, ("office",))


@pytest.mark.parametrize("type_code", ["QZ1", "PIX1"])
def test_a_quiz_or_pix_alone_does_not_show_a_competence(type_code):
    quiz = piece("q", type_code, "controle", competences=("C46",))
    rest = piece("m", competences=tuple(code for code in E5.competences if code != "C46"))
    found = check(portfolio(pieces=(quiz, rest)), "not_quiz_alone")
    assert (found.passed, found.missing) == (False, ("C46",))
    assert check(portfolio(pieces=(quiz, piece())), "not_quiz_alone").passed


def test_a_type_that_left_the_catalogue_shows_a_competence_by_itself():
    retired = piece("r", "ANCIEN", competences=("C46",))
    rest = piece("q", "QZ1", "controle", competences=("C46", "C47"))
    found = check(portfolio(pieces=(retired, rest)), "not_quiz_alone")
    assert (found.passed, found.missing) == (False, ("C47",))


def test_a_real_piece_with_other_peoples_data_blocks():
    state = portfolio(pieces=(piece(real_unanonymised=True, title="Constat"),))
    found = check(state, "real_pieces_anonymised")
    assert found.text == "Données d'autres personnes à masquer : « Constat »."
    assert conformity(CIRCULAR, E5, state).blocking


def test_drafts_left_are_named():
    found = check(portfolio(drafts=(DraftPiece("d1", "Capture"), DraftPiece("d2", "Courriel"))), "no_draft")
    assert found.missing == ("d1", "d2")
    assert "« Capture », « Courriel »" in found.text


# --- sign-offs -------------------------------------------------------------------------------------


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

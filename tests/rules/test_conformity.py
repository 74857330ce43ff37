"""Conformity: what the circular asks, what is missing, who owes it."""

from dataclasses import replace

import pytest

from portfolio.rules.checked_portfolio import DraftPiece, PlacementState
from portfolio.rules.conformity import CHECKS, conformity
from portfolio.rules.texts import circular_reader
from tests.support.acts.portfolios_in_memory import (
    CIRCULAR,
    E5,
    EMPTY,
    READ,
    check,
    failed,
    piece,
    portfolio,
)


def test_every_check_a_circular_may_ask_is_known_and_no_other():
    assert CHECKS.keys() == circular_reader.CHECKS.keys()


def test_a_complete_portfolio_passes_every_check():
    report = conformity(READ, E5, portfolio())
    assert [one.code for one in report.checks if not one.passed] == []
    assert not report.blocking
    assert len(report.checks) == len(CIRCULAR.portfolio.checks) + 4
    assert report.checks[2].text == CIRCULAR.portfolio.checks[0].text


def test_an_empty_portfolio_is_blocked_and_everything_missing_is_said():
    report = conformity(READ, E5, EMPTY)
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
    stricter = replace(READ, portfolio=replace(CIRCULAR.portfolio, checks=checks))
    lacking = {one.code: one for one in conformity(stricter, E5, portfolio()).checks if not one.passed}
    assert set(lacking) == {"competences_declared", "criteria_declared", "real_activity"}
    assert lacking["criteria_declared"].text.startswith("Moins de 2 preuves pour K1")
    twice = portfolio(pieces=(piece("p1"), piece("p2")))
    assert all(one.passed for one in conformity(stricter, E5, twice).checks)


def test_a_circular_may_block_on_what_another_only_says():
    blocking = tuple(replace(one, severity="block") for one in CIRCULAR.portfolio.checks)
    strict = replace(READ, portfolio=replace(CIRCULAR.portfolio, checks=blocking))
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


def test_a_certificate_alone_may_be_completed():
    quiz = piece("q", "PIX1", "autre", competences=("C46",))
    rest = piece("m", competences=tuple(code for code in E5.competences if code != "C46"))
    found = check(portfolio(pieces=(quiz, rest)), "not_quiz_alone")
    assert (found.passed, found.missing) == (False, ("C46",))
    assert check(portfolio(pieces=(quiz, piece())), "not_quiz_alone").passed


def test_a_type_that_left_the_catalogue_shows_a_competence_by_itself():
    retired = piece("r", "ANCIEN", competences=("C46",))
    rest = piece("q", "PIX1", "autre", competences=("C46", "C47"))
    found = check(portfolio(pieces=(retired, rest)), "not_quiz_alone")
    assert (found.passed, found.missing) == (False, ("C47",))


def test_a_real_piece_with_other_peoples_data_blocks():
    state = portfolio(pieces=(piece(real_unanonymised=True, title="Constat"),))
    found = check(state, "real_pieces_anonymised")
    assert found.text == "Données d'autres personnes à masquer : « Constat »."
    assert conformity(READ, E5, state).blocking


def test_drafts_left_are_named():
    found = check(portfolio(drafts=(DraftPiece("d1", "Capture"), DraftPiece("d2", "Courriel"))), "no_draft")
    assert found.missing == ("d1", "d2")
    assert "« Capture », « Courriel »" in found.text


def test_what_many_pieces_lack_is_said_once():
    drafts = tuple(DraftPiece(f"d{n}", f"Photo {n}", ("la date",), readable=True) for n in range(64))
    found = check(portfolio(drafts=drafts), "no_draft")
    assert found.text.count("la date") == 1
    assert "« Photo 4 » et 59 de plus (la date)" in found.text
    assert len(found.missing) == 64

from __future__ import annotations

import pytest

from portfolio.commission import assess
from portfolio.documents import Commission, Submission
from portfolio.errors import Invalid, NotFound
from portfolio.evidence import deposit
from portfolio.submission import submit
from tests.support.acts.appraising import admit, piece, retain
from tests.support.worlds.commissions import (
    APPRECIATION,
    appraise,
    assessment_of,
    convened,
    fill,
    fill_and_seal,
    grid_of,
)
from tests.support.worlds.world import World

# --- pieces ---------------------------------------------------------------------------------------


def test_an_other_element_is_admitted_before_it_is_retained(world: World, commission: Commission):
    other = piece("autre").id
    with pytest.raises(assess.NotAdmitted):
        retain(world, commission, other)
    admit(world, commission, other)
    assert retain(world, commission, other).retained == {str(other): True}


def test_an_element_no_longer_admitted_is_no_longer_retained(world: World, commission: Commission):
    other = piece("autre").id
    admit(world, commission, other)
    retain(world, commission, other)
    assessment = admit(world, commission, other, admitted=False)
    assert (assessment.admitted, assessment.retained) == ({str(other): False}, {})


def test_what_was_never_admitted_is_set_aside_without_being_admitted_first(world: World, commission: Commission):
    other = piece("autre").id
    assessment = retain(world, commission, other, retained=False)
    assert (assessment.admitted, assessment.retained) == ({}, {str(other): False})


def test_a_production_needs_no_admission(world: World, commission: Commission):
    production = piece("production").id
    with pytest.raises(assess.AdmittedByNature):
        admit(world, commission, production)
    assert retain(world, commission, production).retained == {str(production): True}


def test_only_pieces_of_the_frozen_portfolio_are_decided_upon(world: World, commission: Commission):
    for stranger in (world.candidacy.id, commission.id):
        with pytest.raises(assess.NotInSubmission):
            retain(world, commission, stranger)


def test_nobody_but_the_members_decides(world: World, commission: Commission):
    assessment = assessment_of(commission)
    for person in (world.office, world.candidate, world.second_teacher, world.inspector, world.jury_member):
        with pytest.raises(NotFound):
            assess.retain(world.actor(person), assessment, piece("production").id, True, world.clock())


# --- which revision -------------------------------------------------------------------------------


def resubmitted(world: World, commission: Commission) -> None:
    """The candidate was at work when the commission was convened: a second revision comes in, one piece changed."""
    before = Submission.objects(candidacy=world.candidacy.id).order_by("-number").first()
    Commission.objects(pk=commission.id).update(set__state="cancelled")
    submit.reopen(world.actor(world.follower), world.portfolio, "Une pièce à compléter", world.clock())
    Commission.objects(pk=commission.id).update(set__state="convened")
    changed = piece("production")
    deposit.amend_piece(world.actor(world.candidate), changed, {"title": "Lettre de relance, relue"}, world.clock())
    world.submit()
    assert world.portfolio.submissions == before.number + 1


def test_the_first_act_settles_which_revision_is_appraised(world: World, commission: Commission):
    assert assessment_of(commission).submission is None
    fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    assert assessment_of(commission).submission == 1


def test_a_newer_revision_is_taken_over_explicitly(world: World, commission: Commission):
    other, production = piece("autre").id, piece("production").id
    admit(world, commission, other)
    retain(world, commission, other)
    retain(world, commission, production)
    for person in (world.follower, world.tutor):
        fill_and_seal(world, commission, person)
    resubmitted(world, commission)
    retain(world, commission, production)
    assert assessment_of(commission).submission == 1
    by = world.actor(world.follower)
    with pytest.raises(assess.SubmissionMoved):
        assess.choose_submission(by, assessment_of(commission), 1, world.clock())
    assessment = assess.choose_submission(by, assessment_of(commission), 2, world.clock())
    assert (assessment.submission, assessment.retained) == (2, {str(other): True})
    mine = grid_of(commission, world.follower)
    assert (mine.sealed_at, mine.opened, mine.degrees["C1"]) == (None, False, "S")
    assert grid_of(commission).degrees == {}


def test_degrees_given_together_stay_when_a_newer_revision_is_taken_over(world: World):
    world.submit()
    commission = convened(world, mode="together")
    fill(world, world.tutor, grid_of(commission), {"C1": "S"})
    resubmitted(world, commission)
    assess.choose_submission(world.actor(world.tutor), assessment_of(commission), 2, world.clock())
    assert grid_of(commission).degrees == {"C1": "S"}


def test_a_portfolio_shown_on_paper_is_appraised_and_no_piece_of_it_is_retained(world: World):
    commission = convened(world)
    fill(world, world.follower, grid_of(commission, world.follower), {"C1": "S"})
    assert grid_of(commission, world.follower).degrees == {"C1": "S"}
    with pytest.raises(assess.NothingSubmitted):
        retain(world, commission, world.candidacy.id)
    with pytest.raises(assess.NothingSubmitted):
        assess.choose_submission(world.actor(world.follower), assessment_of(commission), 1, world.clock())
    appraised_so = appraise(world, world.follower, commission, appreciation=APPRECIATION, proposed_mark="12")
    assert (appraised_so.proposed_mark, appraised_so.submission) == (12, None)


def test_a_zero_may_be_proposed_where_no_text_gives_the_outcome_a_mark(world: World):
    commission = convened(world)
    given = appraise(world, world.follower, commission, outcome="no_portfolio", proposed_mark="0")
    assert (given.outcome, given.proposed_mark) == ("no_portfolio", 0)
    with pytest.raises(Invalid) as refused:
        appraise(world, world.follower, commission, outcome="absent_force_majeure", proposed_mark="4")
    assert set(refused.value.errors) == {"proposed_mark", "outcome_reference"}, "D643-24 says both"

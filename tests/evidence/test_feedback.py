"""Formative feedback: given by who follows, read by the candidate, and nowhere in what certifies."""

from __future__ import annotations

import pytest

from portfolio.documents import Evidence, Feedback
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import deposit, feedback
from portfolio.evidence.feedback_pages import of_pieces
from portfolio.store.connections import current
from portfolio.submission import submit
from tests.support.worlds import commissions
from tests.support.worlds.world import World

ADVICE = "Montrez aussi la réponse du client."


def give(world: World, piece: Evidence, text: str = ADVICE) -> Feedback:
    return feedback.give(world.actor(world.follower), piece, piece.revision, text, world.clock())


def test_the_candidate_reads_it_on_the_version_it_was_about_and_answers(world: World) -> None:
    piece = world.new_piece()
    given = give(world, piece)
    deposit.amend_piece(world.actor(world.candidate), piece, {"title": "Relance et réponse"}, world.clock())
    by = world.actor(world.candidate)
    seen = of_pieces(by, [piece.id])[piece.id]
    assert [(one.text, one.evidence_revision, one.seen_at) for one in seen] == [(ADVICE, 1, None)]
    first = feedback.acknowledge(by, given, None, world.clock()).seen_at
    world.clock.advance(days=1)  # type: ignore[attr-defined]
    answered = feedback.acknowledge(by, given, " C'est ajouté. ", world.clock())
    assert (answered.seen_at, answered.reply) == (first, "C'est ajouté.")
    assert feedback.acknowledge(by, given, "", world.clock()).reply == "C'est ajouté."


def test_any_teacher_of_the_school_gives_it_and_only_the_candidate_answers(world: World) -> None:
    piece = world.new_piece()
    given = give(world, piece)
    historian = world.new_teacher(world.school, teaches_profession=False)
    assert feedback.give(world.actor(historian), piece, 1, ADVICE, world.clock()).author_name == historian.name
    for person, refused in ((world.candidate, Forbidden), (world.office, NotFound)):
        with pytest.raises(refused):
            feedback.give(world.actor(person), piece, 1, ADVICE, world.clock())
    with pytest.raises(Forbidden):
        feedback.acknowledge(world.actor(world.follower), given, "Moi", world.clock())


def test_a_comment_says_something_about_a_version_that_exists(world: World) -> None:
    piece = world.new_piece()
    with pytest.raises(Invalid):
        give(world, piece, "  ")
    with pytest.raises(Invalid):
        feedback.give(world.actor(world.follower), piece, 2, ADVICE, world.clock())


def test_none_is_given_once_the_portfolio_is_handed_in_or_the_piece_withdrawn(world: World) -> None:
    withdrawn, piece = world.new_piece(title="Retirée"), world.new_piece()
    deposit.withdraw_piece(world.actor(world.candidate), withdrawn, world.clock())
    with pytest.raises(feedback.NotFormativeAnyMore):
        give(world, withdrawn)
    world.sign_off()
    world.submit()
    with pytest.raises(feedback.NotFormativeAnyMore):
        give(world, piece)
    submit.reopen(world.actor(world.follower), world.portfolio, "À compléter", world.clock())
    assert give(world, piece).text == ADVICE


def test_the_commission_reads_nothing_of_it_and_nothing_that_certifies_moves(world: World) -> None:
    piece = world.new_piece()
    world.sign_off()
    before = (world.portfolio.revision, Evidence.objects.get(pk=piece.id).revision)
    chains = list(current().database.events.find({"chain": {"$not": {"$regex": "^formative:"}}}).sort("_id", 1))
    give(world, piece)
    assert (world.portfolio.revision, Evidence.objects.get(pk=piece.id).revision) == before
    assert list(current().database.events.find({"name": {"$ne": "feedback_given"}}).sort("_id", 1)) == chains
    world.submit()
    commissions.convened(world)
    assert of_pieces(world.actor(world.tutor), [piece.id]) == {}
    assert of_pieces(world.actor(world.second_teacher), [piece.id]) == {}
    assert ADVICE not in current().database.submissions.find_one({})["content"]  # type: ignore[index]

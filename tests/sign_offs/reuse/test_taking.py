"""A candidate who is enrolled again takes chosen pieces, their files and the answers on them into the new session."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.audit.verify_seals import verify_seals
from portfolio.documents import Activity, Attestation, Candidacy, Evidence, Person
from portfolio.errors import Forbidden
from portfolio.evidence import deposit
from portfolio.files import opening
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.sign_offs.answering import content, status
from portfolio.sign_offs.reuse import earlier
from portfolio.store.history import latest
from tests.conftest import Clock
from tests.support.lives.repeating import enrolled_again, file_of, seats, take, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


# --- what is taken --------------------------------------------------------------------------------


def test_a_piece_is_taken_with_its_activity_its_files_and_the_answers_on_it(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)

    assert (here.candidacy, here.session, here.state) == (portfolio.candidacy, "2028", "ready")
    assert (here.title, here.description, here.produced_on) == (piece.title, piece.description, piece.produced_on)
    assert (here.reused.of, here.reused.session) == (piece.id, "2027")
    activity = Activity.objects.get(pk=here.activity)
    assert (activity.title, activity.context, activity.placement) == ("Relance des impayés", "pfmp", None)
    assert (activity.reused.of, here.placement) == (world.activity.id, None)
    before, after = file_of(piece), file_of(here)
    assert after.id != before.id and after.key == before.key
    assert (after.state, after.sha256, after.name, after.reused.of) == (
        "verified",
        before.sha256,
        before.name,
        before.id,
    )
    assert opening.recorded_link(world.actor(world.candidate), after, world.clock())
    assert seats(portfolio) == [("confirmed", "confirmed")]
    assert status.sign_offs(portfolio.candidacy).accepted_pieces == {here.id}


def test_an_answer_says_who_gave_it_when_and_in_which_session(world: World) -> None:
    piece = worked(world)
    said = {answer.seat: answer for answer in Attestation.objects(candidacy=world.candidacy.id)}
    portfolio = enrolled_again(world)
    take(world, portfolio, piece)
    copies = list(Attestation.objects(candidacy=portfolio.candidacy))
    assert len(copies) == 2
    for copy in copies:
        first = said[copy.seat]
        assert (copy.state, copy.signer_name, copy.comment) == (first.state, first.signer_name, first.comment)
        assert (copy.answered_at, copy.statement, copy.channel) == (first.answered_at, first.statement, first.channel)
        assert (copy.reused.session, copy.reused.of) == ("2027", first.id)
        # The receipt, and how they had signed in, are of the first.
        assert (copy.act, copy.network, copy.device, copy.placement, copy.given_in) == (None, None, None, None, None)


def test_a_school_that_was_left_is_named_on_the_answers(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world, world.new_school("0690027E"))
    take(world, portfolio, piece)
    assert {answer.given_in for answer in Attestation.objects(candidacy=portfolio.candidacy)} == {"Lycée Ampère, Lyon"}
    assert {answer.school for answer in Attestation.objects(candidacy=portfolio.candidacy)} == {portfolio.school}


def test_a_tutor_of_before_reads_nothing_of_the_new_session(world: World) -> None:
    piece = worked(world)
    (here,) = take(world, enrolled_again(world), piece)
    tutor = world.actor(world.tutor)
    assert may(tutor, Action.READ_FILE, file_of(piece))
    assert not may(tutor, Action.READ_FILE, file_of(here)) and not may(tutor, Action.READ_EVIDENCE, here)


def test_what_waits_for_an_answer_stays_behind(world: World) -> None:
    piece = world.new_piece()
    world.activity  # noqa: B018
    from_teacher = [Attestation.objects(candidacy=world.candidacy.id).count()]
    portfolio = enrolled_again(world)
    take(world, portfolio, piece)
    assert from_teacher == [0] and Attestation.objects(candidacy=portfolio.candidacy).count() == 0
    assert seats(portfolio) == [("missing", "missing")]


def test_an_answer_that_was_stale_stays_stale(world: World) -> None:
    piece = worked(world)
    piece = deposit.amend_piece(world.actor(world.candidate), piece, {"title": "Lettre récrite"}, world.clock())
    portfolio = enrolled_again(world)
    take(world, portfolio, piece)
    assert seats(portfolio) == [("stale", "stale")]


def test_a_taken_piece_that_is_changed_makes_the_answers_stale_as_any(world: World) -> None:
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, worked(world))
    deposit.amend_piece(world.actor(world.candidate), here, {"title": "Lettre récrite"}, world.clock())
    assert seats(portfolio) == [("stale", "stale")]
    (first,) = status.sign_offs(world.candidacy.id).activities
    assert (first.tutor.status, first.teacher.status) == ("confirmed", "confirmed")


def test_another_piece_of_an_activity_is_taken_later_under_the_same_answers(world: World) -> None:
    first, second = world.new_piece(title="Relance 1"), world.new_piece(title="Relance 2")
    world.sign_off()
    portfolio = enrolled_again(world)
    (one,) = take(world, portfolio, first)
    (two,) = take(world, portfolio, second)
    assert one.activity == two.activity
    assert Attestation.objects(candidacy=portfolio.candidacy).count() == 2
    assert seats(portfolio) == [("confirmed", "confirmed")]
    assert status.sign_offs(portfolio.candidacy).accepted_pieces == {one.id, two.id}
    assert list(verify_stored()) == []


def test_a_teacher_s_result_is_taken_and_may_be_left_out_again(world: World) -> None:
    piece = world.new_piece()
    Evidence.objects(pk=piece.id).update(set__entered_by=world.follower.id)
    (here,) = take(world, enrolled_again(world), piece)
    assert here.entered_by == world.follower.id
    with pytest.raises(deposit.EnteredByTeacher):
        deposit.amend_piece(world.actor(world.candidate), here, {"title": "Un autre résultat"}, world.clock())
    gone = deposit.withdraw_piece(world.actor(world.candidate), here, world.clock())
    assert gone.withdrawn_at is not None


def test_a_tutor_of_the_new_session_reads_where_a_piece_comes_from(world: World) -> None:
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, worked(world))
    placement = world.new_placement(Candidacy.objects.get(pk=portfolio.candidacy))
    activity, by = Activity.objects.get(pk=here.activity), world.actor(world.candidate)
    deposit.amend_activity(by, activity, {"placement": placement.id}, world.clock())
    tutor = world.actor(Person.objects.get(pk=placement.tutor))
    (piece,) = content.content_for(tutor, Activity.objects.get(pk=activity.id), "tutor").pieces
    assert piece.reused_from == "2027"
    assert seats(portfolio) == [("stale", "stale")]


# --- what is shown and proved ---------------------------------------------------------------------


def test_the_choice_shows_sessions_activities_answers_and_what_was_taken(world: World) -> None:
    piece, alone = worked(world), world.new_piece(activity=world.new_activity("classe"), title="Seule")
    portfolio = enrolled_again(world)
    by = world.actor(world.candidate)
    (session,) = earlier.earlier_sessions(by, portfolio)
    assert (session.session, session.school, session.left) == ("2027", "Lycée Ampère, Lyon", 2)
    first, second = session.activities
    assert [one.piece.id for one in first.pieces] == [piece.id]
    assert [one.piece.id for one in second.pieces] == [alone.id]
    assert len(first.answers) == 2 and second.answers == ()
    (here,) = take(world, portfolio, piece)
    (session,) = earlier.earlier_sessions(by, portfolio)
    assert session.left == 1
    assert session.activities[0].pieces[0].here is not None
    assert session.activities[0].pieces[0].here.id == here.id
    with pytest.raises(Forbidden):
        earlier.earlier_sessions(world.actor(world.follower), portfolio)


def test_the_history_names_the_session_and_every_seal_holds(world: World, clock: Clock) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    take(world, portfolio, piece)
    said = [act.sentence for act in latest(world.actor(world.candidate), portfolio, None, 20).items]
    assert any("a repris une preuve de la session 2027" in sentence for sentence in said), said
    assert any("a repris une réponse de la session 2027" in sentence and "confirmée" in sentence for sentence in said)
    assert list(verify()) == list(verify_stored()) == []
    assert list(verify_seals(portfolio.candidacy)) == []


def test_an_answer_that_was_forged_as_taken_is_found(world: World) -> None:
    portfolio = enrolled_again(world)
    take(world, portfolio, worked(world))
    Attestation.objects(candidacy=portfolio.candidacy, seat="tutor").update(set__comment="Excellent travail")
    (fault,) = verify_stored()
    assert "noms et commentaire" in fault.words

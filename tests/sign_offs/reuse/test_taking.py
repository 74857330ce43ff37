"""A candidate who is enrolled again takes chosen pieces, their files and the answers on them into the new session."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.audit.verify_seals import verify_seals
from portfolio.documents import Activity, Attestation, Candidacy, Evidence, EvidenceFile, Person, Placement, Portfolio
from portfolio.enrolment.elimination_status import Eliminated
from portfolio.errors import Forbidden, Invalid
from portfolio.evidence import deposit, upload_limits
from portfolio.evidence.deposit import PortfolioFull, PortfolioSubmitted
from portfolio.evidence.upload_limits import TooMuchToReuse
from portfolio.files import opening
from portfolio.files.sealed_files import NotAsSealed
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.sign_offs.answering import content, status
from portfolio.sign_offs.reuse import earlier, taking
from portfolio.store.connections import Connections
from portfolio.store.history import latest
from portfolio.store.journal import MovedMeanwhile
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.concurrency import in_between, together
from tests.support.lives.repeating import enrolled_again, file_of, take, worked
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def seats(portfolio: Portfolio) -> list[tuple[str, str]]:
    return [(one.tutor.status, one.teacher.status) for one in status.sign_offs(portfolio.candidacy).activities]


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


# --- again, at the same time, elsewhere -----------------------------------------------------------


def test_taking_the_same_pieces_again_changes_nothing(world: World, store: Connections) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)
    links = store.database.events.count_documents({})
    assert [one.id for one in take(world, portfolio, piece, piece)] == [here.id]
    assert store.database.events.count_documents({}) == links
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 1


def test_of_two_takings_at_once_one_is_made(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    together(*[lambda: take(world, portfolio, piece)] * 3)
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 1
    assert Attestation.objects(candidacy=portfolio.candidacy).count() == 2
    assert EvidenceFile.objects(candidacy=portfolio.candidacy).count() == 1


def test_a_piece_that_was_withdrawn_here_may_be_taken_again(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)
    deposit.withdraw_piece(world.actor(world.candidate), here, world.clock())
    (again,) = take(world, portfolio, piece)
    assert again.id != here.id
    assert seats(portfolio) == [("confirmed", "confirmed")]


def test_an_activity_that_was_withdrawn_here_is_taken_again_with_its_answers(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    by = world.actor(world.candidate)
    for _ in range(2):
        (here,) = take(world, portfolio, piece)
        deposit.withdraw_piece(by, here, world.clock())
        deposit.withdraw_activity(by, Activity.objects.get(pk=here.activity), world.clock())
    (again,) = take(world, portfolio, piece)
    assert seats(portfolio) == [("confirmed", "confirmed")]
    answers = Attestation.objects(candidacy=portfolio.candidacy)
    assert [[shown.evidence for shown in answer.pieces] for answer in answers] == [[again.id]] * 2
    assert list(verify_stored()) == []


def test_what_changes_meanwhile_in_the_first_portfolio_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)

    def amend() -> None:
        fresh = Evidence.objects.get(pk=piece.id)
        deposit.amend_piece(world.actor(world.candidate), fresh, {"title": "Lettre récrite"}, world.clock())

    in_between(monkeypatch, taking, amend)
    with pytest.raises(MovedMeanwhile):
        take(world, portfolio, piece)
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 0


def test_a_piece_goes_through_several_sessions_and_its_answers_say_the_first(world: World) -> None:
    """Two sessions have circulars: the third candidacy is moved to an earlier one by hand."""
    piece = worked(world)
    portfolio = enrolled_again(world)
    for kind in (Portfolio, Candidacy, Activity, Evidence, EvidenceFile, Attestation, Placement):
        kind.objects(session="2027").update(set__session="2026")
    (one,) = take(world, portfolio, Evidence.objects.get(pk=piece.id))
    for kind in (Portfolio, Candidacy, Activity, Evidence, EvidenceFile, Attestation):
        kind.objects(session="2028").update(set__session="2027")
    third = enrolled_again(world)
    (two,) = take(world, third, Evidence.objects.get(pk=one.id))
    assert (two.reused.session, two.reused.of) == ("2027", one.id)
    assert {answer.reused.session for answer in Attestation.objects(candidacy=third.candidacy)} == {"2026"}
    assert file_of(two).key == file_of(piece).key


# --- who, and what is refused ---------------------------------------------------------------------


def test_only_the_candidate_takes_and_only_of_their_own_earlier_sessions(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    for person in (world.follower, world.office):
        with pytest.raises(Forbidden):
            taking.reuse(world.actor(person), portfolio, [piece.id], world.clock())
    other = world.new_candidacy()
    of_other = world.begin_with(other)
    not_theirs = [of_other.evidence, portfolio.id]
    for key in not_theirs:
        with pytest.raises(Invalid) as refused:
            taking.reuse(world.actor(world.candidate), portfolio, [piece.id, key], world.clock())
        assert list(refused.value.errors) == ["pieces"]
    with pytest.raises(Invalid):
        taking.reuse(world.actor(world.candidate), portfolio, [], world.clock())
    assert Evidence.objects(candidacy=portfolio.candidacy).count() == 0


def test_a_rehearsal_gives_nothing_to_an_exam(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    source = Portfolio.objects.get(pk=piece.candidacy)
    source.update(session="2027R")
    with pytest.raises(Invalid):
        take(world, portfolio, piece)


def test_a_later_session_gives_nothing_to_an_earlier_one(world: World) -> None:
    piece = worked(world)
    later = enrolled_again(world)
    (here,) = take(world, later, piece)
    with pytest.raises(Invalid):
        take(world, world.portfolio, here)
    assert earlier.earlier_sessions(world.actor(world.candidate), world.portfolio) == []


def test_a_submitted_portfolio_takes_nothing_and_one_of_before_is_read_though_submitted(world: World) -> None:
    piece = worked(world)
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    portfolio = enrolled_again(world)
    take(world, portfolio, piece)
    submit.submit(world.actor(world.candidate), Portfolio.objects.get(pk=portfolio.id), True, world.clock())
    with pytest.raises(PortfolioSubmitted):
        take(world, portfolio, piece)


def test_limits_of_the_portfolio_hold_for_what_is_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    monkeypatch.setitem(deposit.MOST, Evidence, 0)
    with pytest.raises(PortfolioFull):
        take(world, portfolio, piece)
    monkeypatch.setitem(deposit.MOST, Evidence, 300)
    EvidenceFile.objects(pk=file_of(piece).id)
    monkeypatch.setattr(upload_limits, "MB", 1)
    limited = upload_limits.current()
    room = limited.settings.max_portfolio_bytes
    with pytest.raises(TooMuchToReuse):
        upload_limits.refuse_without_room_for(portfolio, room + 1)


def test_files_that_are_taken_are_no_uploads_of_this_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    (here,) = take(world, portfolio, piece)
    monkeypatch.setattr(upload_limits, "MOST_AN_HOUR", 1)
    assert world.send(here, name="seconde.pdf").state == "pending"


def test_a_file_that_is_no_longer_what_was_verified_is_not_taken(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    EvidenceFile.objects(evidence=piece.id).update(set__sha256="0" * 64)
    with pytest.raises(NotAsSealed):
        take(world, portfolio, piece)


def test_an_eliminated_portfolio_gives_nothing(world: World) -> None:
    piece = worked(world)
    portfolio = enrolled_again(world)
    Portfolio.objects(pk=world.candidacy.id).update(set__state="eliminated")
    assert earlier.earlier_sessions(world.actor(world.candidate), portfolio) == []
    with pytest.raises(Invalid):
        take(world, portfolio, piece)
    assert Eliminated.code == "portfolio_eliminated"


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

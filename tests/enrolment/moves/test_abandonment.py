"""Who gives up is asked for nothing and counted nowhere any more; nothing is lost, and an error is taken back."""

from __future__ import annotations

import pytest

from portfolio.boards import class_board, office_board, own_data
from portfolio.commission import convene
from portfolio.commission.queue import queue
from portfolio.documents import Candidacy, Commission, Portfolio, Submission
from portfolio.enrolment import enrol, placements, proposed_placements
from portfolio.enrolment.moves import abandonment
from portfolio.enrolment.moves.abandonment import Abandoned, NotAbandoned
from portfolio.errors import Forbidden, Invalid
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists, MovedMeanwhile
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.acts.asking import ask, asked_by_mail, mails
from tests.support.acts.enrolling import WHY, come_back, give_up
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.concurrency import in_between
from tests.support.filling import fill, followed, shown
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


def told(store: Connections, address: str) -> list[str]:
    """The words of the mails to this address about a candidacy that ended or goes on."""
    about = ("a pris fin", "reprend")
    found = [mail for mail in files(store) if mail["To"] == address and mail["Subject"].endswith(about)]
    return [" ".join(words_of(mail).split()) for mail in found]


def test_nothing_waits_any_more_nor_is_reminded_and_comes_back_with_the_candidate(
    world: World, clock: Clock, store: Connections
) -> None:
    asked_by_mail(world, store, clock)
    give_up(world)
    assert inbox(world.actor(world.tutor)).sign_offs == []
    for _ in range(8):
        clock.advance(days=1)
        deliver(clock)
    assert len(mails(store, world.tutor.email)) == 1, "no reminder left"
    come_back(world)
    deliver(clock)
    assert len(inbox(world.actor(world.tutor)).sign_offs) == 1
    assert len(mails(store, world.tutor.email)) == 2, "what waits is asked again, with a new link"


def test_who_was_written_to_is_told_and_who_was_not_hears_nothing(
    world: World, clock: Clock, store: Connections
) -> None:
    ask(world)
    give_up(world)
    for _ in range(3):
        clock.advance(days=1)
        deliver(clock)
    assert [mail for mail in files(store) if mail["To"] == world.tutor.email] == []
    (said,) = told(store, world.candidate.email)
    assert "Plus rien ne vous est demandé" in said and WHY not in said
    assert len(told(store, world.follower.email)) == 1


def test_a_tutor_who_was_written_to_reads_that_nothing_is_expected(
    world: World, clock: Clock, store: Connections
) -> None:
    asked_by_mail(world, store, clock)
    give_up(world)
    deliver(clock)
    (said,) = told(store, world.tutor.email)
    assert "ne sont plus attendues" in said and WHY not in said


def test_an_end_taken_back_before_its_mails_left_tells_nobody_that_it_ended(
    world: World, clock: Clock, store: Connections
) -> None:
    give_up(world)
    come_back(world)
    deliver(clock)
    (said,) = told(store, world.candidate.email)
    assert "reprend, où elle en était" in said


def test_nobody_asks_answers_hands_in_places_or_convenes(world: World) -> None:
    gone = give_up(world)
    world.candidacy.reload()
    candidate, office = world.actor(world.candidate), world.actor(world.office)
    with pytest.raises(Abandoned):
        requests.request(candidate, world.activity, "tutor", None, world.clock())  # type: ignore[arg-type]
    with pytest.raises(Abandoned):
        world.sign_off()
    with pytest.raises(Abandoned):
        submit.submit(candidate, Portfolio.objects.get(), False, world.clock())
    with pytest.raises(Abandoned):
        submit.submit_late(office, Portfolio.objects.get(), "Absent", world.clock())
    with pytest.raises(Abandoned):
        world.propose_placement()
    with pytest.raises(Abandoned):
        convened(world, gone)
    with pytest.raises(Abandoned):
        give_up(world)


def test_the_number_is_free_and_taken_back_only_while_it_is(world: World) -> None:
    number = world.candidacy.candidate_number
    with pytest.raises(AlreadyExists):
        world.new_candidacy(candidate_number=number)
    give_up(world)
    other = world.new_candidacy(candidate_number=number)
    assert (other.candidate_number, Candidacy.objects.get(pk=world.candidacy.id).candidate_number) == (number, number)
    with pytest.raises(AlreadyExists) as refused:
        come_back(world)
    assert set(refused.value.errors) == {"candidate_number"}
    give_up(world, other)
    assert come_back(world).abandoned is None


def test_boards_and_counts_leave_them_out_but_a_commission_that_is_still_convened(world: World, clock: Clock) -> None:
    other, office, follower = world.new_candidacy(), world.actor(world.office), world.actor(world.follower)

    def counted() -> tuple[int, int, int]:
        board = office_board.office_board(office, world.school, clock(), session=world.session)
        lines = class_board.board(follower, clock(), world.session).lines
        return board.exams[0].counts.candidates, board.exams[0].counts.in_ccf, len(lines)

    convened(world)
    assert counted() == (2, 2, 2)
    give_up(world)
    assert counted() == (1, 1, 1)
    owed = office_board.office_board(office, world.school, clock(), session=world.session).owed
    about = [task.what for task in owed if task.candidacy.id == world.candidacy.id]
    assert about == ["convened_for_nothing"]
    assert {task.candidacy.id for task in owed} == {world.candidacy.id, other.id}


def test_who_sits_reads_it_and_is_told_and_the_candidate_nothing_of_a_commission(
    world: World, clock: Clock, store: Connections, client_for: Clients
) -> None:
    commission = convened(world)
    deliver(clock)
    give_up(world)
    deliver(clock)
    assert Commission.objects.get(pk=commission.id).state == "convened"
    (said,) = told(store, world.follower.email)
    assert "reste convoquée" in said
    assert [waiting.abandoned_on for waiting in queue(world.actor(world.follower), clock()).waiting] == ["2026-11-20"]
    assert queue(world.actor(world.follower), clock()).resume is None
    assert "a abandonné" in shown(client_for(world.follower), "/commissions")
    assert "Ce candidat a abandonné" in shown(client_for(world.office), f"/classe/commissions/{commission.id}")
    (theirs,) = told(store, world.candidate.email)
    assert "ommission" not in theirs
    assert "ommission" not in shown(client_for(world.candidate), "/portfolio")


def test_a_commission_convened_at_the_same_moment_stops_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_between(monkeypatch, abandonment, lambda: convened(world))
    with pytest.raises(MovedMeanwhile):
        give_up(world)
    give_up(world)


def test_it_stops_a_commission_that_was_being_convened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    in_between(monkeypatch, convene, lambda: give_up(world))
    with pytest.raises(MovedMeanwhile):
        convened(world)
    assert Commission.objects.count() == 0


def test_it_stops_a_portfolio_that_was_being_handed_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.new_piece()
    world.sign_off()
    in_between(monkeypatch, submit, lambda: give_up(world))
    with pytest.raises(MovedMeanwhile):
        submit.submit(world.actor(world.candidate), Portfolio.objects.get(), True, world.clock())
    assert Submission.objects.count() == 0


def test_it_has_a_day_and_a_reason_and_is_the_office_s(world: World) -> None:
    office = world.actor(world.office)
    with pytest.raises(Invalid):
        abandonment.abandon(office, world.candidacy, {"on": "hier", "reason": WHY}, world.clock())
    with pytest.raises(Invalid):
        abandonment.abandon(office, world.candidacy, {"on": "2026-11-20", "reason": "  "}, world.clock())
    with pytest.raises(Forbidden):
        abandonment.abandon(
            world.actor(world.follower), world.candidacy, {"on": "2026-11-20", "reason": WHY}, world.clock()
        )
    with pytest.raises(NotAbandoned):
        come_back(world)


def test_what_was_taken_back_is_kept_with_both_reasons_and_read_in_one_s_own_data(world: World) -> None:
    give_up(world)
    (past,) = come_back(world).earlier_abandonments
    assert (past.on, past.reason, past.taken_back_because) == ("2026-11-20", WHY, "Erreur de dossier")
    data = own_data.own_data(world.actor(world.candidate))
    held = str([value if isinstance(value, dict | int) else list(value) for value in data.values()])  # type: ignore[call-overload]
    assert WHY in held and "Erreur de dossier" in held


def test_the_office_records_it_and_the_candidate_reads_it_and_what_was_deposited(
    world: World, client_for: Clients
) -> None:
    world.new_piece()
    office, candidate = client_for(world.office), client_for(world.candidate)
    page = f"/etablissement/candidats/{world.candidacy.id}"
    told_to_office = followed(office, fill(office, page, f"abandon-{world.candidacy.id}", on="2026-11-20", reason=WHY))
    assert "a abandonné" in told_to_office and WHY in told_to_office and "Convoquer" not in told_to_office
    assert "a abandonné" in shown(office, f"/etablissement/{world.school.id}/candidats?session={world.session}")
    read = shown(candidate, "/portfolio")
    assert "abandon de votre candidature" in read and WHY in read and "est gardé" in read
    assert shown(candidate, f"/portfolio/{world.candidacy.id}/preuves")
    seen = shown(client_for(world.follower), f"/classe/candidats/{world.candidacy.id}")
    assert "a abandonné" in seen and WHY not in seen and "À faire par" not in seen
    back = followed(office, fill(office, page, f"back-{world.candidacy.id}", reason="Erreur de dossier"))
    assert "Erreur de dossier" in back and "Enregistrer un abandon" in back


def test_over_http_everybody_reads_the_day_the_candidate_and_the_office_the_reason(
    world: World, client_for: Clients
) -> None:
    office, address = client_for(world.office), f"/candidacies/{world.candidacy.id}"
    revision = get(office, address).json["revision"]
    body = {"on": "2026-11-20", "reason": WHY}
    expect_problem(change(office, "POST", f"{address}/abandonment", revision - 1, body), 412)
    said = change(office, "POST", f"{address}/abandonment", revision, body).json
    assert (said["abandoned_on"], said["identity"]["abandoned"]["reason"]) == ("2026-11-20", WHY)
    expect_problem(change(office, "POST", f"{address}/abandonment", said["revision"], body), 409)
    read = get(client_for(world.follower), address).json
    assert (read["abandoned_on"], read["identity"]) == ("2026-11-20", None)
    back = change(office, "POST", f"{address}/abandonment/withdrawal", said["revision"], {"reason": "Erreur"}).json
    assert (back["abandoned_on"], back["identity"]["abandoned"]) == (None, None)


def test_one_teacher_for_all_who_have_none_leaves_them_out(world: World) -> None:
    alone = world.new_candidacy(followed=False)
    give_up(world, alone)
    office, teacher = world.actor(world.office), world.second_teacher.id
    assert enrol.follow_those_without(office, world.school, world.session, None, teacher, world.clock()) == []


def test_a_period_is_not_added_nor_a_proposed_one_accepted(world: World) -> None:
    proposed = world.propose_placement()
    give_up(world)
    with pytest.raises(Abandoned):
        proposed_placements.accept(world.actor(world.follower), proposed, {}, world.clock())
    with pytest.raises(Abandoned):
        placements.refuse_without_portfolio(Candidacy.objects.get(pk=world.candidacy.id))

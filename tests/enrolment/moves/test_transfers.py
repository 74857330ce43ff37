"""A candidate changes school once both offices agreed: the portfolio goes with them, and nothing stays waiting."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.audit.verify_all import check_everything
from portfolio.boards import class_board, office_board
from portfolio.commission import convene
from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    Company,
    Evidence,
    EvidenceFile,
    Person,
    Placement,
    Portfolio,
    School,
    Submission,
    Transfer,
)
from portfolio.documents.fields import CandidacyThing
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import arrivals, transfers
from portfolio.enrolment.moves.abandonment import Abandoned
from portfolio.errors import Invalid, NotFound, NotNow
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.sign_offs.answering import receipts
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.sign_offs.asking import requests
from portfolio.store import history
from portfolio.store.connections import Connections
from portfolio.submission.acknowledgement import acknowledgement
from tests.conftest import Clock
from tests.support.acts.asking import mails
from tests.support.acts.enrolling import (
    UAI,
    accept,
    give_up,
    moved,
    other_school,
    propose,
    school_of_another_academy,
)
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


def fresh(world: World) -> Candidacy:
    found: Candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    return found


def faults() -> list[str]:
    """Of what is stored, but of people: those of a test are not written by acts."""
    return [fault.words for fault in check_everything() if "la personne" not in fault.words]


def at_work(world: World) -> None:
    """A piece with a file, signed off by both."""
    world.upload(world.new_piece())
    world.sign_off()


def test_nothing_moves_before_the_other_office_accepts(world: World) -> None:
    at_work(world)
    school = other_school(world)
    office = world.new_office(school)
    transfer = propose(world, school)
    assert fresh(world).school == world.school.id
    assert not may(world.actor(office), Action.READ_IDENTITY, fresh(world))
    assert may(world.actor(office), Action.READ_TRANSFER, transfer)
    assert transfer.candidate_number == fresh(world).candidate_number


def test_all_that_is_below_goes_with_the_candidate(world: World) -> None:
    at_work(world)
    world.propose_placement()
    school, office, teacher = moved(world)
    for kind in arrivals.HANDED:
        assert set(kind.objects(candidacy=world.candidacy.id).scalar("school")) <= {school.id}, kind
    for reader, reads in ((teacher, True), (world.follower, False), (world.second_teacher, False)):
        by = world.actor(reader)
        for kind, action in ((Evidence, Action.READ_EVIDENCE), (EvidenceFile, Action.READ_FILE)):
            assert may(by, action, kind.objects.first()) is reads
    assert may(world.actor(office), Action.AMEND_CANDIDACY, fresh(world))
    assert not may(world.actor(world.office), Action.READ_CANDIDACY, fresh(world))
    assert may(world.actor(world.office), Action.READ_TRANSFER, Transfer.objects.get())
    assert fresh(world).followers == [teacher.id]
    assert fresh(world).candidate_number is None


def test_every_kind_below_a_candidacy_goes_or_stays_by_name() -> None:
    stays = {"Commission", "Grid", "GridScan", "Assessment", "Sheet", "Result", "OfficeOutcome", "PrintedDossier"}
    below = {kind.__name__ for kind in CandidacyThing.__subclasses__()}
    assert below == {kind.__name__ for kind in arrivals.HANDED} | stays | {"Transfer"}


def test_sign_offs_of_the_school_that_is_left_stay_valid(world: World) -> None:
    at_work(world)
    moved(world)
    seats = sign_offs_on(Activity.objects.get(pk=world.activity.id))
    assert [seat.attestation.state for seat in (seats.teacher, seats.tutor) if seat.attestation] == ["confirmed"] * 2
    assert not seats.teacher.stale
    assert not seats.tutor.stale
    assert {answer.given_in for answer in Attestation.objects} == {"Lycée Ampère, Lyon"}


def test_papers_of_before_name_the_school_of_then(world: World) -> None:
    world.submit()
    moved(world, school_of_another_academy(world))
    by = world.actor(world.candidate)
    signed = Attestation.objects(seat="tutor").first()
    assert receipts.receipt(by, signed.act).content["about"][0]["school"] == "Lycée Ampère, Lyon"
    paper = acknowledgement(by, Submission.objects.get())
    assert paper.content["school"] == "Lycée Ampère, Lyon"


def test_the_chains_and_seals_hold(world: World) -> None:
    at_work(world)
    world.propose_placement()
    moved(world)
    assert faults() == []


def test_what_waited_for_a_teacher_is_asked_of_who_follows_now(world: World, clock: Clock, store: Connections) -> None:
    by = world.actor(world.candidate)
    requests.request(by, world.activity, "teacher", world.follower.id, clock())  # type: ignore[arg-type]
    requests.request(by, world.activity, "tutor", None, clock())  # type: ignore[arg-type]
    _, _, teacher = moved(world)
    assert inbox(world.actor(world.follower)).sign_offs == []
    assert len(inbox(world.actor(teacher)).sign_offs) == 1
    assert len(inbox(world.actor(world.tutor)).sign_offs) == 1
    waiting = Attestation.objects(state="requested")
    assert {request.school for request in waiting} == {School.objects.get(uai=UAI).id}
    for _ in range(6):
        deliver(clock)
        clock.advance(days=1)
    assert mails(store, world.follower.email) == []
    assert len(mails(store, teacher.email)) == 1


def test_without_a_follower_it_reads_to_be_asked_again(world: World) -> None:
    requests.request(world.actor(world.candidate), world.activity, "teacher", world.follower.id, world.clock())  # type: ignore[arg-type]
    school = other_school(world)
    accept(world, propose(world, school), world.new_office(school))
    assert [request.state for request in Attestation.objects] == ["lapsed"]


def test_the_boards_of_the_school_that_is_left_count_no_one(world: World) -> None:
    at_work(world)
    school, office, teacher = moved(world)
    before = office_board.office_board(world.actor(world.office), world.school, world.clock())
    assert before.owed == () or not before.owed
    assert (
        class_board.board(world.actor(world.follower), world.clock()).lines == ()
        or not class_board.board(world.actor(world.follower), world.clock()).lines
    )
    board = office_board.office_board(world.actor(office), school, world.clock())
    assert [of.counts.candidates for of in board.exams] == [1]
    assert len(class_board.board(world.actor(teacher), world.clock()).lines) == 1


def test_the_number_is_free_and_may_be_given_again(world: World) -> None:
    number = world.candidacy.candidate_number
    school, office, _ = moved(world)
    assert world.new_candidacy(candidate_number=number).candidate_number == number
    with pytest.raises(NotNow):
        enrol.amend_candidacy(world.actor(office), fresh(world), {"candidate_number": number}, world.clock())


def test_the_office_that_takes_them_may_name_their_number_and_class(world: World) -> None:
    school, number = other_school(world), world.candidacy.candidate_number
    accept(world, propose(world, school), world.new_office(school), candidate_number=number, division="2A")
    assert (fresh(world).candidate_number, fresh(world).division) == (number, "2A")


def test_the_company_of_a_period_is_known_to_the_school(world: World) -> None:
    assert world.placement
    school, office, _ = moved(world)
    placement = Placement.objects.get(pk=world.placement.id)
    company = Company.objects.get(pk=placement.company)
    assert (company.school, company.siret) == (school.id, world.company.siret)
    assert may(world.actor(office), Action.READ_COMPANY, company)
    assert Company.objects(school=world.school.id).count() == 1


def test_each_office_sees_the_accounts_of_its_own_people(world: World) -> None:
    tutor, candidate = world.tutor, world.candidate
    school, office, _ = moved(world)
    for person in (tutor, candidate):
        now = Person.objects.get(pk=person.id)
        assert now.schools == [school.id]
        assert may(world.actor(office), Action.READ_PERSON, now)
        assert not may(world.actor(world.office), Action.READ_PERSON, now)


def test_a_school_of_another_academy_takes_them_too(world: World) -> None:
    at_work(world)
    school, _, _ = moved(world, school_of_another_academy(world))
    assert (fresh(world).academy, Portfolio.objects.get(pk=world.candidacy.id).academy) == ("01", "01")
    assert not may(world.actor(world.inspector), Action.READ_CANDIDACY, fresh(world))
    assert faults() == []


def test_a_candidate_may_come_back(world: World) -> None:
    at_work(world)
    _, office, _ = moved(world)
    values: Any = {"uai": world.school.uai, "on": "2026-12-01", "reason": "Retour"}
    back = transfers.propose(world.actor(office), fresh(world), values, world.clock())
    accept(world, back, world.office, world.follower)
    assert fresh(world).school == world.school.id
    assert set(Evidence.objects.scalar("school")) == {world.school.id}
    assert faults() == []


def test_one_transfer_waits_at_a_time_and_has_one_answer(world: World) -> None:
    school = other_school(world)
    office, transfer = world.new_office(school), propose(world, school)
    with pytest.raises(transfers.TransferStands):
        propose(world, school)
    transfers.withdraw(world.actor(world.office), transfer, "Erreur", world.clock())
    with pytest.raises(transfers.TransferSettled):
        accept(world, transfer, office)
    again = propose(world, school)
    transfers.decline(world.actor(office), again, "Pas de place", world.clock())
    with pytest.raises(transfers.TransferSettled):
        transfers.withdraw(world.actor(world.office), again, "Erreur", world.clock())
    assert fresh(world).school == world.school.id


def test_a_commission_a_sheet_or_an_abandonment_keeps_them_where_they_are(world: World) -> None:
    world.submit()
    school = other_school(world)
    office, transfer = world.new_office(school), propose(world, school)
    convened(world)
    with pytest.raises(transfers.TransferBarred):
        accept(world, transfer, office)
    with pytest.raises(transfers.TransferBarred):
        propose(world, school)
    assert fresh(world).school == world.school.id


def test_who_gave_up_is_not_transferred(world: World) -> None:
    give_up(world)
    with pytest.raises(Abandoned):
        propose(world)


@pytest.mark.parametrize("uai", ["0690026D", "0750654D", "0690027A"])
def test_only_another_school_of_the_service_is_proposed(world: World, uai: str) -> None:
    assert world.candidacy
    with pytest.raises(Invalid):
        propose(world, uai=uai)


def test_nobody_but_the_other_office_accepts(world: World) -> None:
    school = other_school(world)
    transfer = propose(world, school)
    for person in (world.office, world.follower, world.candidate, world.administrator):
        with pytest.raises((NotFound, NotNow, Exception)):
            accept(world, transfer, person)
    assert fresh(world).school == world.school.id


def test_everybody_concerned_is_told(world: World, clock: Clock, store: Connections) -> None:
    school = other_school(world)
    office, teacher = world.new_office(school), world.new_teacher(school)
    transfer = propose(world, school)
    deliver(clock)
    (asked,) = mails(store, office.email)
    assert asked["Subject"] == f"Pour action : le transfert de {world.candidacy.display_name} est proposé"
    assert any(mail["Subject"] == "Votre transfert est proposé" for mail in files(store))
    accept(world, transfer, office, teacher)
    deliver(clock)
    told = {mail["To"] for mail in files(store) if "est fait" in mail["Subject"]}
    assert told == {person.email for person in (world.candidate, world.office, world.follower, teacher)}


def test_the_history_of_the_portfolio_says_it(world: World) -> None:
    at_work(world)
    moved(world)
    acts = history.latest(world.actor(world.candidate), world.portfolio, None, 50).items
    assert any(f"0690026D, il passe à {UAI}" in act.sentence for act in acts)


def test_a_commission_is_convened_there(world: World) -> None:
    at_work(world)
    school, office, teacher = moved(world)
    second = world.new_teacher(school)
    values = {"meets_at": world.clock(), "place": "Salle 2", "professor": teacher.id, "second": second.id}
    values |= {"tutor_absence": "Il ne peut pas venir"}
    commission = convene.convene(world.actor(office), fresh(world), values, world.clock())
    assert commission.school == school.id

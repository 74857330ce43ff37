"""A model of commission, grids, sheets and results beside the real ones: each act is accepted or refused alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.commission import amend, assess, convene, grids
from portfolio.commission.meeting import HeldMeeting, record_meeting
from portfolio.documents import Assessment, Candidacy, Commission, Grid, Portfolio, Result, Sheet
from portfolio.jury import jury, releases
from portfolio.rules.marks import format_mark
from portfolio.sheet import draw_up, transmit
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock, empty
from tests.races import commission_path, portfolio_path
from tests.states.assessment_things import FIRST, ROWS, GridModel
from tests.states.commission_model import AssessmentModel
from tests.states.tried import QUIET, tried
from tests.support.worlds.commissions import APPRECIATION, MEETS_AT, PASSWORD, with_password
from tests.support.worlds.juries import the_jury
from tests.support.worlds.world import World

SECONDS = ("tutor", "second_teacher")
REASON = "Erreur relevée en séance."
CONFIRMED = partial(draw_up.sign, confirmed=True)
MEMBER = st.sampled_from([0, 1])


class AssessmentStates(RuleBasedStateMachine):
    def __init__(self, store: Connections) -> None:
        super().__init__()
        empty(store)
        self.clock = Clock()
        self.world = World(self.clock)
        self.world.new_piece()
        self.other = self.world.new_piece(title="Autre élément", nature="autre")
        self.world.submit()
        self.people = {FIRST: self.world.follower, "tutor": self.world.tutor}
        self.people |= {"second_teacher": self.world.second_teacher, "office": self.world.office}
        self.people |= {"jury": self.world.jury_member, "candidate": self.world.candidate}
        for name in (FIRST, *SECONDS):
            with_password(self.people[name])
        assert self.world.jury
        self.model = AssessmentModel()
        self.convene("tutor", "sealed")

    # --- how an act is tried ----------------------------------------------------------------------

    def tried(self, expected: str | None, who: str, act: Callable[..., Any], *given: Any) -> Any:
        by = self.world.actor(self.people[who])
        return tried(expected, act, by, *given, self.clock.advance(seconds=1))

    @property
    def commission(self) -> Commission:
        """The one convened, else the one that came last."""
        return Commission.objects(state="convened").first() or Commission.objects.order_by("-created_at").first()

    @property
    def assessment(self) -> Assessment:
        return Assessment.objects.get(pk=self.commission.id)

    @property
    def sheet(self) -> Sheet:
        return Sheet.objects.order_by("-number").first()

    def member(self, rank: int) -> str:
        return self.model.at.members[rank]

    # --- the office -------------------------------------------------------------------------------

    @rule(second=st.sampled_from(SECONDS), mode=st.sampled_from(["sealed", "together"]))
    def convene(self, second: str, mode: str) -> None:
        values = {"meets_at": MEETS_AT, "place": "Salle B12", "mode": mode, "professor": self.people[FIRST].id}
        values |= {"second": self.people[second].id, "tutor_absence": self.absence(second)}
        candidacy = Candidacy.objects.get(pk=self.world.candidacy.id)
        self.tried(self.model.convene(second, mode), "office", convene.convene, candidacy, values)

    def absence(self, second: str) -> str | None:
        return None if second == "tutor" else "En congé"

    @rule()
    def move(self) -> None:
        self.tried(self.model.moved(), "office", amend.move, self.commission, MEETS_AT, "Salle A1")

    @rule()
    def cancel(self) -> None:
        self.tried(self.model.cancel(), "office", amend.cancel, self.commission, REASON)

    @rule(arriving=st.sampled_from(SECONDS))
    def replace(self, arriving: str) -> None:
        values = {"leaving": self.people[self.model.at.second].id, "arriving": self.people[arriving].id}
        values |= {"reason": REASON, "tutor_absence": self.absence(arriving)}
        self.tried(self.model.replace(arriving), "office", amend.replace_member, self.commission, values)

    @precondition(lambda self: self.model.sheets)
    @rule()
    def transmit(self) -> None:
        self.tried(self.model.transmit(), "office", transmit.transmit, self.sheet)

    # --- the members ------------------------------------------------------------------------------

    def grid(self, rank: int, own: bool) -> tuple[str, GridModel, Grid]:
        """One's own where there is one, else the shared one."""
        who, at = self.member(rank), self.model.at
        alone = own and who in at.own
        stored = Grid.objects.get(
            commission=self.commission.id, live=True, member=self.people[who].id if alone else None
        )
        return who, at.own[who] if alone else at.shared, stored

    @rule(
        rank=MEMBER,
        own=st.booleans(),
        degree=st.sampled_from(["S", "TS", "TI"]),
        rows=st.sampled_from([ROWS, ROWS[:3]]),
    )
    def fill(self, rank: int, own: bool, degree: str, rows: tuple[str, ...]) -> None:
        who, modelled, stored = self.grid(rank, own)
        degrees = dict.fromkeys(rows, degree)
        values = {"candidacy": stored.candidacy, "degrees": degrees}
        self.tried(self.model.fill(modelled, degrees), who, grids.fill, stored, values)

    @rule(rank=MEMBER, own=st.booleans())
    def seal(self, rank: int, own: bool) -> None:
        who, modelled, stored = self.grid(rank, own)
        self.tried(self.model.seal(modelled), who, grids.seal, stored)

    @rule(rank=MEMBER, admitted=st.booleans())
    def admit(self, rank: int, admitted: bool) -> None:
        given = (self.assessment, self.other.id, admitted)
        self.tried(self.model.admit(admitted), self.member(rank), assess.admit, *given)

    @rule(rank=MEMBER)
    def retain(self, rank: int) -> None:
        self.tried(self.model.retain(), self.member(rank), assess.retain, self.assessment, self.other.id, True)

    @rule(rank=MEMBER)
    def take_over(self, rank: int) -> None:
        expected, number = self.model.take_over(), self.model.submissions
        self.tried(expected, self.member(rank), assess.choose_submission, self.assessment, number)

    @rule(
        rank=MEMBER,
        appreciation=st.booleans(),
        mark=st.sampled_from(["14.5", "8", None]),
        outcome=st.sampled_from([None, None, "absent"]),
    )
    def appraise(self, rank: int, appreciation: bool, mark: str | None, outcome: str | None) -> None:
        values = {"candidacy": self.world.candidacy.id, "proposed_mark": mark, "outcome": outcome}
        values |= {"appreciation": APPRECIATION if appreciation else None}
        expected = self.model.appraise(appreciation, mark, outcome)
        self.tried(expected, self.member(rank), assess.appraise, self.assessment, values)

    @rule(rank=MEMBER)
    def meet(self, rank: int) -> None:
        commission = self.commission
        held = HeldMeeting(self.world.clock(), "Salle B12", commission.members, confirmed=True)
        self.tried(self.model.meet(), self.member(rank), record_meeting, commission, held)

    @rule(rank=MEMBER)
    def draw_up(self, rank: int) -> None:
        self.tried(self.model.draw_up(), self.member(rank), draw_up.draw_up, self.assessment)

    @precondition(lambda self: self.model.sheets)
    @rule(who=st.sampled_from([FIRST, *SECONDS]), as_shown=st.sampled_from([True, True, False]))
    def sign(self, who: str, as_shown: bool) -> None:
        sheet = self.sheet
        digest = sheet.digest if as_shown else "0" * 64
        self.tried(self.model.sign(who, as_shown), who, CONFIRMED, sheet, digest, PASSWORD)

    @rule()
    def all_goes_well(self) -> None:
        """From wherever things stand, one grid, opinion or signature further: chance alone would rarely publish."""
        at, sheet = self.model.at, self.model.sheet
        if at.state != "convened":
            self.convene("tutor", "sealed")
        elif sheet is None and not (at.outcome or at.opened):
            for rank, who in enumerate(at.members):
                if not at.own[who].sealed:
                    self.fill(rank, True, "S", ROWS)
                    self.seal(rank, True)
        elif sheet is None:
            self.appraise(0, True, "14.5", None)
            self.fill(0, False, "TS", ROWS)
            self.meet(0)
            self.draw_up(1)
        elif sheet.state == "draft":
            for who in at.members:
                self.sign(who, True)
        elif sheet.state == "proposed":
            self.transmit()
        else:
            self.decide("11", True)

    # --- the jury, and the candidate --------------------------------------------------------------

    @precondition(lambda self: self.model.sheets)
    @rule(who=st.sampled_from([FIRST, *SECONDS, "office", "jury"]))
    def void(self, who: str) -> None:
        self.tried(self.model.void(who), who, draw_up.void, self.sheet, REASON)

    @precondition(lambda self: self.model.sheets)
    @rule(mark=st.sampled_from(["14.5", "11"]), reason=st.booleans())
    def decide(self, mark: str, reason: bool) -> None:
        given = (self.sheet, mark, REASON if reason else None)
        self.tried(self.model.decide(mark, reason), "jury", jury.set_final_mark, *given)

    @rule(leaving_out=st.booleans())
    def publish(self, leaving_out: bool) -> None:
        given = (the_jury(self.world), REASON if leaving_out else None)
        self.tried(self.model.publish(leaving_out), "jury", jury.publish, *given)

    @precondition(lambda self: self.model.sheets)
    @rule()
    def release(self) -> None:
        self.tried(self.model.release(), "jury", releases.release_sheet, self.sheet, "CADA 12")

    @precondition(lambda self: self.model.sheets)
    @rule(mark=st.sampled_from(["13", "11"]))
    def correct(self, mark: str) -> None:
        self.tried(self.model.correct(mark), "jury", jury.correct, self.sheet, mark, REASON)

    @rule()
    def reopen(self) -> None:
        self.tried(self.model.reopen(), FIRST, submit.reopen, self.world.portfolio, "À compléter")

    @rule()
    def submit(self) -> None:
        self.tried(self.model.submit(), "candidate", submit.submit, self.world.portfolio, True)

    # --- what must be so --------------------------------------------------------------------------

    @invariant()
    def grids_are_as_the_model_says(self) -> None:
        at, commission = self.model.at, self.commission
        stored = {grid.member: grid for grid in Grid.objects(commission=commission.id, live=True)}
        assert stored.pop(None).degrees == at.shared.degrees
        assert set(stored) == {self.people[who].id for who in at.own}
        for who, grid in at.own.items():
            one = stored[self.people[who].id]
            assert (one.degrees, one.sealed_at is not None, one.opened) == (grid.degrees, grid.sealed, at.opened)

    @invariant()
    def so_are_assessment_and_sheets(self) -> None:
        at, stored = self.model.at, self.assessment
        assert (stored.state == "drawn_up") == (self.model.sheet is not None)
        assert (stored.outcome, bool(stored.appreciation), stored.submission) == (
            at.outcome,
            at.appreciation,
            at.submission,
        )
        told = [(sheet.state, len(sheet.signatures), sheet.released) for sheet in Sheet.objects.order_by("number")]
        assert told == [(sheet.state, len(sheet.signed), sheet.released) for sheet in self.model.sheets]

    @invariant()
    def so_is_the_result(self) -> None:
        result = Result.objects.first()
        told = (None, False) if result is None else (format_mark(result.final_mark).replace(",", "."), result.published)
        assert told == (self.model.result, self.model.published)

    @invariant()
    def nothing_of_it_shows_to_the_candidate(self) -> None:
        portfolio = Portfolio.objects.get(pk=self.world.candidacy.id)
        assert (portfolio.state, portfolio.submissions) == (self.model.portfolio, self.model.submissions)
        assert portfolio.revision == portfolio_path.walk(self.world.candidacy.id).revision

    def teardown(self) -> None:
        commission_path.holds(self.world.candidacy.id)
        portfolio_path.holds(self.world.candidacy.id)
        assert [*verify(), *verify_stored()] == []


def test_commission_and_sheet_follow_their_states(store: Connections) -> None:
    chosen = settings(QUIET, max_examples=4, stateful_step_count=25)
    run_state_machine_as_test(partial(AssessmentStates, store), settings=chosen)


@pytest.mark.endure
def test_commission_and_sheet_follow_their_states_for_long(store: Connections) -> None:
    chosen = settings(QUIET, max_examples=200, stateful_step_count=60)
    run_state_machine_as_test(partial(AssessmentStates, store), settings=chosen)

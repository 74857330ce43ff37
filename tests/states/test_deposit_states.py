"""A model of portfolio, pieces, files and sign-offs beside the real ones: each act is accepted or refused alike."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import Activity, Evidence, EvidenceFile, Submission
from portfolio.documents.attestations import ANSWERS
from portfolio.evidence import deposit, upload_ending, uploads
from portfolio.sign_offs.answering import answers, content, waivers
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock, empty
from tests.races import portfolio_path
from tests.states.deposit_model import SEATS, ActivityModel, DepositModel, PieceModel
from tests.states.tried import QUIET, tried
from tests.support.worlds.world import PDF, World

CLAIMS = [{"competence": "C1", "justification": "Voir le document."}]
EXECUTABLE = b"MZ" + bytes(200)
AFTER_THE_DEADLINE = datetime(2027, 5, 8, 9, 0, tzinfo=UTC)


def among(things: Callable[[Any], Any]) -> st.SearchStrategy[Any]:
    """One of what the machine knows at that moment."""
    return st.runner().flatmap(lambda machine: st.sampled_from(list(things(machine))))


ACTIVITY = among(lambda machine: machine.model.activities)
PIECE = among(lambda machine: machine.model.pieces)
FILE = among(lambda machine: machine.model.files)
SEEN = among(lambda machine: machine.seen)
SCREEN = among(lambda machine: machine.screens)


class DepositStates(RuleBasedStateMachine):
    def __init__(self, store: Connections) -> None:
        super().__init__()
        empty(store)
        self.clock = Clock()
        self.world = World(self.clock)
        self.tutor, self.teacher = self.world.tutor, self.world.follower
        self.model = DepositModel()
        self.seen: list[Evidence] = []  # what the candidate still has on their screen
        self.screens: list[Any] = []  # what a signatory has read
        for context in ("classe", "pfmp"):
            self.add_activity(context)
        for activity in list(self.model.activities):
            self.add_piece(activity, claims=True, needs_file=False)

    # --- how an act is tried ----------------------------------------------------------------------

    def tried(self, expected: str | None, act: Callable[..., Any], *given: Any) -> Any:
        """The act's outcome, which must be the one that the model expects."""
        return tried(expected, act, *given, self.clock.advance(seconds=1))

    @property
    def candidate(self) -> Any:
        return self.world.actor(self.world.candidate)

    def piece(self, piece: str) -> Evidence:
        return Evidence.objects.get(pk=piece)

    def activity(self, activity: str) -> Activity:
        return Activity.objects.get(pk=activity)

    # --- activities and pieces --------------------------------------------------------------------

    @rule(context=st.sampled_from(["classe", "pfmp"]))
    def add_activity(self, context: str) -> None:
        values = {"title": "Relance", "context": context}
        values |= {"placement": self.world.placement.id if context == "pfmp" else None}
        expected = self.model.add_activity()
        made = self.tried(expected, deposit.add_activity, self.candidate, self.world.portfolio, values)
        if made:
            self.model.activities[str(made.id)] = ActivityModel(context)

    @rule(activity=ACTIVITY)
    def amend_activity(self, activity: str) -> None:
        values = {"mission": f"Mission, {self.clock()}"}
        expected = self.model.amend_activity(activity)
        self.tried(expected, deposit.amend_activity, self.candidate, self.activity(activity), values)

    @rule(activity=ACTIVITY)
    def withdraw_activity(self, activity: str) -> None:
        expected = self.model.withdraw_activity(activity)
        self.tried(expected, deposit.withdraw_activity, self.candidate, self.activity(activity))

    @rule(activity=ACTIVITY, claims=st.booleans(), needs_file=st.booleans())
    def add_piece(self, activity: str, claims: bool, needs_file: bool) -> None:
        values: dict[str, Any] = {"type_code": "WP1" if needs_file else "REF1", "title": "Lettre"}
        values |= {"nature": "production", "situation": "simulee", "context": "classe", "produced_on": "2026-06-02"}
        values |= {"description": {"aim": "Relancer"}, "activity": ObjectId(activity)}
        values |= {"competences": CLAIMS if claims else []}
        expected = self.model.add_piece(activity)
        made = self.tried(expected, deposit.add_piece, self.candidate, self.world.portfolio, values)
        if made:
            self.model.pieces[str(made.id)] = PieceModel(activity, claims, needs_file)

    @rule(piece=PIECE)
    def look(self, piece: str) -> None:
        self.seen.append(self.piece(piece))

    @rule(piece=PIECE)
    def amend_piece(self, piece: str) -> None:
        self.amend(self.piece(piece), {"title": f"Lettre, {self.clock()}"})

    @precondition(lambda self: self.seen)
    @rule(piece=SEEN)
    def amend_what_was_seen(self, piece: Evidence) -> None:
        self.amend(copy.deepcopy(piece), {"title": f"Lettre, {self.clock()}"})

    @rule(piece=PIECE, claims=st.booleans())
    def map_piece(self, piece: str, claims: bool) -> None:
        self.amend(self.piece(piece), {"competences": CLAIMS if claims else []}, claims)

    def amend(self, piece: Evidence, values: dict[str, Any], claims: bool | None = None) -> None:
        expected = self.model.amend_piece(str(piece.id), piece.revision, claims)
        self.tried(expected, deposit.amend_piece, self.candidate, piece, values)

    @rule(piece=PIECE)
    def withdraw_piece(self, piece: str) -> None:
        self.tried(self.model.withdraw_piece(piece), deposit.withdraw_piece, self.candidate, self.piece(piece))

    # --- files ------------------------------------------------------------------------------------

    @rule(piece=PIECE, sound=st.booleans())
    def begin(self, piece: str, sound: bool) -> None:
        expected = self.model.begin(piece)
        values = {"name": "lettre.pdf", "size": len(self.bytes(sound))}
        file = self.tried(expected, uploads.begin, self.candidate, self.piece(piece), values)
        if file:
            self.model.begun(piece, str(file.id), sound)

    def bytes(self, sound: bool) -> bytes:
        return PDF if sound else EXECUTABLE

    @precondition(lambda self: self.model.files)
    @rule(file=FILE)
    def send(self, file: str) -> None:
        data = io.BytesIO(self.bytes(self.model.files[file].sound))
        expected = self.model.send(file)
        self.tried(expected, uploads.receive_part, self.candidate, EvidenceFile.objects.get(pk=file), 1, data)

    @precondition(lambda self: self.model.files)
    @rule(file=FILE)
    def finish(self, file: str) -> None:
        self.tried(self.model.finish(file), upload_ending.finish, self.candidate, EvidenceFile.objects.get(pk=file))

    @precondition(lambda self: self.model.files)
    @rule(file=FILE)
    def remove(self, file: str) -> None:
        self.tried(self.model.remove(file), upload_ending.remove, self.candidate, EvidenceFile.objects.get(pk=file))

    # --- handing in -------------------------------------------------------------------------------

    @rule(without_drafts=st.booleans())
    def submit(self, without_drafts: bool) -> None:
        expected = self.model.submit(without_drafts)
        self.tried(expected, submit.submit, self.candidate, self.world.portfolio, without_drafts)

    @rule()
    def submit_late(self) -> None:
        by = self.world.actor(self.world.office)
        self.tried(self.model.submit_late(), submit.submit_late, by, self.world.portfolio, "Panne du réseau.")

    @rule()
    def reopen(self) -> None:
        by = self.world.actor(self.teacher)
        self.tried(self.model.reopen(), submit.reopen, by, self.world.portfolio, "À compléter.")

    @precondition(lambda self: self.model.number and not self.model.late)
    @rule()
    def deadline_passes(self) -> None:
        self.clock.now = AFTER_THE_DEADLINE
        self.model.deadline_passes()

    # --- sign-offs --------------------------------------------------------------------------------

    @rule(activity=ACTIVITY, seat=st.sampled_from(SEATS))
    def ask(self, activity: str, seat: str) -> None:
        expected = self.model.ask(activity, seat)
        self.tried(expected, requests.request, self.candidate, self.activity(activity), seat, None)

    @rule(activity=ACTIVITY, seat=st.sampled_from(SEATS))
    def read(self, activity: str, seat: str) -> None:
        shown = self.tried(self.model.reads(activity, seat), self.on_screen, activity, seat)
        if shown:
            self.screens.append((activity, seat, shown.digest, self.model.shown(activity, seat)))

    def on_screen(self, activity: str, seat: str, _: datetime) -> content.Shown:
        return content.content_for(self.signatory(seat), self.activity(activity), seat)

    @rule(activity=ACTIVITY, seat=st.sampled_from(SEATS), said=st.sampled_from(ANSWERS))
    def answer(self, activity: str, seat: str, said: str) -> None:
        expected = self.model.answer(activity, seat, said, None)
        self.tried(expected, self.read_and_answer, activity, seat, said)

    def read_and_answer(self, activity: str, seat: str, said: str, at: datetime) -> None:
        self.sign(activity, seat, said, self.on_screen(activity, seat, at).digest, at)

    @precondition(lambda self: self.screens)
    @rule(screen=SCREEN, said=st.sampled_from(ANSWERS))
    def answer_what_was_read(self, screen: Any, said: str) -> None:
        activity, seat, digest, seen = screen
        self.tried(self.model.answer(activity, seat, said, seen), self.sign, activity, seat, said, digest)

    def sign(self, activity: str, seat: str, said: str, digest: str, at: datetime) -> None:
        told = (seat, said, digest, "Vu ensemble.", None, None)
        answers.answer(self.signatory(seat), self.activity(activity), *told, at)

    def signatory(self, seat: str) -> Any:
        return self.world.actor(self.tutor if seat == "tutor" else self.teacher)

    @rule(activity=ACTIVITY)
    def waive(self, activity: str) -> None:
        by, reason = self.world.actor(self.teacher), "Le tuteur a quitté l'entreprise."
        self.tried(self.model.waive(activity), waivers.waive_tutor, by, self.activity(activity), reason)

    # --- what must be so --------------------------------------------------------------------------

    @invariant()
    def the_portfolio_is_as_the_model_says(self) -> None:
        portfolio = self.world.portfolio
        assert (portfolio.state, portfolio.submissions) == (self.model.state, self.model.number)

    @invariant()
    def so_is_every_piece(self) -> None:
        stored = {str(one.id): (one.state, one.revision) for one in Evidence.objects}
        modelled = {name: (self.model.piece_state(name), one.revision) for name, one in self.model.pieces.items()}
        assert stored == modelled

    @invariant()
    def so_is_every_sign_off(self) -> None:
        told = sign_offs(self.world.candidacy.id).statuses
        live = [name for name, one in self.model.activities.items() if not one.withdrawn]
        modelled = {name: {seat: self.model.status(name, seat) for seat in SEATS} for name in live}
        assert {str(name): statuses for name, statuses in told.items()} == modelled

    def teardown(self) -> None:
        path = portfolio_path.holds(self.world.candidacy.id)
        assert path.submissions == self.model.number
        frozen = {one.number: json.loads(one.content) for one in Submission.objects}
        assert {
            number: {piece["id"] for piece in content["pieces"]} for number, content in frozen.items()
        } == self.model.frozen
        assert [*verify(), *verify_stored()] == []


def test_deposit_and_sign_offs_follow_their_states(store: Connections) -> None:
    chosen = settings(QUIET, max_examples=4, stateful_step_count=25)
    run_state_machine_as_test(partial(DepositStates, store), settings=chosen)


@pytest.mark.endure
def test_deposit_and_sign_offs_follow_their_states_for_long(store: Connections) -> None:
    chosen = settings(QUIET, max_examples=200, stateful_step_count=60)
    run_state_machine_as_test(partial(DepositStates, store), settings=chosen)

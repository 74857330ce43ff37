"""The lives of people in any order: who comes, is corrected, is replaced, leaves, moves, comes back. Whatever happens,
no request waits for somebody who cannot answer, no mail goes to somebody who left, no board counts the dead, and no
piece is lost.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    Commission,
    Evidence,
    Person,
    Placement,
    Portfolio,
    RealityEvaluation,
    Sheet,
    Transfer,
)
from portfolio.enrolment import email_corrections, enrol, placements
from portfolio.enrolment.moves import abandonment, arrivals, departures, suspensions, transfers, tutor_names
from portfolio.evidence import deposit, upload_ending
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.asking import objections, requests
from portfolio.store.connections import Connections
from tests.states import lives_seen as seen
from tests.states.lives_school import (
    ACTIVITY,
    CANDIDACY,
    MOST,
    PERSON,
    PLACEMENT,
    PLACEMENT_OR_NONE,
    TEACHER,
    TEACHER_OR_NOBODY,
    TUTOR,
    WHY,
    among,
)
from tests.states.lives_sheets import SheetsLived
from tests.states.lives_taken import is_in_the_store, keeps_its_file_and_sign_offs
from tests.states.sheets_seen import each_replacement_kept_its_days
from tests.states.tried import QUIET
from tests.support.clock import DATES
from tests.support.mails.mailbox import deliver, rows


class Lives(SheetsLived):
    def __init__(self, store: Connections, accepted: Counter[str]) -> None:
        super().__init__(store, accepted)
        self.enrol(self.teachers[0])
        self.place(self.candidacies[0])
        self.add_activity(self.candidacies[0], self.placements[0])
        self.deposit(self.candidacies[0], self.activities[0])
        self.with_a_file(list(self.pieces)[-1])
        self.ask(self.activities[0], None)
        self.convene(self.candidacies[0], self.teachers[1])

    def with_a_file(self, key: ObjectId) -> None:
        piece = Evidence.objects.get(pk=key)
        by = self.candidate_of(piece)
        upload_ending.finish(by, self.world.send(piece, by=by), self.clock.advance(minutes=1))

    # --- coming, and corrections ------------------------------------------------------------------

    @precondition(lambda self: len(self.candidacies) < MOST)
    @rule(teacher=TEACHER)
    def enrol(self, teacher: Person) -> None:
        made = self.world.new_candidacy(followed=False)
        self.candidacies.append(made.id)
        self.follow(made.id, teacher, None)
        self.deposit(made.id, None)

    @rule(key=CANDIDACY, teacher=TEACHER_OR_NOBODY, other=TEACHER_OR_NOBODY)
    def follow(self, key: ObjectId, teacher: Person | None, other: Person | None) -> None:
        candidacy = self.candidacy(key)
        chosen = [one.id for one in (teacher, other) if one is not None]
        self.lived(enrol.set_followers, self.office_of(candidacy), candidacy, chosen)

    @rule()
    def a_teacher_comes(self) -> None:
        if len(self.teachers) < 2 * MOST:
            self.teachers.append(self.world.new_teacher(self.schools[len(self.teachers) % 2]))

    @rule(key=CANDIDACY, person=PERSON)
    def correct(self, key: ObjectId, person: Person) -> None:
        """A name, an address, and the name of the tutor of a period."""
        candidacy = self.candidacy(key)
        values = {"given_names": f"Zoé {'Ana' if candidacy.given_names == 'Zoé Lou' else 'Lou'}"}
        self.lived(enrol.amend_candidacy, self.office_of(candidacy), candidacy, values)
        called = {"given_names": "Dominique", "family_name": "Martin-Roux", "function": "Directrice"}
        for placement in Placement.objects(candidacy=key):
            self.lived(tutor_names.correct_tutor_names, self.office_of(placement), placement, called)
        fresh = Person.objects.get(pk=person.id)
        address = f"corrigee.{self.clock().timestamp():.0f}@exemple.fr"
        self.lived(email_corrections.correct, self.by(self.world.administrator), fresh, address)

    # --- periods and their tutors -----------------------------------------------------------------

    @rule(key=CANDIDACY)
    def place(self, key: ObjectId) -> None:
        values = {"company": self.world.company.id, "kind": "stage", "days": 35, "tutor": self.a_tutor()}
        values |= {"starts_on": DATES.placement[0].isoformat(), "ends_on": DATES.placement[1].isoformat()}
        candidacy = self.candidacy(key)
        made = self.lived(placements.add_placement, self.office_of(candidacy), candidacy, values)
        if made:
            self.placements.append(made.id)
            self.known(made)

    def a_tutor(self) -> dict[str, str]:
        self.world.count += 1
        return {"email": f"tuteur.{self.world.count}@assureur.fr", "family_name": "Martin", "given_names": "Dominique"}

    def known(self, placement: Placement) -> None:
        Person.objects(pk=placement.tutor).update(set__state="active")
        self.tutors.append(Person.objects.get(pk=placement.tutor))

    @precondition(lambda self: self.placements)
    @rule(key=PLACEMENT)
    def replace_tutor(self, key: ObjectId) -> None:
        placement = Placement.objects.get(pk=key)
        made = self.lived(placements.replace_tutor, self.office_of(placement), placement, self.a_tutor())
        if made:
            self.known(made)

    @precondition(lambda self: self.placements and self.tutors)
    @rule(key=PLACEMENT, tutor=TUTOR)
    def another_tutor_takes_over(self, key: ObjectId, tutor: Person) -> None:
        placement, person = Placement.objects.get(pk=key), Person.objects.get(pk=tutor.id)
        values = {name: getattr(person, name) for name in ("email", "family_name", "given_names")}
        self.lived(placements.replace_tutor, self.office_of(placement), placement, values)

    @precondition(lambda self: self.placements)
    @rule(key=PLACEMENT)
    def tutor_leaves(self, key: ObjectId) -> None:
        placement = Placement.objects.get(pk=key)
        self.lived(placements.end_tutoring, self.office_of(placement), placement)

    @precondition(lambda self: self.placements)
    @rule(key=PLACEMENT)
    def cancel(self, key: ObjectId) -> None:
        placement = Placement.objects.get(pk=key)
        self.lived(placements.cancel_placement, self.office_of(placement), placement, WHY)

    @precondition(lambda self: self.placements)
    @rule(key=PLACEMENT)
    def tutor_objects(self, key: ObjectId) -> None:
        placement = Placement.objects.get(pk=key)
        if placement.tutor is not None:
            by = self.by(Person.objects.get(pk=placement.tutor))
            self.lived(objections.contest, by, placement, "not_the_right_person", None)

    # --- leaving, coming back, moving -------------------------------------------------------------

    @rule(key=CANDIDACY)
    def give_up(self, key: ObjectId) -> None:
        candidacy = self.candidacy(key)
        values = {"on": self.clock().date().isoformat(), "reason": WHY, "confirmed": True}
        self.lived(abandonment.abandon, self.office_of(candidacy), candidacy, values)

    @rule(key=CANDIDACY)
    def come_back(self, key: ObjectId) -> None:
        candidacy = self.candidacy(key)
        self.lived(abandonment.take_back, self.office_of(candidacy), candidacy, WHY)

    @rule(key=CANDIDACY)
    def propose_transfer(self, key: ObjectId) -> None:
        candidacy = self.candidacy(key)
        (to,) = [school for school in self.schools if school.id != candidacy.school]
        values = {"uai": to.uai, "on": self.clock().date().isoformat(), "reason": WHY}
        self.lived(transfers.propose, self.office_of(candidacy), candidacy, values)

    @rule(key=CANDIDACY, teacher=TEACHER_OR_NOBODY)
    def transfer_is_accepted(self, key: ObjectId, teacher: Person | None) -> None:
        for transfer in Transfer.objects(candidacy=key, state="proposed"):
            values = {"followers": [teacher.id] if teacher else []}
            self.lived(arrivals.accept, self.by(self.offices[transfer.to_school]), transfer, values)

    @rule(key=CANDIDACY, withdrawn=st.booleans())
    def transfer_is_not_accepted(self, key: ObjectId, withdrawn: bool) -> None:
        for transfer in Transfer.objects(candidacy=key, state="proposed"):
            act, office = (
                (transfers.withdraw, transfer.school) if withdrawn else (transfers.decline, transfer.to_school)
            )
            self.lived(act, self.by(self.offices[office]), transfer, WHY)

    @rule(person=PERSON, successor=TEACHER_OR_NOBODY)
    def revoke(self, person: Person, successor: Person | None) -> None:
        fresh = Person.objects.get(pk=person.id)
        for grant in fresh.live_grants[:1]:
            to = successor.id if successor else None
            self.lived(self.grant_revoked, self.by(self.world.administrator), fresh, grant.id, to)

    def grant_revoked(self, by: Any, person: Person, grant: ObjectId, successor: ObjectId | None, at: datetime) -> Any:
        return departures.revoke_grant(by, person, grant, at, successor)

    @rule(person=PERSON)
    def suspend(self, person: Person) -> None:
        fresh = Person.objects.get(pk=person.id)
        if self.lived(suspensions.suspend, self.by(self.world.administrator), fresh, WHY):
            self.suspended.append(fresh.id)

    @precondition(lambda self: self.suspended)
    @rule(key=among(lambda machine: machine.suspended))
    def reinstate(self, key: ObjectId) -> None:
        fresh = Person.objects.get(pk=key)
        if self.lived(suspensions.reinstate, self.by(self.world.administrator), fresh):
            self.suspended.remove(key)

    # --- a portfolio's work -----------------------------------------------------------------------

    @rule(key=CANDIDACY, placement=PLACEMENT_OR_NONE)
    def add_activity(self, key: ObjectId, placement: ObjectId | None) -> None:
        portfolio = Portfolio.objects.get(pk=key)
        context = "classe" if placement is None else "pfmp"
        values = {"title": "Relance des impayés", "context": context, "placement": placement}
        made = self.lived(deposit.add_activity, self.candidate_of(portfolio), portfolio, values)
        if made:
            self.activities.append(made.id)

    @precondition(lambda self: self.activities)
    @rule(key=ACTIVITY, placement=PLACEMENT_OR_NONE)
    def move_activity(self, key: ObjectId, placement: ObjectId | None) -> None:
        activity = Activity.objects.get(pk=key)
        values = {"placement": placement, "context": "pfmp"}
        self.lived(deposit.amend_activity, self.candidate_of(activity), activity, values)

    @precondition(lambda self: self.activities)
    @rule(key=ACTIVITY)
    def withdraw_activity(self, key: ObjectId) -> None:
        activity = Activity.objects.get(pk=key)
        self.lived(deposit.withdraw_activity, self.candidate_of(activity), activity)

    @rule(key=CANDIDACY, activity=among(lambda machine: [None, *machine.activities]))
    def deposit(self, key: ObjectId, activity: ObjectId | None) -> None:
        portfolio = Portfolio.objects.get(pk=key)
        values: dict[str, Any] = {"type_code": "REF1", "title": "Lettre", "nature": "production"}
        values |= {"situation": "simulee", "context": "classe", "produced_on": DATES.produced_on.isoformat()}
        values |= {"description": {"context": "En classe", "aim": "Relancer", "result": "12 règlements"}}
        values |= {"competences": [{"competence": "C1", "justification": "Voir le document."}], "activity": activity}
        values |= {"criteria": ["K1"], "tool_families": ["T2"], "permission": "accordee", "anonymisation": "fait"}
        values["assistance_used"] = False
        made = self.lived(deposit.add_piece, self.candidate_of(portfolio), portfolio, values)
        if made:
            self.pieces[made.id] = key

    @precondition(lambda self: self.activities)
    @rule(key=ACTIVITY, whom=TEACHER_OR_NOBODY)
    def ask(self, key: ObjectId, whom: Person | None) -> None:
        """Both seats of the activity."""
        activity = Activity.objects.get(pk=key)
        by = self.candidate_of(activity)
        self.lived(requests.request, by, activity, "tutor", None)
        self.lived(requests.request, by, activity, "teacher", whom.id if whom else None)

    @rule(key=CANDIDACY)
    def ask_for_all(self, key: ObjectId) -> None:
        for activity in Activity.objects(candidacy=key, withdrawn_at=None).scalar("id"):
            self.ask(activity, None)

    @precondition(lambda self: seen.waiting())
    @rule(request=among(lambda _: seen.waiting()))
    def answer(self, request: Attestation) -> None:
        if request.person is not None and Candidacy.objects.get(pk=request.candidacy).in_ccf:
            by, activity = self.by(Person.objects.get(pk=request.person)), Activity.objects.get(pk=request.activity)
            shown = content.content_for(by, activity, request.seat).digest
            told = (request.seat, "confirmed", shown, "Vu ensemble.", None, None)
            assert self.lived(answers.answer, by, activity, *told), "who is asked may answer"

    @precondition(lambda self: self.placements)
    @rule(key=PLACEMENT)
    def write_reality(self, key: ObjectId) -> None:
        placement = Placement.objects.get(pk=key)
        followers = self.candidacy(placement.candidacy).followers
        if followers and RealityEvaluation.objects(placement=key).first() is None:
            self.lived(reality.write, self.by(Person.objects.get(pk=followers[0])), placement, "Relances, vues.")

    # --- mails ------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 3, 12]))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            before = seen.asked_of_each()
            self.clock.advance(days=1)
            deliver(self.clock)
            self.look_at_mails(before)
        each_replacement_kept_its_days(self.clock().date().isoformat())

    def look_at_mails(self, before: dict[ObjectId, set[ObjectId]]) -> None:
        for row in rows(self.store):
            if row["done_at"] is not None and row["_id"] not in self.done:
                self.done.add(row["_id"])
                if row.get("outcome") == "sent":
                    seen.no_mail_went_to_who_is_gone(row, before, self.clock())

    # --- what must be so --------------------------------------------------------------------------

    @invariant()
    def requests_wait_for_whom_can_answer(self) -> None:
        seen.no_request_waits_for_whom_cannot_answer(self.clock())
        for candidacy in Candidacy.objects:
            seen.what_was_asked_waits_or_reads_to_be_asked_again(candidacy)
            seen.who_follows_teaches_there(candidacy)

    @invariant()
    def boards_count_the_living(self) -> None:
        offices = [(school, self.offices[school.id]) for school in self.schools]
        for session in sorted(Candidacy.objects.distinct("session")):
            seen.boards_count_the_living(offices, session, self.clock())
            for teacher in self.teachers:
                seen.a_teacher_has_their_own_before_them(teacher, session, self.clock())

    @invariant()
    def no_piece_is_lost(self) -> None:
        seen.every_piece_is_its_holders(self.pieces, self.clock())
        keeps_its_file_and_sign_offs(self.taken)

    def teardown(self) -> None:
        is_in_the_store(self.taken)
        assert [*verify(), *verify_stored()] == []


def test_lives_in_any_order(store: Connections) -> None:
    accepted: Counter[str] = Counter()
    chosen = settings(QUIET, max_examples=3, stateful_step_count=24, phases=[Phase.generate])
    run_state_machine_as_test(partial(Lives, store, accepted), settings=chosen)
    assert {"set_followers", "request", "add_piece", "convene"} <= set(accepted)


def test_each_act_of_a_life_is_accepted_somewhere(store: Connections) -> None:
    """In any order an act may happen to be refused each time: here is an order in which none is."""
    accepted: Counter[str] = Counter()
    life = Lives(store, accepted)
    (first,), (teacher, colleague) = life.candidacies, life.teachers[:2]
    life.replace_tutor(life.placements[0])
    life.replace_teacher(teacher, colleague, 0, 10)
    life.end_replacement((life.schools[0].id, life.schools[0].reload().replacements[-1].id))
    life.replace_teacher(teacher, colleague, 2, 1)
    life.days_pass(12)
    (commission,) = Commission.objects(state="convened").scalar("id")
    life.replace_member(commission, 1, life.tutors[-1])
    for act in (life.draw_up_a_sheet, life.void, life.draw_up_a_sheet, life.sign, life.transmit):
        live = Sheet.objects(live=True).first()
        act(live.id if live else commission)
        for holds in (life.sheets_stay_as_they_were_drawn_up, life.boards_count_the_living):
            holds()
    life.repeat(first, teacher, True)
    life.enrol(teacher)
    life.suspend(colleague)
    life.reinstate(colleague.id)
    life.give_up(life.candidacies[-1])
    life.requests_wait_for_whom_can_answer()
    life.no_piece_is_lost()
    life.teardown()
    assert {"suspend", "reinstate", "replace_tutor", "abandon", "replace_member", "reuse"} <= set(accepted)
    assert {"replace_teacher", "end_replacement", "draw_up", "void", "signed", "transmit"} <= set(accepted)
    assert Sheet.objects.get(live=True).state == "transmitted"


@pytest.mark.endure
def test_lives_in_any_order_for_long(store: Connections) -> None:
    chosen = settings(QUIET, max_examples=100, stateful_step_count=60)
    run_state_machine_as_test(partial(Lives, store, Counter()), settings=chosen)

"""A teacher is replaced for a time, a commission judges and its sheet goes its way, in any order with all the rest."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from portfolio.commission import assess, grids
from portfolio.commission.meeting import HeldMeeting, record_meeting
from portfolio.documents import Assessment, Candidacy, Commission, Grid, Person, Portfolio, School, Sheet
from portfolio.enrolment.moves import replacements
from portfolio.sheet import draw_up, transmit
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.states import sheets_seen
from tests.states.lives_ends import COMMISSION, EndsLived, convened
from tests.states.lives_school import TEACHER, WHY, among
from tests.support.worlds.commissions import APPRECIATION, PASSWORD, ROWS, with_password


def live_sheets() -> list[ObjectId]:
    return list(Sheet.objects(live=True).order_by("id").scalar("id"))


SHEET = among(lambda _: live_sheets())


class SheetsLived(EndsLived):
    def __init__(self, store: Connections, accepted: Counter[str]) -> None:
        super().__init__(store, accepted)
        self.drawn: dict[ObjectId, sheets_seen.AsDrawnUp] = {}

    # --- a teacher is replaced --------------------------------------------------------------------

    @rule(absent=TEACHER, substitute=TEACHER, begins=st.sampled_from([0, 2]), lasts=st.sampled_from([None, 1, 10]))
    def replace_teacher(self, absent: Person, substitute: Person, begins: int, lasts: int | None) -> None:
        for grant in Person.objects.get(pk=absent.id).live_grants[:1]:
            school = School.objects.get(pk=grant.school)
            first = self.clock().date() + timedelta(days=begins)
            last = None if lasts is None else (first + timedelta(days=lasts)).isoformat()
            values: Any = {"absent": absent.id, "substitute": substitute.id, "division": None}
            values |= {"starts_on": first.isoformat(), "ends_on": last}
            before = sheets_seen.followed()
            made = self.lived(replacements.replace_teacher, self.office_of(grant), school, values)
            sheets_seen.nobody_is_left_alone(before)
            if made and begins == 0:
                sheets_seen.the_substitute_follows(made.replacements[-1])

    @precondition(lambda self: any(school.replacements for school in School.objects))
    @rule(which=among(lambda _: [(one.id, other.id) for one in School.objects for other in one.replacements]))
    def end_replacement(self, which: tuple[ObjectId, ObjectId]) -> None:
        school = School.objects.get(pk=which[0])
        before = sheets_seen.followed()
        values: Any = {"replacement": which[1], "ends_on": None}
        self.lived(replacements.end_replacement, self.by(self.offices[school.id]), school, values)
        sheets_seen.nobody_is_left_alone(before)

    # --- a sheet ----------------------------------------------------------------------------------

    @precondition(lambda _: convened())
    @rule(key=COMMISSION)
    def draw_up_a_sheet(self, key: ObjectId) -> None:
        """All that comes before it, by whoever sits; a member who cannot act leaves it where it is."""
        commission = Commission.objects.get(pk=key)
        portfolio = Portfolio.objects.get(pk=commission.candidacy)
        self.lived(submit.submit, self.candidate_of(portfolio), portfolio, True)
        members = [Person.objects.get(pk=member) for member in commission.members]
        for person in members:
            self.fills(commission, person)
        for grid in Grid.objects(commission=key, live=True, member=None):
            self.filled(grid, members[0])
        by, named = self.by(members[0]), {"candidacy": commission.candidacy}
        judged = named | {"appreciation": APPRECIATION, "proposed_mark": "14,5"}
        self.lived(assess.appraise, by, Assessment.objects.get(pk=key), judged)
        held: Any = {"held_at": self.clock(), "place": "Salle B12", "present": commission.members, "confirmed": True}
        self.lived(record_meeting, by, Commission.objects.get(pk=key), HeldMeeting(**held))
        sheet = self.lived(draw_up.draw_up, by, Assessment.objects.get(pk=key))
        if sheet is not None:
            self.drawn[sheet.id] = sheets_seen.as_drawn_up(sheet)

    def fills(self, commission: Commission, person: Person) -> None:
        for grid in Grid.objects(commission=commission.id, live=True, member=person.id):
            self.filled(grid, person)
            self.lived(grids.seal, self.by(person), Grid.objects.get(pk=grid.id))

    def filled(self, grid: Grid, person: Person) -> None:
        values = {"candidacy": grid.candidacy, "degrees": dict.fromkeys(ROWS, "S"), "observations": {}}
        self.lived(grids.fill, self.by(person), grid, values)

    @precondition(lambda _: live_sheets())
    @rule(key=SHEET)
    def sign(self, key: ObjectId) -> None:
        for member in Sheet.objects.get(pk=key).members:
            sheet, person = Sheet.objects.get(pk=key), with_password(Person.objects.get(pk=member))
            self.lived(self.signed, self.by(person), sheet)

    def signed(self, by: Any, sheet: Sheet, at: Any) -> Sheet:
        return draw_up.sign(by, sheet, sheet.digest, PASSWORD, at, confirmed=True)

    @precondition(lambda _: live_sheets())
    @rule(key=SHEET)
    def transmit(self, key: ObjectId) -> None:
        sheet = Sheet.objects.get(pk=key)
        self.lived(transmit.transmit, self.office_of(sheet), sheet)

    @precondition(lambda _: live_sheets())
    @rule(key=SHEET)
    def void(self, key: ObjectId) -> None:
        sheet = Sheet.objects.get(pk=key)
        for member in sheet.members[:1]:
            self.lived(draw_up.void, self.by(Person.objects.get(pk=member)), sheet, WHY)

    # --- what must be so --------------------------------------------------------------------------

    @invariant()
    def sheets_stay_as_they_were_drawn_up(self) -> None:
        sheets_seen.sheets_are_as_drawn_up(self.drawn)
        for candidacy in Candidacy.objects:
            sheets_seen.at_most_one_sheet_lives_and_its_candidate_reads_none(candidacy, self.clock())
        for school in self.schools:
            office = self.offices[school.id]
            sheets_seen.the_office_is_told_of_each_signed_sheet(school, office, self.clock())

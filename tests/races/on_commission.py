"""What office, members, jury and candidate do around one commission, in no order at all."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from portfolio.commission import amend, assess, convene, grids
from portfolio.commission.meeting import HeldMeeting, record_meeting
from portfolio.documents import (
    Assessment,
    Candidacy,
    Commission,
    Evidence,
    Grid,
    Jury,
    Person,
    Portfolio,
    Sheet,
    Submission,
)
from portfolio.jury import jury, releases
from portfolio.policy.relations import Actor
from portfolio.sheet import draw_up, transmit
from portfolio.submission import submit
from tests.races.crowd import NothingToDo
from tests.support.worlds.commissions import APPRECIATION, MEETS_AT, PASSWORD, ROWS, appraised, with_password
from tests.support.worlds.world import World

REASON = "Erreur relevée en séance."


@dataclass(frozen=True)
class Place:
    """members: who may sit; the first one follows the candidate."""

    candidacy: ObjectId
    candidate: ObjectId
    members: tuple[ObjectId, ...]
    tutor: ObjectId
    office: ObjectId
    jury_member: ObjectId
    jury: ObjectId


def place_in(world: World) -> Place:
    world.new_piece()
    world.new_piece(title="Autre élément", nature="autre")
    appraised(world)
    assert world.jury
    people = [world.follower, world.tutor, world.second_teacher]
    for person in people:
        with_password(person)
    outside = (world.tutor.id, world.office.id, world.jury_member.id, world.jury.id)
    return Place(world.candidacy.id, world.candidate.id, tuple(one.id for one in people), *outside)


TAKEN_BACK = 5


class OnCommission:
    def __init__(self, place: Place, draw: random.Random) -> None:
        self.place, self.draw = place, draw
        self.acts: dict[str, tuple[int, Callable[[datetime], object]]] = {
            "convene": (8, self.convene),
            "move": (6, self.move),
            "cancel": (1, self.cancel),
            "replace": (2, self.replace),
            "fill": (10, self.fill),
            "seal": (12, self.seal),
            "admit": (3, self.admit),
            "retain": (4, self.retain),
            "choose?": (2, self.choose),
            "appraise": (10, self.appraise),
            "meet": (10, self.meet),
            "draw_up": (14, self.draw_up),
            "sign": (16, self.sign),
            "void": (8, self.void),
            "transmit": (3, self.transmit),
            "decide": (2, self.decide),
            "confirm?": (2, self.confirm),
            "submit": (6, self.submit),
            "reopen": (8, self.reopen),
        }

    def by(self, person: Any) -> Actor:
        return Actor(Person.objects.get(pk=person))

    def latest(self, kind: Any, order: str, **standing: Any) -> Any:
        """The one that stands, else the one that came last."""
        of_candidate = kind.objects(candidacy=self.place.candidacy)
        found = of_candidate.filter(**standing).first() or of_candidate.order_by(order).first()
        if found is None:
            raise NothingToDo
        return found

    def commission(self) -> Commission:
        return self.latest(Commission, "-created_at", state="convened")

    def sheet(self) -> Sheet:
        return self.latest(Sheet, "-number", live=True)

    def assessment(self) -> Assessment:
        return Assessment.objects.get(pk=self.commission().id)

    def member(self, thing: Any) -> Actor:
        return self.by(self.draw.choice(thing.members))

    # --- the office -------------------------------------------------------------------------------

    def convene(self, at: datetime) -> None:
        second = self.draw.choice(self.place.members[1:])
        values = {"meets_at": MEETS_AT, "place": "Salle B12", "mode": self.draw.choice(["sealed", "together"])}
        values |= {"professor": self.place.members[0], "second": second, "tutor_absence": self.absence(second)}
        candidacy = Candidacy.objects.get(pk=self.place.candidacy)
        convene.convene(self.by(self.place.office), candidacy, values, at)

    def absence(self, second: Any) -> str | None:
        return None if second == self.place.tutor else "En congé"

    def move(self, at: datetime) -> None:
        when = MEETS_AT + timedelta(days=self.draw.randrange(10))
        amend.move(self.by(self.place.office), self.commission(), when, "Salle A1", at)

    def cancel(self, at: datetime) -> None:
        amend.cancel(self.by(self.place.office), self.commission(), REASON, at)

    def replace(self, at: datetime) -> None:
        commission = self.commission()
        arriving = self.draw.choice(self.place.members[1:])
        values = {"leaving": commission.members[1], "arriving": arriving, "reason": REASON}
        values |= {"tutor_absence": self.absence(arriving)}
        amend.replace_member(self.by(self.place.office), commission, values, at)

    def transmit(self, at: datetime) -> None:
        transmit.transmit(self.by(self.place.office), self.sheet(), at)

    # --- the members ------------------------------------------------------------------------------

    def grid(self) -> tuple[Actor, Grid]:
        commission = self.commission()
        person = self.draw.choice(commission.members)
        mine = {"commission": commission.id, "live": True, "member": self.draw.choice([person, person, None])}
        grid = Grid.objects(**mine).first()
        if grid is None:
            raise NothingToDo
        return self.by(person), grid

    def fill(self, at: datetime) -> None:
        by, grid = self.grid()
        rows = ROWS if self.draw.random() < 0.9 else ROWS[:3]
        values = {"candidacy": grid.candidacy, "degrees": dict.fromkeys(rows, self.draw.choice(["S", "TS", "TI"]))}
        values["observations"] = dict.fromkeys(rows, "Vu en séance.")
        grids.fill(by, grid, values, at)

    def seal(self, at: datetime) -> None:
        by, grid = self.grid()
        grids.seal(by, grid, at)

    def piece(self) -> Any:
        return self.draw.choice(list(Evidence.objects(candidacy=self.place.candidacy))).id

    def admit(self, at: datetime) -> None:
        assessment = self.assessment()
        assess.admit(self.member(assessment), assessment, self.piece(), self.draw.random() < 0.7, at)

    def retain(self, at: datetime) -> None:
        assessment = self.assessment()
        assess.retain(self.member(assessment), assessment, self.piece(), self.draw.random() < 0.7, at)

    def choose(self, at: datetime) -> None:
        assessment = self.assessment()
        assess.choose_submission(
            self.member(assessment), assessment, self.latest(Submission, "-number", number=0).number, at
        )

    def appraise(self, at: datetime) -> None:
        assessment = self.assessment()
        values: dict[str, Any] = {"candidacy": assessment.candidacy, "appreciation": APPRECIATION}
        values["proposed_mark"] = self.draw.choice(["14,5", "8", "12"])
        values["outcome"] = None
        if self.draw.random() < 0.1:
            values |= {"outcome": "absent", "proposed_mark": None}
        assess.appraise(self.member(assessment), assessment, values, at)

    def meet(self, at: datetime) -> None:
        commission = self.commission()
        held = HeldMeeting(at, "Salle B12", commission.members, confirmed=True)
        record_meeting(self.member(commission), commission, held, at)

    def draw_up(self, at: datetime) -> None:
        assessment = self.assessment()
        draw_up.draw_up(self.member(assessment), assessment, at)

    def sign(self, at: datetime) -> None:
        sheet = self.sheet()
        draw_up.sign(self.member(sheet), sheet, sheet.digest, PASSWORD, at, confirmed=True)

    # --- the jury, and the candidate --------------------------------------------------------------

    def void(self, at: datetime) -> None:
        sheet = self.sheet()
        who = self.draw.choice([*sheet.members, self.place.office, self.place.jury_member])
        draw_up.void(self.by(who), sheet, REASON, at)

    def decide(self, at: datetime) -> None:
        sheet = self.sheet()
        jury.set_final_mark(self.by(self.place.jury_member), sheet, self.draw.choice(["11", "12,5"]), REASON, at)

    def confirm(self, at: datetime) -> None:
        jury.confirm_proposals(self.by(self.place.jury_member), Jury.objects.get(pk=self.place.jury), at)

    def submit(self, at: datetime) -> None:
        portfolio = Portfolio.objects.get(pk=self.place.candidacy)
        submit.submit(self.by(self.place.candidate), portfolio, True, at)

    def reopen(self, at: datetime) -> None:
        portfolio = Portfolio.objects.get(pk=self.place.candidacy)
        submit.reopen(self.by(self.place.members[0]), portfolio, "À compléter", at)


class OnSheet(OnCommission):
    """A sheet on its way to its candidate, while its commission and the jury may still take it back."""

    def __init__(self, place: Place, draw: random.Random) -> None:
        super().__init__(place, draw)
        weights = {"draw_up": 12, "sign": 40, "transmit": 20, "decide": 16, "confirm?": 6, "void": 5}
        self.acts = {name: (weight, self.acts[name][1]) for name, weight in weights.items()}
        self.acts |= {"publish?": (2, self.publish), "correct": (8, self.correct), "release": (6, self.release)}

    def publish(self, at: datetime) -> None:
        """Once sheets were taken back often enough: nothing is, afterwards."""
        if Sheet.objects(candidacy=self.place.candidacy, state="voided").count() < TAKEN_BACK:
            return
        jury.publish(self.by(self.place.jury_member), Jury.objects.get(pk=self.place.jury), REASON, at)

    def correct(self, at: datetime) -> None:
        mark = self.draw.choice(["13", "15"])
        jury.correct(self.by(self.place.jury_member), self.sheet(), mark, REASON, at)

    def release(self, at: datetime) -> None:
        releases.release_sheet(self.by(self.place.jury_member), self.sheet(), "CADA 12", at)

"""A fictional class at work, so that every page of `make run` has something to show: the same verbs as real people."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from portfolio.commission import assess, convene, grids
from portfolio.commission.meeting import HeldMeeting, record_meeting
from portfolio.documents import (
    Activity,
    Assessment,
    Candidacy,
    Commission,
    Evidence,
    Grid,
    Person,
    Placement,
    Portfolio,
    School,
)
from portfolio.evidence import class_results, deposit, upload_ending, uploads
from portfolio.policy.relations import Actor
from portfolio.sheet import draw_up
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.asking import requests
from portfolio.submission import submit
from rehearsal import pieces
from rehearsal.dates import Dates, dates_of

ROWS = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")
SLOT = timedelta(minutes=30)
EIGHT = 8
AGREED = "Les missions confiées correspondent à la convention et ont été menées par le candidat."


@dataclass
class Class:
    """Who acts, and when: `at`, in the academy's `zone` (IANA).

    placed: (candidacy, placement) of each candidate, in the order they were enrolled.
    """

    school: School
    office: Actor
    follower: Actor
    passwords: dict[Any, str]
    placed: list[tuple[Candidacy, Placement]]
    at: datetime
    zone: str
    convened: list[Any] = field(default_factory=list)

    @cached_property
    def dates(self) -> Dates:
        return dates_of(self.at, self.zone)

    def begin(self) -> None:
        """Of eight, each a step further than the one before, up to a sheet to be signed; two have nothing at all."""
        steps = (self._begins, self._asks, self._submits, self._is_convened, self._is_half_scored, self._is_drawn_up)
        for rank, placed in enumerate(self.placed):
            if rank % EIGHT < len(steps):
                steps[rank % EIGHT](*placed)
        self._checks()

    def _begins(self, candidacy: Candidacy, placement: Placement) -> list[Activity]:
        """Deposits, and leaves a piece unfinished."""
        by, activity = self._deposits(candidacy, placement)
        portfolio = Portfolio.objects.get(pk=candidacy.id)
        values = {
            "type_code": "EML2",
            "nature": "production",
            "title": "Échange avec un sociétaire sur son contrat",
            "activity": activity.id,
        }
        deposit.add_piece(by, portfolio, values, self.at)
        requests.request_many(by, [activity], "tutor", None, self.at)
        return [activity]

    def _asks(self, candidacy: Candidacy, placement: Placement) -> None:
        """Has one answer of two."""
        by, activity = self._deposits(candidacy, placement)
        requests.request_many(by, [activity], "teacher", None, self.at)
        self._confirms(activity, "tutor", placement.tutor)

    def _submits(self, candidacy: Candidacy, placement: Placement) -> None:
        by, activity = self._deposits(candidacy, placement)
        self._confirms(activity, "tutor", placement.tutor)
        self._confirms(activity, "teacher", self.follower.id)
        evaluation = reality.write(self.follower, Placement.objects.get(pk=placement.id), AGREED, self.at)
        reality.concur(_actor(placement.tutor), evaluation, evaluation.digest, self.at)
        submit.submit(by, Portfolio.objects.get(pk=candidacy.id), True, self.at)

    def _is_convened(self, candidacy: Candidacy, placement: Placement) -> Commission:
        self._submits(candidacy, placement)
        values = {
            "meets_at": self.dates.meets_at(self.zone) + len(self.convened) * SLOT,
            "place": "Salle B 204",
            "mode": "sealed",
        }
        values |= {"professor": self.follower.id, "second": placement.tutor}
        commission = convene.convene(self.office, Candidacy.objects.get(pk=candidacy.id), values, self.at)
        self.convened.append(commission.id)
        return commission

    def _is_half_scored(self, candidacy: Candidacy, placement: Placement) -> None:
        commission = self._is_convened(candidacy, placement)
        self._scores(commission, self.follower, {})

    def _is_drawn_up(self, candidacy: Candidacy, placement: Placement) -> None:
        """Scored by both, agreed, signed by one."""
        commission = self._is_convened(candidacy, placement)
        self._scores(commission, self.follower, {})
        self._scores(commission, _actor(placement.tutor), {"C43": "I"})
        by, about = _actor(self.follower.id), {"candidacy": candidacy.id}
        shared = Grid.objects.get(commission=commission.id, member=None, live=True)
        grids.fill(by, shared, {**about, "degrees": {"C43": "S"}, "observations": {}}, self.at)
        said = {"appreciation": "Preuves variées et bien commentées.", "proposed_mark": "14,5"}
        assess.appraise(by, Assessment.objects.get(pk=commission.id), {**about, **said}, self.at)
        held = HeldMeeting(self.at, "Salle B 204", commission.members, confirmed=True)
        record_meeting(by, Commission.objects.get(pk=commission.id), held, self.at)
        sheet = draw_up.draw_up(by, Assessment.objects.get(pk=commission.id), self.at)
        draw_up.sign(by, sheet, sheet.digest, self.passwords[by.id], self.at, confirmed=True)

    def _deposits(self, candidacy: Candidacy, placement: Placement) -> tuple[Actor, Activity]:
        by = _actor(candidacy.person)
        values = pieces.activity(placement.id, self.dates)
        activity = deposit.add_activity(by, Portfolio.objects.get(pk=candidacy.id), values, self.at)
        for about, name, data in pieces.pieces(activity.id, self.dates):
            piece = deposit.add_piece(by, Portfolio.objects.get(pk=candidacy.id), about, self.at)
            said = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "relay": True}
            file = uploads.begin(by, Evidence.objects.get(pk=piece.id), said, self.at)
            uploads.receive_part(by, file, 1, io.BytesIO(data), self.at)
            upload_ending.finish(by, file, self.at)
        return by, Activity.objects.get(pk=activity.id)

    def _confirms(self, activity: Activity, seat: str, person: Any) -> None:
        by, activity = _actor(person), Activity.objects.get(pk=activity.id)
        seen = content.content_for(by, activity, seat)
        answers.answer(by, activity, seat, "confirmed", seen.digest, None, None, None, self.at)

    def _scores(self, commission: Commission, by: Actor, other: dict[str, str]) -> None:
        by = _actor(by.id)  # convened since: a seat is read once
        grid = Grid.objects.get(commission=commission.id, member=by.id, live=True)
        values = {"candidacy": grid.candidacy, "degrees": dict.fromkeys(ROWS, "S") | other}
        observed = dict.fromkeys(other, "Mentions à compléter.")
        grids.seal(by, grids.fill(by, grid, values | {"observations": observed}, self.at), self.at)

    def _checks(self) -> None:
        """Results of a class test, for those who have not submitted."""
        results = [{"candidacy": one.id, "score": str(11 + rank % 10)} for rank, (one, _) in enumerate(self._open())]
        values = {"title": "Protection des données : questionnaire", "maximum": "20"}
        values |= {"produced_on": self.dates.check_on.isoformat()}
        values |= {"competences": ["C43", "C46"], "criteria": ["K5"], "results": results}
        class_results.record_check(self.follower, self.school, values, self.at)

    def _open(self) -> list[tuple[Candidacy, Placement]]:
        open_ones = {one.id for one in Portfolio.objects(state="open").only("id")}
        return [(one, placed) for one, placed in self.placed if one.id in open_ones]


def _actor(person: Any) -> Actor:
    return Actor(Person.objects.get(pk=person))

"""What candidate, tutor, teacher and office do to one portfolio, in no order at all."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Evidence, EvidenceFile, Person, Portfolio
from portfolio.documents.attestations import ANSWERS
from portfolio.errors import Stale
from portfolio.evidence import deposit, upload_ending, uploads
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering import answers, content, waivers
from portfolio.sign_offs.asking import requests
from portfolio.submission import submit
from tests.races.crowd import NothingToDo
from tests.support.worlds.world import PDF, World

INSISTS = 20
MANY = 25  # pieces or activities: from there on more are withdrawn than added
EXECUTABLE = b"MZ" + bytes(200)
CLAIMS = [{"competence": "C1", "justification": "Voir le document."}]


@dataclass(frozen=True)
class Place:
    candidacy: ObjectId
    candidate: ObjectId
    tutor: ObjectId
    teacher: ObjectId
    office: ObjectId
    placement: ObjectId


def place_in(world: World) -> Place:
    world.new_piece()
    people = (world.candidate, world.tutor, world.follower, world.office)
    return Place(world.candidacy.id, *(person.id for person in people), world.placement.id)


class OnPortfolio:
    def __init__(self, place: Place, draw: random.Random) -> None:
        self.place, self.draw = place, draw
        self.seen: list[Any] = []  # things as they stood some acts ago
        self.acts: dict[str, tuple[int, Callable[[datetime], object]]] = {
            "add_activity": (3, self.add_activity),
            "amend_activity": (5, self.amend_activity),
            "withdraw_activity": (4, self.withdraw_activity),
            "add_piece": (8, self.add_piece),
            "amend_piece": (10, self.amend_piece),
            "map_piece": (6, self.map_piece),
            "withdraw_piece": (4, self.withdraw_piece),
            "begin": (4, self.begin),
            "send?": (5, self.send),
            "finish?": (6, self.finish),
            "remove": (2, self.remove),
            "submit": (4, self.submit),
            "reopen": (12, self.reopen),
            "ask": (4, self.ask),
            "answer": (8, self.answer),
            "waive": (2, self.waive),
        }

    # --- what is there ----------------------------------------------------------------------------

    def by(self, person: ObjectId) -> Actor:
        return Actor(Person.objects.get(pk=person))

    @property
    def candidate(self) -> Actor:
        return self.by(self.place.candidate)

    def portfolio(self) -> Portfolio:
        return Portfolio.objects.get(pk=self.place.candidacy)

    def one_of(self, kind: Any, **query: Any) -> Any:
        """As it stands now, or as it stood when it was last looked at."""
        if self.seen and self.draw.random() < 0.15:
            old = self.draw.choice(self.seen)
            if type(old) is kind:
                return old
        found = list(kind.objects(candidacy=self.place.candidacy, **query))
        if not found:
            raise NothingToDo
        chosen = self.draw.choice(found)
        self.seen = [*self.seen[-9:], kind.objects.get(pk=chosen.id)]
        return chosen

    def activity(self) -> Activity:
        return self.one_of(Activity, withdrawn_at=None)

    def too_many(self, kind: Any) -> None:
        if kind.objects(candidacy=self.place.candidacy, withdrawn_at=None).count() > MANY:
            raise NothingToDo

    def a_few(self, kind: Any) -> None:
        if kind.objects(candidacy=self.place.candidacy, withdrawn_at=None).count() < 3:
            raise NothingToDo

    # --- the candidate ----------------------------------------------------------------------------

    def add_activity(self, at: datetime) -> None:
        self.too_many(Activity)
        context = self.draw.choice(["classe", "pfmp"])
        values = {"title": "Relance", "context": context}
        values |= {"placement": self.place.placement if context == "pfmp" else None}
        deposit.add_activity(self.candidate, self.portfolio(), values, at)

    def amend_activity(self, at: datetime) -> None:
        deposit.amend_activity(self.candidate, self.activity(), {"mission": f"Mission {at}"}, at)

    def withdraw_activity(self, at: datetime) -> None:
        self.a_few(Activity)
        deposit.withdraw_activity(self.candidate, self.activity(), at)

    def add_piece(self, at: datetime) -> None:
        self.too_many(Evidence)
        values: dict[str, Any] = {"type_code": "REF1", "title": f"Lettre {at}", "nature": "production"}
        values |= {"situation": "simulee", "context": "classe", "produced_on": "2026-06-02"}
        values |= {"description": {"aim": "Relancer"}, "activity": self.activity().id}
        if self.draw.random() < 0.7:
            values["competences"] = CLAIMS
        deposit.add_piece(self.candidate, self.portfolio(), values, at)

    def amend_piece(self, at: datetime) -> None:
        deposit.amend_piece(self.candidate, self.one_of(Evidence), {"title": f"Lettre {at}"}, at)

    def map_piece(self, at: datetime) -> None:
        values = {"activity": self.activity().id, "competences": self.draw.choice([CLAIMS, CLAIMS, []])}
        deposit.amend_piece(self.candidate, self.one_of(Evidence), values, at)

    def withdraw_piece(self, at: datetime) -> None:
        self.a_few(Evidence)
        deposit.withdraw_piece(self.candidate, self.one_of(Evidence), at)

    def begin(self, at: datetime) -> None:
        by = self.candidate
        if EvidenceFile.objects(candidacy=self.place.candidacy, removed_at=None).count() > MANY:
            raise NothingToDo
        data = PDF if self.draw.random() < 0.7 else EXECUTABLE
        uploads.begin(by, self.one_of(Evidence, withdrawn_at=None), {"name": "lettre.pdf", "size": len(data)}, at)

    def send(self, at: datetime) -> None:
        file = self.one_of(EvidenceFile, state="pending")
        data = PDF if file.declared_size == len(PDF) else EXECUTABLE
        uploads.receive_part(self.candidate, file, 1, io.BytesIO(data), at)

    def finish(self, at: datetime) -> None:
        upload_ending.finish(self.candidate, self.one_of(EvidenceFile, state="pending"), at)

    def remove(self, at: datetime) -> None:
        upload_ending.remove(self.candidate, self.one_of(EvidenceFile), at)

    def submit(self, at: datetime) -> None:
        """Insisting, as whoever is told each time that something moved meanwhile."""
        without_drafts = self.draw.random() < 0.8
        for _ in range(INSISTS):
            with suppress(Stale):
                submit.submit(self.candidate, self.portfolio(), without_drafts, at)
                return
        submit.submit(self.candidate, self.portfolio(), without_drafts, at)

    # --- the others -------------------------------------------------------------------------------

    def reopen(self, at: datetime) -> None:
        who = self.draw.choice([self.place.teacher, self.place.office])
        submit.reopen(self.by(who), self.portfolio(), "À compléter", at)

    def ask(self, at: datetime) -> None:
        requests.request(self.candidate, self.activity(), self.draw.choice(["tutor", "teacher"]), None, at)

    def answer(self, at: datetime) -> None:
        seat = self.draw.choice(["tutor", "teacher"])
        by, activity = self.by(getattr(self.place, seat)), self.activity()
        seen = content.content_for(by, activity, seat)
        said = self.draw.choice(ANSWERS)
        answers.answer(by, activity, seat, said, seen.digest, "Vu ensemble.", None, None, at)

    def waive(self, at: datetime) -> None:
        waivers.waive_tutor(self.by(self.place.teacher), self.activity(), "Le tuteur a quitté l'entreprise.", at)

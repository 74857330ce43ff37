"""Says what was done since with what a list wrote: whatever was used stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import KINDS, Candidacy, Grant, ListImport, Person, Placement, Portfolio, SignIn
from portfolio.documents.fields import CandidacyThing, Thing, by_id
from portfolio.documents.people import PersonState
from portfolio.documents.places import WrittenKind, WrittenRow
from portfolio.enrolment.moves.departures import left_by
from portfolio.store.connections import current

# All that is stored below a candidacy, but for what an enrolment and a period write themselves.
_KINDS: list[type[Thing]] = list(KINDS.values())
_BELOW = [kind for kind in _KINDS if issubclass(kind, CandidacyThing) and kind not in (Placement, Portfolio)]
_OF_PERIODS = [kind for kind in _BELOW if "placement" in kind._fields]
# What somebody is asked, or says, about a candidate: (collection, field that names them).
_ASKED = (
    ("attestations", "person"),
    ("commissions", "members"),
    ("feedback", "author"),
    ("reality_evaluations", "concurrences.person"),
)
ADDRESS_STAYS = "L'adresse e-mail donnée reste : des courriels ont pu y partir."
CHANGED = "Quelque chose y a changé depuis : corrigez-le à sa page."


class InPart(str):
    """Why a part of a line stays; the rest of it was taken back."""

    __slots__ = ()


@dataclass(frozen=True)
class ListUse:
    """What a list wrote, as it is now. added: ids of the periods that it added. used: candidacies and periods below
    which something is stored since. other_periods: candidacies that have a period of elsewhere. letters_left: people
    whose invitation had left.
    """

    written: ListImport
    candidacies: dict[ObjectId, Candidacy]
    portfolios: dict[ObjectId, Portfolio]
    placements: dict[ObjectId, Placement]
    added: set[ObjectId]
    used: set[ObjectId]
    other_periods: set[ObjectId]
    letters_left: set[ObjectId]

    def periods_of(self, candidacy: Candidacy) -> list[Placement]:
        """Returns the periods of a candidate that the list added and that are still there."""
        mine = (self.placements[key] for key in self.added if key in self.placements)
        return [placement for placement in mine if placement.candidacy == candidacy.id]

    def of_candidate(self, candidacy: Candidacy, row: WrittenRow) -> str | None:
        """Returns why a candidacy that the list made stays, None where nothing was done with it."""
        if candidacy.id in self.used:
            return "Quelque chose a déjà été fait pour ce candidat : dépôt, demande, commission ou transfert."
        if candidacy.id in self.other_periods:
            return "Ce candidat a une autre période en entreprise."
        for placement in self.periods_of(candidacy):
            if reason := self.of_period(placement):
                return f"Une de ses périodes est utilisée. {reason}"
        named = sum(row.kind == WrittenKind.FOLLOWERS and row.thing == candidacy.id for row in self.written.rows)
        portfolio = self.portfolios.get(candidacy.id)
        still = candidacy.revision == 1 + named and candidacy.held == row.after["candidacy"]
        untouched = portfolio is None or (portfolio.revision == 1 and portfolio.held == row.after["portfolio"])
        return None if still and untouched else "Ce candidat, ou son portfolio, a changé depuis."

    def of_period(self, placement: Placement) -> str | None:
        """Returns why a period that the list added stays, None where nothing was done with it."""
        if placement.id in self.used:
            return "Une activité, une demande ou un certificat y est rattaché."
        named = sum(
            row.kind == WrittenKind.TUTOR and row.thing == placement.id and "email" not in row.after
            for row in self.written.rows
        )
        untouched = placement.revision == 1 + named and not placement.held
        return None if untouched else "Cette période a changé depuis."


def use_of(written: ListImport) -> ListUse:
    """Returns what a list wrote as it is now, in a number of queries that does not depend on its length."""
    things: dict[str, list[ObjectId]] = {}
    for row in written.rows:
        things.setdefault(row.kind, []).append(row.thing)
    added = set(things.get(WrittenKind.PERIOD, []))
    placements = by_id(Placement, [*added, *things.get(WrittenKind.PERIOD_CORRECTED, [])])
    of_people = (WrittenKind.CANDIDATE, WrittenKind.CANDIDATE_CORRECTED, WrittenKind.FOLLOWERS)
    candidacies = by_id(Candidacy, [key for kind in of_people for key in things.get(kind, [])])
    made = things.get(WrittenKind.CANDIDATE, [])
    portfolios = by_id(Portfolio, made)
    others = set(Placement.objects(candidacy__in=made, pk__nin=list(added)).scalar("candidacy"))
    invited = [*things.get(WrittenKind.TEACHER, []), *(candidacies[key].person for key in made if key in candidacies)]
    used = _candidacies_used(made) | _periods_used(placements)
    left = _letters_left(invited, written.created_at)
    return ListUse(written, candidacies, portfolios, placements, added, used, others, left)


def _candidacies_used(candidacies: list[ObjectId]) -> set[ObjectId]:
    below = {"candidacy": {"$in": candidacies}}
    return {key for kind in _BELOW for key in kind._get_collection().distinct("candidacy", below)}


def _periods_used(placements: dict[ObjectId, Placement]) -> set[ObjectId]:
    below = {"candidacy": {"$in": [placement.candidacy for placement in placements.values()]}}
    below |= {"placement": {"$in": list(placements)}}
    there = {key for kind in _OF_PERIODS for key in kind._get_collection().distinct("placement", below)}
    return there | {key for key, placement in placements.items() if placement.certificate is not None}


def _letters_left(people: list[ObjectId], since: datetime) -> set[ObjectId]:
    """Returns those of these people to whom an invitation was sent since."""
    sent = {"person": {"$in": people}, "kind": "invitation", "outcome": "sent", "done_at": {"$gte": since}}
    return set(current().database.outbox.distinct("person", sent))


def asked_of(people: list[ObjectId], candidacy: ObjectId) -> bool:
    """Returns True if one of these people was asked, or said, something about a candidate (ids)."""
    database = current().database
    return any(
        database[name].find_one({"candidacy": candidacy, field: {"$in": people}}, {"_id": 1}) is not None
        for name, field in _ASKED
    )


def of_teacher(person: Person, grant: Grant, since: datetime, at: datetime) -> str | None:
    """Returns why the right of a teacher whom a list invited stays, None where nothing was done with it. since: when
    the list was written.
    """
    came_in = person.state == PersonState.ACTIVE and person.grants[0].id == grant.id  # the account was made for it
    if came_in or SignIn.objects(person=person.id, created_at__gte=since).first() is not None:
        return "Ce professeur est déjà venu sur le service."
    left = left_by(person, grant, at)
    if left is None:
        return None
    facts = [
        (left.follows, "candidat suivi", "candidats suivis"),
        (left.requests, "demande attend sa réponse", "demandes attendent sa réponse"),
        (len(left.commissions), "commission à venir", "commissions à venir"),
    ]
    charges = [many(count, *words) for count, *words in facts if count]
    return f"Ce professeur est déjà chargé de quelque chose ici : {', '.join(charges)}." if charges else None

"""Computes the deadline of a candidate: the circular's, in the academy's zone, or the latest that was notified."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Academy, Candidacy
from portfolio.documents.candidacies import Adaptation
from portfolio.documents.fields import kept
from portfolio.documents.rows import Row
from portfolio.enrolment.institutions import academies_of, academy_of
from portfolio.enrolment.pinned import circular_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular import deadline_utc
from portfolio.rules.texts.circular_terms import Circular


def deadline_of(candidacy: Candidacy) -> datetime:
    """Returns the last instant to submit, in UTC: the circular's wall time in the academy's zone, or the latest
    notified to this candidate if it is later. Raises UnknownCircular, Invalid (an academy never created).
    """
    return deadline_in(candidacy, academy_of(candidacy.academy).timezone)


def deadline_binds(candidacy: Candidacy | Row) -> bool:
    """Returns whether the deadline refuses what comes after it: one that was notified, or read in a circular."""
    return not circular_of(candidacy).provisional or any(
        adaptation.deadline for adaptation in candidacy.adaptations or ()
    )


def deadline_in(candidacy: Candidacy | Row, zone: str) -> datetime:
    """Returns as `deadline_of`, without reading the academy. candidacy: a document or a row. zone: of its academy, an
    IANA name. Raises UnknownCircular, Invalid on `timezone`.
    """
    return deadline_under(circular_of(candidacy), candidacy.adaptations or (), zone)


def deadline_under(circular: Circular, adaptations: Iterable[Adaptation], zone: str) -> datetime:
    """Returns the last instant to submit, in UTC, under a circular and with notified adaptations. zone: IANA name.
    Raises Invalid on `timezone`.
    """
    notified = [adaptation.deadline for adaptation in adaptations if adaptation.deadline]
    return deadline_utc(circular, zone, max(notified) if notified else None)


@dataclass(frozen=True)
class KnownDeadline:
    """The deadline of a candidate as somebody may know it, in UTC. own: whether it is the candidate's; otherwise it is
    everybody's, and whether the candidate is late is not told either. provisional: nobody read or notified it.
    """

    at: datetime
    provisional: bool
    own: bool

    @property
    def late_after(self) -> datetime | None:
        """Returns the instant after which what comes is told to be late; None where lateness is not told at all: by the
        date of everybody, a candidate whose deadline moved would be called late, and by their own, told to be in time
        after the date of everybody.
        """
        return self.at if self.own else None


def is_told_lateness(by: Actor, candidacy: Candidacy | Row) -> bool:
    """Returns whether `by`, who reads the candidacy, is told what of it came late (`KnownDeadline.late_after`)."""
    return may(by, Action.READ_ADAPTATIONS, candidacy)


def known_deadline(by: Actor | None, candidacy: Candidacy | Row, zone: str) -> KnownDeadline:
    """Returns the deadline that `by`, who reads the candidacy, may know: that of the circular for whoever may not know
    of adaptations, since a later one says that there is one. by: None for a reader who is not named, and knows of none.
    zone: as for `deadline_in`. Raises UnknownCircular.
    """
    if by is not None and is_told_lateness(by, candidacy):
        return KnownDeadline(deadline_in(candidacy, zone), not deadline_binds(candidacy), own=True)
    circular = circular_of(candidacy)
    return KnownDeadline(deadline_under(circular, (), zone), circular.provisional, own=False)


def stored_deadlines(candidacies: Collection[ObjectId]) -> dict[ObjectId, datetime]:
    """Returns {candidacy id: its deadline in UTC} of those that exist, in one query that reads nothing else of them."""
    rows = _with_zones(candidacies, {"$project": {"circular": 1, "adaptations": 1, "region.timezone": 1}})
    return {row.id: deadline_in(row, zone) for row, zone in rows}


def stored_told_deadlines(by: Actor, candidacies: Collection[ObjectId]) -> dict[ObjectId, datetime | None]:
    """Returns {candidacy id: `KnownDeadline.late_after` to `by`} of those that exist, in one query."""
    return {row.id: known_deadline(by, row, zone).late_after for row, zone in _with_zones(candidacies)}


def _with_zones(
    candidacies: Collection[ObjectId], *more: dict[str, dict[str, object]]
) -> Iterator[tuple[Candidacy | Row, str]]:
    """Yields each candidacy with the zone of its academy, an IANA name; without a query where both are kept. more:
    stages of the query.
    """
    known = [candidacy for key in candidacies if (candidacy := kept(Candidacy, key)) is not None]
    academies = [academy for candidacy in known if (academy := kept(Academy, candidacy.academy)) is not None]
    if len(academies) == len(candidacies):
        yield from ((candidacy, academy.timezone) for candidacy, academy in zip(known, academies, strict=True))
        return
    ids = {"_id": {"$in": list(candidacies)}}
    zone = {"from": "academies", "localField": "academy", "foreignField": "code", "as": "region"}
    for row in Candidacy._get_collection().aggregate([{"$match": ids}, {"$lookup": zone}, *more]):
        yield Row(Candidacy, row), row["region"][0]["timezone"]


def told_deadlines(by: Actor | None, candidacies: Iterable[Candidacy]) -> dict[ObjectId, datetime | None]:
    """Returns {candidacy id: `KnownDeadline.late_after` to `by`} of candidacies at hand, in one query. by: as for
    `known_deadline`.
    """
    known = {candidacy.id: candidacy for candidacy in candidacies}
    academies = academies_of(candidacy.academy for candidacy in known.values())
    zones = {code: academy.timezone for code, academy in academies.items()}
    return {key: known_deadline(by, candidacy, zones[candidacy.academy]).late_after for key, candidacy in known.items()}

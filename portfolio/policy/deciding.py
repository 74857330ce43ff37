"""Who decides in a jury, among those who read what is before it: who holds a seat there, and sits on it.

A right over one academy reads its sheets beside a jury that several academies share, and a titular member goes on
reading while a deputy sits in their place; neither decides. A deputy who sits decides of marks, and never of who sits
(docs/decisions/0060).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Grant, Jury
from portfolio.documents.people import Role
from portfolio.documents.places import Seating
from portfolio.errors import Forbidden, RuleSource
from portfolio.policy.relations import EXAM_THERE, Actor, Clause, Predicate, clauses_of, jury_keys, whole_juries


class BesideItsJury(Forbidden):
    code = "beside_its_jury"
    source = RuleSource.INTEGRITY
    detail = (
        "Le jury de plusieurs académies décide ici : un droit sur une seule d'entre elles lit, il ne décide pas. "
        "Demandez à l'administrateur une invitation à ce jury."
    )


class DeputySits(Forbidden):
    code = "deputy_sits"
    source = RuleSource.INTEGRITY
    detail = (
        "Un suppléant siège à votre place : d'un siège, une seule personne décide. Enregistrez d'abord votre retour, "
        "sur la page « Membres » du jury."
    )


class DeputySeatsNobody(Forbidden):
    code = "deputy_seats_nobody"
    source = RuleSource.INTEGRITY
    detail = (
        "Un suppléant décide à la place d'un titulaire, mais ne fait siéger personne : demandez-le à un titulaire du "
        "jury ou à l'administrateur."
    )


def _is_beside(by: Actor, grant: Grant) -> bool:
    """Returns True if the right is over a part of the academies of a jury that is open."""
    return any(list(jury.academies) != grant.region for jury in _juries_of(by, grant))


def _is_replaced(by: Actor, grant: Grant) -> bool:
    """Returns True if a deputy sits for this person in the jury of the right."""
    seatings = (seating for jury in _juries_of(by, grant) for seating in jury.seatings)
    return any(seating.titular == by.id and _stands(by, seating) for seating in seatings)


def _juries_of(by: Actor, grant: Grant) -> Iterator[Jury]:
    for jury in by.juries:
        of_exam = (jury.exam, jury.session) == (grant.exam, grant.session)
        if of_exam and set(jury.academies) & set(grant.region):
            yield jury


def _stands(by: Actor, seating: Seating) -> bool:
    begun = by.at is None or seating.since <= by.at
    return bool(begun and seating.ended_at is None)


def as_decided(by: Actor, jury: Jury) -> dict[str, object]:
    """Returns the MongoDB condition, on this jury, that nobody was seated or unseated in it since POLICY was asked what
    `by` decides there: of one seat, two people would decide. {} for whoever has no right of it.
    """
    asked = next((known for known in by.juries if known.id == jury.id), None)
    return {} if asked is None else asked.seatings_as_read


def _decides(by: Actor, grant: Grant) -> bool:
    return not (_is_beside(by, grant) or _is_replaced(by, grant))


def _decides_as_a_titular(by: Actor, grant: Grant) -> bool:
    return not grant.deputy and _decides(by, grant)


def _keys(holds: Callable[[Actor, Grant], bool]) -> Callable[[Actor], list[Clause]]:
    """Returns the clauses of the rights of a jury of which this holds, as said of a change of rights."""

    def clauses(by: Actor) -> list[Clause]:
        held = [grant for grant in by.grants if grant.role == Role.JURY and holds(by, grant)]
        keys = [key for grant in held for key in jury_keys(grant)]
        return [{"juries": keys}] if keys else []

    return clauses


def replaced_in(juries: Iterable[Jury], at: datetime) -> set[ObjectId]:
    """Returns the ids of the titular members of these juries in whose place a deputy sits at that instant."""
    standing = (seating for jury in juries for seating in jury.seatings if seating.ended_at is None)
    return {seating.titular for seating in standing if seating.since <= at}


def _is_a_deputys(_by: Actor, grant: Grant) -> bool:
    return bool(grant.deputy)


def _of_rights(
    holds: Callable[[Actor, Grant], bool], as_said: Callable[[Iterable[Clause]], list[Clause]] = list
) -> Callable[[Actor], list[Clause]]:
    """Returns the clauses of the rights of a jury of which this holds. as_said: puts them in the fields of a jury."""

    def clauses(by: Actor) -> list[Clause]:
        held = (grant for grant in by.grants if grant.role == Role.JURY and holds(by, grant))
        return as_said(clauses_of(held, *EXAM_THERE))

    return clauses


decides_before_the_jury = Predicate(
    "sits on the jury that decides, of the exam and session, and is not replaced there",
    _of_rights(_decides),
    falls_short=(
        (Predicate("has a right over a part of its academies", _of_rights(_is_beside)), BesideItsJury),
        (Predicate("is replaced by a deputy", _of_rights(_is_replaced)), DeputySits),
    ),
)
confirms_in_the_jury = Predicate(
    "sits on the jury it is about, and is not replaced there",
    _keys(lambda by, grant: not _is_replaced(by, grant)),
    falls_short=((Predicate("is replaced by a deputy", _keys(_is_replaced)), DeputySits),),
)
_IS_REPLACED_IN_THIS_JURY = (Predicate("is replaced by a deputy", _of_rights(_is_replaced, whole_juries)), DeputySits)
decides_in_this_jury = Predicate(
    "is of this jury, for all its academies, and is not replaced there",
    _of_rights(_decides, whole_juries),
    falls_short=(_IS_REPLACED_IN_THIS_JURY,),
)
decides_as_a_titular = Predicate(
    "is a titular member of this jury, for all its academies, and is not replaced there",
    _of_rights(_decides_as_a_titular, whole_juries),
    falls_short=(
        _IS_REPLACED_IN_THIS_JURY,
        (Predicate("is a deputy", _of_rights(_is_a_deputys, whole_juries)), DeputySeatsNobody),
    ),
)

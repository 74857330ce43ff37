"""Takes back what a list said of the tutor of a period, and seats the tutor of before again."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person, Placement
from portfolio.documents.places import WrittenRow
from portfolio.enrolment.moves.tutor_names import TutorNames, correct_tutor_function, correct_tutor_names
from portfolio.enrolment.placements import end_tutoring, seat_again
from portfolio.enrolment.undoing.use import ADDRESS_STAYS, CHANGED, ListUse, asked_of
from portfolio.policy.relations import Actor


def tutor(by: Actor, use: ListUse, row: WrittenRow, at: datetime) -> str | None:
    """Gives a period the tutor whom it had before the list, or nobody; or calls the same tutor as before. An address
    that was given stays.
    """
    placement = Placement.objects(pk=row.thing).first()
    if placement is None:
        return None  # it left with its candidate
    if "email" in row.after:
        return ADDRESS_STAYS
    if placement.cancelled_at is not None:
        return CHANGED
    if "tutor" not in row.after:
        return _called_back(by, placement, row, at)
    if placement.tutor == row.before["tutor"]:
        return None  # taken back before
    if placement.tutor != row.after["tutor"]:
        return CHANGED
    if asked_of([placement.tutor], placement.candidacy):
        return "Ce tuteur a déjà été sollicité pour ce candidat."
    tutor_back(by, placement, row, at)
    return None


def _called_back(by: Actor, placement: Placement, row: WrittenRow, at: datetime) -> str | None:
    """Gives the tutor of a period the function of before, and the names where the list said other ones."""
    known = Person.objects(pk=placement.tutor).first()
    if known is None:
        return CHANGED
    called = {"function": placement.tutor_function}
    called |= {name: known[name] for name in ("family_name", "given_names") if name in row.after}
    if any(value not in (row.after[name], row.before[name]) for name, value in called.items()):
        return CHANGED
    if "family_name" not in row.after:
        correct_tutor_function(by, placement, row.before["function"], at)
        return None
    before = TutorNames(
        family_name=row.before["family_name"], given_names=row.before["given_names"], function=row.before["function"]
    )
    correct_tutor_names(by, placement, before, at)
    return None


def tutor_back(by: Actor, placement: Placement, row: WrittenRow, at: datetime) -> None:
    """Seats the tutor of before the list again, or nobody. Raises what `seat_again` does."""
    former = Person.objects(pk=row.before["tutor"]).first()
    if former is None:
        end_tutoring(by, placement, at)
        return
    seat_again(by, placement, former, row.before.get("tutor_function"), at)

"""Keeps the number of a candidate who gave up from everybody else while a sheet, an outcome or a commission of theirs
stands: the bordereau would otherwise list one number twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, OfficeOutcome, Sheet
from portfolio.documents.commissions import CommissionState
from portfolio.store.journal import AlreadyExists, AnyChange, Change, Hold, HoldNone, Insert

# What goes to the jury under the number of a candidate, or still may: a commission that is convened draws up a sheet.
STANDING: tuple[tuple[type[Sheet] | type[OfficeOutcome] | type[Commission], dict[str, object]], ...] = (
    (Sheet, {"live": True}),
    (OfficeOutcome, {"live": True}),
    (Commission, {"state": CommissionState.CONVENED}),
)


def keeping_their_number(candidacies: Collection[ObjectId]) -> set[ObjectId]:
    """Returns those of these candidacies under whose number something stands. Three queries; none without any."""
    if not candidacies:
        return set()
    below = {"candidacy": {"$in": list(candidacies)}}
    return {key for kind, stands in STANDING for key in kind._get_collection().distinct("candidacy", below | stands)}


def held_numbers(changes: Iterable[AnyChange]) -> list[AnyChange]:
    """Returns the guards to write with changes that give numbers, or take back an abandonment: whoever gave up under
    the same number has nothing standing under it. changes: of candidacies of one academy, exam and session. Raises
    AlreadyExists where something stands, or where a live candidate has the number of one who gave up.
    """
    given = dict(_given(changes))
    if not given:
        return []
    place = {name: next(iter(given.values()))[name] for name in ("exam", "session", "academy")}
    mine = [candidacy.id for candidacy in given.values()]
    others = list(Candidacy.objects(**place, candidate_number__in=list(given), id__nin=mine))
    gone = [other for other in others if other.abandoned is not None]
    keeping = keeping_their_number([other.id for other in gone])
    for other in others:
        live_twice = other.abandoned is None and given[other.candidate_number].abandoned is not None
        if other.id in keeping or live_twice:
            raise AlreadyExists({**place, "candidate_number": other.candidate_number})
    return [guard for other in gone for guard in _nothing_stands(other)]


def _given(changes: Iterable[AnyChange]) -> Iterable[tuple[str, Candidacy]]:
    """Yields each number that a change gives, with the candidacy as it was."""
    for change in changes:
        if not isinstance(change, Insert | Change) or not isinstance(change.document, Candidacy):
            continue
        values = change.values if isinstance(change, Change) else {"candidate_number": change.document.candidate_number}
        if "candidate_number" in values or values.get("abandoned", ...) is None:
            number = values.get("candidate_number", change.document.candidate_number)
            if number:
                yield number, change.document


def _nothing_stands(candidacy: Candidacy) -> list[AnyChange]:
    below = {"candidacy": candidacy.id}
    return [Hold(candidacy, {}), *(HoldNone(kind, below | stands) for kind, stands in STANDING)]


def number_given_away(candidacy: Candidacy) -> bool:
    """Returns True if this candidate gave up, and their number is another's since."""
    return bool(candidacy.candidate_number) and Candidacy.objects(__raw__=_same_number(candidacy)).first() is not None


def still_their_number(candidacy: Candidacy) -> list[AnyChange]:
    """Returns the guards of what is written under the number of a candidate: they stay in their school, and nobody else
    is given it meanwhile.
    """
    held: list[AnyChange] = [
        Hold(candidacy, {"candidate_number": candidacy.candidate_number, "school": candidacy.school})
    ]
    return [*held, HoldNone(Candidacy, _same_number(candidacy))] if candidacy.candidate_number else held


def _same_number(candidacy: Candidacy) -> dict[str, object]:
    place = {name: candidacy[name] for name in ("exam", "session", "academy", "candidate_number")}
    return {**place, "abandoned": None, "_id": {"$ne": candidacy.id}}

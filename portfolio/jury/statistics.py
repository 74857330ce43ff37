"""Statistics for harmonisation: the spread of proposed marks by school and by commission, and groups that depart.

Marks are exact (Decimal). Means and quartiles are rounded to the hundredth, half up; quartiles are inclusive
(interpolated between the two nearest marks), as a spreadsheet's QUARTILE.INC gives them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from statistics import quantiles
from typing import Any

from bson import Decimal128

from portfolio.documents import Jury, Result, School, Sheet
from portfolio.documents.fields import Thing
from portfolio.identifiers import name_key
from portfolio.jury.sheets import TRANSMITTED
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.marks import HUNDREDTH

# Fewer marks are no evidence about a school or two members.
ENOUGH_MARKS = 5
ONE_ANSWER = 100_000


@dataclass(frozen=True)
class SheetLine:
    """One transmitted sheet. members: (person's id, name) of the two who signed. final: the jury's mark, if any.

    It has a proposal or an outcome, never both: the mark that the circular gives to an absence is no appraisal.
    """

    school: str
    school_name: str
    members: tuple[tuple[str, str], ...]
    proposed: Decimal | None
    outcome: str | None
    decided: bool
    published: bool
    final: Decimal | None


@dataclass(frozen=True)
class Spread:
    count: int
    mean: Decimal
    lowest: Decimal
    first_quartile: Decimal
    median: Decimal
    third_quartile: Decimal
    highest: Decimal


@dataclass(frozen=True)
class Harmonised:
    """The means, before and after, of the same sheets: those that have a proposal and a final mark. count: of them."""

    count: int
    proposed: Decimal
    final: Decimal


@dataclass(frozen=True)
class Group:
    """A school, a commission or all sheets.

    final: of the marks that the jury gave. harmonised: None while nothing is decided.
    distribution: (mark, count), from the lowest. departs: `above`, `below` or None (see `_departs`).
    """

    key: str
    label: str
    sheets: int
    proposed: Spread | None
    final: Spread | None
    harmonised: Harmonised | None
    distribution: tuple[tuple[Decimal, int], ...]
    outcomes: dict[str, int]
    departs: str | None


@dataclass(frozen=True)
class Statistics:
    """The statistics of a jury. changed: the number of appraised candidates whose final mark is not the proposal."""

    everyone: Group
    schools: tuple[Group, ...]
    commissions: tuple[Group, ...]
    decided: int
    changed: int
    published: int


def statistics(lines: Sequence[SheetLine]) -> Statistics:
    """Returns the statistics of these sheets; schools and commissions in the order of their labels. Pure."""
    everyone = _group("", "Ensemble", lines, None)
    return Statistics(
        everyone=everyone,
        schools=_groups(lines, lambda line: (line.school, line.school_name), everyone.proposed),
        commissions=_groups(lines, _pair, everyone.proposed),
        decided=sum(line.decided for line in lines),
        changed=sum(line.decided and line.outcome is None and line.final != line.proposed for line in lines),
        published=sum(line.published for line in lines),
    )


def _pair(line: SheetLine) -> tuple[str, str]:
    members = sorted(line.members)
    return "+".join(person for person, _ in members), " et ".join(sorted((name for _, name in members), key=name_key))


def _groups(
    lines: Iterable[SheetLine], named: Callable[[SheetLine], tuple[str, str]], everyone: Spread | None
) -> tuple[Group, ...]:
    lines_of: dict[tuple[str, str], list[SheetLine]] = {}
    for line in lines:
        lines_of.setdefault(named(line), []).append(line)
    order = sorted(lines_of, key=lambda name: (name_key(name[1]), name[0]))
    return tuple(_group(*name, lines_of[name], everyone) for name in order)


def _group(key: str, label: str, lines: Sequence[SheetLine], everyone: Spread | None) -> Group:
    marks = [line.proposed for line in lines if line.proposed is not None]
    proposed = spread(marks)
    return Group(
        key=key,
        label=label,
        sheets=len(lines),
        proposed=proposed,
        final=spread([line.final for line in lines if line.final is not None]),
        harmonised=_harmonised([(line.proposed, line.final) for line in lines]),
        distribution=tuple(sorted(Counter(marks).items())),
        outcomes=dict(sorted(Counter(line.outcome for line in lines if line.outcome is not None).items())),
        departs=_departs(proposed, everyone),
    )


def _harmonised(marks: Iterable[tuple[Decimal | None, Decimal | None]]) -> Harmonised | None:
    """Returns the means of those with both; None of none. marks: (proposed, final) of each sheet."""
    both = [(proposed, final) for proposed, final in marks if proposed is not None and final is not None]
    before, after = spread([proposed for proposed, _ in both]), spread([final for _, final in both])
    return Harmonised(before.count, before.mean, after.mean) if before and after else None


def _departs(group: Spread | None, everyone: Spread | None) -> str | None:
    """Returns `above` or `below` if a group of at least five marks has its median outside the middle half of all marks.

    It is a reason to read its sheets, never a verdict: a small school may simply have good candidates.
    """
    if group is None or everyone is None or group.count < ENOUGH_MARKS:
        return None
    if group.median > everyone.third_quartile:
        return "above"
    return "below" if group.median < everyone.first_quartile else None


def spread(marks: Sequence[Decimal]) -> Spread | None:
    """Returns the count, mean, quartiles and extremes, to the hundredth; None without marks."""
    if not marks:
        return None
    ordered = sorted(marks)
    first, median, third = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    mean = sum(ordered, Decimal(0)) / len(ordered)
    values = (mean, ordered[0], first, median, third, ordered[-1])
    return Spread(len(ordered), *(value.quantize(HUNDREDTH, ROUND_HALF_UP) for value in values))


def of_jury(by: Actor, jury: Jury) -> Statistics:
    """Returns the statistics of the jury's session. Three queries, for any number of candidates: joining in the store
    takes twice the time. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_STATISTICS, jury)
    query = {"$and": [{**jury.candidates, **TRANSMITTED}, scope(by, Action.READ_SHEET, Sheet)]}
    sheets = _rows(Sheet, query, "school", "proposed_mark", "outcome", "signatures.person", "signatures.name")
    results = {row["sheet"]: row for row in _rows(Result, jury.candidates, "sheet", "final_mark", "label", "published")}
    schools = _rows(School, {"_id": {"$in": list({row["school"] for row in sheets})}}, "name")
    names = {row["_id"]: row["name"] for row in schools}
    return statistics([_line(row, names[row["school"]], results.get(row["_id"])) for row in sheets])


def _rows(kind: type[Thing], query: dict[str, Any], *fields: str) -> list[dict[str, Any]]:
    return list(kind._get_collection().find(query, dict.fromkeys(fields, 1), batch_size=ONE_ANSWER))


def _line(sheet: dict[str, Any], school_name: str, result: dict[str, Any] | None) -> SheetLine:
    outcome, decision = sheet.get("outcome"), result or {}
    return SheetLine(
        school=str(sheet["school"]),
        school_name=school_name,
        members=tuple((str(signature["person"]), signature["name"]) for signature in sheet["signatures"]),
        proposed=None if outcome else _decimal(sheet.get("proposed_mark")),
        outcome=outcome,
        decided=result is not None,
        published=decision.get("published", False),
        final=None if decision.get("label") else _decimal(decision.get("final_mark")),
    )


def _decimal(stored: Decimal128 | None) -> Decimal | None:
    return None if stored is None else _read(stored.bid)


@lru_cache(maxsize=1000)
def _read(stored: bytes) -> Decimal:
    """Returns the decimal of 16 bytes of BSON; cached, because there are few marks and each conversion is slow."""
    return Decimal128.from_bid(stored).to_decimal()

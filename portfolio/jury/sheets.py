"""The transmitted sheets of a session, one line a candidate: for the jury's list and for the bordereau."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, Jury, Result, School, Sheet
from portfolio.identifiers import session_code
from portfolio.jury.mark_list import MarkListRow
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.submission.submit import circular_of
from portfolio.validation import check_fields

TRANSMITTED = {"live": True, "state": {"$in": ["transmitted", "final"]}}
FIELDS = (
    "number",
    "revision",
    "state",
    "candidacy",
    "school",
    "outcome",
    "proposed_mark",
    "transmitted_at",
    "released",
)


@dataclass(frozen=True)
class JuryLine:
    """A sheet (id, revision, state…) with its candidate and what the jury decided.

    outcome: the label of the sheet's outcome without appraisal. label: the decision's, where it is no mark.
    """

    id: ObjectId
    revision: int
    number: str
    state: str
    candidacy: ObjectId
    candidate_number: str
    name: str
    school: ObjectId
    school_name: str
    transmitted_at: datetime
    proposed_mark: Decimal | None
    outcome: str | None
    final_mark: Decimal | None
    label: str | None
    reason: str | None
    published: bool
    released: bool


def candidates(by: Actor, jury: Jury, narrowed: dict[str, Any] | None = None) -> dict[str, Any]:
    """The query of the jury's candidates whose sheet was transmitted. narrowed: what their sheets must also be."""
    require(by, Action.LIST_SHEETS, jury)
    place = {"academy": jury.academy, "session": jury.session}
    seen = {"$and": [scope(by, Action.READ_SHEET, Sheet), {**place, **TRANSMITTED}, narrowed or {}]}
    return {**place, "_id": {"$in": Sheet._get_collection().distinct("candidacy", seen)}}


def lines(by: Actor, candidacies: Iterable[Candidacy]) -> list[JuryLine]:
    """The lines of these candidates, in their order: three commands, whatever their number."""
    people = {one.id: one for one in candidacies}
    seen = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": {"$in": list(people)}, **TRANSMITTED}]}
    shown = dict.fromkeys(FIELDS, 1)
    sheets = {row["candidacy"]: row for row in Sheet._get_collection().find(seen, shown, batch_size=len(people) + 1)}
    schools = {school.id: school.name for school in School.objects(pk__in={row["school"] for row in sheets.values()})}
    results = {one.sheet: one for one in Result.objects(sheet__in=[row["_id"] for row in sheets.values()])}
    found = ((people[key], sheets[key]) for key in people if key in sheets)
    return [_line(person, row, schools[row["school"]], results.get(row["_id"])) for person, row in found]


def line(by: Actor, sheet: Sheet) -> JuryLine:
    return lines(by, Candidacy.objects(pk=sheet.candidacy))[0]


def _line(person: Candidacy, row: dict[str, Any], school_name: str, result: Result | None) -> JuryLine:
    outcome = row.get("outcome")
    return JuryLine(
        id=row["_id"],
        candidate_number=person.candidate_number,
        name=person.display_name,
        school_name=school_name,
        outcome=circular_of(person).outcomes[outcome].label if outcome else None,
        proposed_mark=row["proposed_mark"].to_decimal() if row.get("proposed_mark") is not None else None,
        final_mark=result.final_mark if result else None,
        label=result.label if result else None,
        reason=result.reason if result else None,
        published=bool(result and result.published),
        **{name: row[name] for name in FIELDS if name not in ("outcome", "proposed_mark")},
    )


# --- the bordereau --------------------------------------------------------------------------------


def school_mark_rows(by: Actor, school: School, session: str) -> list[MarkListRow]:
    """For the office that keys the proposals in, and for the jury. Raises Invalid."""
    place = {"school": school.id, "academy": school.academy}
    place |= check_fields({"session": session}, {"session": session_code})
    require(by, Action.LIST_MARK, Sheet(state="transmitted", **place))
    return _mark_rows(by, place)


def jury_mark_rows(by: Actor, jury: Jury) -> list[MarkListRow]:
    require(by, Action.LIST_SHEETS, jury)
    return _mark_rows(by, {"academy": jury.academy, "session": jury.session})


def _mark_rows(by: Actor, place: dict[str, Any]) -> list[MarkListRow]:
    """What was signed, by school then name: a name amended since does not change a sheet."""
    seen = {"$and": [scope(by, Action.LIST_MARK, Sheet), {**place, **TRANSMITTED}]}
    found = Sheet._get_collection().find(seen, {"content": 1, "digest": 1}, batch_size=10_000)
    rows = [_mark_row(json.loads(sheet["content"]), sheet["digest"]) for sheet in found]
    return sorted(rows, key=lambda row: (row.uai, row.birth_name, row.given_names, row.candidate_number))


def _mark_row(content: dict[str, Any], digest: str) -> MarkListRow:
    """An outcome to which the circular gives a mark is keyed as that mark."""
    candidate = content["candidate"]
    mark = Decimal(content["mark"]["proposed"]) if content["mark"] else None
    return MarkListRow(
        session_code=content["session"]["code"],
        rehearsal=content["session"]["rehearsal"],
        academy=content["academy"]["name"],
        uai=content["school"]["uai"],
        candidate_number=candidate["number"],
        birth_name=candidate["birth_name"],
        given_names=candidate["given_names"],
        exam=content["exam"]["exam"],
        mark=mark,
        outcome_label=content["outcome"]["label"] if mark is None and content["outcome"] else None,
        sheet_number=content["number"],
        digest=digest,
    )

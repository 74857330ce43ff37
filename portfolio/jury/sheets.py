"""Lists the transmitted sheets of a session, one line per candidate: for the jury and for the bordereau."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, Jury, Result, School, Sheet
from portfolio.documents.commissions import SheetState
from portfolio.documents.fields import by_id, read
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.training import told_to_jury
from portfolio.identifiers import name_key, session_code
from portfolio.jury import outcomes
from portfolio.jury.mark_list import MarkListRow
from portfolio.jury.reserves import reserved
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet.content import SheetContent
from portfolio.sheet.exams_there import chosen_exam, exams_there
from portfolio.validation import check_fields

TRANSMITTED = {"live": True, "state": {"$in": [SheetState.TRANSMITTED, SheetState.FINAL]}}
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
    "unmasked",
)


@dataclass(frozen=True)
class JuryLine:
    """A sheet (id, revision, state…) with its candidate and the jury's decision.

    outcome: the label of the sheet's outcome without appraisal. label: the decision's, if it is not a mark. stage: that
    it was shortened, in French, or None. reserved: kept out of publication (`jury.reserves`). released, unmasked: given
    to the candidate, masked or not.
    """

    id: ObjectId
    revision: int
    number: str
    state: SheetState
    candidacy: ObjectId
    candidate_number: str
    name: str
    school: ObjectId
    school_name: str
    transmitted_at: datetime
    proposed_mark: Decimal | None
    outcome: str | None
    stage: str | None
    final_mark: Decimal | None
    label: str | None
    reason: str | None
    published: bool
    reserved: bool
    released: bool
    unmasked: bool


def candidates(by: Actor, jury: Jury, narrowed: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns the MongoDB query of the jury's candidates with a transmitted sheet. narrowed: a further query on sheets.
    Raises NotFound, Forbidden.
    """
    require(by, Action.LIST_SHEETS, jury)
    query = {"$and": [scope(by, Action.READ_SHEET, Sheet), {**jury.candidates, **TRANSMITTED}, narrowed or {}]}
    return {**jury.candidates, "_id": {"$in": Sheet._get_collection().distinct("candidacy", query)}}


def lines(by: Actor, candidacies: Iterable[Candidacy]) -> list[JuryLine]:
    """Returns the lines of these candidates, in their order, without those who have no transmitted sheet that `by` may
    read. Four queries, for any number of candidates.
    """
    people = {candidacy.id: candidacy for candidacy in candidacies}
    query = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": {"$in": list(people)}, **TRANSMITTED}]}
    rows = Sheet._get_collection().find(query, dict.fromkeys(FIELDS, 1), batch_size=len(people) + 1)
    sheets = {row["candidacy"]: row for row in rows}
    schools = {key: school.name for key, school in by_id(School, (row["school"] for row in sheets.values())).items()}
    results = {result.sheet: result for result in Result.objects(sheet__in=[row["_id"] for row in sheets.values()])}
    held = reserved(people)
    pairs = ((people[key], sheets[key]) for key in people if key in sheets)
    return [
        _line(person, row, schools[row["school"]], results.get(row["_id"]), person.id in held) for person, row in pairs
    ]


def line(by: Actor, sheet: Sheet) -> JuryLine:
    """Returns the line of one sheet. Raises IndexError if `by` may not read it, or it is not transmitted."""
    return lines(by, [read(Candidacy, sheet.candidacy)])[0]


def _line(person: Candidacy, row: dict[str, Any], school_name: str, result: Result | None, held: bool) -> JuryLine:
    outcome = row.get("outcome")
    return JuryLine(
        id=row["_id"],
        candidate_number=person.shown_number,
        name=person.display_name,
        school_name=school_name,
        outcome=circular_of(person).outcomes[outcome].label if outcome else None,
        stage=told_to_jury(person),
        proposed_mark=row["proposed_mark"].to_decimal() if row.get("proposed_mark") is not None else None,
        final_mark=result.final_mark if result else None,
        label=result.label if result else None,
        reason=result.reason if result else None,
        published=bool(result and result.published),
        reserved=held,
        **{name: row[name] for name in FIELDS if name not in ("outcome", "proposed_mark")},
    )


# --- the bordereau --------------------------------------------------------------------------------


@dataclass(frozen=True)
class SchoolMarkList:
    """The bordereau of a school, of one exam (its code) and session; rows by name."""

    exam: str
    session: str
    rows: list[MarkListRow]


def school_mark_list(by: Actor, school: School, session: str, exam: str | None = None) -> SchoolMarkList:
    """Returns the school's bordereau of one exam and session, as typed. exam: the one asked for (its code), among those
    that `by` may list; None for the only one. Raises NotFound, Forbidden; Invalid on `session`, or on `exam`.
    """
    place = {"school": school.id, "academy": school.academy}
    place |= check_fields({"session": session}, {"session": session_code})
    there = exams_there(school, place["session"])
    codes = list(dict.fromkeys([*there, *school.exams]))  # a school may have stopped an exam since
    transmitted = {"state": SheetState.TRANSMITTED, **place}
    listed = [code for code in codes if may(by, Action.LIST_MARK, Sheet(exam=code, **transmitted))]
    if not listed:
        require(by, Action.LIST_MARK, Sheet(exam=codes[0] if codes else None, **transmitted))
    code = chosen_exam([code for code in listed if code in there], listed, exam)
    return SchoolMarkList(code, place["session"], _mark_rows(by, {**place, "exam": code}))


def jury_mark_rows(by: Actor, jury: Jury) -> list[MarkListRow]:
    """Returns the rows of the bordereau of the jury, those of its academies that `by` may list, by school then name.
    Raises NotFound, Forbidden.
    """
    require(by, Action.LIST_SHEETS, jury)
    return _mark_rows(by, jury.candidates)


def _mark_rows(by: Actor, place: dict[str, Any]) -> list[MarkListRow]:
    """Returns the rows of the transmitted sheets that `by` may list, by school then name, as they were signed: a name
    amended since does not change a sheet; a number that was to come then is the one given since. place: a MongoDB
    condition on sheets.
    """
    query = {"$and": [scope(by, Action.LIST_MARK, Sheet), {**place, **TRANSMITTED}]}
    fields = {"content": 1, "digest": 1, "candidacy": 1}
    sheets = list(Sheet._get_collection().find(query, fields, batch_size=10_000))
    contents = {sheet["candidacy"]: json.loads(sheet["content"]) for sheet in sheets}
    _number_those_to_come(contents)
    rows = [_mark_row(contents[sheet["candidacy"]], sheet["digest"]) for sheet in sheets]
    rows += outcomes.mark_rows(by, place)
    return sorted(
        rows, key=lambda row: (row.uai, name_key(row.birth_name), name_key(row.given_names), row.candidate_number)
    )


def _number_those_to_come(contents: dict[ObjectId, SheetContent]) -> None:
    """Writes the number in the contents, by candidacy, of the sheets that were signed before it was given."""
    unnumbered = [candidacy for candidacy, content in contents.items() if not content["candidate"]["number"]]
    for candidacy, number in (
        Candidacy.objects(pk__in=unnumbered).scalar("id", "candidate_number") if unnumbered else ()
    ):
        contents[candidacy]["candidate"]["number"] = number


def _mark_row(content: SheetContent, digest: str) -> MarkListRow:
    """Returns one row of the list: the mark, or the French label of an outcome without one; an outcome to which the
    circular gives a mark is keyed as that mark. digest: of the sheet, hex.
    """
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

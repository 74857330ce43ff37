"""Sets final marks after harmonisation, publishes them, and puts right a material error afterwards.

The jury is sovereign, but a final mark other than the proposal needs a reason, and a published result changes only by
a recorded correction of a material error. Every act here adds to the jury's revision, so that a publication covers
exactly the decisions that its author saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import ObjectId

from portfolio.commission.office_outcomes import FRAUD
from portfolio.documents import Candidacy, Jury, OfficeOutcome, Result, Sheet
from portfolio.documents.candidacies import IN_CCF
from portfolio.documents.commissions import Correction, SheetState
from portfolio.documents.fields import instant, place_of
from portfolio.documents.places import Publication
from portfolio.documents.rows import Row
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid, NotNow, RuleSource, Stale
from portfolio.ids import new_id
from portfolio.jury.outcomes import covered, refuse_beside, refuse_two_decisions, sealed_outcome, waiting_and_settled
from portfolio.jury.reserves import reserved
from portfolio.policy.actions import Action
from portfolio.policy.deciding import as_decided
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.marks import to_wire
from portfolio.sheet.draw_up import ResultPublished
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Errand, Hold, Insert, assessment_chain, commit
from portfolio.validation import check_fields

BATCH = 100


class NoJury(NotNow):
    code = "no_jury"
    source = RuleSource.INTEGRITY
    detail = "Aucun jury n'est ouvert pour cette académie et cette session : demandez-le à l'administrateur."


class NotPublished(NotNow):
    code = "result_not_published"
    source = RuleSource.DISCLOSURE
    detail = "Ce résultat n'est pas publié."


class SheetsWaiting(NotNow):
    code = "sheets_waiting"
    source = RuleSource.INTEGRITY
    detail = (
        "Fiches sans note définitive : {undecided}. Fiches que les établissements n'ont pas transmises : "
        "{not_transmitted}. Candidats en CCF sans aucune fiche : {without_sheet}. "
        "Terminez ce qui manque, ou publiez sans, en indiquant le motif."
    )


class NothingToPublish(NotNow):
    code = "nothing_to_publish"
    source = RuleSource.INTEGRITY
    detail = "Aucun résultat n'attend d'être publié."


# --- deciding -------------------------------------------------------------------------------------


def set_final_mark(by: Actor, sheet: Sheet, mark: str | Decimal | None, reason: str | None, at: datetime) -> Result:
    """Decides a transmitted sheet, or decides it again before publication, and returns the result. mark: as typed, or
    None to keep the sheet's outcome as the result, with its mark if it has one. Raises Invalid if the mark is off the
    circular's scale or step, or if a mark other than the proposal has no reason; ResultPublished, SheetAndOutcome,
    NoJury.
    """
    require(by, Action.SET_FINAL_MARK, sheet)
    refuse_two_decisions([sheet.candidacy])
    jury, earlier = deciding_jury(by, sheet), Result.objects(candidacy=sheet.candidacy).first()
    if earlier is not None and earlier.published:
        raise ResultPublished()
    values = _decision(by, sheet, mark, reason, at)
    result, written = _written(earlier, sheet, values, at)
    event = event_by(by, at, assessment_chain(sheet), EventName.FINAL_MARK_SET, result, sealed(values))
    commit([_counted(by, jury), Change(sheet, {"state": SheetState.FINAL}), written], event)
    return result


def jury_of(sheet: Sheet | OfficeOutcome) -> Jury:
    """Returns the jury of the exam, academy and session of a sheet or an outcome. Raises NoJury if none was created."""
    jury = Jury.objects(academies=sheet.academy, exam=sheet.exam, session=sheet.session).first()
    if jury is None:
        raise NoJury()
    return jury


def deciding_jury(by: Actor, decided: Sheet | OfficeOutcome) -> Jury:
    """Returns the jury of what `by` decides, a member of it. Raises NoJury, and what `refuse_beside` raises."""
    jury = jury_of(decided)
    refuse_beside(by, jury)
    return jury


def _counted(by: Actor, jury: Jury) -> Change:
    """Returns the change, not yet written, that adds one to the jury's revision, if who sits there is as when `by` was
    found to decide.
    """
    return Change(jury, expected=as_decided(by, jury), any_revision=True)


def seated_as_read(by: Actor, sheet: Sheet) -> Hold:
    """Returns the guard of an act after publication, which counts no decision: who sits in the jury of the sheet is as
    when `by` was found to decide. Raises NoJury.
    """
    jury = jury_of(sheet)
    return Hold(jury, as_decided(by, jury))


def _decision(by: Actor, sheet: Sheet, mark: str | Decimal | None, reason: str | None, at: datetime) -> dict[str, Any]:
    rules = circular_of(Candidacy.objects.get(pk=sheet.candidacy))
    final = check_fields({"mark": mark}, {"mark": rules.mark.read}).get("mark")
    errors = {}
    if mark is None and sheet.outcome is None:
        errors["mark"] = ["Indiquez la note définitive."]
    moves = mark is not None and (sheet.outcome is not None or final != sheet.proposed_mark)
    if reason is None and moves:
        errors["reason"] = ["Indiquez le motif : la décision n'est pas la note proposée."]
    if errors:
        raise Invalid(errors)
    if mark is not None:
        return _values(by, sheet, final, at) | {"reason": reason}
    # The outcome keeps the circular's mark for it: the zero of a force majeure leaves the diploma possible (D643-24).
    label = rules.outcomes[sheet.outcome].label
    return _values(by, sheet, sheet.proposed_mark, at) | {"label": label, "reason": reason}


def _values(by: Actor, sheet: Sheet, final: Decimal | None, at: datetime) -> dict[str, Any]:
    return {
        "sheet": sheet.id,
        "proposed_mark": sheet.proposed_mark,
        "outcome": sheet.outcome,
        "final_mark": final,
        "label": None,
        "reason": None,
        "decided_by": by.id,
        "decided_at": at,
    }


def _written(
    earlier: Result | None, sheet: Sheet, values: dict[str, Any], at: datetime
) -> tuple[Result, Insert | Change]:
    """Returns the result, in memory, and the change that writes it: one result per candidacy, changed by a later
    decision. A later decision is one taken again, or one on the sheet that replaces a voided one.
    """
    if earlier is not None:
        return earlier, Change(earlier, values, expected={"published": False})
    result = Result(id=new_id(), created_at=at, **place_of(sheet), **values)
    return result, Insert(result)


def sealed(decision: Mapping[str, Any] | Result) -> dict[str, str]:
    """Returns {sheet: its id, digest: of the mark, label, reason and sheet}: what the journal keeps of a decision,
    which proves it and reveals nothing.
    """
    mark = None if decision["final_mark"] is None else to_wire(decision["final_mark"])
    content = {"mark": mark, **{name: decision[name] for name in ("label", "reason", "sheet")}}
    return {"sheet": str(decision["sheet"]), "digest": digest(content)}


def confirm_proposals(by: Actor, jury: Jury, at: datetime) -> Jury:
    """Makes every undecided proposal the final mark, and returns the jury; outcomes without appraisal are decided one
    by one. Commits BATCH sheets at a time: one transaction over thousands would block all other acts until it ends.
    Whether `by` decides is asked again for each of them. After an interruption, whole batches are decided and a second
    call decides the rest.
    """
    require(by, Action.CONFIRM_PROPOSALS, jury)
    last = None
    while batch := _undecided(jury, last):
        by = by.anew()
        require(by, Action.CONFIRM_PROPOSALS, jury)
        try:
            _confirm(by, jury, batch, at)
        except Stale:
            continue  # one of them was decided or voided meanwhile: read the batch again
        last = batch[-1].id
    return Jury.objects.get(pk=jury.id)


def _undecided(jury: Jury, after: ObjectId | None) -> list[Sheet]:
    """Returns the next BATCH transmitted sheets with a proposal, by id after `after`; [] at the end."""
    query: dict[str, Any] = {**jury.candidates, "state": SheetState.TRANSMITTED, "live": True}
    query |= {"proposed_mark": {"$ne": None}, "outcome": None}
    if after is not None:
        query["_id"] = {"$gt": after}
    return list(Sheet.objects(__raw__=query).order_by("id").limit(BATCH))


def _confirm(by: Actor, jury: Jury, sheets: list[Sheet], at: datetime) -> None:
    earlier = {
        result.candidacy: result for result in Result.objects(candidacy__in=[sheet.candidacy for sheet in sheets])
    }
    changes: list[AnyChange] = [_counted(by, jury)]
    decided = []
    for sheet in sheets:
        values = _values(by, sheet, sheet.proposed_mark, at)
        _, written = _written(earlier.get(sheet.candidacy), sheet, values, at)
        changes += [Change(sheet, {"state": SheetState.FINAL}), written]
        decided.append(sealed(values))
    event = event_by(by, at, _chain(jury), EventName.PROPOSALS_CONFIRMED, jury, {"decided": decided})
    commit(changes, event)


def _chain(jury: Jury) -> str:
    return f"jury:{jury.id}"


# --- publishing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publishable:
    """What a publication would cover now. results, settled: of sheets, and of situations without appraisal, decided and
    not reserved; candidacies: whose they are. reserved: how many decided results stay out. undecided, not_transmitted,
    without_sheet: how many candidates have no decision yet, and why.
    """

    results: list[ObjectId]
    settled: list[OfficeOutcome]
    candidacies: list[ObjectId]
    reserved: int
    undecided: int
    not_transmitted: int
    without_sheet: int

    @property
    def ready(self) -> int:
        return len(self.results) + len(self.settled)

    @property
    def left_out(self) -> int:
        return self.undecided + self.not_transmitted + self.without_sheet


def publishable(by: Actor, jury: Jury) -> Publishable:
    """Returns what a publication would cover now, and what it would leave out. Raises NotFound, Forbidden."""
    require(by, Action.READ_STATISTICS, jury)
    sheets = _rows(Sheet, {**jury.candidates, "live": True}, "state", "candidacy")
    waiting, settled = waiting_and_settled(jury)
    decided = {sheet.id for sheet in sheets if sheet.state == SheetState.FINAL}
    unpublished = _rows(Result, {**jury.candidates, "published": False}, "outcome", "final_mark", "sheet", "candidacy")
    results = [result for result in unpublished if result.sheet in decided]
    held = reserved([*(result.candidacy for result in results), *(outcome.candidacy for outcome in settled)])
    ready = [result for result in results if not (_is_reserved(result) or result.candidacy in held)]
    settled_ready = [outcome for outcome in settled if outcome.candidacy not in held]
    return Publishable(
        results=[result.id for result in ready],
        settled=settled_ready,
        candidacies=[*(result.candidacy for result in ready), *(outcome.candidacy for outcome in settled_ready)],
        reserved=len(results) - len(ready) + len(settled) - len(settled_ready),
        undecided=sum(sheet.state == SheetState.TRANSMITTED for sheet in sheets) + len(waiting),
        not_transmitted=sum(sheet.state in (SheetState.DRAFT, SheetState.PROPOSED) for sheet in sheets),
        without_sheet=_without_sheet(jury, [*(sheet.candidacy for sheet in sheets), *covered(jury)]),
    )


def publish(by: Actor, jury: Jury, leaving_out: str | None, at: datetime) -> Jury:
    """Publishes at once every result decided and not reserved, and returns the jury; a later call publishes those left
    out before. leaving_out: the reason for leaving out sheets, or CCF candidates without a sheet; None if there are
    none. Raises SheetsWaiting, NothingToPublish, SheetAndOutcome; Stale if a decision was taken since `jury` was
    read.
    """
    require(by, Action.PUBLISH, jury)
    now = publishable(by, jury)
    refuse_two_decisions(now.candidacies)
    if now.left_out and not leaving_out:
        raise SheetsWaiting(
            undecided=now.undecided, not_transmitted=now.not_transmitted, without_sheet=now.without_sheet
        )
    if not now.ready:
        raise NothingToPublish()
    counts = {"published": now.ready, "reserved": now.reserved, "left_out": now.left_out}
    act = Publication(by=by.id, at=at, leaving_out=leaving_out if now.left_out else None, **counts)
    published = {"published": True, "published_at": instant(at)}
    changes: list[AnyChange] = [
        Change(jury, {"published_at": jury.published_at or at}, {"publications": act}, as_decided(by, jury)),
        ChangeAll(Result, {"_id": {"$in": now.results}}, published),
        ChangeAll(OfficeOutcome, {"_id": {"$in": [outcome.id for outcome in now.settled]}}, published),
    ]
    results = Result.objects(pk__in=now.results).order_by("id")
    data = counts | {"digest": digest([*map(sealed, results), *map(sealed_outcome, now.settled)])}
    commit(changes, event_by(by, at, _chain(jury), EventName.RESULTS_PUBLISHED, jury, data))
    return jury


def _rows(kind: type[Sheet] | type[Result], query: Mapping[str, object], *fields: str) -> list[Row]:
    return [Row(kind, raw) for raw in kind._get_collection().find(query, dict.fromkeys(fields, 1), batch_size=10_000)]


def _without_sheet(jury: Jury, candidacies: list[ObjectId]) -> int:
    """Returns the number of candidates in CCF without a sheet: a publication must not leave them out unnoticed."""
    in_ccf = Candidacy._get_collection().find({**jury.candidates, **IN_CCF}, {"_id": 1}, batch_size=10_000)
    return len({row["_id"] for row in in_ccf}.difference(candidacies))


def _is_reserved(result: Row) -> bool:
    """Returns True if the commission chose the outcome that holds the result, and the jury has set no mark since: who
    is suspected of fraud has no final result before the disciplinary commission rules (D643-32-2).
    """
    return bool(result.outcome == FRAUD and result.final_mark is None)


# --- after publication ----------------------------------------------------------------------------


def correct(by: Actor, sheet: Sheet, mark: str | Decimal, reason: str, at: datetime) -> Result:
    """Corrects a material error in a published mark, and returns the result; the replaced mark is kept, and the
    candidate is written to. The sheet is at a new revision: a form opened before is stale. mark: as typed. Raises
    Invalid (off the scale, the same mark, no reason), NotPublished, NoJury.
    """
    require(by, Action.CORRECT_FINAL_MARK, sheet)
    result = published_result(sheet)
    decision = _decision(by, sheet, mark, reason, at)
    if decision["final_mark"] == result.final_mark:
        raise Invalid({"mark": ["Cette note est déjà celle qui est publiée."]})
    before = {"replaced_mark": result.final_mark, "replaced_label": result.label}
    replaced = Correction(**before, reason=reason, by=by.id, at=at)
    values = {"final_mark": decision["final_mark"], "label": decision["label"]}
    change = Change(result, values, push={"corrections": replaced})
    event = event_by(by, at, assessment_chain(sheet), EventName.FINAL_MARK_CORRECTED, result, sealed(decision))
    commit([seated_as_read(by, sheet), Change(sheet), change], event, [result_changed(result.candidacy)])
    return result


def result_changed(candidacy: ObjectId) -> Errand:
    """Returns the mail that tells a candidate that their published result was corrected or taken back."""
    return Errand("result_changed", {"candidacy": candidacy}, key=f"result_changed:{candidacy}")


def published_result(sheet: Sheet) -> Result:
    """Returns the sheet's published result. Raises NotPublished if it is not. A write on it needs no guard: publication
    is never undone.
    """
    result = Result.objects(sheet=sheet.id, published=True).first()
    if result is None:
        raise NotPublished()
    return result

"""The jury's decision on outcomes without appraisal that offices recorded: seen first, decided one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bson import ObjectId

from portfolio.commission.office_outcomes import (
    BY_A_TEXT,
    kept_too_long,
    refuse_once_withdrawn,
    refuse_too_low,
    withdrawal,
)
from portfolio.documents import Academy, Candidacy, Jury, OfficeOutcome, School, Sheet
from portfolio.documents.commissions import SheetState
from portfolio.documents.fields import by_id
from portfolio.enrolment.pinned import circular_of, referential_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import is_rehearsal, name_key
from portfolio.jury.mark_list import MarkListRow
from portfolio.policy.actions import Action
from portfolio.policy.deciding import BesideItsJury, as_decided
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.marks import to_wire
from portfolio.sheet.draw_up import ResultPublished
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, assessment_chain, commit
from portfolio.validation import check_fields

AT_THE_JURY = (SheetState.TRANSMITTED, SheetState.FINAL)


class SheetAndOutcome(NotNow):
    code = "sheet_and_outcome"
    source = RuleSource.INTEGRITY
    detail = (
        "Une fiche et une situation sans appréciation sont toutes deux devant le jury pour {names} : une seule se "
        "décide et se publie. Annulez la fiche, ou, tant qu'elle n'est pas publiée, renvoyez la situation à "
        "l'établissement."
    )


@dataclass(frozen=True)
class OutcomeLine:
    """An outcome with its candidate. awaited: whether a convocation is to be proved. too_long: a kept mark of more than
    five years (D643-15).
    """

    outcome: OfficeOutcome
    name: str
    candidate_number: str
    school_name: str
    awaited: bool
    too_long: bool


def decide_outcome(
    by: Actor, jury: Jury, outcome: OfficeOutcome, mark: str | None, reason: str | None, at: datetime
) -> OfficeOutcome:
    """Decides an outcome, or decides it again before publication, and returns it. mark: as typed, or None to keep what
    the office recorded, with the mark that is kept or that the circular gives. Raises OutcomeWithdrawn,
    ResultPublished, SheetAndOutcome, MarkNotKept; Invalid (off the scale, another mark without a reason).
    """
    require(by, Action.DECIDE_OUTCOME, outcome)
    refuse_beside(by, jury)
    _refuse_unless_open(outcome)
    refuse_two_decisions([outcome.candidacy])
    rules = circular_of(Candidacy.objects.get(pk=outcome.candidacy))
    stands = outcome.kept_mark if outcome.kept_mark is not None else rules.outcomes[outcome.outcome].mark
    typed: Decimal | None = check_fields({"mark": mark}, {"mark": rules.mark.read}).get("mark")
    final = stands if typed is None else typed
    refuse_too_low("mark", outcome.outcome, final)
    why = (reason or "").strip() or None
    if final != stands and why is None:
        raise Invalid({"reason": ["Indiquez le motif : la décision n'est pas ce que l'établissement a enregistré."]})
    values = {"final_mark": final, "reason": why, "decided": True, "decided_by": by.id, "decided_at": at}
    data = {"digest": decision_digest(final, why)}
    event = event_by(by, at, assessment_chain(outcome), EventName.OUTCOME_DECIDED, outcome, data)
    counted = Change(jury, expected=as_decided(by, jury), any_revision=True)
    commit([counted, Change(outcome, values, expected={"published": False})], event)
    return outcome


def send_back(by: Actor, jury: Jury, outcome: OfficeOutcome, reason: str, at: datetime) -> OfficeOutcome:
    """Sends an outcome back to its office, decided or not, and returns it: it no longer counts, and is kept with the
    reason, which the office reads. Raises OutcomeWithdrawn, ResultPublished, Invalid without a reason.
    """
    require(by, Action.SEND_BACK_OUTCOME, outcome)
    refuse_beside(by, jury)
    _refuse_unless_open(outcome)
    values = withdrawal(reason, at) | {"sent_back": True}
    event = event_by(by, at, assessment_chain(outcome), EventName.OUTCOME_SENT_BACK, outcome)
    counted = Change(jury, expected=as_decided(by, jury), any_revision=True)
    commit([counted, Change(outcome, values, expected={"published": False})], event)
    return outcome


def refuse_beside(by: Actor, jury: Jury) -> None:
    """Raises BesideItsJury unless `by` decides in exactly this jury: one for several academies may have been opened
    since their right over one of them was looked at. What is written on the jury expects that who sits there is as it
    was then (`as_decided`).
    """
    if not may(by, Action.CONFIRM_PROPOSALS, jury):
        raise BesideItsJury()


def require_reading(by: Actor, decides: Action, thing: Sheet | OfficeOutcome) -> None:
    """Raises what `decides` raises on the thing, unless `by` is of its jury: a titular member who is replaced reads on.
    The caller has required that they read the thing itself. One query.
    """
    if not is_of_its_jury(by, thing):
        require(by, decides, thing)


def is_of_its_jury(by: Actor, thing: Sheet | OfficeOutcome) -> bool:
    """Returns True for a member of the jury of the thing, replaced or not. One query."""
    jury = Jury.objects(academies=thing.academy, exam=thing.exam, session=thing.session).first()
    return jury is not None and may(by, Action.READ_STATISTICS, jury)


def _refuse_unless_open(outcome: OfficeOutcome) -> None:
    """Raises OutcomeWithdrawn, ResultPublished for an outcome that the jury decides no more."""
    refuse_once_withdrawn(outcome)
    if outcome.published:
        raise ResultPublished()


def refuse_two_decisions(candidacies: Iterable[ObjectId]) -> None:
    """Raises SheetAndOutcome, naming the candidates, where a sheet and an outcome of one of them are both before the
    jury. Two queries.
    """
    recorded = OfficeOutcome.objects(candidacy__in=list(candidacies), live=True).scalar("candidacy")
    sheets = Sheet.objects(candidacy__in=list(recorded), live=True, state__in=AT_THE_JURY)
    if both := list(sheets.scalar("candidacy")):
        people = Candidacy.objects(pk__in=both).order_by("name_key", "id")
        raise SheetAndOutcome(names=", ".join(candidacy.display_name for candidacy in people))


def outcomes_of(by: Actor, jury: Jury) -> list[OutcomeLine]:
    """Returns the outcomes that offices recorded for this jury, those to decide first, then by name. Raises NotFound,
    Forbidden.
    """
    require(by, Action.LIST_SHEETS, jury)
    query = {"$and": [scope(by, Action.READ_OUTCOME, OfficeOutcome), _place(jury)]}
    listed = lines(OfficeOutcome.objects(__raw__=query))
    return sorted(listed, key=lambda line: (line.outcome.decided, name_key(line.name)))


def lines(outcomes: Iterable[OfficeOutcome]) -> list[OutcomeLine]:
    """Returns each outcome with its candidate, in the same order. Two queries."""
    outcomes = list(outcomes)
    people, schools = _people_and_schools(outcomes)
    return [
        OutcomeLine(
            outcome,
            people[outcome.candidacy].display_name,
            people[outcome.candidacy].shown_number,
            schools[outcome.school].name,
            outcome.outcome not in BY_A_TEXT,
            kept_too_long(outcome),
        )
        for outcome in outcomes
    ]


def waiting_and_settled(jury: Jury) -> tuple[list[ObjectId], list[OfficeOutcome]]:
    """Returns the candidacies whose outcome waits for a decision, and the outcomes decided and not yet published."""
    there = OfficeOutcome.objects(__raw__=_place(jury))
    return (
        list(there.filter(decided=False).scalar("candidacy")),
        list(there.filter(decided=True, published=False).order_by("id")),
    )


def covered(jury: Jury) -> list[ObjectId]:
    """Returns the candidacies of the jury that have an outcome: they need no sheet."""
    return list(OfficeOutcome.objects(__raw__=_place(jury)).scalar("candidacy"))


def sealed_outcome(outcome: OfficeOutcome) -> dict[str, str]:
    """Returns what the journal keeps of a published outcome: its id and the digest of its decision."""
    return {"outcome": str(outcome.id), "digest": decision_digest(outcome.final_mark, outcome.reason)}


def decision_digest(mark: Decimal | None, reason: str | None, label: str | None = None) -> str:
    """Returns the digest of a decision, hex. label: the words that a correction gives."""
    content = {"mark": None if mark is None else to_wire(mark), "reason": reason}
    return digest(content if label is None else content | {"label": label})


def mark_rows(by: Actor, place: dict[str, object]) -> list[MarkListRow]:
    """Returns the rows of the bordereau for outcomes recorded by offices: what they recorded, or the last correction of
    what was published. place: fields of the school or the jury. At most four queries.
    """
    query = {"$and": [scope(by, Action.READ_OUTCOME, OfficeOutcome), {**place, "live": True}]}
    recorded = list(OfficeOutcome.objects(__raw__=query))
    if not recorded:
        return []
    people, schools = _people_and_schools(recorded)
    academies = dict(Academy.objects(code__in={outcome.academy for outcome in recorded}).scalar("code", "name"))
    return [
        _mark_row(outcome, people[outcome.candidacy], schools[outcome.school], academies[outcome.academy])
        for outcome in recorded
    ]


def _people_and_schools(outcomes: list[OfficeOutcome]) -> tuple[dict[ObjectId, Candidacy], dict[ObjectId, School]]:
    """Returns the candidacies and the schools of the outcomes, each by its id. Two queries."""
    people = by_id(Candidacy, (outcome.candidacy for outcome in outcomes))
    return people, by_id(School, (outcome.school for outcome in outcomes))


def _mark_row(outcome: OfficeOutcome, candidacy: Candidacy, school: School, academy: str) -> MarkListRow:
    return MarkListRow(
        session_code=outcome.session,
        rehearsal=is_rehearsal(outcome.session),
        academy=academy,
        uai=school.uai,
        candidate_number=candidacy.candidate_number or "",
        birth_name=candidacy.birth_name,
        given_names=candidacy.given_names,
        exam=referential_of(candidacy).exam,
        mark=outcome.final_mark if outcome.corrections else outcome.kept_mark,
        outcome_label=outcome.result_label,
        sheet_number="",
        digest="",
    )


def _place(jury: Jury) -> dict[str, object]:
    return {**jury.candidates, "live": True}

"""Records what the school knows of a training in companies: certificates seen, contracts broken off, entry, reduction.

What is missing is said by `rules.training`; nothing here refuses: unlikely dates are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NotRequired, TypedDict

from portfolio.counting import many
from portfolio.documents import Candidacy, Placement
from portfolio.documents.candidacies import ReducedBy, SeenCertificate, StageReduction
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.training import LEAST_DAYS, TrainingFacts, TrainingPeriod, TrainingReport, training_report
from portfolio.rules.unlikely_dates import CONFIRMED, Doubt, asked_unless_confirmed, far_from_session, outside, to_come
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit, portfolio_chain
from portfolio.validation import check_fields, day

DECIDED_BY: dict[str, str] = {ReducedBy.RECTEUR: "du recteur", ReducedBy.SCHOOL: "de l'établissement"}


class ReductionValues(TypedDict):
    """days: the new length. decided_by: a value of ReducedBy. reference: of the decision, or its reason."""

    days: int
    decided_by: str
    reference: str


class CertificateValues(TypedDict, total=False):
    """days: the total that it states. issued_on: ISO day. confirmed: an unlikely one was asked about, and is right."""

    days: int | None
    issued_on: str | None
    confirmed: bool


class BreakOffValues(TypedDict):
    """broken_on: ISO day. confirmed: one outside the period was asked about, and is right."""

    broken_on: str
    reason: str
    confirmed: NotRequired[bool]


class TrainingValues(TypedDict, total=False):
    """entered_on: ISO day. None empties. confirmed: an unlikely one was asked about, and is right."""

    confirmed: bool
    entered_on: str | None
    stage_reduction: ReductionValues | None


def see_certificate(by: Actor, placement: Placement, values: CertificateValues, at: datetime) -> Placement:
    """Records that the certificate of a period was seen, the file deposited last or one on paper where none was, and
    returns the placement; a later one replaces it. Raises PlacementCancelled, Eliminated, DateToConfirm, Invalid on
    `issued_on`.
    """
    _standing(by, placement)
    issued = check_fields({"issued_on": values.get("issued_on")}, {"issued_on": day}).get("issued_on")
    days = values.get("days")
    unusual = asked_unless_confirmed(values, _unlikely_certificate(placement, issued, at))
    assert by.person is not None
    certificate = SeenCertificate(
        days=days,
        issued_on=issued,
        file=placement.certificate_file,
        seen_by=by.id,
        seen_name=by.person.name,
        seen_at=at,
    )
    data = {"placement": str(placement.id), "days": days}
    event = event_by(by, at, portfolio_chain(placement), EventName.CERTIFICATE_SEEN, placement, data | unusual)
    commit([Change(placement, {"certificate": certificate})], event)
    return placement


def _unlikely_certificate(placement: Placement, issued: str | None, at: datetime) -> Iterator[Doubt]:
    """Yields what is to be confirmed of the day (ISO) on which a certificate was made out."""
    yield from to_come([issued], today_in(placement.academy, at))
    yield from outside([issued], (placement.starts_on, None), "la période")


def break_off(
    by: Actor, placement: Placement, broken_on: str, reason: str, at: datetime, *, confirmed: bool = False
) -> Placement:
    """Records the day (ISO) on which a contract or a stage ended before its term, and returns the placement. confirmed:
    a day outside the period was asked about, and is right. Raises PlacementCancelled, Eliminated, DateToConfirm;
    Invalid if the reason is empty.
    """
    _standing(by, placement)
    last = check_fields({"broken_on": broken_on}, {"broken_on": day})["broken_on"]
    if not reason.strip():
        raise Invalid({"reason": ["Dites pourquoi en quelques mots."]})
    doubts = outside([last], (placement.starts_on, placement.ends_on), "la période")
    unusual = asked_unless_confirmed({CONFIRMED: confirmed}, doubts)
    data = {"placement": str(placement.id), "broken_on": last}
    event = event_by(by, at, portfolio_chain(placement), EventName.PLACEMENT_BROKEN_OFF, placement, data | unusual)
    commit([Change(placement, {"broken_on": last, "broken_because": reason.strip()})], event)
    return placement


def _standing(by: Actor, placement: Placement) -> None:
    require(by, Action.AMEND_PLACEMENT, placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    still_kept(placement)


def record_training(by: Actor, candidacy: Candidacy, values: TrainingValues, at: datetime) -> Candidacy:
    """Records an entry after the beginning and a reduced length of stage (arrêté, annexe III C), and returns the
    candidacy; what is left out of `values` stays. Raises DateToConfirm, Invalid on `entered_on`.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    changed: dict[str, str | StageReduction | None] = {}
    if "entered_on" in values:
        changed["entered_on"] = check_fields({"entered_on": values["entered_on"]}, {"entered_on": day}).get(
            "entered_on"
        )
    entered = [str(changed["entered_on"])] if changed.get("entered_on") else []
    unusual = asked_unless_confirmed(values, far_from_session(entered, candidacy.session))
    if "stage_reduction" in values:
        reduction = values["stage_reduction"]
        changed["stage_reduction"] = StageReduction(**reduction, recorded_at=at) if reduction else None
    data = {"fields": sorted(changed)} | unusual
    event = event_by(by, at, f"school:{candidacy.school}", EventName.TRAINING_RECORDED, candidacy, data)
    commit([Change(candidacy, changed)], event)
    return candidacy


def training_of(candidacy: Candidacy, placements: Iterable[Placement], today: date) -> TrainingReport:
    """Returns the days of a candidate's training and what it lacks. placements: theirs; cancelled ones are left out."""
    reduction = candidacy.stage_reduction
    facts = TrainingFacts(
        status=candidacy.status,
        periods=tuple(_period(placement) for placement in placements if placement.cancelled_at is None),
        least=reduction.days if reduction else LEAST_DAYS,
        entered_on=date.fromisoformat(candidacy.entered_on) if candidacy.entered_on else None,
    )
    return training_report(facts, today)


def told_to_jury(candidacy: Candidacy) -> str | None:
    """Returns, in French, that the stage of a candidate was shortened, and by whom, of which the jury is told (arrêté,
    annexe III B 1 a); None where it was not. The reason, which may be a private one, is not the jury's.
    """
    reduction = candidacy.stage_reduction
    if reduction is None:
        return None
    length = many(reduction.days, "jour")
    return f"Durée de stage réduite à {length}, sur décision {DECIDED_BY[reduction.decided_by]} (arrêté, annexe III C)."


def _period(placement: Placement) -> TrainingPeriod:
    certificate = placement.certificate if placement.certified else None
    return TrainingPeriod(
        company=placement.company_name,
        kind=placement.kind,
        starts=date.fromisoformat(placement.starts_on),
        ends=date.fromisoformat(placement.ends_on),
        days=placement.days,
        deposited=placement.certificate_file is not None,
        certified=certificate is not None,
        certified_days=certificate.days if certificate else None,
        broken_on=date.fromisoformat(placement.broken_on) if placement.broken_on else None,
        tutored=placement.tutor is not None,
    )

"""The recteur's habilitation of a school to continuous assessment, by speciality and dates (D643-19; arrêté of 17 June
2020): recorded, ended with a reason, never erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NotRequired, TypedDict

from bson import ObjectId

from portfolio.documents import Candidacy, School
from portfolio.documents.places import Habilitation, HabilitationEnd
from portfolio.documents.rows import Row
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_today
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit
from portfolio.validation import check_fields, checked_reason, day, period

YEARS = 10  # before and after today, before a day of a habilitation is asked about: five are usual
BY_HABILITATION = ("cfa_habilitated", "cfa_not_habilitated")  # the reasons of a form that it decides (D643-19, 3°)
HAS_CHANGED = (
    "L'habilitation de l'établissement, telle qu'elle est enregistrée, donne maintenant une autre forme : décidez-la "
    "de nouveau, avec un motif."
)
ENDS_BEFORE = (
    "L'habilitation de l'établissement ne va pas jusqu'à la remise des portfolios ({last}) : vérifiez son "
    "renouvellement."
)


class HabilitationValues(TypedDict, total=False):
    """exam: its code. reference: of the recteur's decision. starts_on, ends_on: ISO days; None for no end. confirmed:
    an unlikely one was asked about.
    """

    exam: str
    reference: str
    starts_on: str
    ends_on: str | None
    confirmed: bool


def record(by: Actor, school: School, values: HabilitationValues, at: datetime) -> School:
    """Records a habilitation, and returns the school. Nobody who is enrolled is moved: the office reads whose form it
    would change. Raises DateToConfirm, Invalid by field.
    """
    require(by, Action.RECORD_HABILITATION, school)
    checked = check_fields(dict(values), {"starts_on": day, "ends_on": day})
    period(checked["starts_on"], checked.get("ends_on"))
    if values["exam"] not in school.exams:
        raise Invalid({"exam": ["Cet établissement ne prépare pas cette épreuve."]})
    plain = {"exam": values["exam"], "reference": values["reference"].strip()}
    if not plain["reference"]:
        raise Invalid({"reference": ["Indiquez la référence de la décision du recteur."]})
    recorded = Habilitation(recorded_at=at, **plain, **checked)
    data = {"habilitation": str(recorded.id), **plain, **checked}
    data |= _asked(school, values, checked.values(), at)
    event = event_by(by, at, f"school:{school.id}", EventName.HABILITATION_RECORDED, school, data)
    commit([Change(school, push={"habilitations": recorded})], event)
    return school


class EndValues(TypedDict):
    """habilitation: its id. ends_on: ISO day. reason: withdrawn, renewed, corrected… confirmed: as above."""

    habilitation: ObjectId
    ends_on: str
    reason: str
    confirmed: NotRequired[bool]


def end(by: Actor, school: School, values: EndValues, at: datetime) -> School:
    """Records another last day (ISO) of a habilitation, earlier or later, with its reason, and returns the school; one
    that ends before it starts never counts. Raises NotFound, Forbidden, DateToConfirm, Invalid on `habilitation`,
    `ends_on`, `reason`.
    """
    require(by, Action.RECORD_HABILITATION, school)
    last = check_fields({"ends_on": values["ends_on"]}, {"ends_on": day})["ends_on"]
    ended = next((known for known in school.habilitations if known.id == values["habilitation"]), None)
    if ended is None:
        raise Invalid({"habilitation": ["Cet établissement n'a pas cette habilitation : relisez la page."]})
    data = {"habilitation": str(ended.id), "ends_on": last, "before": ended.ends_on}
    data |= _asked(school, values, [last], at)
    because = checked_reason(values["reason"])
    ended.ends.append(HabilitationEnd(ends_on=last, before=ended.ends_on, because=because, recorded_at=at))
    ended.ends_on = last
    event = event_by(by, at, f"school:{school.id}", EventName.HABILITATION_ENDED, school, data)
    commit([Change(school, {"habilitations": school.habilitations})], event)
    return school


def _asked(school: School, values: Mapping[str, object], days: Iterable[str], at: datetime) -> dict[str, list[str]]:
    """Returns what the link says of days that were confirmed. Raises DateToConfirm."""
    return asked_unless_confirmed(values, far_from_today(days, today_in(school.academy, at), YEARS))


def is_habilitated(school: School, exam: str, first: date, last: date) -> bool:
    """Returns whether the school is habilitated for an exam (its code) on a day between these two; what was said when
    it was opened counts where no habilitation for the exam was ever recorded.
    """
    recorded = [known for known in school.habilitations if known.exam == exam]
    if not recorded:
        return bool(school.habilitated)
    return any(_holds(known, first.isoformat(), last.isoformat()) for known in recorded)


def _holds(known: Habilitation, first: str, last: str) -> bool:
    """Returns whether it is in force on a day between two (ISO). One that ends before it starts never is."""
    starts, ends = max(known.starts_on, first), min(known.ends_on or last, last)
    return bool(starts <= ends and known.starts_on <= (known.ends_on or last))


def last_day(circular: Circular) -> date:
    """Returns the last day of CCF as far as this service knows: that on which portfolios are handed in."""
    return circular.portfolio.deadline.date()


def form_in_doubt(candidacy: Candidacy | Row, school: School, today: date) -> str | None:
    """Returns a French sentence where the form of the exam follows the habilitation and no longer agrees with it, or
    the habilitation ends before portfolios are handed in; None otherwise, and after that day. No form is changed: the
    office decides again.
    """
    if candidacy.ccf.reason_code not in BY_HABILITATION:
        return None
    last = last_day(circular_of(candidacy))
    if today > last:
        return None
    habilitated = candidacy.ccf.reason_code == BY_HABILITATION[0]
    if is_habilitated(school, candidacy.exam, today, last) != habilitated:
        return HAS_CHANGED
    if habilitated and not is_habilitated(school, candidacy.exam, last, last):
        return ENDS_BEFORE.format(last=f"{last:%d/%m/%Y}")
    return None

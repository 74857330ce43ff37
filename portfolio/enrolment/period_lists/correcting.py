"""Corrects, from a list sent again, the periods that it says otherwise, as long as nobody signed anything on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Attestation, Placement, RealityEvaluation
from portfolio.documents.attestations import UNANSWERED
from portfolio.enrolment.lists.reading import ListRow
from portfolio.enrolment.period_lists.matching import PeriodLine
from portfolio.enrolment.placements import TutorValues, amend_placement, replace_tutor
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

AMEND_KNOWN = "amend_known"
SIGNED = "Quelque chose est déjà signé sur cette période : elle ne se corrige qu'à la page du candidat."


def keep_what_is_signed(lines: Iterable[PeriodLine]) -> None:
    """Says of each period that differs whether somebody answered for it, evaluated it or saw its certificate: a list
    changes nothing of it then. Two queries.
    """
    differing = [line for line in lines if line.known is not None and line.differs]
    signed = signed_among(line.known for line in differing if line.known is not None)
    for line in differing:
        if line.known is not None and line.known.id in signed:
            line.kept = SIGNED


def signed_among(placements: Iterable[Placement]) -> set[ObjectId]:
    """Returns the ids of these periods on which somebody answered, whose reality is evaluated or whose certificate was
    seen. Two queries, none where there is no period.
    """
    known = {placement.id: placement for placement in placements}
    if not known:
        return set()
    signed = set(Attestation.objects(placement__in=list(known), state__nin=UNANSWERED).scalar("placement"))
    signed |= set(RealityEvaluation.objects(placement__in=list(known)).scalar("placement"))
    return signed | {key for key, placement in known.items() if placement.certificate is not None}


def correct_known(by: Actor, at: datetime, line: PeriodLine) -> None:
    """Writes what a line says otherwise of the period that the school has: its dates and days, then its tutor, as the
    forms of the candidate's page do. Raises what `amend_placement` and `replace_tutor` raise.
    """
    placement = line.known
    assert placement is not None
    require(by, Action.AMEND_PLACEMENT, placement)
    dated = {name: line.differs[name][1] for name in ("starts_on", "ends_on") if name in line.differs}
    changed = dated | ({"days": int(line.differs["days"][1])} if "days" in line.differs else {})
    if changed:
        before = {name: placement[name] for name in changed}
        amend_placement(by, placement, changed, at)
        line.before |= before
    if "tutor" in line.differs:
        leaving = {name: placement[name] for name in ("tutor", "tutor_function")}
        replace_tutor(by, placement, tutor_of(line.row), at)
        line.before |= leaving
    line.corrected = True


def tutor_of(row: ListRow) -> TutorValues:
    """Returns the tutor that a line names."""
    values = row.values
    return TutorValues(
        family_name=str(values["tutor"]),
        given_names=str(values["tutor_given_names"]),
        email=str(values["tutor_email"]) if values.get("tutor_email") else None,
        function=str(values["tutor_function"]) if values.get("tutor_function") else None,
    )

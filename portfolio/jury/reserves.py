"""Reserves a result where fraud is suspected: it stays out of publication until a recorded decision lifts it.

A candidate suspected of fraud has no final result before the disciplinary commission rules (D643-32-2). That procedure
is conducted elsewhere: here is only what it changes, beside the grids, the sheet and the mark, which go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bson import ObjectId

from portfolio.commission.convene import in_words
from portfolio.commission.office_outcomes import standing_outcome
from portfolio.documents import Candidacy, Jury, Reserve, Result, School
from portfolio.documents.commissions import ReserveState
from portfolio.documents.fields import place_of
from portfolio.errors import NotNow, RuleSource
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.deciding import as_decided
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, AnyChange, Change, Hold, HoldNone, Insert, assessment_chain, commit


class AlreadyReserved(NotNow):
    code = "already_reserved"
    source = RuleSource.INTEGRITY
    detail = "Le résultat de ce candidat est déjà réservé."


class TooLateToReserve(NotNow):
    code = "too_late_to_reserve"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce résultat est publié : le candidat le lit, il ne se réserve plus. Signalez les faits par écrit au service "
        "des examens de l'académie : la procédure disciplinaire se conduit hors de ce service."
    )


class ReserveLifted(NotNow):
    code = "reserve_lifted"
    source = RuleSource.INTEGRITY
    detail = "Cette réserve est déjà levée."


def place(by: Actor, candidacy: Candidacy, values: Mapping[str, str | None], at: datetime) -> Reserve:
    """Reserves the result, before any sheet or outcome without appraisal or after it, and returns the reserve. values:
    reason, the facts in words; reference, of the record of facts if there is one. Raises TooLateToReserve,
    AlreadyReserved; Invalid without a reason.
    """
    require(by, Action.PLACE_RESERVE, candidacy)
    assert by.person is not None
    appraised: Result | None = Result.objects(candidacy=candidacy.id).first()
    decisions = [decision for decision in (appraised, standing_outcome(candidacy)) if decision is not None]
    if any(decision.published for decision in decisions):
        raise TooLateToReserve()
    reserve = Reserve(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        reason=in_words("reason", values["reason"] or ""),
        reference=(values.get("reference") or "").strip() or None,
        placed_by=by.id,
        placed_by_name=by.person.name,
    )
    there = HoldNone(Candidacy, {"_id": candidacy.id, "school": {"$ne": candidacy.school}})
    school = School.objects.get(pk=candidacy.school)  # a transfer holds it too
    changes: list[AnyChange] = [Hold(school, {}), there, Insert(reserve), *_counted(by, reserve)]
    changes += [Hold(decision, {"published": False}) for decision in decisions]
    try:
        commit(changes, event_by(by, at, assessment_chain(reserve), EventName.RESERVE_PLACED, reserve))
    except AlreadyExists:
        raise AlreadyReserved() from None
    return reserve


def lift(by: Actor, reserve: Reserve, reference: str, at: datetime) -> Reserve:
    """Lifts the reserve, and returns it: a later publication has the result. reference: of the decision that lifts it.
    Raises ReserveLifted; Invalid without a reference.
    """
    require(by, Action.LIFT_RESERVE, reserve)
    assert by.person is not None
    if reserve.state != ReserveState.STANDING:
        raise ReserveLifted()
    lifted = {
        "state": ReserveState.LIFTED,
        "lifted_reference": in_words("reference", reference),
        "lifted_by": by.id,
        "lifted_by_name": by.person.name,
        "lifted_at": at,
    }
    event = event_by(by, at, assessment_chain(reserve), EventName.RESERVE_LIFTED, reserve)
    commit([Change(reserve, lifted), *_counted(by, reserve)], event)
    return reserve


def reserves_of(by: Actor, candidacy: Candidacy) -> list[Reserve]:
    """Returns the reserves on a candidate's result that `by` may read, the latest first; [] for others."""
    query = {"$and": [scope(by, Action.READ_RESERVE, Reserve), {"candidacy": candidacy.id}]}
    return list(Reserve.objects(__raw__=query).order_by("-id"))


def reserved(candidacies: Iterable[ObjectId]) -> set[ObjectId]:
    """Returns those of the candidacies whose result is reserved; one query."""
    return set(Reserve.objects(candidacy__in=list(candidacies), state=ReserveState.STANDING).scalar("candidacy"))


def _counted(by: Actor, reserve: Reserve) -> list[Change]:
    """Returns what adds one to the revision of the jury, if there is one: a publication under way begins again. It
    expects that who sits there is as when `by`, of the jury, was found to decide.
    """
    jury = Jury.objects(academies=reserve.academy, exam=reserve.exam, session=reserve.session).first()
    return [] if jury is None else [Change(jury, expected=as_decided(by, jury), any_revision=True)]

"""What the two members decide together: the degrees they agree on, the pieces, appreciation, mark, sheet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, redirect, url_for

from api.commission.assessments import Admission, Appraisal, Retention
from portfolio.commission import assess
from portfolio.commission.grids import Comparison, divergences
from portfolio.documents import Assessment
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.marks import format_mark
from portfolio.sheet import draw_up
from portfolio.sheet.workspace import Desk, desk
from web.commission.lines import lines
from web.commission.queue import address_of, frame
from web.forms import read_form
from web.layout import page
from web.pages import Pages, find_unchanged, made_once

pages = Pages("commission_accord", __name__, "teacher", "tutor", of_a_commission=True)


@pages.shows("/commissions/<oid:commission_id>/accord", Action.READ_ASSESSMENT)
def accord(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    seen_now = desk(by, commission_id)
    assessment, rules = seen_now.assessment, seen_now.circular.mark
    return page(
        "commission/accord.html",
        **frame(by, at, seen_now, "accord"),
        grid=seen_now.shared,
        outcomes=[(outcome.code, outcome.label) for outcome in seen_now.circular.outcomes.values()],
        compared=_compared(seen_now),
        closed=bool(seen_now.sheet),
        proposed="" if assessment.proposed_mark is None else format_mark(assessment.proposed_mark),
        scale={"maximum": format_mark(rules.maximum), "step": format_mark(rules.step)},
        comment_below=None if rules.comment_required_below is None else format_mark(rules.comment_required_below),
    )


def _compared(seen_now: Desk) -> list[dict[str, Any]]:
    """Each row with what both members gave it, those that diverge first; as in the circular when they sit together,
    or while a grid is not sealed."""
    shown = {line.code: line for line in lines(seen_now, seen_now.shared)}
    if not seen_now.own or not seen_now.opened:
        return [{"line": line, "said": [], "diverges": False} for line in shown.values()]
    names = [seat.name for seat in seen_now.seats]
    return [
        {
            "line": shown[one.row],
            "said": list(zip(names, one.degrees, one.observations, strict=True)) if _tells(one) else [],
            "diverges": one.diverges,
        }
        for one in divergences(seen_now.circular.grid.rows, *seen_now.own)
    ]


def _tells(one: Comparison) -> bool:
    """Where both gave the same degree and wrote nothing, or the same words, the shared row says it all."""
    return one.diverges or one.observations[0] != one.observations[1]


@pages.acts("/commissions/<oid:commission_id>/appreciation", Action.APPRAISE, back=accord)
def appraise(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    said = read_form(Appraisal, "candidacy", "submission", "appreciation", "proposed_mark")
    assess.appraise(by, find_unchanged(Assessment, commission_id), said, at)
    flash("L'appréciation et la note proposée sont enregistrées.", "ok")
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor="decision")


@pages.acts("/commissions/<oid:commission_id>/situation", Action.APPRAISE, back=accord)
def choose_outcome(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    """Nothing is appraised; or, left empty, it is after all."""
    said = {"outcome": None, "outcome_reference": None}
    said |= read_form(Appraisal, "candidacy", "submission", "outcome", "outcome_reference")
    assess.appraise(by, find_unchanged(Assessment, commission_id), said, at)
    flash("La situation est enregistrée." if said["outcome"] else "Aucune situation particulière n'est retenue.", "ok")
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor="decision")


@pages.acts("/commissions/<oid:commission_id>/admettre", Action.APPRAISE, back=accord)
def admit(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    said = read_form(Admission)
    assess.admit(by, find_unchanged(Assessment, commission_id), said["evidence"], said["admitted"], at)
    return _back_to(commission_id, said["evidence"])


@pages.acts("/commissions/<oid:commission_id>/retenir", Action.APPRAISE, back=accord)
def retain(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    said = read_form(Retention)
    assess.retain(by, find_unchanged(Assessment, commission_id), said["evidence"], said["retained"], at)
    return _back_to(commission_id, said["evidence"])


def _back_to(commission_id: ObjectId, evidence: Any) -> str:
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor=f"preuve-{evidence}")


@pages.shows("/commissions/<oid:commission_id>/fiche", Action.READ_ASSESSMENT)
def sheet_in_force(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """The sheet in force; until there is one, where it is drawn up."""
    found = desk(by, commission_id, with_evidence=False)
    if found.sheet is None:
        return redirect(address_of("accord", commission_id))  # type: ignore[return-value]
    return redirect(url_for("sheet.sheet", sheet_id=found.sheet.id))  # type: ignore[return-value]


@pages.acts("/commissions/<oid:commission_id>/fiche", Action.DRAW_UP, back=accord)
def draw_up_sheet(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    sheet = made_once(by, lambda: draw_up.draw_up(by, find_unchanged(Assessment, commission_id), at))
    return url_for("sheet.sheet", sheet_id=sheet.id)

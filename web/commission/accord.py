"""What the two members decide together: the degrees they agree on, the pieces, appreciation, mark, sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response, flash, redirect, url_for

from api.commission.assessments import Admission, Appraisal, RetainedChoice
from api.commission.commissions import WayOfScoring
from portfolio.commission import assess, way_of_scoring
from portfolio.commission.grids import RowComparison, divergences
from portfolio.documents import Assessment, Commission
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor
from portfolio.rules.marks import format_mark
from portfolio.rules.terms import MemberQuality
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
    return agreed_on(by, at, desk(by, commission_id))


def agreed_on(by: Actor, at: datetime, workspace: Desk) -> Response:
    """Returns the page of the shared grid of a commission whose desk was read."""
    assessment, rules = workspace.assessment, workspace.circular.mark
    return page(
        "commission/accord.html",
        **frame(by, at, workspace, "accord"),
        grid=workspace.shared,
        outcomes=[(outcome.code, outcome.label) for outcome in workspace.circular.outcomes.values()],
        compared=_compared(workspace),
        closed=bool(workspace.sheet),
        way_asked_by=way_of_scoring.asked_by(workspace.commission)[1],
        proposed="" if assessment.proposed_mark is None else format_mark(assessment.proposed_mark),
        meeting=_meeting(by, at, workspace),
        scale={"maximum": format_mark(rules.maximum), "step": format_mark(rules.step)},
        comment_below=None if rules.comment_required_below is None else format_mark(rules.comment_required_below),
    )


@dataclass(frozen=True)
class ShownMeeting:
    """What the form of the meeting shows. day, hour: of its fields. replaces_tutor: whether this member may seat a
    second professor in the place of the tutor.
    """

    day: str
    hour: str
    place: str
    note: str | None
    on_paper: bool
    replaces_tutor: bool


def _meeting(by: Actor, at: datetime, workspace: Desk) -> ShownMeeting:
    """Returns the meeting to show in the form: as recorded, else as convened, but not later than now. Day (ISO) and
    hour are in the academy's time zone.
    """
    commission = workspace.commission
    held = commission.meeting
    when = (held.held_at if held else min(commission.meets_at, at)).astimezone(ZoneInfo(workspace.zone))
    tutored = any(seat.quality == MemberQuality.TUTOR for seat in workspace.seats)
    return ShownMeeting(
        day=f"{when:%Y-%m-%d}",
        hour=f"{when:%H:%M}",
        place=held.place if held else commission.place,
        note=held.note if held else None,
        on_paper=bool(held and held.on_paper),
        replaces_tutor=tutored and may(by, Action.CHANGE_COMMISSION, commission),
    )


def _compared(workspace: Desk) -> list[dict[str, Any]]:
    """Returns the rows to agree on: {line, given: (member, degree, observation) of each, diverges}. In the order of the
    circular, with nothing given, while they sit together or a grid is not sealed.
    """
    line_of = {line.code: line for line in lines(workspace, workspace.shared)}
    if not workspace.own or not workspace.opened:
        return [{"line": line, "given": [], "diverges": False} for line in line_of.values()]
    names = [seat.name for seat in workspace.seats]
    return [
        {
            "line": line_of[row.row],
            "given": list(zip(names, row.degrees, row.observations, strict=True)) if _worth_showing(row) else [],
            "diverges": row.diverges,
        }
        for row in divergences(workspace.circular.grid.rows, *workspace.own)
    ]


def _worth_showing(comparison: RowComparison) -> bool:
    """Returns True if the two members differ on this row: otherwise the shared row says it all."""
    return comparison.diverges or comparison.observations[0] != comparison.observations[1]


@pages.acts("/commissions/<oid:commission_id>/appreciation", Action.APPRAISE, back=accord)
def appraise(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    values = read_form(Appraisal, "candidacy", "submission", "appreciation", "proposed_mark")
    assess.appraise(by, find_unchanged(Assessment, commission_id), values, at)
    flash("L'appréciation et la note proposée sont enregistrées.", "ok")
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor="decision")


@pages.acts("/commissions/<oid:commission_id>/maniere", Action.APPRAISE, back=accord)
def choose_way(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    chosen = read_form(WayOfScoring)["mode"]
    commission = find_unchanged(Commission, commission_id)
    before = commission.mode
    way_of_scoring.choose_way(by, commission, chosen, at)
    if commission.mode != chosen:
        flash("Une grille est scellée : la manière changera quand l'autre membre l'aura choisie aussi.", "ok")
    else:
        flash("Vous continuez de la même manière." if chosen == before else "La manière d'apprécier est changée.", "ok")
    return url_for("commission_accord.accord", commission_id=commission_id)


@pages.acts("/commissions/<oid:commission_id>/situation", Action.APPRAISE, back=accord)
def choose_outcome(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    """Records a situation in which nothing is appraised (form: outcome, outcome_reference); left empty, takes it back.
    Returns where to go. Raises what `assess.appraise` raises.
    """
    values = {"outcome": None, "outcome_reference": None}
    values |= read_form(Appraisal, "candidacy", "submission", "outcome", "outcome_reference")
    assess.appraise(by, find_unchanged(Assessment, commission_id), values, at)
    none = "Aucune situation particulière n'est retenue."
    flash("La situation est enregistrée." if values["outcome"] else none, "ok")
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor="decision")


@pages.acts("/commissions/<oid:commission_id>/admettre", Action.APPRAISE, back=accord)
def admit(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    values = read_form(Admission)
    assess.admit(by, find_unchanged(Assessment, commission_id), values["evidence"], values["admitted"], at)
    return _back_to(commission_id, values["evidence"])


@pages.acts("/commissions/<oid:commission_id>/retenir", Action.APPRAISE, back=accord)
def retain(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    values = read_form(RetainedChoice)
    assess.retain(by, find_unchanged(Assessment, commission_id), values["evidence"], values["retained"], at)
    return _back_to(commission_id, values["evidence"])


def _back_to(commission_id: ObjectId, evidence_id: ObjectId) -> str:
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor=f"preuve-{evidence_id}")


@pages.shows("/commissions/<oid:commission_id>/fiche", Action.READ_ASSESSMENT)
def sheet_in_force(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """Redirects to the sheet in force; until there is one, to where it is drawn up. Raises NotFound, Forbidden."""
    workspace = desk(by, commission_id, with_evidence=False)
    if workspace.sheet is None:
        return redirect(address_of("accord", commission_id))  # type: ignore[return-value]
    return redirect(url_for("sheet.sheet", sheet_id=workspace.sheet.id))  # type: ignore[return-value]


@pages.acts("/commissions/<oid:commission_id>/fiche", Action.DRAW_UP, back=accord)
def draw_up_sheet(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    sheet = made_once(by, lambda: draw_up.draw_up(by, find_unchanged(Assessment, commission_id), at))
    return url_for("sheet.sheet", sheet_id=sheet.id)

"""Scoring: the evidence beside the grid of the circular, each degree saved on its own, then sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, jsonify, request, url_for

from api.commission.assessments import GridFilling, TakingOver
from api.http.routing import find
from api.http.schemas import represent
from portfolio.commission import assess, grids, presence
from portfolio.documents import Assessment, Grid
from portfolio.documents.fields import read
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Stale
from portfolio.evidence import drafts
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sheet.workspace import Desk, desk
from web.commission.accord import agreed_on
from web.commission.lines import FIELDS, lines, plain
from web.commission.queue import frame
from web.forms import read_form
from web.layout import clock_time, page
from web.pages import Pages, find_unchanged

pages = Pages("commission_grid", __name__, "teacher", "tutor", of_a_commission=True)


@pages.shows("/commissions/<oid:commission_id>/grille", Action.READ_ASSESSMENT)
def scoring(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    workspace = desk(by, commission_id)
    return _scoring(by, at, workspace)


def _scoring(by: Actor, at: datetime, workspace: Desk) -> Response:
    grid = workspace.mine(by.id)
    closed = bool(grid.sealed_at or workspace.sheet or workspace.assessment.outcome)
    return page(
        "commission/grid.html",
        grid=grid,
        lines=lines(workspace, grid),
        closed=closed,
        **frame(by, at, workspace, "grid"),
    )


@pages.shows("/commissions/grilles/<oid:grid_id>", Action.READ_GRID)
def of_grid(by: Actor, at: datetime, grid_id: ObjectId) -> Response:
    """Shows the page on which this grid is filled in. Raises NotFound, Forbidden."""
    grid = find(Grid, grid_id)
    require(by, Action.READ_GRID, grid)
    workspace = desk(by, grid.commission)
    if workspace.mine(by.id).id == grid.id:
        return _scoring(by, at, workspace)
    return agreed_on(by, at, workspace)


@pages.acts("/commissions/grilles/<oid:grid_id>", Action.FILL_GRID, back=of_grid)
def save(by: Actor, at: datetime, grid_id: ObjectId) -> str:
    """Saves all that was changed on the page, for a browser without JavaScript, and returns where to go. Raises what
    `grids.fill` raises, Stale.
    """
    grid = _filled(by, at, grid_id)
    assessment = read(Assessment, grid.commission)
    presence.arrive(by, assessment, at)
    flash(f"Enregistré à {clock_time(at, academy_of(grid.academy).timezone)}.", "ok")
    mine = desk(by, grid.commission, with_evidence=False).mine(by.id).id == grid.id
    return url_for("commission_grid.scoring" if mine else "commission_accord.accord", commission_id=grid.commission)


@pages.sends("/commissions/grilles/<oid:grid_id>/saisie", Action.FILL_GRID)
def save_changes(by: Actor, at: datetime, grid_id: ObjectId) -> Response:
    """Saves what just changed; returns {revision, saved_at: local time} as JSON. Refuses with 412 (Stale) and the grid
    as it is now (`current`) when it moved. Raises what `grids.fill` raises.
    """
    try:
        grid = _filled(by, at, grid_id)
    except Stale as stale:
        if may(by, Action.READ_GRID, stale.thing):
            stale.shown = represent(stale.thing)
        raise
    drafts.forget(by, f"grid-{grid.id}")
    return jsonify(revision=grid.revision, saved_at=clock_time(at, academy_of(grid.academy).timezone))


def _filled(by: Actor, at: datetime, grid_id: ObjectId) -> Grid:
    """Fills in only the fields that this person changed, and returns the grid: `before.` says what the page showed.
    Raises Stale and what `grids.fill` raises.
    """
    require(by, Action.FILL_GRID, find(Grid, grid_id))
    changed: dict[str, dict[str, Any]] = {name: {} for name in FIELDS}
    for name in request.form:
        field, _, row = name.partition(".")
        value = plain(request.form[name])
        if field in FIELDS and value != plain(request.form.get(f"before.{name}", "\0")):
            changed[field][row] = value or None
    values = read_form(GridFilling(), "candidacy", "submission", **changed)
    return grids.fill(by, find_unchanged(Grid, grid_id), values, at)


@pages.acts("/commissions/grilles/<oid:grid_id>/sceller", Action.FILL_GRID, back=of_grid)
def seal(by: Actor, at: datetime, grid_id: ObjectId) -> str:
    grid = grids.seal(by, find_unchanged(Grid, grid_id), at)
    if grid.opened:
        flash("Les deux grilles sont scellées : comparez-les et accordez-vous.", "ok")
    else:
        flash("Votre grille est scellée. Elle s'ouvrira à l'autre membre quand il aura scellé la sienne.", "ok")
    return url_for("commission.candidate", commission_id=grid.commission)


@pages.acts("/commissions/<oid:commission_id>/remise", Action.APPRAISE, back=scoring)
def take_over(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    values = read_form(TakingOver)
    assess.choose_submission(by, find_unchanged(Assessment, commission_id), values["number"], at)
    flash(f"La commission apprécie maintenant la remise n° {values['number']}. Relisez les preuves.", "ok")
    return url_for("commission.candidate", commission_id=commission_id)

"""Scoring: the evidence beside the grid of the circular, each degree saved on its own, then sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, g, jsonify, request, url_for

from api.assessments import GridFilling
from api.doors import find
from api.wire import represent
from portfolio import grids, presence
from portfolio.documents import Assessment, Grid
from portfolio.errors import Stale
from portfolio.permissions import Action, may, require
from portfolio.read.commission_desk import Desk, desk
from portfolio.relations import Actor
from portfolio.sheet.wording import KINDS
from web.commission import frame
from web.commission_accord import accord
from web.forms import read_form
from web.look import clock_time, page
from web.pages import Pages, seen

pages = Pages("commission_grid", __name__)

FIELDS = ("degrees", "observations")


@dataclass(frozen=True)
class Line:
    """One row as the form shows it. stored: {field: what was saved meanwhile by somebody else, where it differs}."""

    code: str
    wording: str
    section: str
    degree: str
    observation: str
    stored: dict[str, str]
    before: dict[str, str]
    evidence: int


def lines(seen_now: Desk, grid: Grid) -> list[Line]:
    """The rows of the circular. After a refusal: as typed where this person changed something, else as stored."""
    official, counts = seen_now.referential, seen_now.evidence.counts() if seen_now.evidence else {}
    typed = request.form if "refusal" in g and request.form.get("_form") == f"grid-{grid.id}" else None
    return [_line(seen_now, official, grid, code, typed, counts.get(code, 0)) for code in seen_now.circular.grid.rows]


def _line(seen_now: Desk, official: Any, grid: Grid, code: str, typed: Any, evidence: int) -> Line:
    before = {name: getattr(grid, name).get(code, "") for name in FIELDS}
    shown, stored = dict(before), {}
    for name in FIELDS if typed is not None else ():
        mine = _plain(typed.get(f"{name}.{code}", ""))
        if mine != _plain(typed.get(f"before.{name}.{code}", "")):
            shown[name] = mine
            if isinstance(g.refusal, Stale) and before[name] != mine:
                stored[name] = before[name]
    kind = "competence" if code in official.competences else "criterion"
    return Line(
        code=code,
        wording=official.wording(code),
        section=KINDS[kind],
        degree=shown["degrees"],
        observation=shown["observations"],
        stored=stored,
        before=before,
        evidence=evidence,
    )


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


@pages.shows("/commissions/<oid:commission_id>/grille", Action.READ_ASSESSMENT)
def scoring(by: Actor, at: Any, commission_id: Any) -> Response:
    seen_now = desk(by, commission_id)
    return _scoring(by, at, seen_now)


def _scoring(by: Actor, at: Any, seen_now: Desk) -> Response:
    grid = seen_now.mine(by.id)
    shown = frame(by, at, seen_now, "grid")
    closed = bool(grid.sealed_at or seen_now.sheet or seen_now.assessment.outcome or seen_now.evidence is None)
    return page("commission/grid.html", grid=grid, lines=lines(seen_now, grid), closed=closed, **shown)


@pages.shows("/commissions/grilles/<oid:grid_id>", Action.READ_GRID)
def of_grid(by: Actor, at: Any, grid_id: Any) -> Response:
    """The page on which this grid is filled in."""
    grid = find(Grid, grid_id)
    require(by, Action.READ_GRID, grid)
    seen_now = desk(by, grid.commission)
    if seen_now.mine(by.id).id == grid.id:
        return _scoring(by, at, seen_now)
    return accord(by=by, at=at, commission_id=grid.commission)


@pages.acts("/commissions/grilles/<oid:grid_id>", Action.FILL_GRID, back=of_grid)
def save(by: Actor, at: Any, grid_id: Any) -> str:
    """All that was changed on the page, for a browser without JavaScript."""
    grid = _filled(by, at, grid_id)
    assessment = Assessment.objects.get(pk=grid.commission)
    presence.arrive(by, assessment, at)
    seen_now = desk(by, grid.commission, with_evidence=False)
    flash(f"Enregistré à {clock_time(at, seen_now.zone)}.", "ok")
    mine = seen_now.mine(by.id).id == grid.id
    return url_for("commission_grid.scoring" if mine else "commission_accord.accord", commission_id=grid.commission)


@pages.sends("/commissions/grilles/<oid:grid_id>/saisie", Action.FILL_GRID)
def save_one(by: Actor, at: Any, grid_id: Any) -> Response:
    """What just changed. Refused with 412 and the grid as it is now when it moved (`current`)."""
    try:
        grid = _filled(by, at, grid_id)
    except Stale as stale:
        if may(by, Action.READ_GRID, stale.thing):
            stale.shown = represent(stale.thing)
        raise
    zone = request.form.get("zone", "Europe/Paris")
    return jsonify(revision=grid.revision, saved_at=clock_time(at, zone))


def _filled(by: Actor, at: Any, grid_id: Any) -> Grid:
    """Only the fields that this person changed: `before.` says what the page showed."""
    given: dict[str, dict[str, Any]] = {name: {} for name in FIELDS}
    for name in request.form:
        field, _, row = name.partition(".")
        value = _plain(request.form[name])
        if field in FIELDS and value != _plain(request.form.get(f"before.{name}", "\0")):
            given[field][row] = value or None
    values = read_form(GridFilling(), "candidacy", "submission", **given)
    grid = find(Grid, grid_id)
    require(by, Action.FILL_GRID, grid)
    return grids.fill(by, seen(Grid, grid_id), values, at)


@pages.acts("/commissions/grilles/<oid:grid_id>/sceller", Action.FILL_GRID, back=of_grid)
def seal(by: Actor, at: Any, grid_id: Any) -> str:
    grid = grids.seal(by, seen(Grid, grid_id), at)
    if grid.opened:
        flash("Les deux grilles sont scellées : comparez-les et accordez-vous.", "ok")
    else:
        flash("Votre grille est scellée. Elle s'ouvrira à l'autre membre quand il aura scellé la sienne.", "ok")
    return url_for("commission.candidate", commission_id=grid.commission)

"""What a commission decides: pieces, degrees, appreciation, proposed mark or outcome. Its two members only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import AsIs, Id, Instant, Mark, ThingOut, represents, text
from portfolio.commission import assess, grids
from portfolio.documents import Assessment, Grid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet.appraised import appraised_portfolio

routes = Routes("assessments", __name__, description="Appréciation par la commission : preuves, degrés, note proposée")

ROW = text(10)


class AboutCandidacy(Schema):
    candidacy = Id(
        required=True, metadata={"description": "le candidat affiché : une saisie pour un autre est refusée"}
    )
    submission = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=1, max=100_000),
        metadata={"description": "la remise affichée : une saisie faite devant une autre est refusée"},
    )


class Appraisal(AboutCandidacy):
    appreciation = text(5000, minimum=0, allow_none=True)
    proposed_mark = text(10, allow_none=True, metadata={"description": "telle que tapée : « 12,5 » ou « 12.5 »"})
    outcome = text(50, allow_none=True, metadata={"description": "situation sans appréciation, par son code"})
    outcome_reference = text(200, minimum=0, allow_none=True)


class Admission(Schema):
    evidence = Id(required=True)
    admitted = fields.Boolean(required=True)


class RetainedChoice(Schema):
    evidence = Id(required=True)
    retained = fields.Boolean(required=True)


class TakingOver(Schema):
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=100_000))


class GridFilling(AboutCandidacy):
    """Rows not named stay as they are; null erases."""

    degrees = fields.Dict(keys=ROW, values=text(10, allow_none=True), validate=validate.Length(max=50))
    observations = fields.Dict(
        keys=ROW, values=text(2000, minimum=0, allow_none=True), validate=validate.Length(max=50)
    )


@represents(Assessment)
class AssessmentOut(ThingOut):
    candidacy = Id(required=True)
    members = fields.List(Id(), required=True)
    submission = fields.Integer(allow_none=True, metadata={"description": "numéro de la remise appréciée"})
    admitted = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)
    retained = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)
    appreciation = fields.String(allow_none=True)
    proposed_mark = Mark(allow_none=True)
    outcome = fields.String(allow_none=True)
    outcome_reference = fields.String(allow_none=True)
    state = fields.String(required=True)


@represents(Grid)
class GridOut(ThingOut):
    commission = Id(required=True)
    candidacy = Id(required=True)
    member = Id(allow_none=True, metadata={"description": "null : la grille commune"})
    degrees = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    observations = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    sealed_at = Instant(allow_none=True)
    opened = fields.Boolean(required=True)


class ComparisonOut(Schema):
    row = fields.String(required=True)
    diverges = fields.Boolean(required=True)
    degrees = fields.List(fields.String(allow_none=True), required=True)
    observations = fields.List(fields.String(), required=True)


class ComparisonsOut(Schema):
    members = fields.List(Id(), required=True, metadata={"description": "dans l'ordre des valeurs de chaque ligne"})
    rows = fields.List(fields.Nested(ComparisonOut), required=True)


@routes.reads(
    "/commissions/<oid:commission_id>/assessment",
    Action.READ_ASSESSMENT,
    AssessmentOut,
    title="Montre ce que la commission a écrit : preuves, appréciation, note proposée.",
)
def show_assessment(by: Actor, at: datetime, commission_id: ObjectId) -> Assessment:
    assessment = find(Assessment, commission_id)
    require(by, Action.READ_ASSESSMENT, assessment)
    return assessment


@routes.reads(
    "/commissions/<oid:commission_id>/portfolio",
    Action.READ_ASSESSMENT,
    AsIs,
    title="Montre la remise appréciée, figée, avec ses confirmations à ce jour et sa couverture.",
)
def show_appraised(by: Actor, at: datetime, commission_id: ObjectId) -> dict[str, Any]:
    return appraised_portfolio(by, find(Assessment, commission_id))


@routes.changes(
    "/commissions/<oid:commission_id>/assessment",
    Action.APPRAISE,
    AssessmentOut,
    takes=Appraisal,
    title="Écrit l'appréciation, la note proposée ou une situation sans appréciation.",
)
def appraise(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]) -> Assessment:
    return assess.appraise(by, find(Assessment, commission_id, expected), values, at)


@routes.acts(
    "/commissions/<oid:commission_id>/admit",
    Action.APPRAISE,
    AssessmentOut,
    takes=Admission,
    title="Admet ou écarte un « autre élément jugé pertinent ».",
)
def admit(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]) -> Assessment:
    return assess.admit(by, find(Assessment, commission_id, expected), values["evidence"], values["admitted"], at)


@routes.acts(
    "/commissions/<oid:commission_id>/retain",
    Action.APPRAISE,
    AssessmentOut,
    takes=RetainedChoice,
    title="Retient une preuve sur laquelle l'appréciation repose, ou ne la retient plus.",
)
def retain(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]) -> Assessment:
    return assess.retain(by, find(Assessment, commission_id, expected), values["evidence"], values["retained"], at)


@routes.acts(
    "/commissions/<oid:commission_id>/take-over",
    Action.APPRAISE,
    AssessmentOut,
    takes=TakingOver,
    title="Prend en compte une remise plus récente du candidat.",
)
def take_over(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]) -> Assessment:
    return assess.choose_submission(by, find(Assessment, commission_id, expected), values["number"], at)


@routes.reads(
    "/commissions/<oid:commission_id>/grids",
    Action.READ_GRID,
    page_of(GridOut),
    query=PageQuery,
    title="Liste sa grille et la grille commune ; celle de l'autre membre, une fois les deux scellées.",
)
def list_grids(by: Actor, at: datetime, commission_id: ObjectId, asked: dict[str, Any]) -> dict[str, Any]:
    """Returns a page {items, next} of the common grid and one's own; also the other member's once both are sealed.
    asked: of PageQuery. Raises NotFound, Forbidden; Invalid on `after`.
    """
    require(by, Action.READ_ASSESSMENT, find(Assessment, commission_id))
    mine = {"commission": commission_id, "live": True}
    return page(Grid, {"$and": [scope(by, Action.READ_GRID, Grid), mine]}, asked)


@routes.changes(
    "/grids/<oid:grid_id>",
    Action.FILL_GRID,
    GridOut,
    takes=GridFilling,
    title="Donne des degrés de maîtrise et des observations.",
)
def fill_grid(by: Actor, at: datetime, expected: int, grid_id: ObjectId, values: dict[str, Any]) -> Grid:
    return grids.fill(by, find(Grid, grid_id, expected), values, at)


@routes.acts(
    "/grids/<oid:grid_id>/seal",
    Action.FILL_GRID,
    GridOut,
    title="Scelle sa propre grille ; les deux grilles s'ouvrent quand chacune est scellée.",
)
def seal_grid(by: Actor, at: datetime, expected: int, grid_id: ObjectId) -> Grid:
    return grids.seal(by, find(Grid, grid_id, expected), at)


@routes.reads(
    "/commissions/<oid:commission_id>/divergences",
    Action.READ_ASSESSMENT,
    ComparisonsOut,
    title="Compare les deux grilles ligne à ligne, celles qui diffèrent d'abord.",
)
def list_divergences(by: Actor, at: datetime, commission_id: ObjectId) -> dict[str, Any]:
    """Returns {members: person ids, rows: both grids compared}, those rows first where they differ. Raises NotFound,
    Forbidden, GridsNotOpen.
    """
    own, rows = grids.compared(by, find(Assessment, commission_id))
    return {"members": [grid.member for grid in own], "rows": rows}

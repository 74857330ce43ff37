"""What a portfolio covers of the competences, and what it lacks to be handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import AsIs, Id
from portfolio.documents import Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.submission.overview import conformity_for, coverage_of, overview

routes = Routes("readiness", __name__, description="Couverture des compétences, et ce qui manque à la remise")


class LayerOut(Schema):
    count = fields.Integer(required=True)
    pieces = fields.List(Id(), required=True)


class ProofsOut(Schema):
    declared = fields.Nested(LayerOut, required=True, metadata={"description": "par le candidat"})
    accepted = fields.Nested(LayerOut, required=True, metadata={"description": "confirmées"})


class CoverageLineOut(ProofsOut):
    code = fields.String(required=True)
    wording = fields.String(required=True)
    short = fields.String(required=True)


class AdviceOut(Schema):
    codes = fields.List(fields.String(), required=True)
    text = fields.String(required=True)
    types = fields.List(fields.String(), required=True, metadata={"description": "types de preuves à déposer"})


class CoverageOut(AsIs):
    competences = fields.List(fields.Nested(CoverageLineOut), required=True)
    criteria = fields.List(fields.Nested(CoverageLineOut), required=True)
    tool_families = fields.List(fields.Nested(CoverageLineOut), required=True)
    cross = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Nested(ProofsOut)),
        required=True,
        metadata={"description": "par compétence puis critère"},
    )
    gaps = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.List(fields.String())),
        required=True,
        metadata={"description": "ce qui manque, par couche puis par axe"},
    )
    supported_only = fields.List(fields.String(), required=True)
    advice = fields.List(fields.Nested(AdviceOut), required=True)


class ConformityCheckOut(Schema):
    code = fields.String(required=True)
    severity = fields.String(required=True)
    passed = fields.Boolean(required=True)
    text = fields.String(required=True)
    missing = fields.List(fields.String(), required=True)
    owed_by = fields.List(fields.String(), required=True)


class ConformityOut(AsIs):
    blocking = fields.Boolean(required=True)
    checks = fields.List(fields.Nested(ConformityCheckOut), required=True)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/coverage",
    Action.READ_COVERAGE,
    CoverageOut,
    title="Montre ce que les preuves couvrent, et ce qui manque, en clair.",
)
def show_coverage(by: Actor, at: datetime, portfolio_id: ObjectId) -> dict[str, Any]:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_COVERAGE, portfolio)
    return coverage_of(overview(portfolio)).as_dict()


@routes.reads(
    "/portfolios/<oid:portfolio_id>/conformity",
    Action.READ_CONFORMITY,
    ConformityOut,
    title="Explique ce que le service vérifie, et qui doit quoi.",
)
def show_conformity(by: Actor, at: datetime, portfolio_id: ObjectId) -> dict[str, Any]:
    return conformity_for(by, find(Portfolio, portfolio_id)).as_dict()

"""Circulars made on screen: a draft, its annex, the comparison of its grid, its publication."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, request
from marshmallow import Schema, fields, validate

from api.enrolment.candidacies import PinOut
from api.http.downloads import attached
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, represents, text
from portfolio.documents import MadeCircular
from portfolio.enrolment.circulars import annex, made
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.referential import referential
from portfolio.sheet.papers.fictional import fictional_sheet

routes = Routes("made_circulars", __name__, description="Circulaires faites à l'écran")
MOST_ROWS, MOST_DEGREES = 40, 9


class NewCircular(Schema):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve ; à défaut, celle que ce service livre"})


class CircularTerms(Schema):
    effective_from = fields.Date()
    source_title = text(300)
    pilot_academy = text(100, allow_none=True)
    reference = text(200, allow_none=True)
    deadline = text(16, metadata={"format": "datetime-local", "description": "AAAA-MM-JJThh:mm, heure locale"})
    form = text(2000)
    min_pieces = fields.Integer(strict=True, validate=validate.Range(0, 10_000))
    max_pieces = fields.Integer(strict=True, validate=validate.Range(0, 10_000))
    opens_on = fields.Date()
    closes_on = fields.Date()
    rows = fields.List(fields.String(), validate=validate.Length(1, MOST_ROWS))
    scale = fields.List(
        text(120), validate=validate.Length(2, MOST_DEGREES), metadata={"description": "« TI : Très insuffisant »"}
    )
    observation_below = text(20, allow_none=True)
    step = fields.String(validate=validate.OneOf(["0.5", "1"]))
    comment_below = text(5, allow_none=True)
    sheet_title = text(200)
    footer = text(500)
    template_version = text(50)
    tutor_statement = text(2000)
    teacher_statement = text(2000)
    confirmed_outcomes = fields.List(fields.String())


@represents(MadeCircular)
class MadeCircularOut(ThingOut):
    exam = fields.String(required=True)
    session = fields.String(required=True)
    state = fields.String(required=True)
    based_on = fields.Nested(PinOut, required=True)
    text = fields.String(required=True, metadata={"description": "le fichier, en YAML"})
    annex = Id(allow_none=True)
    compared_name = fields.String(allow_none=True)
    compared_at = Instant(allow_none=True)
    version = fields.String(allow_none=True)
    sha256 = fields.String(allow_none=True)
    published_at = Instant(allow_none=True)


@routes.reads(
    "/circulars",
    Action.READ_CIRCULAR,
    page_of(MadeCircularOut),
    query=PageQuery,
    title="Liste les circulaires faites à l'écran, en préparation ou publiées.",
)
def list_circulars(by: Actor, at: datetime, asked: dict[str, object]) -> dict[str, object]:
    return page(MadeCircular, scope(by, Action.READ_CIRCULAR, MadeCircular), asked)


@routes.creates(
    "/circulars",
    Action.MAKE_CIRCULAR,
    MadeCircularOut,
    takes=NewCircular,
    title="Commence une version de la circulaire d'une session, d'après la plus récente.",
)
def begin(by: Actor, at: datetime, values: dict[str, str]) -> MadeCircular:
    return made.begin(by, values["session"], at, values.get("exam"))


@routes.reads(
    "/circulars/<oid:circular_id>",
    Action.READ_CIRCULAR,
    MadeCircularOut,
    title="Montre une circulaire faite à l'écran.",
)
def show(by: Actor, at: datetime, circular_id: ObjectId) -> MadeCircular:
    version = find(MadeCircular, circular_id)
    require(by, Action.READ_CIRCULAR, version)
    return version


@routes.changes(
    "/circulars/<oid:circular_id>",
    Action.MAKE_CIRCULAR,
    MadeCircularOut,
    takes=CircularTerms,
    title="Change les termes d'une circulaire en préparation.",
)
def amend(by: Actor, at: datetime, expected: int, circular_id: ObjectId, values: dict[str, object]) -> MadeCircular:
    return made.amend(by, find(MadeCircular, circular_id, expected), values, at)


@routes.sends(
    "/circulars/<oid:circular_id>/annex",
    Action.MAKE_CIRCULAR,
    MadeCircularOut,
    title="Dépose l'annexe de la circulaire, en PDF, à côté de ce qui en est fait.",
)
def deposit_annex(by: Actor, at: datetime, circular_id: ObjectId) -> MadeCircular:
    """Stores the annex sent as raw bytes, and returns the draft; sending another one replaces it while the version is
    in preparation. Raises what `annex.deposit` raises.
    """
    draft = find(MadeCircular, circular_id)
    require(by, Action.MAKE_CIRCULAR, draft)
    request.max_content_length = annex.LARGEST_ANNEX + 1
    return annex.deposit(by, draft, request.get_data(), "annexe.pdf", at)


@routes.acts(
    "/circulars/<oid:circular_id>/compare",
    Action.MAKE_CIRCULAR,
    MadeCircularOut,
    title="Déclare avoir comparé la grille avec l'annexe, ligne par ligne.",
)
def declare_compared(by: Actor, at: datetime, expected: int, circular_id: ObjectId) -> MadeCircular:
    return made.declare_compared(by, find(MadeCircular, circular_id, expected), at)


@routes.acts(
    "/circulars/<oid:circular_id>/publish",
    Action.MAKE_CIRCULAR,
    MadeCircularOut,
    title="Publie une version de la circulaire : elle ne change plus.",
)
def publish(by: Actor, at: datetime, expected: int, circular_id: ObjectId) -> MadeCircular:
    return made.publish(by, find(MadeCircular, circular_id, expected), at)


@routes.acts(
    "/circulars/<oid:circular_id>/abandon",
    Action.MAKE_CIRCULAR,
    MadeCircularOut,
    title="Abandonne une version en préparation.",
)
def abandon(by: Actor, at: datetime, expected: int, circular_id: ObjectId) -> MadeCircular:
    return made.abandon(by, find(MadeCircular, circular_id, expected), at)


@routes.files(
    "/circulars/<oid:circular_id>/sheet.pdf",
    Action.READ_CIRCULAR,
    "application/pdf",
    title="Montre la fiche d'une personne fictive sous cette circulaire (PDF).",
)
def fictional(by: Actor, at: datetime, circular_id: ObjectId) -> Response:
    version = find(MadeCircular, circular_id)
    require(by, Action.READ_CIRCULAR, version)
    terms = made.read(version)
    return attached(fictional_sheet(terms, referential(*terms.referential)), "application/pdf", "fiche-apercu.pdf")


@routes.files(
    "/circulars/<oid:circular_id>/annex.pdf",
    Action.READ_CIRCULAR,
    "application/pdf",
    title="Rend l'annexe de la circulaire, telle qu'elle a été déposée.",
)
def annex_file(by: Actor, at: datetime, circular_id: ObjectId) -> Response:
    return attached(annex.content(by, find(MadeCircular, circular_id)), "application/pdf", "annexe.pdf")

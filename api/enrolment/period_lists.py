"""Periods in companies from a list, of any file: what it says, then what it adds."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.enrolment.roster_import import Bytes, LeftOutLineOut
from api.http.routing import Routes, find
from api.http.schemas import Id, text
from portfolio.documents import School
from portfolio.enrolment.lists.columns import title_key
from portfolio.enrolment.period_lists.columns import COLUMNS
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN
from portfolio.enrolment.period_lists.matching import CANDIDACY
from portfolio.enrolment.period_lists.period_list import QUESTIONS, PeriodList, add_periods, read_periods
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("period_lists", __name__, description="Périodes en entreprise par fichier")

LONGEST = 300_000  # bytes: a page sends the file again with what was corrected, inside its form


class TypedCells(TypedDict):
    """A line and its cells as `PeriodCells` loads them."""

    line: int
    values: dict[str, str]


class PeriodValues(TypedDict):
    """A body as `SentPeriods` and `AddedPeriods` load it. agreed: of the latter alone."""

    session: str
    csv: bytes
    columns: dict[str, str]
    corrections: list[TypedCells]
    agreed: NotRequired[list[str]]


class PeriodCells(Schema):
    """Cells as typed, in the place of those of the file. candidacy: who was chosen among namesakes."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    values = fields.Dict(
        keys=fields.String(validate=validate.OneOf((CANDIDACY, *COLUMNS))),
        values=fields.String(validate=validate.Length(max=254)),
        required=True,
    )


class SentPeriods(Schema):
    session = text(5, required=True)
    csv = Bytes(420_000, required=True, metadata={"description": "le fichier : CSV, XLSX, XLS, ODS, XML ou HTML"})
    columns = fields.Dict(
        keys=text(200),
        values=fields.String(validate=validate.OneOf(("", *COLUMNS))),
        validate=validate.Length(max=200),
        load_default=dict,
        metadata={"description": "titre d'une colonne -> ce qu'elle est, vide pour ne pas la lire"},
    )
    corrections = fields.List(
        fields.Nested(PeriodCells),
        load_default=list,
        validate=validate.Length(max=500),
        metadata={"description": "cellules corrigées, ligne par ligne"},
    )


class AddedPeriods(SentPeriods):
    agreed = fields.List(
        fields.String(validate=validate.OneOf((*QUESTIONS, AMEND_KNOWN))),
        load_default=list,
        metadata={
            "description": "ce qui a été vérifié de la lecture : codes de `questions` ; `amend_known` pour corriger "
            "les périodes qui diffèrent"
        },
    )


class PeriodLineOut(Schema):
    line = fields.Integer(attribute="row.line", required=True)
    state = fields.String(required=True, metadata={"description": "added, corrected, known, differs, ready ou wrong"})
    candidacy = Id(attribute="candidacy.id", allow_none=True)
    fits = fields.Function(
        lambda line: [str(person.id) for person in line.fits] if len(line.fits) > 1 else [],
        metadata={"type": "array", "items": {"type": "string"}, "description": "homonymes parmi lesquels choisir"},
    )
    placement = fields.Function(
        lambda line: str(thing.id) if (thing := line.added or line.known) is not None else None,
        metadata={"type": ["string", "null"]},
    )
    values = fields.Dict(attribute="row.values", required=True)
    places = fields.Dict(attribute="row.places", required=True)
    errors = fields.Dict(attribute="row.errors", required=True)
    proposals = fields.Dict(attribute="row.proposals", required=True)
    warnings = fields.List(fields.String(), attribute="row.warnings", required=True)
    differs = fields.Dict(
        required=True, metadata={"description": "de la période enregistrée : [enregistré, dans la liste]"}
    )


class PeriodListOut(Schema):
    session = fields.String(required=True)
    file_kind = fields.String(attribute="read.file_kind", allow_none=True)
    sheet = fields.String(attribute="read.sheet", required=True)
    columns = fields.Dict(attribute="read.columns", required=True)
    unknown_columns = fields.List(fields.String(), attribute="read.unknown_columns", required=True)
    file_errors = fields.List(fields.String(), attribute="read.file_errors", required=True)
    left_out = fields.List(fields.Nested(LeftOutLineOut), attribute="read.left_out", required=True)
    questions = fields.Function(
        lambda periods: sorted(periods.questions),
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "ce qui est à vérifier avant d'ajouter",
        },
    )
    lines = fields.List(fields.Nested(PeriodLineOut), required=True)
    written = fields.Function(
        lambda periods: str(periods.written.id) if periods.written is not None else None,
        metadata={"type": ["string", "null"], "description": "ce qui vient d'être enregistré, et s'annule"},
    )


@routes.asks(
    "/schools/<oid:school_id>/placement-lists/read",
    Action.ENROL,
    PeriodListOut,
    takes=SentPeriods,
    title="Lit une liste de périodes en entreprise et la montre ligne à ligne, sans rien ajouter ni garder.",
)
def read(by: Actor, at: datetime, school_id: ObjectId, values: PeriodValues) -> PeriodList:
    """Returns what a list of periods says, and keeps nothing: reading it again is harmless. Raises what
    `read_periods` raises.
    """
    mapping, corrections = _mapping_and_cells(values)
    return read_periods(by, find(School, school_id), values["session"], values["csv"], at, mapping, corrections)


@routes.asks(
    "/schools/<oid:school_id>/placement-lists/add",
    Action.ENROL,
    PeriodListOut,
    takes=AddedPeriods,
    title="Ajoute les périodes justes d'une liste qui manquent encore ; les autres lignes disent pourquoi.",
)
def add(by: Actor, at: datetime, school_id: ObjectId, values: PeriodValues) -> PeriodList:
    """Adds the periods of a list that are not there yet: repeating it finds them, and adds nothing. Raises what
    `add_periods` raises.
    """
    mapping, corrections = _mapping_and_cells(values)
    school, agreed = find(School, school_id), values.get("agreed", [])
    return add_periods(by, school, values["session"], values["csv"], at, mapping, corrections, agreed)


def _mapping_and_cells(values: PeriodValues) -> tuple[dict[str, str], dict[int, dict[str, str]]]:
    """Returns {key of a title: field} and {line: {field: cell}} of a body."""
    return (
        {title_key(title): field for title, field in values["columns"].items()},
        {typed["line"]: typed["values"] for typed in values["corrections"]},
    )

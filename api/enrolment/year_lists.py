"""A school's year from its own files: what all of them say, then what they add."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields, validate

from api.enrolment.roster_import import Bytes, LeftOutLineOut
from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import Id, one_of, text
from portfolio.documents import School
from portfolio.documents.candidacies import STATUSES
from portfolio.enrolment.lists.columns import title_key
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN
from portfolio.enrolment.period_lists.matching import CANDIDACY
from portfolio.enrolment.rosters.roster_import import ANSWERS
from portfolio.enrolment.year_lists.model_files import model_of
from portfolio.enrolment.year_lists.sheets import KINDS, MOST_BYTES, MOST_FILES, NOT_READ, ListOf, SentFile
from portfolio.enrolment.year_lists.year import (
    TAKE_OVER,
    YearForm,
    YearLists,
    add_year,
    read_year,
)
from portfolio.errors import Invalid
from portfolio.papers.xlsx_writer import XLSX
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

routes = Routes("year_lists", __name__, description="L'année d'un établissement par ses fichiers")

FIELDS = sorted({name for kind in KINDS.values() for name in kind.columns} | {CANDIDACY})
AGREED = (*ANSWERS, AMEND_KNOWN, TAKE_OVER)


class SentValues(TypedDict):
    name: str
    data: bytes


class SheetCells(TypedDict):
    """Cells of a line as `YearCells` loads them."""

    sheet: int
    line: int
    values: dict[str, str]


class SheetFields(TypedDict):
    """Fields of a line as `YearFields` loads them."""

    sheet: int
    line: int
    fields: list[str]


class YearValues(TypedDict):
    """A body as `SentYear` and `AddedYear` load it. agreed, homonyms, amend: of the latter alone."""

    session: str
    exam: NotRequired[str]
    files: list[SentValues]
    kinds: dict[int, str]
    columns: dict[str, dict[str, str]]
    corrections: list[SheetCells]
    status: NotRequired[str]
    division: NotRequired[str]
    agreed: NotRequired[list[str]]
    homonyms: NotRequired[list[SheetCells]]
    amend: NotRequired[list[SheetFields]]


class YearFile(Schema):
    name = text(200, minimum=0, load_default="")
    data = Bytes(
        420_000, required=True, metadata={"description": "CSV, XLSX, XLS, ODS, XML, HTML, ou un ZIP de ceux-là"}
    )


class YearLineRef(Schema):
    sheet = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=500))
    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class YearCells(YearLineRef):
    """Cells as typed, in the place of those of the file."""

    values = fields.Dict(
        keys=fields.String(validate=validate.OneOf(FIELDS)),
        values=fields.String(validate=validate.Length(max=500)),
        required=True,
    )


class YearFields(YearLineRef):
    fields_ = fields.List(
        fields.String(validate=validate.OneOf(FIELDS)), required=True, data_key="fields", attribute="fields"
    )


class SentYear(Schema):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve, si l'établissement en propose plusieurs"})
    files = fields.List(fields.Nested(YearFile), required=True, validate=validate.Length(min=1, max=MOST_FILES))
    kinds = fields.Dict(
        keys=fields.Integer(),
        values=fields.String(validate=validate.OneOf((*ListOf, NOT_READ))),
        load_default=dict,
        validate=validate.Length(max=200),
        metadata={"description": "numéro d'une feuille -> ce qu'elle est, là où ses titres ne le disent pas"},
    )
    columns = fields.Dict(
        keys=fields.String(validate=validate.OneOf(tuple(ListOf))),
        values=fields.Dict(keys=text(200), values=fields.String(validate=validate.OneOf(("", *FIELDS)))),
        load_default=dict,
        metadata={"description": "genre de liste -> titre d'une colonne -> ce qu'elle est ; retenu ensuite"},
    )
    corrections = fields.List(fields.Nested(YearCells), load_default=list, validate=validate.Length(max=1000))
    status = fields.String(
        validate=validate.OneOf(STATUSES), metadata={"description": "statut de ceux dont aucune liste ne le dit"}
    )
    division = text(50, metadata={"description": "classe de ceux dont aucune liste ne la dit"})


class AddedYear(SentYear):
    agreed = fields.List(
        fields.String(validate=validate.OneOf(AGREED)),
        load_default=list,
        metadata={
            "description": "ce qui a été vérifié de la lecture : codes de `questions` ; `amend_known` pour corriger "
            "les périodes qui diffèrent, `take_over` pour remplacer les professeurs chargés du suivi"
        },
    )
    homonyms = fields.List(fields.Nested(YearLineRef), load_default=list, validate=validate.Length(max=500))
    amend = fields.List(
        fields.Nested(YearFields),
        load_default=list,
        validate=validate.Length(max=500),
        metadata={"description": "différences à corriger d'après la liste : champs de `amendable`, ligne par ligne"},
    )


class YearLineOut(Schema):
    line = fields.Integer(attribute="row.line", required=True)
    state = fields.String(required=True, metadata={"description": "added, corrected, known, differs, ready ou wrong"})
    values = fields.Dict(attribute="row.values", required=True)
    places = fields.Dict(attribute="row.places", required=True)
    errors = fields.Dict(attribute="row.errors", required=True)
    proposals = fields.Dict(attribute="row.proposals", required=True)
    warnings = fields.List(fields.String(), attribute="row.warnings", required=True)
    differs = fields.Dict(required=True, metadata={"description": "[enregistré, dans la liste]"})
    amendable = fields.Function(
        lambda line: list(getattr(line, "amendable", ())),
        metadata={"type": "array", "items": {"type": "string"}, "description": "champs que `amend` peut corriger"},
    )
    homonyms = fields.Function(
        lambda line: list(getattr(line, "homonyms", ())),
        metadata={"type": "array", "items": {"type": "string"}, "description": "d'un candidat : à trancher"},
    )


class YearSheetOut(Schema):
    sheet = fields.Integer(attribute="source.number", required=True)
    file = fields.String(attribute="source.name", required=True)
    kind = fields.String(attribute="source.kind", allow_none=True, metadata={"description": "nul : non reconnue"})
    columns = fields.Dict(attribute="read.columns", required=True)
    unknown_columns = fields.List(fields.String(), attribute="read.unknown_columns", required=True)
    file_errors = fields.List(fields.String(), attribute="read.file_errors", required=True)
    left_out = fields.List(fields.Nested(LeftOutLineOut), attribute="read.left_out", required=True)
    lines = fields.List(fields.Nested(YearLineOut), required=True)
    waits = Id(allow_none=True, metadata={"description": "l'import où attendent les lignes de candidats à corriger"})


class YearQuestionOut(Schema):
    code = fields.String(required=True)
    sheet = fields.Integer(required=True)
    line = fields.Integer(required=True)
    reading = fields.String(required=True)


class YearListsOut(Schema):
    session = fields.String(required=True)
    exam = fields.String(required=True)
    sheets = fields.List(fields.Nested(YearSheetOut), required=True)
    written = fields.Function(
        lambda year: str(year.written.id) if year.written is not None else None,
        metadata={"type": ["string", "null"], "description": "ce qui vient d'être enregistré, et s'annule"},
    )
    questions = fields.Function(
        lambda year: YearQuestionOut(many=True).dump(
            [
                {"code": code, "sheet": sheet.source.number, "line": line, "reading": reading}
                for code, asked in sorted(year.questions.items())
                for sheet, line, reading in asked
            ]
        ),
        metadata={"type": "array", "items": {"type": "object"}, "description": "à vérifier avant d'ajouter"},
    )


@routes.asks(
    "/schools/<oid:school_id>/year-lists/read",
    Action.ENROL,
    YearListsOut,
    takes=SentYear,
    title="Lit ensemble les listes de l'année (candidats, professeurs, entreprises, périodes), sans rien écrire.",
)
def read(by: Actor, at: datetime, school_id: ObjectId, values: YearValues) -> YearLists:
    """Returns what the files say, and keeps nothing. Raises what `read_year` raises."""
    return read_year(by, find(School, school_id), form_of(values), at)


@routes.asks(
    "/schools/<oid:school_id>/year-lists/add",
    Action.ENROL,
    YearListsOut,
    takes=AddedYear,
    title="Écrit les lignes justes des listes de l'année qui manquent encore ; les autres lignes disent pourquoi.",
)
def add(by: Actor, at: datetime, school_id: ObjectId, values: YearValues) -> YearLists:
    """Writes what is not there yet: repeating it finds it, and writes nothing. Raises what `add_year` raises."""
    return add_year(by, find(School, school_id), form_of(values), at)


class OfKind(Schema):
    kind = one_of(*ListOf, required=True, metadata={"description": "genre de liste"})


@routes.files(
    "/schools/<oid:school_id>/year-lists/model.xlsx",
    Action.ENROL,
    XLSX,
    query=OfKind,
    title="Télécharge un modèle à remplir d'un genre de liste, dont toutes les colonnes sont reconnues.",
)
def model_list(by: Actor, at: datetime, school_id: ObjectId, asked: dict[str, str]) -> Response:
    """Returns the workbook. asked: kind. Raises NotFound, Forbidden."""
    require(by, Action.ENROL, find(School, school_id))
    name, data = model_of(ListOf(asked["kind"]))
    return attached(data, XLSX, name)


def form_of(values: YearValues) -> YearForm:
    """Returns what a body says. Raises Invalid on `files` where they are too much together."""
    files = [SentFile(file["name"], file["data"]) for file in values["files"]]
    if sum(len(file.data) for file in files) > MOST_BYTES:
        raise Invalid({"files": ["Ces fichiers sont trop gros : des listes comptent quelques dizaines de Ko."]})
    cells: dict[int, dict[int, dict[str, str]]] = {}
    for typed in values["corrections"]:
        cells.setdefault(typed["sheet"], {})[typed["line"]] = typed["values"]
    homonyms: dict[int, list[int]] = {}
    for chosen in values.get("homonyms", []):
        homonyms.setdefault(chosen["sheet"], []).append(chosen["line"])
    answers = {"status": values.get("status"), "division": values.get("division")}
    amend: dict[int, dict[int, list[str]]] = {}
    for differing in values.get("amend", []):
        amend.setdefault(differing["sheet"], {})[differing["line"]] = differing["fields"]
    return YearForm(
        session=values["session"],
        files=files,
        exam=values.get("exam"),
        kinds=values["kinds"],
        titles={
            kind: {title_key(title): field for title, field in titles.items()}
            for kind, titles in values["columns"].items()
        },
        cells=cells,
        defaults={name: word for name, word in answers.items() if word},
        agreed=values.get("agreed", []),
        homonyms=homonyms,
        amend=amend,
    )

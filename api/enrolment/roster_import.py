"""Enrolment from a list, of any file: preview, then confirmation."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields, validate

from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, represents, text
from portfolio.documents import RosterImport, School
from portfolio.documents.candidacies import STATUSES
from portfolio.enrolment.lists.columns import title_key
from portfolio.enrolment.rosters import roster_import, roster_lines, roster_undo
from portfolio.enrolment.rosters.model_file import MODEL_NAME, model_file
from portfolio.enrolment.rosters.roster_columns import COLUMNS
from portfolio.papers.xlsx_writer import XLSX
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

routes = Routes("rosters", __name__, description="Inscription d'une classe par fichier")


class Bytes(fields.String):
    """Bytes inside JSON: base64 (RFC 4648)."""

    default_error_messages = {
        "not_base64": "Envoyez le fichier encodé en base64.",
        "too_long": "Ce fichier est trop gros : une liste de candidats compte quelques dizaines de Ko.",
    }

    def __init__(self, longest: int, **kwargs: Any) -> None:
        beside = kwargs.pop("metadata", {})
        super().__init__(metadata={"format": "byte", "maxLength": longest, **beside}, **kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        encoded = super()._deserialize(value, attr, data, **kwargs)
        if len(encoded) > self.longest:
            raise self.make_error("too_long")
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise self.make_error("not_base64") from None


class NewRoster(Schema):
    """The file travels inside JSON, so that one Idempotency-Key covers it whole."""

    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve, si l'établissement en propose plusieurs"})
    csv = Bytes(
        900_000, required=True, metadata={"description": "le fichier : CSV, XLSX, XLS, ODS, XML (SIECLE, STS) ou HTML"}
    )
    status = fields.String(
        validate=validate.OneOf(STATUSES), metadata={"description": "statut de ceux dont la liste ne le dit pas"}
    )
    division = text(50, metadata={"description": "classe de ceux dont la liste ne la dit pas"})
    columns = fields.Dict(
        keys=text(200),
        values=fields.String(validate=validate.OneOf(("", *COLUMNS))),
        validate=validate.Length(max=200),
        metadata={"description": "titre d'une colonne -> ce qu'elle est, vide pour ne pas la lire ; retenu ensuite"},
    )


class Confirmation(Schema):
    homonym_lines = fields.List(fields.Integer(strict=True), load_default=list, validate=validate.Length(max=500))
    agreed = fields.List(
        fields.String(validate=validate.OneOf(roster_import.ANSWERS)),
        load_default=list,
        metadata={
            "description": "ce qui a été vérifié de la lecture : codes de `questions` (`lost_zeros` : numéros à "
            "compléter ; `whole_numbers` à sa place : numéros justes tels quels)"
        },
    )


class LineValues(TypedDict):
    """A line and its cells as `CorrectedLine` loads them."""

    line: int
    values: dict[str, str]


class CorrectedLine(Schema):
    """Cells as typed; "" empties one, an absent one stays."""

    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    values = fields.Dict(
        keys=fields.String(validate=validate.OneOf(tuple(COLUMNS))),
        values=fields.String(validate=validate.Length(max=254)),
        required=True,
    )


class Line(Schema):
    line = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class LeftOutLineOut(Schema):
    line = fields.Integer(required=True, metadata={"description": "0 pour une feuille entière"})
    text = fields.String(required=True)
    why = fields.String(required=True)


@represents(RosterImport)
class RosterOut(ThingOut):
    school = Id(required=True)
    exam = fields.String(required=True)
    session = fields.String(required=True)
    state = fields.String(required=True)
    sha256 = fields.String(required=True)
    encoding = fields.String(allow_none=True)
    delimiter = fields.String(allow_none=True)
    file_kind = fields.String(allow_none=True)
    sheet = fields.String(allow_none=True)
    columns = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    left_out = fields.List(fields.Nested(LeftOutLineOut), required=True)
    questions = fields.Function(
        lambda roster: sorted(roster_import.questions(roster_import.waiting(roster))),
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "ce qui est à vérifier avant d'inscrire",
        },
    )
    file_errors = fields.List(fields.String(), required=True)
    unknown_columns = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Dict(), required=True)
    enrolled = fields.List(Id(), required=True)
    waiting = fields.Integer(
        required=True, metadata={"description": "lignes d'un import confirmé qui attendent encore"}
    )
    expires_at = Instant(required=True)


@routes.files(
    "/schools/<oid:school_id>/rosters/model.xlsx",
    Action.ENROL,
    XLSX,
    title="Télécharge un modèle de liste à remplir, dont la ligne d'exemple n'est jamais lue.",
)
def model_list(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Returns the workbook. Raises NotFound, Forbidden."""
    require(by, Action.ENROL, find(School, school_id))
    return attached(model_file(), XLSX, MODEL_NAME)


@routes.creates(
    "/schools/<oid:school_id>/rosters",
    Action.ENROL,
    RosterOut,
    takes=NewRoster,
    title="Lit un fichier d'inscriptions et le montre ligne à ligne, sans rien inscrire.",
)
def preview(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> RosterImport:
    school, exam = find(School, school_id), values.get("exam")
    defaults = {name: values[name] for name in ("status", "division") if values.get(name)}
    mapping = {title_key(title): field for title, field in values.get("columns", {}).items()}
    return roster_import.preview(by, school, values["session"], values["csv"], at, exam, defaults, mapping)


@routes.reads(
    "/rosters/<oid:roster_id>", Action.READ_IMPORT, RosterOut, title="Montre un fichier d'inscriptions déjà lu."
)
def show(by: Actor, at: datetime, roster_id: ObjectId) -> RosterImport:
    roster = find(RosterImport, roster_id)
    require(by, Action.READ_IMPORT, roster)
    return roster


@routes.acts(
    "/rosters/<oid:roster_id>/confirm",
    Action.CONFIRM_IMPORT,
    RosterOut,
    takes=Confirmation,
    title="Inscrit les lignes justes du fichier et complète qui est déjà inscrit ; les autres lignes attendent.",
)
def confirm(by: Actor, at: datetime, expected: int, roster_id: ObjectId, values: dict[str, Any]) -> RosterImport:
    roster = find(RosterImport, roster_id, expected)
    return roster_import.confirm(by, roster, values["homonym_lines"], at, values["agreed"])


@routes.acts(
    "/rosters/<oid:roster_id>/correct",
    Action.CONFIRM_IMPORT,
    RosterOut,
    takes=CorrectedLine,
    title="Corrige une ligne qui attend.",
)
def correct(by: Actor, at: datetime, expected: int, roster_id: ObjectId, values: LineValues) -> RosterImport:
    roster = find(RosterImport, roster_id, expected)
    return roster_lines.correct_line(by, roster, values["line"], values["values"], at)


@routes.acts(
    "/rosters/<oid:roster_id>/set-aside",
    Action.CONFIRM_IMPORT,
    RosterOut,
    takes=Line,
    title="Laisse de côté une ligne qui attend.",
)
def set_aside(by: Actor, at: datetime, expected: int, roster_id: ObjectId, values: dict[str, int]) -> RosterImport:
    return roster_lines.set_aside(by, find(RosterImport, roster_id, expected), values["line"], at)


@routes.acts(
    "/rosters/<oid:roster_id>/undo",
    Action.UNDO_IMPORT,
    RosterOut,
    takes=Reason,
    title="Annule un import confirmé, tant que rien n'a été fait pour ses candidats.",
)
def undo(by: Actor, at: datetime, expected: int, roster_id: ObjectId, values: dict[str, Any]) -> RosterImport:
    """Undoes a confirmed import, as long as nothing was done about any of its candidates, and returns it. expected:
    revision seen. Raises Stale and what `roster_undo.undo` raises.
    """
    return roster_undo.undo(by, find(RosterImport, roster_id, expected), values["reason"], at)

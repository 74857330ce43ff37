"""Archives that the worker unpacks into pieces: asked for, and what became of each of their files."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant
from portfolio.documents import EvidenceFile, Portfolio, Unpacking
from portfolio.evidence.many_at_once import asked
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("unpackings", __name__, description="Archives déballées dans le portfolio")


class UnpackedEntryOut(Schema):
    folder = fields.String(allow_none=True)
    name = fields.String(required=True)
    outcome = fields.String(
        required=True,
        metadata={
            "description": "`made` : une preuve en est faite ; `present` : ces octets y sont déjà ; `refused` : refusé "
            "comme seul ; `left_out` : fichier d'un système, laissé de côté"
        },
    )
    reason_code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    piece = Id(allow_none=True, metadata={"description": "la preuve faite, ou celle qui a déjà ces octets"})
    earlier = Id(allow_none=True, metadata={"description": "une preuve qui a un fichier de ce nom, autre"})


class UnpackingOut(Schema):
    id = Id(required=True)
    candidacy = Id(required=True)
    file = Id(required=True)
    name = fields.String(required=True)
    number = fields.Integer(required=True, metadata={"description": "son rang parmi celles du portfolio"})
    count = fields.Integer(allow_none=True, metadata={"description": "fichiers de l'archive, une fois ouverte"})
    entries = fields.List(fields.Nested(UnpackedEntryOut), required=True)
    reason_code = fields.String(allow_none=True)
    reason = fields.String(
        allow_none=True, metadata={"description": "pourquoi elle s'arrête avant son dernier fichier"}
    )
    created_at = Instant(required=True)
    done_at = Instant(allow_none=True)


class UnpackingsOut(Schema):
    items = fields.List(fields.Nested(UnpackingOut), required=True)


@routes.asks(
    "/files/<oid:file_id>/unpacking",
    Action.UPLOAD,
    UnpackingOut,
    title="Fait déballer une archive ZIP envoyée : chacun de ses fichiers devient une preuve à trier.",
)
def ask(by: Actor, at: datetime, file_id: ObjectId) -> Unpacking:
    """Asks the worker to unpack an archive, and returns what will say what became of its files. Asking again returns
    the same. Raises what `asked.ask` raises.
    """
    return asked.ask(by, find(EvidenceFile, file_id), at)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/unpackings",
    Action.DEPOSIT,
    UnpackingsOut,
    title="Dit ce que sont devenus les fichiers des archives déballées, la dernière d'abord.",
)
def list_unpackings(by: Actor, at: datetime, portfolio_id: ObjectId) -> dict[str, list[Unpacking]]:
    return {"items": asked.unpackings_of(by, find(Portfolio, portfolio_id))}

"""Files that the antivirus holds, for the office of the school."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut
from portfolio.documents import Candidacy, EvidenceFile
from portfolio.evidence.quarantine import lift as lifting
from portfolio.evidence.quarantine.held import held_of
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("quarantine", __name__, description="Fichiers retenus par l'antivirus")


class HeldFileOut(ThingOut):
    evidence = Id(required=True)
    name = fields.String(required=True)
    state = fields.String(
        required=True,
        metadata={"description": "`quarantined` : refusé au dépôt ; `verified` : reconnu après, il ne s'ouvre plus"},
    )
    size = fields.Integer(allow_none=True)
    held_at = Instant(allow_none=True, metadata={"description": "null une fois la quarantaine levée"})
    reason_code = fields.String(
        allow_none=True, metadata={"description": "pourquoi il reste refusé, si ce n'est plus pour l'antivirus"}
    )


class LiftedFile(Reason):
    file = Id(required=True)


class LiftedValues(TypedDict):
    file: ObjectId
    reason: str


class HeldFilesOut(Schema):
    items = fields.List(fields.Nested(HeldFileOut), required=True)


@routes.reads(
    "/candidacies/<oid:candidacy_id>/held-files",
    Action.LIFT_QUARANTINE,
    HeldFilesOut,
    title="Les fichiers d'un candidat que l'antivirus retient.",
)
def held(by: Actor, at: datetime, candidacy_id: ObjectId) -> dict[str, list[EvidenceFile]]:
    return {"items": held_of(by, find(Candidacy, candidacy_id))}


@routes.asks(
    "/candidacies/<oid:candidacy_id>/held-files/lift",
    Action.LIFT_QUARANTINE,
    HeldFileOut,
    takes=LiftedFile,
    title="Lève la quarantaine d'un fichier que l'antivirus retient à tort.",
)
def lift(by: Actor, at: datetime, candidacy_id: ObjectId, values: LiftedValues) -> EvidenceFile:
    """Gives a held file back, and returns it. Raises what `lift.lift` raises."""
    return lifting.lift(by, find(Candidacy, candidacy_id), values["file"], values["reason"], at)

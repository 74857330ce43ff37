"""Files: resumable uploads in parts, verification, short-lived downloads."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import request
from marshmallow import Schema, fields, validate

from api.evidence.deadlines import late_file_field
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, LinkOut, ThingOut, represents, text
from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import downloads, quick_deposit, upload_ending, uploads
from portfolio.files.notices import for_reader, why_unshown
from portfolio.files.opening import LINK_LASTS_S
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("uploads", __name__, description="Fichiers")

# For Flask, None means the limit of every other route. The domain cuts a part at the size that was announced.
UNLIMITED = sys.maxsize


class NewFile(Schema):
    name = text(500, one_line=True, required=True)
    size = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=2**50),
        metadata={"description": "octets ; un fichier vide est refusé (`empty_file`)"},
    )
    sha256 = fields.String(validate=validate.Regexp("^[0-9a-f]{64}$"))
    relay = fields.Boolean(
        metadata={"description": "vrai si le réseau du client refuse le stockage : le service relaiera les parties"},
    )
    alternative = text(2000, metadata={"description": "texte de remplacement, ou transcription"})


class FileWords(Schema):
    alternative = text(2000, required=True, allow_none=True)


@represents(EvidenceFile)
class FileOut(ThingOut):
    evidence = Id(required=True)
    name = fields.String(required=True)
    alternative = fields.String(allow_none=True)
    declared_size = fields.Integer(required=True)
    way = fields.String(required=True)
    part_size = fields.Integer(required=True, metadata={"description": "octets ; la dernière partie est plus courte"})
    state = fields.String(required=True)
    size = fields.Integer(allow_none=True)
    sha256 = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    media_type = fields.String(allow_none=True)
    warnings = fields.List(fields.String())
    notices = fields.Function(
        for_reader,
        required=True,
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "ce qu'il faut savoir du fichier, en phrases neutres : une par code de `warnings`, et "
            "une de plus s'il n'a pas d'aperçu",
        },
    )
    unshown = fields.Function(
        why_unshown,
        required=True,
        metadata={
            "type": ["string", "null"],
            "description": "pourquoi le fichier n'a pas pu être affiché au dépôt, et quoi déposer aussi",
        },
    )
    reason_code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    expires_at = Instant(required=True)
    removed_at = Instant(allow_none=True)
    late_since = late_file_field()


class ProgressOut(Schema):
    file = fields.Nested(FileOut, required=True)
    part_count = fields.Integer(required=True)
    parts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    links = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "où envoyer les prochaines parties, à la longueur exacte ; valables un quart d'heure"},
    )


class PartOut(Schema):
    number = fields.Integer(required=True)
    size = fields.Integer(required=True)


@routes.creates(
    "/evidence/<oid:evidence_id>/files",
    Action.AMEND_EVIDENCE,
    FileOut,
    takes=NewFile,
    title="Annonce un fichier : la réponse dit comment l'envoyer par parties.",
)
def begin(by: Actor, at: datetime, evidence_id: ObjectId, values: dict[str, Any]) -> EvidenceFile:
    return uploads.begin(by, find(Evidence, evidence_id), values, at)


@routes.reads(
    "/files/<oid:file_id>",
    Action.READ_FILE,
    ProgressOut,
    title="Dit quelles parties sont arrivées, et où envoyer les autres.",
)
def show(by: Actor, at: datetime, file_id: ObjectId) -> uploads.Progress:
    """Returns which parts are there, and where to send the others.
    Raises NotFound, Forbidden, Unavailable (the store).
    """
    return uploads.progress(by, find(EvidenceFile, file_id), at)


@routes.sends(
    "/files/<oid:file_id>/parts/<int:number>",
    Action.UPLOAD,
    PartOut,
    title="Reçoit une partie, en octets bruts, dans n'importe quel ordre, autant de fois qu'il faut.",
)
def receive_part(by: Actor, at: datetime, file_id: ObjectId, number: int) -> dict[str, int]:
    """Stores one part (from 1) as raw bytes, in any order, again if it was torn; returns its number and its size in
    bytes. Raises what `uploads.receive_part` raises.
    """
    request.max_content_length = UNLIMITED
    file = find(EvidenceFile, file_id)
    body: Any = request.stream  # Werkzeug says IO[bytes], which is no BinaryIO
    return {"number": number, "size": uploads.receive_part(by, file, number, body, at)}


@routes.asks(
    "/files/<oid:file_id>/relay",
    Action.UPLOAD,
    FileOut,
    title="Fait relayer par le service les parties d'un fichier, quand le réseau du client refuse le stockage.",
)
def relay(by: Actor, at: datetime, file_id: ObjectId) -> EvidenceFile:
    """Relays a file of a client that cannot reach the store, and returns it. Repeating it is harmless: the way stays as
    it is. Raises what `uploads.relay` raises.
    """
    return uploads.relay(by, find(EvidenceFile, file_id), at)


@routes.asks(
    "/files/<oid:file_id>/commit",
    Action.UPLOAD,
    FileOut,
    title="Assemble et vérifie le fichier ; redemander redit ce qui a été décidé.",
)
def finish(by: Actor, at: datetime, file_id: ObjectId) -> EvidenceFile:
    """Assembles and verifies a file, and returns it, verified or quarantined. Asking again returns what was decided.
    Raises what `upload_ending.finish` raises.
    """
    return upload_ending.finish(by, find(EvidenceFile, file_id), at)


@routes.changes("/files/<oid:file_id>", Action.UPLOAD, FileOut, method="DELETE", title="Retire un fichier.")
def remove(by: Actor, at: datetime, expected: int, file_id: ObjectId) -> EvidenceFile:
    return upload_ending.remove(by, find(EvidenceFile, file_id, expected), at)


@routes.changes(
    "/files/<oid:file_id>",
    Action.UPLOAD,
    FileOut,
    takes=FileWords,
    title="Change le texte de remplacement ou la transcription d'un fichier.",
)
def describe(by: Actor, at: datetime, expected: int, file_id: ObjectId, values: dict[str, Any]) -> EvidenceFile:
    """Changes the text for whoever cannot see or hear a file, and returns the file. It is part of what is signed.
    expected: revision seen. Raises Stale and what `quick_deposit.describe` raises.
    """
    return quick_deposit.describe(by, find(EvidenceFile, file_id, expected), values["alternative"], at)


@routes.asks(
    "/files/<oid:file_id>/link",
    Action.READ_FILE,
    LinkOut,
    title="Donne un lien de téléchargement valable cinq minutes ; la sortie est enregistrée.",
)
def link(by: Actor, at: datetime, file_id: ObjectId) -> dict[str, Any]:
    """Returns {url, expires_in: seconds} of a download, and records it. Asking again gives another one. Raises
    NotFound, Forbidden, NotVerified, NotAsSealed, Unavailable (the store).
    """
    return {"url": downloads.download_link(by, find(EvidenceFile, file_id), at), "expires_in": LINK_LASTS_S}

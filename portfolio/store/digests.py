"""Computes the contents of a piece and of an activity, and their digests. Pure, except `files_of`.

A piece has two digests: of everything (frozen in a submission), and of what a tutor or teacher reads to sign off (its
text, links and files; not the mapping to competences, an argument of the candidate that may still change).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Evidence, EvidenceFile
from portfolio.documents.fields import keep
from portfolio.documents.portfolios import FileState
from portfolio.documents.rows import Row
from portfolio.store.canonical_json import canonical

SHOWN = ("type_code", "title", "nature", "situation", "context", "produced_on", "collective", "description", "details")
FILE = ("name", "size", "sha256", "kind", "media_type", "alternative")
MAPPED = ("criteria", "tool_families", "permission", "anonymisation", "assistance_used", "assistance_how")


def digest(content: object) -> str:
    """Returns the SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def activity_content(activity: Activity) -> dict[str, object]:
    """Returns {field: JSON-ready value} of the fields of an activity that are signed off: title, mission, context,
    placement, days.
    """
    fields = ("title", "mission", "context", "placement", "starts_on", "ends_on")
    return {name: _plain(activity[name]) for name in fields}


def file_content(file: EvidenceFile) -> dict[str, object]:
    """Returns id, name, size (bytes), SHA-256, kind, media type and alternative of a file, JSON-ready."""
    return {"id": str(file.id), **{name: file[name] for name in FILE}}


def shown_content(piece: Evidence, files: Iterable[EvidenceFile]) -> dict[str, Any]:
    """Returns {field: JSON-ready value} of what a tutor or teacher reads of a piece: the fields of SHOWN, links and
    files. files: those of the piece; only verified ones are included.
    """
    links = [{"url": link.url, "captured_on": link.captured_on, "label": link.label} for link in piece.links]
    content: dict[str, Any] = {name: _plain(piece[name]) for name in SHOWN}
    verified = [file_content(file) for file in files if file["state"] == FileState.VERIFIED]
    return content | {"links": links, "files": sorted(verified, key=itemgetter("id"))}


def piece_content(piece: Evidence, files: Iterable[EvidenceFile]) -> dict[str, Any]:
    """Returns the whole content of a piece, as a submission freezes it: `shown_content`, the fields of MAPPED, activity
    and competences. files: see `shown_content`.
    """
    claimed = [{"competence": proof.competence, "justification": proof.justification} for proof in piece.competences]
    mapped = {name: _plain(piece[name]) for name in MAPPED}
    return shown_content(piece, files) | mapped | {"activity": _plain(piece.activity), "competences": claimed}


def shown_digest(piece: Evidence, files: Iterable[EvidenceFile]) -> str:
    """Returns the SHA-256 of `shown_content`, in hex."""
    return digest(shown_content(piece, files))


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value)


def files_of(pieces: Iterable[Evidence | Row]) -> dict[ObjectId, list[EvidenceFile]]:
    """Returns {piece id: its files, except removed ones}, in one query."""
    ids = [piece.id for piece in pieces]
    grouped: dict[ObjectId, list[EvidenceFile]] = {piece_id: [] for piece_id in ids}
    for file in EvidenceFile.objects(evidence__in=ids, removed_at=None).order_by("id") if ids else ():
        grouped[file.evidence].append(keep(file))
    return grouped

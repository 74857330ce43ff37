"""What a piece and an activity consist of, and their digests: pure.

Two digests of a piece: of everything (frozen in a submission), and of what a tutor or teacher is shown when they sign
off (its text, links and files; not the mapping to competences, which is the candidate's argument and may still move).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from portfolio.documents import Activity, Evidence, EvidenceFile
from portfolio.store.canonical_json import canonical

SHOWN = ("type_code", "title", "nature", "situation", "context", "produced_on", "collective", "description", "details")
MAPPED = ("criteria", "tool_families", "permission", "anonymisation", "assistance_used", "assistance_how")


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def activity_content(activity: Activity) -> dict[str, Any]:
    fields = ("title", "mission", "context", "placement", "starts_on", "ends_on")
    return {name: _plain(getattr(activity, name)) for name in fields}


def file_content(file: EvidenceFile) -> dict[str, Any]:
    plain = {name: getattr(file, name) for name in ("name", "size", "sha256", "kind", "media_type", "alternative")}
    return {"id": str(file.id), **plain}


def shown_content(piece: Evidence, files: Iterable[EvidenceFile]) -> dict[str, Any]:
    """files: the piece's, of any state; only verified ones count."""
    links = [{"url": link.url, "captured_on": link.captured_on, "label": link.label} for link in piece.links]
    shown: dict[str, Any] = {name: _plain(getattr(piece, name)) for name in SHOWN}
    verified = sorted((file for file in files if file.state == "verified"), key=lambda file: str(file.id))
    return shown | {"links": links, "files": [file_content(file) for file in verified]}


def piece_content(piece: Evidence, files: Iterable[EvidenceFile]) -> dict[str, Any]:
    claimed = [{"competence": proof.competence, "justification": proof.justification} for proof in piece.competences]
    mapped = {name: _plain(getattr(piece, name)) for name in MAPPED}
    return shown_content(piece, files) | mapped | {"activity": _plain(piece.activity), "competences": claimed}


def shown_digest(piece: Evidence, files: Iterable[EvidenceFile]) -> str:
    return digest(shown_content(piece, files))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value)


def files_of(pieces: Iterable[Evidence]) -> dict[Any, list[EvidenceFile]]:
    """{piece id: its files, removed ones left out}: one query."""
    ids = [piece.id for piece in pieces]
    grouped: dict[Any, list[EvidenceFile]] = {piece_id: [] for piece_id in ids}
    for file in EvidenceFile.objects(evidence__in=ids, removed_at=None).order_by("id"):
        grouped[file.evidence].append(file)
    return grouped

"""The records of an archive, as JSON that any program reads: named fields only, so that a new one never leaves."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Evidence, EvidenceFile, RealityEvaluation
from portfolio.enrolment.lateness import file_late_since, piece_late_since
from portfolio.papers.channels import channel_words
from portfolio.store.digests import activity_content, digest, piece_content
from portfolio.submission.export_content import ArchiveContent

JOURNAL = "donnees/journal.json"


def records(content: ArchiveContent, paths: dict[ObjectId, str]) -> dict[str, Any]:
    return {
        "donnees/candidature.json": _candidacy(content),
        "donnees/activites.json": [_activity(activity) for activity in content.activities],
        "donnees/periodes.json": [
            some(placement, *PLACEMENT) | {"certificate": paths.get(placement.certificate_file)}
            for placement in content.placements
        ],
        "donnees/preuves.json": [_piece(content, piece, paths) for piece in content.pieces],
        "donnees/attestations.json": [_attestation(attestation) for attestation in content.attestations],
        "donnees/realite.json": [_evaluation(evaluation) for evaluation in content.evaluations],
        "donnees/remises.json": [some(submission, *SUBMISSION) for submission in content.submissions],
        JOURNAL: content.links,
    }


PLACEMENT = (
    *("id", "kind", "company_name", "company_city", "starts_on", "ends_on", "days", "missions"),
    *("tutor_name", "tutor_function", "cancelled_at", "cancel_reason"),
)
SUBMISSION = ("number", "digest", "created_at", "late_reason", "chain_head", "given_in")
FILE = (
    *("id", "name", "alternative", "state", "size", "sha256", "kind", "media_type", "warnings", "reason"),
    *("verified_at", "removed_at"),
)
ATTESTATION = (
    *("id", "activity", "seat", "state", "signer_name", "signer_function", "channel", "activity_digest"),
    *("statement_id", "statement", "comment", "created_at", "answered_at", "activity_title", "act", "given_in"),
)


def some(thing: object, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _reused(thing: Activity | Evidence | EvidenceFile | Attestation) -> dict[str, object]:
    """Returns what a thing was taken from: its id in the archive of an earlier session, and that session."""
    return {"reused": some(thing.reused, "of", "session") if thing.reused else None}


def _candidacy(content: ArchiveContent) -> dict[str, Any]:
    """Returns the candidacy without INE, birth date or adaptations: the archive may be handed to another person."""
    candidacy, portfolio = content.candidacy, content.portfolio
    identity = some(
        candidacy, "id", "candidate_number", "birth_name", "usage_name", "given_names", "session", "academy"
    )
    pins = {name: some(getattr(candidacy, name), "id", "version", "sha256") for name in ("circular", "referential")}
    return {
        **identity,
        "status": candidacy.status,
        "school": some(content.school, "uai", "name", "city"),
        **pins,
        "portfolio": some(portfolio, "state", "submissions", "submitted_at", "reopened_reason"),
    }


def _activity(activity: Activity) -> dict[str, Any]:
    record = some(activity, "id", "revision", "created_at", "withdrawn_at")
    content = activity_content(activity)
    return record | _reused(activity) | {"digest": digest(content), "content": content}


def _piece(content: ArchiveContent, piece: Evidence, paths: dict[ObjectId, str]) -> dict[str, Any]:
    files, deadline = [file for file in content.files if file.evidence == piece.id], content.deadline
    now = piece_content(piece, [file for file in files if file.removed_at is None])
    versions = [version for version in content.versions if version.evidence == piece.id]
    return {
        **some(piece, "id", "revision", "state", "created_at", "withdrawn_at"),
        "late_since": piece_late_since(piece, files, deadline),
        "entered_by_teacher": piece.entered_by is not None,
        **_reused(piece),
        "digest": digest(now),
        "content": now,
        "versions": [
            some(version, "revision", "content") | {"digest": digest(version.content)} for version in versions
        ],
        "files": [
            {
                **some(file, *FILE),
                "late_since": file_late_since(file, deadline),
                **_reused(file),
                "path": paths.get(file.id),
            }
            for file in files
        ],
    }


def _attestation(attestation: Attestation) -> dict[str, Any]:
    pieces = [some(piece, "evidence", "revision", "digest", "title", "late_since") for piece in attestation.pieces]
    way = channel_words(attestation.channel) if attestation.answered_at else None
    copied = attestation.relayed_by is not None
    proof = {"way": way, "copied_by_teacher": copied, "scan": attestation.scan, "pieces": pieces}
    return some(attestation, *ATTESTATION) | proof | _reused(attestation)


def _evaluation(evaluation: RealityEvaluation) -> dict[str, Any]:
    agreed = [some(agreement, "seat", "name", "digest", "at", "channel") for agreement in evaluation.concurrences]
    record = some(evaluation, "id", "placement", "state", "text", "digest", "alone_reason", "earlier")
    return record | {"concurrences": agreed}

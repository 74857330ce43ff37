"""What the table of stored fields says to be in the archive of a portfolio is in it, now and when a field is added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portfolio.boards.stored_fields import stored_fields
from portfolio.documents import (
    Activity,
    Attestation,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Portfolio,
    RealityEvaluation,
    Submission,
)
from portfolio.sign_offs import reality
from tests.support.acts.archives import opened, read_json
from tests.support.worlds.world import World

# Fields that are there in another form, each with where.
OTHERWISE = {
    (Portfolio, "slip"): "an archive is made while there is none",
    (Portfolio, "elimination"): "an archive is made while there is none",
    (Evidence, "entered_by"): "entered_by_teacher: no teacher is named",
    (Evidence, "placement"): "that of its activity",
    (EvidenceFile, "evidence"): "the piece holds its files",
    (EvidenceFile, "placement"): "that of its piece",
    (EvidenceFile, "declared_sha256"): "sha256, which it was found equal to",
    (EvidenceFile, "reason_code"): "reason, in words",
    (EvidenceFile, "discarded_at"): "path: none",
    (EvidenceVersion, "evidence"): "the piece holds its versions",
    (Submission, "content"): "remises/remise-….json, to the byte",
    (Submission, "submitted_by"): "the journal",
}


def test_a_field_that_the_table_says_to_be_in_the_archive_is_in_it(rich: World, taken: Callable[..., bytes]) -> None:
    reality.write(rich.actor(rich.follower), rich.placement, "Les relances ont été faites.", rich.clock())
    archive = opened(taken())
    pieces = read_json(archive, "donnees/preuves.json")
    rows: dict[type, list[dict[str, Any]]] = {
        Portfolio: [read_json(archive, "donnees/candidature.json")["portfolio"]],
        Activity: read_json(archive, "donnees/activites.json"),
        Evidence: pieces,
        EvidenceFile: [file for piece in pieces for file in piece["files"]],
        EvidenceVersion: [version for piece in pieces for version in piece["versions"]],
        Submission: read_json(archive, "donnees/remises.json"),
        Attestation: read_json(archive, "donnees/attestations.json"),
        RealityEvaluation: read_json(archive, "donnees/realite.json"),
    }
    declared = {
        (kind, name)
        for kind in rows
        for name, field in stored_fields().of_kind(kind).items()
        if field.unsaid == "archive"
    }
    inside = {
        (kind, name)
        for kind, of_kind in rows.items()
        for row in of_kind
        for name in (*row, *(row["content"] if isinstance(row.get("content"), dict) else ()))
    }
    assert declared - inside == set(OTHERWISE)

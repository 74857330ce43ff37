"""All that was ever part of a portfolio, read at once, and where each file of it stands in the archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    CertificateFile,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    PaperScan,
    Placement,
    Portfolio,
    RealityEvaluation,
    School,
    Submission,
)
from portfolio.documents.portfolios import FileState, PieceState
from portfolio.enrolment.deadline import deadline_of
from portfolio.files.recognition.names import extension, safe_name
from portfolio.files.sealed_files import Stored
from portfolio.store.connections import current
from portfolio.store.journal import portfolio_chain

LONGEST_TITLE = 60
LONGEST_FILE_NAME = 90


@dataclass(frozen=True)
class ArchiveContent:
    """A portfolio with all that was ever part of it. folders: by piece id; paths: by file id."""

    portfolio: Portfolio
    candidacy: Candidacy
    deadline: datetime
    school: School
    activities: list[Activity]
    placements: list[Placement]
    pieces: list[Evidence]
    files: list[EvidenceFile]
    versions: list[EvidenceVersion]
    attestations: list[Attestation]
    scans: list[PaperScan]
    certificates: list[CertificateFile]
    evaluations: list[RealityEvaluation]
    submissions: list[Submission]
    links: list[dict[str, Any]]

    @property
    def kept_files(self) -> list[EvidenceFile]:
        return [file for file in self.files if file.state == FileState.VERIFIED and file.discarded_at is None]

    @property
    def stored(self) -> list[Stored]:
        """Returns everything of the archive that is in the object store."""
        return [*self.kept_files, *self.scans, *self.certificates]


def read(portfolio: Portfolio) -> ArchiveContent:
    """Returns everything that the archive holds, in a constant number of queries."""
    of_candidate = {"candidacy": portfolio.candidacy}
    candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
    pieces = list(Evidence.objects(**of_candidate).order_by("id"))
    ids = [piece.id for piece in pieces]
    chain = {"chain": portfolio_chain(portfolio)}
    return ArchiveContent(
        portfolio=portfolio,
        candidacy=candidacy,
        deadline=deadline_of(candidacy),
        school=School.objects.get(pk=candidacy.school),
        activities=list(Activity.objects(**of_candidate).order_by("id")),
        placements=list(Placement.objects(**of_candidate).order_by("starts_on", "id")),
        pieces=pieces,
        files=list(EvidenceFile.objects(**of_candidate).order_by("id")),
        versions=list(EvidenceVersion.objects(evidence__in=ids).order_by("evidence", "revision")),
        attestations=list(Attestation.objects(**of_candidate).order_by("id")),
        scans=list(PaperScan.objects(**of_candidate).order_by("id")),
        certificates=list(CertificateFile.objects(**of_candidate, discarded_at=None).order_by("id")),
        evaluations=list(RealityEvaluation.objects(**of_candidate).order_by("id")),
        submissions=list(Submission.objects(**of_candidate).order_by("number")),
        links=list(current().database.events.find(chain, {"_id": 0}).sort("seq", 1)),
    )


def paths_of(content: ArchiveContent) -> dict[ObjectId, str]:
    """Returns {id of a file, scan or certificate: path in the archive}."""
    # Numbers keep names apart, and apart from those that Windows reserves (CON, NUL…).
    folders = {
        piece.id: f"{_folder(piece)}/{rank:02} - {_title(piece.title)}" for rank, piece in enumerate(content.pieces, 1)
    }
    ranks = dict.fromkeys(folders, 0)
    paths = {}
    for file in content.kept_files:
        ranks[file.evidence] += 1
        inner = "anciens/" if file.removed_at else ""
        paths[file.id] = f"{folders[file.evidence]}/{inner}{ranks[file.evidence]:02} - {_file_name(file.name)}"
    for rank, scan in enumerate(content.scans, 1):
        paths[scan.id] = f"attestations/{rank:02} - {_file_name(scan.name)}"
    for rank, certificate in enumerate(content.certificates, 1):
        paths[certificate.id] = f"certificats/{rank:02} - {_file_name(certificate.name)}"
    return paths


def _folder(piece: Evidence) -> str:
    return "retirees" if piece.state == PieceState.WITHDRAWN else "preuves"


def _title(title: str) -> str:
    return _portable(title)[:LONGEST_TITLE].rstrip(" .")


def _file_name(name: str) -> str:
    name = _portable(name)
    if len(name) <= LONGEST_FILE_NAME:
        return name
    ending = extension(name)
    return name[: LONGEST_FILE_NAME - len(ending) - 1].rstrip(" .") + (f".{ending}" if ending else "")


def _portable(name: str) -> str:
    """Returns a name that every system accepts (Windows refuses some signs)."""
    return safe_name(re.sub(r'[<>:"/\\|?*]', "-", name))


def submission_path(submission: Submission) -> str:
    return f"remises/remise-{submission.number}.json"

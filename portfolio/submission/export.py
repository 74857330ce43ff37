"""Exports a portfolio as one ZIP that outlives this service: files, every version, sign-offs, submissions, journal.

Nothing of a commission is in it, nor depends on one: a commission's acts leave its bytes the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
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
from portfolio.documents.fields import instant
from portfolio.documents.portfolios import FileState, PieceState
from portfolio.enrolment.deadline import deadline_of
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.lateness import file_late_since, piece_late_since
from portfolio.files import sealed_files
from portfolio.files.recognition.names import extension, safe_name
from portfolio.files.sealed_files import NotAsSealed, Stored
from portfolio.identifiers import is_rehearsal
from portfolio.papers.channels import channel_words
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import exam
from portfolio.store.chains import GENESIS, event_by
from portfolio.store.connections import current, storage
from portfolio.store.digests import activity_content, digest, piece_content
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit, portfolio_chain
from portfolio.store.objects.refusals import ObjectGone, ObjectReplaced
from portfolio.submission.zip_stream import Written, ZipEntry, zip_stream

SCHEMA = "portfolio-e5/export/1"
VERIFIER = Path(__file__).with_name("export_verifier.py")
LONGEST_TITLE = 60
LONGEST_FILE_NAME = 90
JOURNAL = "donnees/journal.json"

README = """{banner}Portfolio de {name}, candidat {number}, session {session}
{exam}. Archive faite le {at} (UTC).

preuves/     les fichiers des preuves, un dossier par preuve ; « anciens » : fichiers remplacés ou enlevés
retirees/    les fichiers des preuves retirées du portfolio
attestations/  les attestations signées sur papier, numérisées (s'il y en a)
certificats/   les certificats des périodes en entreprise, ou les attestations de l'employeur (s'il y en a)
remises/     chaque remise, telle qu'elle a été figée
donnees/     candidature, activités, périodes en milieu professionnel, preuves avec toutes leurs versions,
             attestations, évaluation de la réalité des activités, journal (fichiers JSON, lisibles partout)
               late_since : quand une preuve ou un fichier fut déposé, si c'était après la date limite de remise
MANIFEST.json   la liste des fichiers avec leur empreinte SHA-256
verifier.py     le programme qui vérifie l'ensemble, sans réseau : python3 verifier.py

Une empreinte change dès qu'un octet change. Le manifeste n'est pas signé : pour s'assurer que l'archive entière n'a pas
été refaite, comparer ce que verifier.py affiche de chaque remise à l'accusé reçu ce jour-là.
Cette archive contient des données personnelles : à conserver et à transmettre avec précaution.
"""
FICTIONAL = "FICTIF : session de répétition, personnes et faits imaginaires.\n\n"


@dataclass(frozen=True)
class Export:
    """An archive to send. chunks: its bytes, read once, in flat memory."""

    name: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class _Content:
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


def export(by: Actor, portfolio: Portfolio, at: datetime) -> Export:
    """Returns the archive (a zip) as it is read; records the export in a chain that no candidate reads. Raises
    Eliminated, and Unavailable before the first byte; an object that is lost or altered is named in the manifest
    instead.
    """
    require(by, Action.EXPORT_PORTFOLIO, portfolio)
    refuse_eliminated(portfolio)
    storage().ping()
    content = _read(portfolio)
    event = event_by(by, at, f"access:{portfolio.candidacy}", EventName.PORTFOLIO_EXPORTED, portfolio)
    commit([], event)
    fictional = "FICTIF-" if is_rehearsal(portfolio.session) else ""
    number = content.candidacy.candidate_number or "sans-numero"
    name = f"{fictional}portfolio-{portfolio.session}-{number}.zip"
    return Export(name, _stream(content, at))


def _read(portfolio: Portfolio) -> _Content:
    """Returns everything that the archive holds, in a constant number of queries."""
    of_candidate = {"candidacy": portfolio.candidacy}
    candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
    pieces = list(Evidence.objects(**of_candidate).order_by("id"))
    ids = [piece.id for piece in pieces]
    chain = {"chain": portfolio_chain(portfolio)}
    return _Content(
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


def _stream(content: _Content, at: datetime) -> Iterator[bytes]:
    paths = _paths(content)
    absent: dict[ObjectId, str] = {}
    stored = content.stored
    recorded = {paths[file.id]: file.sha256 for file in stored}

    def entries() -> Iterator[ZipEntry]:
        yield _text("LISEZMOI.txt", _readme(content, at))
        yield _text("verifier.py", VERIFIER.read_text("utf-8"))
        for name, data in _metadata(content, paths).items():
            yield _text(name, _json(data))
        for submission in content.submissions:
            yield _text(_submission_path(submission), submission.content)
        yield from _stored(stored, paths, absent)

    def manifest(written: list[Written]) -> ZipEntry:
        return _text("MANIFEST.json", _json(_manifest(content, written, recorded, absent, at)))

    return zip_stream(entries(), manifest)


def _text(path: str, text: str) -> ZipEntry:
    return ZipEntry(path, [text.encode()], packed=True)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=_plain) + "\n"


def _plain(value: object) -> str:
    return instant(value).isoformat() if isinstance(value, datetime) else str(value)


def _stored(files: Sequence[Stored], paths: dict[ObjectId, str], absent: dict[ObjectId, str]) -> Iterator[ZipEntry]:
    """Yields the stored files. absent: filled with the reason, `absent` or `altered`, of each file left out."""
    known = sealed_files.known_of(files)
    for file in files:
        try:
            chunks = storage().open(file.key, sealed_files.refuse_replaced(file, known))
        except (ObjectGone, ObjectReplaced, NotAsSealed) as refused:
            # Reported in the manifest: one lost object must not take the others away.
            absent[file.id] = "absent" if isinstance(refused, ObjectGone) else "altered"
            continue
        yield ZipEntry(paths[file.id], chunks, size=chunks.size)


# --- names ----------------------------------------------------------------------------------------


def _paths(content: _Content) -> dict[ObjectId, str]:
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


def _submission_path(submission: Submission) -> str:
    return f"remises/remise-{submission.number}.json"


# --- contents ------------------------------------------------------------------------------------


def _readme(content: _Content, at: datetime) -> str:
    candidacy = content.candidacy
    return README.format(
        banner=FICTIONAL if is_rehearsal(candidacy.session) else "",
        name=candidacy.display_name,
        number=candidacy.numbered,
        session=candidacy.session,
        exam=f"{exam(candidacy.exam).diploma}, épreuve {exam(candidacy.exam).name}",
        at=f"{at.astimezone(UTC):%d/%m/%Y à %H:%M}",
    )


def _manifest(
    content: _Content, written: list[Written], recorded: dict[str, str], absent: dict[ObjectId, str], at: datetime
) -> dict[str, Any]:
    last = content.links[-1] if content.links else {"seq": 0, "mac": GENESIS}
    return {
        "schema": SCHEMA,
        "algorithms": {"digests": "SHA-256", "journal": "HMAC-SHA-256"},
        "fictional": is_rehearsal(content.candidacy.session),
        "session": content.candidacy.session,
        "candidate_number": content.candidacy.candidate_number,
        "exported_at": at,
        "journal": {
            "path": JOURNAL,
            "chain": portfolio_chain(content.portfolio),
            "head": f"{last['seq']}:{last['mac']}",
        },
        "submissions": [
            _some(submission, "number", "digest", "chain_head") | {"path": _submission_path(submission)}
            for submission in content.submissions
        ],
        "entries": [
            _some(entry, "path", "size", "sha256")
            | ({"recorded_sha256": recorded[entry.path]} if entry.path in recorded else {})
            for entry in written
        ],
        "absent": [
            {"id": file.id, "name": file.name, "sha256": file.sha256, "because": absent[file.id]}
            for file in content.stored
            if file.id in absent
        ],
    }


def _metadata(content: _Content, paths: dict[ObjectId, str]) -> dict[str, Any]:
    return {
        "donnees/candidature.json": _candidacy(content),
        "donnees/activites.json": [_activity(activity) for activity in content.activities],
        "donnees/periodes.json": [
            _some(placement, *PLACEMENT) | {"certificate": paths.get(placement.certificate_file)}
            for placement in content.placements
        ],
        "donnees/preuves.json": [_piece(content, piece, paths) for piece in content.pieces],
        "donnees/attestations.json": [_attestation(attestation) for attestation in content.attestations],
        "donnees/realite.json": [_evaluation(evaluation) for evaluation in content.evaluations],
        "donnees/remises.json": [_some(submission, *SUBMISSION) for submission in content.submissions],
        JOURNAL: content.links,
    }


PLACEMENT = (
    *("id", "kind", "company_name", "company_city", "starts_on", "ends_on", "days", "missions"),
    *("tutor_name", "tutor_function", "cancelled_at", "cancel_reason"),
)
SUBMISSION = ("number", "digest", "created_at", "late_reason", "chain_head")
FILE = (
    *("id", "name", "alternative", "state", "size", "sha256", "kind", "media_type", "warnings", "reason"),
    *("verified_at", "removed_at"),
)
ATTESTATION = (
    *("id", "activity", "seat", "state", "signer_name", "signer_function", "channel", "activity_digest"),
    *("statement_id", "statement", "comment", "created_at", "answered_at", "activity_title", "act"),
)


def _some(thing: object, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _candidacy(content: _Content) -> dict[str, Any]:
    """Returns the candidacy without INE, birth date or adaptations: the archive may be handed to another person."""
    candidacy, portfolio = content.candidacy, content.portfolio
    identity = _some(
        candidacy, "id", "candidate_number", "birth_name", "usage_name", "given_names", "session", "academy"
    )
    pins = {name: _some(getattr(candidacy, name), "id", "version", "sha256") for name in ("circular", "referential")}
    return {
        **identity,
        "status": candidacy.status,
        "school": _some(content.school, "uai", "name", "city"),
        **pins,
        "portfolio": _some(portfolio, "state", "submissions", "submitted_at", "reopened_reason"),
    }


def _activity(activity: Activity) -> dict[str, Any]:
    record = _some(activity, "id", "revision", "created_at", "withdrawn_at")
    content = activity_content(activity)
    return record | {"digest": digest(content), "content": content}


def _piece(content: _Content, piece: Evidence, paths: dict[ObjectId, str]) -> dict[str, Any]:
    files, deadline = [file for file in content.files if file.evidence == piece.id], content.deadline
    now = piece_content(piece, [file for file in files if file.removed_at is None])
    versions = [version for version in content.versions if version.evidence == piece.id]
    return {
        **_some(piece, "id", "revision", "state", "created_at", "withdrawn_at"),
        "late_since": piece_late_since(piece, files, deadline),
        "entered_by_teacher": piece.entered_by is not None,
        "digest": digest(now),
        "content": now,
        "versions": [
            _some(version, "revision", "content") | {"digest": digest(version.content)} for version in versions
        ],
        "files": [
            {**_some(file, *FILE), "late_since": file_late_since(file, deadline), "path": paths.get(file.id)}
            for file in files
        ],
    }


def _attestation(attestation: Attestation) -> dict[str, Any]:
    pieces = [_some(piece, "evidence", "revision", "digest", "title", "late_since") for piece in attestation.pieces]
    way = channel_words(attestation.channel) if attestation.answered_at else None
    copied = attestation.relayed_by is not None
    proof = {"way": way, "copied_by_teacher": copied, "scan": attestation.scan, "pieces": pieces}
    return _some(attestation, *ATTESTATION) | proof


def _evaluation(evaluation: RealityEvaluation) -> dict[str, Any]:
    agreed = [_some(agreement, "seat", "name", "digest", "at", "channel") for agreement in evaluation.concurrences]
    record = _some(evaluation, "id", "placement", "state", "text", "digest", "alone_reason", "earlier")
    return record | {"concurrences": agreed}

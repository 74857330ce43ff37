"""Exports a portfolio as one ZIP that outlives this service: files, every version, sign-offs, submissions, journal.

Nothing of a commission is in it, nor depends on one: a commission's acts leave its bytes the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson import ObjectId

from portfolio.documents import EvidenceFile, Portfolio
from portfolio.documents.fields import instant
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.evidence.quarantine.held import is_held
from portfolio.files import sealed_files
from portfolio.files.sealed_files import NotAsSealed, Stored
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import exam
from portfolio.store.chains import GENESIS, event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit, portfolio_chain
from portfolio.store.objects.refusals import ObjectGone, ObjectReplaced
from portfolio.submission.export_content import ArchiveContent, paths_of, read, submission_path
from portfolio.submission.export_records import JOURNAL, records, some
from portfolio.submission.zip_stream import Written, ZipEntry, zip_stream

SCHEMA = "portfolio-e5/export/1"
VERIFIER = Path(__file__).with_name("export_verifier.py")

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
               reused : de quelle session antérieure le candidat l'a repris (session), et de quoi (of)
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


def export(by: Actor, portfolio: Portfolio, at: datetime) -> Export:
    """Returns the archive (a zip) as it is read; records the export in a chain that no candidate reads. Raises
    Eliminated, and Unavailable before the first byte; an object that is lost, altered or held is named in the manifest
    instead.
    """
    require(by, Action.EXPORT_PORTFOLIO, portfolio)
    refuse_eliminated(portfolio)
    storage().ping()
    content = read(portfolio)
    event = event_by(by, at, f"access:{portfolio.candidacy}", EventName.PORTFOLIO_EXPORTED, portfolio)
    commit([], event)
    fictional = "FICTIF-" if is_rehearsal(portfolio.session) else ""
    number = content.candidacy.candidate_number or "sans-numero"
    name = f"{fictional}portfolio-{portfolio.session}-{number}.zip"
    return Export(name, _stream(content, at))


def _stream(content: ArchiveContent, at: datetime) -> Iterator[bytes]:
    paths = paths_of(content)
    absent: dict[ObjectId, str] = {}
    stored = content.stored
    recorded = {paths[file.id]: file.sha256 for file in stored}

    def entries() -> Iterator[ZipEntry]:
        yield _text("LISEZMOI.txt", _readme(content, at))
        yield _text("verifier.py", VERIFIER.read_text("utf-8"))
        for name, data in records(content, paths).items():
            yield _text(name, _json(data))
        for submission in content.submissions:
            yield _text(submission_path(submission), submission.content)
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
    """Yields the stored files. absent: filled with the reason, `absent` or `altered`, of each file left out,
    or `held` by the antivirus.
    """
    known = sealed_files.known_of(files)
    for file in files:
        if isinstance(file, EvidenceFile) and is_held(file):
            absent[file.id] = "held"
            continue
        try:
            chunks = storage().open(file.key, sealed_files.refuse_replaced(file, known))
        except (ObjectGone, ObjectReplaced, NotAsSealed) as refused:
            # Reported in the manifest: one lost object must not take the others away.
            absent[file.id] = "absent" if isinstance(refused, ObjectGone) else "altered"
            continue
        yield ZipEntry(paths[file.id], chunks, size=chunks.size)


def _readme(content: ArchiveContent, at: datetime) -> str:
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
    content: ArchiveContent, written: list[Written], recorded: dict[str, str], absent: dict[ObjectId, str], at: datetime
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
            some(submission, "number", "digest", "chain_head") | {"path": submission_path(submission)}
            for submission in content.submissions
        ],
        "entries": [
            some(entry, "path", "size", "sha256")
            | ({"recorded_sha256": recorded[entry.path]} if entry.path in recorded else {})
            for entry in written
        ],
        "absent": [
            {"id": file.id, "name": file.name, "sha256": file.sha256, "because": absent[file.id]}
            for file in content.stored
            if file.id in absent
        ],
    }

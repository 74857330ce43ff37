"""Decides on a file by reading back its bytes: nothing that the client or the store declares is trusted."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from portfolio.counting import many
from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import RuleSource
from portfolio.evidence.upload_limits import SENT_TOO_MUCH
from portfolio.files import sealed_files
from portfolio.files.malware import Examination, Opinion
from portfolio.files.previews import first_look
from portfolio.files.recognition.recognise import recognise
from portfolio.policy.relations import Actor
from portfolio.rules import file_warnings
from portfolio.rules.file_kinds import MalwareInFile, Recognised, UnacceptableFile
from portfolio.store.stored_file import StoredFile

# {opinion of the antivirus: codes of the warnings that say so}
UNEXAMINED = {
    Opinion.NOT_EXAMINED: (file_warnings.NOT_EXAMINED,),
    Opinion.TOO_LARGE: (file_warnings.BEYOND_ANTIVIRUS,),
    Opinion.MALICIOUS: (file_warnings.MALWARE,),
}
IN_MEMORY = 8 * 1024 * 1024  # bytes: as much as one part


class WrongSize(UnacceptableFile):
    code = "wrong_size"
    source = RuleSource.LIMIT
    detail = "Le fichier reçu fait {found}, et {said} étaient annoncés. Retirez-le puis renvoyez-le."


class WrongDigest(UnacceptableFile):
    code = "wrong_digest"
    source = RuleSource.INTEGRITY
    detail = "Le fichier reçu diffère de celui annoncé (empreinte SHA-256). Retirez-le puis renvoyez-le."


class SentTooMuch(UnacceptableFile):
    code = SENT_TOO_MUCH
    source = RuleSource.LIMIT
    detail = (
        "Bien plus d'octets ont été envoyés que ce fichier n'en annonçait : ils sont effacés. Retirez-le puis "
        "renvoyez-le ; s'il est refusé encore, prévenez votre établissement."
    )


def quarantined(refusal: UnacceptableFile) -> dict[str, Any]:
    """Returns {field of the file: value} of a file refused for this reason."""
    return {"state": FileState.QUARANTINED, "reason_code": refusal.code, "reason": refusal.message}


def verdict_of(by: Actor, file: EvidenceFile, at: datetime, *, trusted: bool = False) -> dict[str, Any]:
    """Reads the object back, digests and recognises it, and tries to show it; returns {field of the file: value}:
    verified, with what is to be known of it, or quarantined with the reason, which is not raised. A large file is
    recognised in the store: no copy is made, unless it is a PDF. trusted: the antivirus is not asked. Sets kind, size
    and sha256 on `file`, in memory, if it is verified. Raises Unavailable, ObjectGone (the store); NotAsSealed if the
    bytes changed meanwhile.
    """
    whole = io.BytesIO()

    def also(chunk: bytes) -> None:
        if whole.tell() < IN_MEMORY:
            whole.write(chunk)
        examination.take(chunk)

    with Examination(asked=not trusted) as examination:
        size, sha256 = sealed_files.read(file.key, also)
        opinion = examination.opinion()
    measured: dict[str, Any] = {"size": size, "sha256": sha256}
    try:
        if size != file.declared_size:
            raise WrongSize(said=file.declared_size, found=many(size, "octet"))
        if file.declared_sha256 and file.declared_sha256 != measured["sha256"]:
            raise WrongDigest()
        known = recognise(whole, file.name, size) if size <= IN_MEMORY else _recognise_stored(file, size)
        if opinion == Opinion.MALICIOUS:  # of an archive, whose files are examined one by one, its kind is told first
            raise MalwareInFile()
    except MalwareInFile as refusal:
        return measured | quarantined(refusal) | {"held_at": at}
    except UnacceptableFile as refusal:
        return measured | quarantined(refusal)
    file.kind, file.size, file.sha256 = known.kind, size, sha256
    return measured | {
        "state": FileState.VERIFIED,
        "kind": known.kind,
        "media_type": known.media_type,
        "warnings": list(
            file_warnings.in_order((*known.warnings, *first_look.warnings_of(by, file), *UNEXAMINED.get(opinion, ())))
        ),
    }


def _recognise_stored(file: EvidenceFile, size: int) -> Recognised:
    stored = StoredFile(file.key, size)
    try:
        return recognise(stored, file.name, size)  # type: ignore[arg-type]
    finally:
        if stored.failure is not None:
            raise stored.failure  # overrides any conclusion: the store is at fault, not the file

"""The scan of a signed paper: small, a PDF or a picture, recognised by its content as any file."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from portfolio.errors import RuleSource, TooLarge
from portfolio.files.malware import Examination, Opinion
from portfolio.files.recognition.names import safe_name
from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import MalwareInFile, UnacceptableFile

SCANNED = ("pdf", "png", "jpeg", "heic", "webp")
LARGEST_SCAN = 8_000_000  # bytes: less than one part of a file, the most that a proxy lets through


class ScanTooLarge(TooLarge):
    code = "scan_too_large"
    source = RuleSource.LIMIT
    detail = "Ce scan dépasse 8 Mo : scannez en moindre qualité (300 points par pouce suffisent), ou en plusieurs fois."


class NotAScan(UnacceptableFile):
    code = "not_a_scan"
    source = RuleSource.LIMIT
    detail = "Un scan est un PDF ou une image (JPEG, PNG, HEIC, WebP). Scannez ou photographiez la page signée."


@dataclass(frozen=True)
class InspectedScan:
    """What is recorded of a scan, by the names of the fields. size: in bytes. sha256: in hexadecimal."""

    name: str
    size: int
    sha256: str
    kind: str
    media_type: str


def digest_of(data: bytes) -> str:
    """Returns the SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def refuse_too_large(data: bytes) -> None:
    """Raises ScanTooLarge beyond LARGEST_SCAN bytes."""
    if len(data) > LARGEST_SCAN:
        raise ScanTooLarge()


def inspected(data: bytes, name: str | None, called: str, sha256: str) -> InspectedScan:
    """Returns what is recorded of these bytes, by their content. name: as sent; None gives `called` with the ending of
    its kind. sha256: of the bytes, in hex. Raises a class of UnacceptableFile, NotAScan, MalwareInFile.
    """
    with Examination() as examination:
        examination.take(data)
        if examination.opinion() == Opinion.MALICIOUS:
            raise MalwareInFile()
    known = recognise(io.BytesIO(data), name or "", len(data))
    if known.kind not in SCANNED:
        raise NotAScan()
    return InspectedScan(
        name=safe_name(name or f"{called}.{known.kind}"),
        size=len(data),
        sha256=sha256,
        kind=known.kind,
        media_type=known.media_type,
    )

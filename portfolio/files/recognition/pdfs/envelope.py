"""Recognises PDF (ISO 32000): complete or damaged. What is inside is left to a confined process (`inspection.py`)."""

from __future__ import annotations

import hashlib
import json
import re
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import Final

from portfolio.errors import Unavailable
from portfolio.files.confinement import start
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.outcomes import Outcomes
from portfolio.files.recognition.bounded_reader import BLOCK, Window
from portfolio.rules.file_kinds import (
    KINDS,
    EncryptedFile,
    FormatMatch,
    ProgramRefused,
    TooComplex,
    TornFile,
    UnacceptableFile,
)

# ISO 32000-2, annex I: readers accept the header anywhere in the first 1,024 bytes.
HEADER, HEADER_WITHIN = b"%PDF-", 1024
# Mail gateways and old servers leave bytes after the end mark.
END_WINDOW = 64 << 10
BOUNDS = Bounds(cpu_s=5, wall_s=30)
AT_ONCE = 2  # per process of the application
LONGEST_WAIT_S = 10
MOST_KEPT = 2_000  # outcomes

_START = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_END_MARK = b"%%EOF"
_MODULE = "portfolio.files.recognition.pdfs.inspection"
_PLACES = BoundedSemaphore(AT_ONCE)


class InspectionBusy(Unavailable):
    code = "inspection_busy"
    detail = "Beaucoup de fichiers se vérifient en ce moment. Réessayez dans {wait}."


_REFUSALS: Final[dict[str, type[UnacceptableFile]]] = {
    "locked": EncryptedFile,
    "program": ProgramRefused,
    "too_complex": TooComplex,
}


Inspected = dict[str, str | list[str]]  # {"warnings": codes} or {"refused": why}
_OUTCOMES: Final = Outcomes[Inspected](MOST_KEPT)


def pdf(window: Window, _extension: str) -> FormatMatch:
    """Returns the kind, with what is to be warned about: also that it was repaired, where its table of objects is
    torn and its pages are there. Raises TornFile, EncryptedFile, ProgramRefused, TooComplex; InspectionBusy, which says
    nothing of the file.
    """
    tail = window.tail(END_WINDOW)
    ends = list(_START.finditer(tail))
    # A linearised file cut short ends after its first part, whose mark says 0.
    if _END_MARK not in tail or ends and int(ends[-1][1]) == 0:
        raise TornFile(KINDS["pdf"].label_fr)
    outcome = _inspected(window)
    if why := outcome.get("refused"):
        refusal = _REFUSALS.get(str(why))
        raise refusal() if refusal else TornFile(KINDS["pdf"].label_fr)
    return FormatMatch("pdf", tuple(outcome["warnings"]))


def _inspected(window: Window) -> Inspected:
    """Returns the answer of the child for a copy of the file: codes of warnings, or why it is refused. Raises
    InspectionBusy if no child is free or it does not end in time.
    """
    with TemporaryFile() as copy:
        measured = hashlib.sha256()
        for offset in range(0, window.size, BLOCK):
            block = window.at(offset, BLOCK)
            measured.update(block)
            copy.write(block)
        copy.flush()
        known = _OUTCOMES.get(measured.hexdigest())
        if known is not None:
            return known
        if not _PLACES.acquire(timeout=LONGEST_WAIT_S):
            raise InspectionBusy(retry_after=5)
        try:
            ended = start.run(start.module(_MODULE, BOUNDS), copy, BOUNDS)
        except start.OutOfTime:  # says nothing of the file: the bound of computing time comes before on a free machine
            raise InspectionBusy(retry_after=30) from None
        finally:
            _PLACES.release()
    outcome: Inspected = json.loads(ended.output) if ended.status == 0 else {"refused": "too_complex"}
    _OUTCOMES.keep(measured.hexdigest(), outcome)
    return outcome

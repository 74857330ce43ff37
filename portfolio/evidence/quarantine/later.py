"""Shows a deposited file to the antivirus, which was away or too slow when it was verified."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import Unavailable
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_verdict import UNEXAMINED
from portfolio.files import sealed_files
from portfolio.files.malware import Examination, Opinion
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.rules import file_warnings
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit, portfolio_chain
from portfolio.store.objects.refusals import ObjectGone
from portfolio.store.outbox import DONE, EXAMINE, ErrandOutcome, ErrandRow

AGAIN_S = 300


def errand_of(file: EvidenceFile) -> Errand:
    """Returns the errand that shows a verified file to the antivirus."""
    return Errand(EXAMINE, {"file": file.id}, key=f"{EXAMINE}:{file.id}")


def examine(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Runs the errand of a file that was not examined (payload: file), and returns its outcome: the file warns of a
    malicious program, of its size, or no more of anything. Does nothing for a file that is gone or not as it was
    sealed. Raises Unavailable (the antivirus, the store): the row is tried again.
    """
    file: EvidenceFile | None = EvidenceFile.objects(
        pk=row["payload"]["file"], state=FileState.VERIFIED, discarded_at=None, warnings=file_warnings.NOT_EXAMINED
    ).first()
    if file is None:
        return ErrandOutcome("gone", kept=False)
    try:
        sealed_files.refuse_altered(file)
        with Examination() as examination:
            sealed_files.read(file.key, examination.take, sealed_files.refuse_replaced(file))
            opinion = examination.opinion()
    except (sealed_files.NotAsSealed, ObjectGone):
        return ErrandOutcome("altered", kept=False)
    if opinion == Opinion.NOT_EXAMINED:
        raise Unavailable(retry_after=AGAIN_S)
    _write(SYSTEM, file, opinion, at)
    return DONE


@runs_again_if_stale(as_seen=False)
def _write(by: Actor, file: EvidenceFile, opinion: Opinion, at: datetime) -> None:
    codes = {*file.warnings, *UNEXAMINED.get(opinion, ())} - {file_warnings.NOT_EXAMINED}
    event = event_by(by, at, portfolio_chain(file), EventName.FILE_EXAMINED, file, {"opinion": opinion.value})
    written: dict[str, Any] = {"warnings": list(file_warnings.in_order(codes))}
    if opinion == Opinion.MALICIOUS:
        written["held_at"] = at
    commit([Change(file, written)], event)

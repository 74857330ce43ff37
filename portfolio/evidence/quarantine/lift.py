"""Lifts the quarantine of a file that the antivirus took for a malicious program: the office answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Candidacy, Evidence, EvidenceFile
from portfolio.documents.portfolios import FileState, PieceState
from portfolio.errors import NotNow, RuleSource
from portfolio.evidence.deposit import Withdrawn, becomes, open_portfolio_of, touch
from portfolio.evidence.piece_fields import missing_of
from portfolio.evidence.quarantine.held import is_held
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_verdict import verdict_of
from portfolio.files.previews import prepare
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules import file_warnings
from portfolio.store.chains import event_by
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, commit, portfolio_chain
from portfolio.validation import checked_reason


class NotInQuarantine(NotNow):
    code = "file_not_in_quarantine"
    source = RuleSource.INTEGRITY
    detail = "L'antivirus ne retient plus ce fichier : il a été retiré, effacé, ou la quarantaine est déjà levée."


def lift(by: Actor, candidacy: Candidacy, file_id: ObjectId, reason: str, at: datetime) -> EvidenceFile:
    """Gives a file of a candidate back that the antivirus holds, and returns it: one refused at its deposit is verified
    as any other, but for the antivirus, and may be refused still for what it is; one recognised later opens again. Its
    readers are told that it was held. Raises NotInQuarantine, Invalid (`reason`); of a refused file PortfolioSubmitted,
    Withdrawn, Eliminated, ObjectGone, NotAsSealed, Unavailable (the store).
    """
    require(by, Action.LIFT_QUARANTINE, candidacy)
    because = checked_reason(reason)
    file: EvidenceFile | None = EvidenceFile.objects(pk=file_id, candidacy=candidacy.id).first()
    if file is None or not is_held(file):
        raise NotInQuarantine()
    if file.state == FileState.VERIFIED:
        return _opens_again(by, file, because, at)
    verdict = verdict_of(by, file, at, trusted=True) | {"verified_at": at, "held_at": None}
    if verdict["state"] == FileState.VERIFIED:
        verdict |= {"reason_code": None, "reason": None, "warnings": _with_word(verdict["warnings"])}
    return _conclude_again(by, file, verdict, because, at)


@runs_again_if_stale(as_seen=False)
def _opens_again(by: Actor, file: EvidenceFile, reason: str, at: datetime) -> EvidenceFile:
    """Lets a file be opened that was recognised after its deposit. Raises NotInQuarantine."""
    if not is_held(file):
        raise NotInQuarantine()
    change = Change(file, {"warnings": _with_word(file.warnings), "held_at": None})
    commit([change], event_by(by, at, portfolio_chain(file), EventName.QUARANTINE_LIFTED, file, {"reason": reason}))
    return file


@runs_again_if_stale(as_seen=False)
def _conclude_again(
    by: Actor, file: EvidenceFile, verdict: Mapping[str, object], reason: str, at: datetime
) -> EvidenceFile:
    """Writes what a refused file is now, and the new state of its piece. Raises NotInQuarantine, Withdrawn,
    PortfolioSubmitted, Eliminated.
    """
    if not is_held(file):
        raise NotInQuarantine()
    portfolio = open_portfolio_of(file)
    piece = Evidence.objects.get(pk=file.evidence)
    if piece.withdrawn_at is not None:
        raise Withdrawn()
    others = [other for other in files_of([piece])[piece.id] if other.id != file.id]
    for name, value in verdict.items():
        setattr(file, name, value)
    changes: list[AnyChange] = [touch(portfolio), Change(file, dict(verdict))]
    if not missing_of(piece, [*others, file]):
        changes += becomes(piece, PieceState.READY)
    facts = {"reason": reason, "state": file.state, "sha256": file.sha256}
    errands = [prepare.errand_of(file)] if file.state == FileState.VERIFIED else []
    commit(changes, event_by(by, at, portfolio_chain(file), EventName.QUARANTINE_LIFTED, file, facts), errands)
    return file


def _with_word(codes: list[str]) -> list[str]:
    return list(file_warnings.in_order({*codes, file_warnings.MALWARE_LIFTED} - {file_warnings.MALWARE}))

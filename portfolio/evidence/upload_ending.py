"""Ends uploads: a file is verified or refused by its bytes, or removed from its piece."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from portfolio.documents import Evidence, EvidenceFile
from portfolio.documents.portfolios import FileState, PieceState
from portfolio.errors import NotNow, RuleSource
from portfolio.evidence.deposit import Withdrawn, becomes, earlier_version, open_portfolio_of, touch
from portfolio.evidence.piece_fields import missing_of
from portfolio.evidence.quarantine import later
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_limits import (
    is_overfull,
    part_bytes,
    part_count,
)
from portfolio.evidence.upload_verdict import SentTooMuch, quarantined, verdict_of
from portfolio.files import verification
from portfolio.files.previews import prepare
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules import file_warnings
from portfolio.store import engine_metrics
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, commit, portfolio_chain
from portfolio.store.objects.refusals import UploadGone
from portfolio.store.outbox import DONE, ErrandOutcome

# The event of each verdict on the bytes of a file, by the state that it leaves.
VERDICTS = {FileState.VERIFIED: EventName.FILE_VERIFIED, FileState.QUARANTINED: EventName.FILE_QUARANTINED}


class NotPending(NotNow):
    code = "upload_over"
    source = RuleSource.LIMIT
    detail = "Cet envoi est terminé ou expiré. Retirez le fichier puis recommencez si besoin."


class Removed(NotNow):
    code = "file_removed"
    source = RuleSource.INTEGRITY
    detail = "Ce fichier a déjà été retiré de la preuve."


class PartsMissing(NotNow):
    code = "parts_missing"
    source = RuleSource.LIMIT
    detail = "Il manque des parties : {numbers}. Envoyez-les puis recommencez, rien n'est perdu."


def is_over(file: EvidenceFile, at: datetime) -> bool:
    return file.state != FileState.PENDING or file.removed_at is not None or file.expires_at <= at


def refuse_over(file: EvidenceFile, at: datetime) -> None:
    """Raises NotPending if the upload has ended, was removed, or its time is over."""
    if is_over(file, at):
        raise NotPending()


def finish(by: Actor, file: EvidenceFile, at: datetime) -> EvidenceFile:
    """Assembles the parts, reads the file back, digests and recognises it; returns it `verified`, or `quarantined` with
    a reason. Calling it again returns the decided file. Raises PartsMissing, BadParts, NotPending, Withdrawn,
    PortfolioSubmitted, Eliminated; UploadGone, ObjectGone, NotAsSealed if its parts or its bytes changed meanwhile;
    Unavailable (the store).
    """
    require(by, Action.UPLOAD, file)
    if file.state != FileState.PENDING:
        return file
    refuse_over(file, at)
    open_portfolio_of(file)
    _piece_in_use(file)  # before its parts are joined: nothing could be sent again, should the piece come back
    try:
        _assemble(file)
        with verification.under_way():
            verdict = verdict_of(by, file, at)
    except SentTooMuch as refusal:
        verdict = {"size": 0} | quarantined(refusal)
    return _conclude(by, file, verdict | {"verified_at": at}, at)


def end_overfull(by: Actor, file: EvidenceFile, at: datetime) -> None:
    """Deletes the parts of an upload that holds too much (`upload_limits.is_overfull`), and refuses the file; nothing
    is written if its owner removed it, or submitted the portfolio. Raises Unavailable (the store).
    """
    require(by, Action.UPLOAD, file)
    storage().abort(file.key, file.upload_id)
    with suppress(NotNow):  # its owner removed it, or submitted the portfolio
        _conclude(by, file, {"size": 0, "verified_at": at} | quarantined(SentTooMuch()), at)


def _piece_in_use(file: EvidenceFile) -> Evidence:
    """Returns the file's piece. Raises Withdrawn if the piece was."""
    piece = Evidence.objects.get(pk=file.evidence)
    if piece.withdrawn_at is not None:
        raise Withdrawn()
    return piece


@runs_again_if_stale(as_seen=False)
def _conclude(by: Actor, file: EvidenceFile, verdict: dict[str, Any], at: datetime) -> EvidenceFile:
    """Writes the verdict (fields of the file) and the new state of the piece, and returns the file; of two verdicts on
    the same bytes the first stands. Raises NotPending, Withdrawn, PortfolioSubmitted, Eliminated.
    """
    if file.state != FileState.PENDING:
        return file
    refuse_over(file, at)
    portfolio = open_portfolio_of(file)
    piece = _piece_in_use(file)
    others = [other for other in files_of([piece])[piece.id] if other.id != file.id]
    for name, value in verdict.items():
        setattr(file, name, value)
    state = PieceState.DRAFT if missing_of(piece, [*others, file]) else PieceState.READY
    changes = [touch(portfolio), Change(file, verdict), *becomes(piece, state)]
    data = {"state": file.state, "sha256": file.sha256, "size": int(file.size or 0), "reason": file.reason_code}
    errands = [prepare.errand_of(file)] if file.state == FileState.VERIFIED else []
    if file_warnings.NOT_EXAMINED in file.warnings:
        errands.append(later.errand_of(file))
    commit(changes, event_by(by, at, portfolio_chain(file), VERDICTS[file.state], file, data), errands)
    engine_metrics.upload_concluded(file.state, file.reason_code, int(file.size or 0))
    return file


def _assemble(file: EvidenceFile) -> None:
    """Joins the parts, unless an attempt cut short or a concurrent one did. Raises PartsMissing, NotPending, BadParts;
    SentTooMuch, once the parts are deleted; Unavailable (the store).
    """
    if storage().head(file.key) is not None:
        return
    try:
        stored = storage().held(file.key, file.upload_id)
    except UploadGone:
        if storage().head(file.key) is None:
            raise NotPending() from None
        return
    if is_overfull(file, stored):
        storage().abort(file.key, file.upload_id)
        raise SentTooMuch()
    held, wanted = stored.parts, range(1, part_count(file) + 1)
    missing = [number for number in wanted if number not in held or held[number].size != part_bytes(file, number)]
    if missing:
        if storage().head(file.key) is not None:
            return  # joined, and no longer listed, meanwhile
        raise PartsMissing(numbers=", ".join(map(str, missing[:20])))
    storage().complete(file.key, file.upload_id, {number: held[number].etag for number in wanted})


@runs_again_if_stale(as_seen=True)
def remove(by: Actor, file: EvidenceFile, at: datetime) -> EvidenceFile:
    """Removes a file of any state from its piece, and returns it. Verified bytes stay: a frozen revision may name them.
    An errand deletes other bytes, so that removing does not wait for the store. Raises Removed (already),
    PortfolioSubmitted, Stale, Eliminated.
    """
    require(by, Action.UPLOAD, file)
    portfolio = open_portfolio_of(file)
    if file.removed_at is not None:
        raise Removed()
    piece = Evidence.objects.get(pk=file.evidence)
    files = files_of([piece])[piece.id]
    kept = earlier_version(piece, files)
    left = [other for other in files if other.id != file.id]
    follows = PieceState.DRAFT if missing_of(piece, left) else PieceState.READY
    state = piece.state if piece.state == PieceState.WITHDRAWN else follows
    edited = [Change(piece, {"state": state})] if kept else becomes(piece, state)
    errands = [Errand("upload_removed", {"file": file.id})] if file.state != FileState.VERIFIED else []
    changes: list[AnyChange] = [touch(portfolio), Change(file, {"removed_at": at}), *edited, *kept]
    commit(changes, event_by(by, at, portfolio_chain(file), EventName.FILE_REMOVED, file), errands)
    return file


def forget_upload(row: dict[str, Any], _at: datetime) -> ErrandOutcome:
    """Runs the errand of an unverified file that was removed (payload: file): deletes its parts, and its object if they
    were joined. Returns the outcome `done`. Raises Unavailable: the row is tried again.
    """
    file = EvidenceFile.objects.get(pk=row["payload"]["file"])
    storage().abort(file.key, file.upload_id)
    storage().delete(file.key)
    return DONE

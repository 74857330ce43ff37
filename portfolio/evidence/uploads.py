"""Receives uploads in resumable parts. A file counts only once its size, digest and type by content are verified.

Relayed: parts pass through the application. Presigned: parts go straight to the store. Either way nothing that the
client or the store declares is trusted: `finish` reads the object back.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from portfolio.counting import many
from portfolio.documents import Evidence, EvidenceFile
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import FileState, PieceState, UploadWay
from portfolio.errors import Invalid, NotNow, Refusal, TooLarge
from portfolio.evidence.deposit import (
    EnteredByTeacher,
    Withdrawn,
    earlier_version,
    missing_of,
    open_portfolio_of,
    touch,
)
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_limits import (
    is_overfull,
    part_bytes,
    part_count,
    refuse_beyond,
    refuse_relay,
    refuse_sent_too_often,
    way_of,
)
from portfolio.evidence.upload_verdict import SentTooMuch, quarantined, verdict_of
from portfolio.files import sealed_files
from portfolio.files.recognition.names import safe_name
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.store import engine_metrics
from portfolio.store.chains import event_by
from portfolio.store.connections import current, storage
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Insert, commit, portfolio_chain
from portfolio.store.objects.refusals import NothingKept, UploadGone
from portfolio.store.outbox import DONE, ErrandOutcome

UPLOAD_LASTS = timedelta(days=2)
LINK_LASTS_S = 300
PART_LINK_LASTS_S = 900
MOST_PART_LINKS = 20
MOST_PARTS = 9000  # below the 10,000 of S3
READ_AT_ONCE = 1024 * 1024

# The event of each verdict on the bytes of a file, by the state that it leaves.
VERDICTS = {FileState.VERIFIED: EventName.FILE_VERIFIED, FileState.QUARANTINED: EventName.FILE_QUARANTINED}


class PartTooLarge(TooLarge):
    code = "part_too_large"
    detail = "Cette partie dépasse la taille annoncée ({limit}). Renvoyez-la avec la bonne taille."


class NotPending(NotNow):
    code = "upload_over"
    detail = "Cet envoi est terminé ou expiré. Retirez le fichier puis recommencez si besoin."


class Removed(NotNow):
    code = "file_removed"
    detail = "Ce fichier a déjà été retiré de la preuve."


class PartsMissing(NotNow):
    code = "parts_missing"
    detail = "Il manque des parties : {numbers}. Envoyez-les puis recommencez, rien n'est perdu."


class Relayed(NotNow):
    code = "wrong_way"
    detail = "Les parties de cet envoi vont directement au stockage, par les liens fournis."


class NotVerified(NotNow):
    code = "file_not_verified"
    detail = "Ce fichier n'est pas encore vérifié : il ne peut pas être ouvert."


@dataclass(frozen=True)
class Progress:
    """Where an upload stands. parts: {number: bytes} in the store. links: {number: presigned URL} of missing ones."""

    file: EvidenceFile
    parts: dict[int, int]
    links: dict[int, str]

    @property
    def part_count(self) -> int:
        return part_count(self.file)


@runs_again_if_stale(as_seen=False)
def begin(by: Actor, piece: Evidence, values: dict[str, Any], at: datetime) -> EvidenceFile:
    """Begins the upload of a file and returns it, pending; the piece becomes a draft until the file is verified.
    values: name, size in bytes, sha256 in hex if known, alternative (text for a reader who cannot see it), relay (the
    client cannot reach the store). Raises Withdrawn, EnteredByTeacher, PortfolioSubmitted, Eliminated, what
    `refuse_beyond` and `way_of` raise, NothingKept.
    """
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    if piece.withdrawn_at is not None:
        raise Withdrawn()
    if piece.entered_by is not None:
        raise EnteredByTeacher()
    files = files_of([piece])[piece.id]
    refuse_beyond(piece, files, values["size"], at)
    storage().try_writing()  # before anything is counted: a store that is full still begins uploads
    file = _new_file(piece, values, at)
    file.upload_id = storage().start_multipart(file.key, "application/octet-stream")
    changes: list[AnyChange] = [
        touch(portfolio),
        Insert(file),
        *_becomes(piece, PieceState.DRAFT),
        *earlier_version(piece, files),
    ]
    try:
        commit(changes, event_by(by, at, portfolio_chain(piece), EventName.UPLOAD_BEGUN, file))
    except Refusal:
        storage().abort(file.key, file.upload_id)  # the same request was first, or the piece moved: no record names it
        raise
    return file


def _new_file(piece: Evidence, values: dict[str, Any], at: datetime) -> EvidenceFile:
    settings = current().settings
    return EvidenceFile(
        id=new_id(),
        created_at=at,
        **place_of(piece),
        evidence=piece.id,
        placement=piece.placement,
        name=safe_name(values["name"]),
        alternative=values.get("alternative"),
        declared_size=values["size"],
        declared_sha256=values.get("sha256"),
        way=way_of(piece, values["size"], bool(values.get("relay")), at),
        part_size=max(settings.part_bytes, -(-values["size"] // MOST_PARTS)),
        key=new_token(),
        expires_at=at + UPLOAD_LASTS,
    )


def _becomes(piece: Evidence, state: PieceState) -> list[Change]:
    """Returns the change of state, not yet written; [] if the piece is in it already."""
    # An unchanged piece keeps its revision: text typed while its file travels is not refused for that.
    return [] if piece.state == state else [Change(piece, {"state": state})]


def progress(by: Actor, file: EvidenceFile, at: datetime) -> Progress:
    """Returns the parts that the store holds ({number: bytes}) and, to the owner of a presigned upload, links for the
    next missing ones. Links are at most MOST_PART_LINKS and last PART_LINK_LASTS_S, since each may be used again and
    again; none if the store already holds too much. An upload that is over has neither. Raises Unavailable if the store
    does not answer.
    """
    require(by, Action.READ_FILE, file)
    if _is_over(file, at):
        return Progress(file, {}, {})
    numbers = range(1, part_count(file) + 1)
    try:
        held = storage().held(file.key, file.upload_id)
    except UploadGone:
        joined = storage().head(file.key) is not None  # by a `finish` that was cut short: the client asks again
        return Progress(file, {number: part_bytes(file, number) for number in numbers if joined}, {})
    parts = {number: part.size for number, part in held.parts.items()}
    links = {}
    if file.way == UploadWay.PRESIGNED and not is_overfull(file, held) and may(by, Action.UPLOAD, file):
        missing = [number for number in numbers if parts.get(number) != part_bytes(file, number)]
        links = {
            number: storage().presign_part(
                file.key, file.upload_id, number, part_bytes(file, number), PART_LINK_LASTS_S
            )
            for number in missing[:MOST_PART_LINKS]
        }
    return Progress(file, parts, links)


def receive_part(by: Actor, file: EvidenceFile, number: int, body: BinaryIO, at: datetime) -> int:
    """Relays one part (number from 1), of exactly the announced size; a torn part may be sent again. Returns its size
    in bytes. At most one part is held in memory, so that a slow phone does not hold a connection to the store. Raises
    NotPending, Relayed, PartTooLarge, SentTooOften, PortfolioSubmitted, UploadGone, DamagedPart; Invalid if the number
    or the length is wrong. NothingKept: if the store has nothing of the file either, it is removed, so that it counts
    no more.
    """
    require(by, Action.UPLOAD, file)
    _refuse_over(file, at)
    open_portfolio_of(file)
    if file.way != UploadWay.RELAYED:
        raise Relayed()
    if not 1 <= number <= part_count(file):
        raise Invalid({"number": [f"Les parties vont de 1 à {part_count(file)}."]})
    refuse_sent_too_often(file, storage().held(file.key, file.upload_id))
    expected = part_bytes(file, number)
    md5 = hashlib.md5(usedforsecurity=False)
    data = _read_at_most(body, expected, md5.update)  # digested while it comes in: nothing is left at its last byte
    if len(data) < expected:
        raise Invalid(
            {
                "body": [
                    f"Partie tronquée : {many(len(data), 'octet reçu', 'octets reçus')} sur {expected}. Renvoyez-la."
                ]
            }
        )
    try:
        storage().put_part(file.key, file.upload_id, number, data, md5.digest())
    except NothingKept:
        _remove_unkept(by, file, at)
        raise
    return expected


def _remove_unkept(by: Actor, file: EvidenceFile, at: datetime) -> None:
    """Removes a file of which the store kept nothing; leaves one that moved meanwhile, or whose portfolio was
    submitted.
    """
    with suppress(NotNow, UploadGone):  # removed meanwhile, or the portfolio submitted
        if not storage().held(file.key, file.upload_id).sendings:
            remove(by, EvidenceFile.objects.get(pk=file.pk), at)


def _read_at_most(body: BinaryIO, limit: int, digest: Callable[[bytes], None]) -> bytes:
    """Returns the body, each chunk passed to `digest`. limit: in bytes. Raises PartTooLarge beyond it."""
    data = io.BytesIO()
    while chunk := body.read(min(READ_AT_ONCE, limit + 1 - data.tell())):
        digest(chunk)
        data.write(chunk)
        if data.tell() > limit:
            raise PartTooLarge(limit=many(limit, "octet"))
    return data.getvalue()  # the buffer itself: joining a list of chunks would hold the part twice


def _is_over(file: EvidenceFile, at: datetime) -> bool:
    return file.state != FileState.PENDING or file.removed_at is not None or file.expires_at <= at


def _refuse_over(file: EvidenceFile, at: datetime) -> None:
    """Raises NotPending if the upload has ended, was removed, or its time is over."""
    if _is_over(file, at):
        raise NotPending()


def finish(by: Actor, file: EvidenceFile, at: datetime) -> EvidenceFile:
    """Assembles the parts, reads the file back, digests and recognises it; returns it `verified`, or `quarantined` with
    a reason. Calling it again returns the decided file. Raises PartsMissing, NotPending, Withdrawn, PortfolioSubmitted,
    Eliminated, Unavailable (the store).
    """
    require(by, Action.UPLOAD, file)
    if file.state != FileState.PENDING:
        return file
    _refuse_over(file, at)
    open_portfolio_of(file)
    _piece_in_use(file)  # before its parts are joined: nothing could be sent again, should the piece come back
    try:
        _assemble(file)
        verdict = verdict_of(file)
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


@runs_again_if_stale(as_seen=False)
def relay(by: Actor, file: EvidenceFile, at: datetime) -> EvidenceFile:
    """Switches an upload to the application, for a client whose network refuses the store, and returns the file; parts
    already held stay. Raises RelaySpent, NotPending, PortfolioSubmitted, Eliminated.
    """
    require(by, Action.UPLOAD, file)
    _refuse_over(file, at)
    portfolio = open_portfolio_of(file)
    if file.way == UploadWay.RELAYED:
        return file
    refuse_relay(file, int(file.declared_size), at)
    event = event_by(by, at, portfolio_chain(file), EventName.UPLOAD_RELAYED, file)
    commit([touch(portfolio), Change(file, {"way": UploadWay.RELAYED})], event)
    return file


def _piece_in_use(file: EvidenceFile) -> Evidence:
    """Returns the file's piece. Raises Withdrawn if the piece was."""
    piece = Evidence.objects.get(pk=file.evidence)
    if piece.withdrawn_at is not None:
        raise Withdrawn()
    return piece


@runs_again_if_stale(as_seen=False)
def _conclude(by: Actor, file: EvidenceFile, verdict: dict[str, Any], at: datetime) -> EvidenceFile:
    """Writes the verdict (fields of the file) and the new state of the piece, and returns the file; of two verdicts on
    the same bytes the first stands. Raises NotPending, Withdrawn, PortfolioSubmitted.
    """
    if file.state != FileState.PENDING:
        return file
    _refuse_over(file, at)
    portfolio = open_portfolio_of(file)
    piece = _piece_in_use(file)
    others = [other for other in files_of([piece])[piece.id] if other.id != file.id]
    for name, value in verdict.items():
        setattr(file, name, value)
    state = PieceState.DRAFT if missing_of(piece, [*others, file]) else PieceState.READY
    changes = [touch(portfolio), Change(file, verdict), *_becomes(piece, state)]
    data = {"state": file.state, "sha256": file.sha256, "size": int(file.size or 0), "reason": file.reason_code}
    commit(changes, event_by(by, at, portfolio_chain(file), VERDICTS[file.state], file, data))
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
    edited = [Change(piece, {"state": state})] if kept else _becomes(piece, state)
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


def download_link(by: Actor, file: EvidenceFile, at: datetime) -> str:
    """Returns a link valid LINK_LASTS_S seconds, as an attachment; records the opening in a chain that no candidate
    reads. Raises NotVerified, what `sealed_files.refuse_replaced` raises if the bytes are not the sealed ones,
    Unavailable.
    """
    require(by, Action.READ_FILE, file)
    if file.state != FileState.VERIFIED:
        raise NotVerified()
    sealed_files.refuse_replaced(file)
    event = event_by(by, at, f"access:{file.candidacy}", EventName.FILE_OPENED, file, {"sha256": file.sha256})
    commit([], event)
    return storage().presign_download(file.key, file.name, file.media_type, LINK_LASTS_S)

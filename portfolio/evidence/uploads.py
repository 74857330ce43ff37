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

from portfolio.counting import grouped, many
from portfolio.documents import Evidence, EvidenceFile
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import PieceState, UploadWay
from portfolio.errors import Invalid, NotNow, Refusal, RuleSource, TooLarge
from portfolio.evidence.deposit import (
    EnteredByTeacher,
    Withdrawn,
    becomes,
    earlier_version,
    open_portfolio_of,
    touch,
)
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_ending import is_over, refuse_over, remove
from portfolio.evidence.upload_limits import (
    is_overfull,
    part_bytes,
    part_count,
    refuse_beyond,
    refuse_relay,
    refuse_sent_too_often,
    way_of,
)
from portfolio.files.recognition.names import safe_name
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.connections import current, storage
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Insert, commit, portfolio_chain
from portfolio.store.objects.refusals import NothingKept, UploadGone

UPLOAD_LASTS = timedelta(days=2)
PART_LINK_LASTS_S = 900
MOST_PART_LINKS = 20
MOST_PARTS = 9000  # below the 10,000 of S3
READ_AT_ONCE = 1024 * 1024


class PartTooLarge(TooLarge):
    code = "part_too_large"
    source = RuleSource.LIMIT
    detail = "Cette partie dépasse la taille annoncée ({limit}). Renvoyez-la avec la bonne taille."


class Relayed(NotNow):
    code = "wrong_way"
    source = RuleSource.LIMIT
    detail = "Les parties de cet envoi vont directement au stockage, par les liens fournis."


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
        *becomes(piece, PieceState.DRAFT),
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


def progress(by: Actor, file: EvidenceFile, at: datetime) -> Progress:
    """Returns the parts that the store holds ({number: bytes}) and, to the owner of a presigned upload, links for the
    next missing ones. Links are at most MOST_PART_LINKS and last PART_LINK_LASTS_S, since each may be used again and
    again; none if the store already holds too much. An upload that is over has neither. Raises Unavailable if the store
    does not answer.
    """
    require(by, Action.READ_FILE, file)
    if is_over(file, at):
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
    NotPending, Eliminated, Relayed, PartTooLarge, SentTooOften, PortfolioSubmitted, UploadGone, DamagedPart; Invalid if
    the number or the length is wrong; Unavailable (the store). NothingKept: if the store has nothing of the file
    either, it is removed, so that it counts no more.
    """
    require(by, Action.UPLOAD, file)
    refuse_over(file, at)
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
                    f"Partie tronquée : {many(len(data), 'octet reçu', 'octets reçus')} sur {grouped(expected)}. "
                    "Renvoyez-la."
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


@runs_again_if_stale(as_seen=False)
def relay(by: Actor, file: EvidenceFile, at: datetime) -> EvidenceFile:
    """Switches an upload to the application, for a client whose network refuses the store, and returns the file; parts
    already held stay. Raises RelaySpent, NotPending, PortfolioSubmitted, Eliminated.
    """
    require(by, Action.UPLOAD, file)
    refuse_over(file, at)
    portfolio = open_portfolio_of(file)
    if file.way == UploadWay.RELAYED:
        return file
    refuse_relay(file, int(file.declared_size), at)
    event = event_by(by, at, portfolio_chain(file), EventName.UPLOAD_RELAYED, file)
    commit([touch(portfolio), Change(file, {"way": UploadWay.RELAYED})], event)
    return file

"""Unpacks an archive in the worker: each of its files goes the way of a file that its candidate deposits alone.

Killed at any moment, it goes on where it was: a piece and its line of the archive are written in one commit, its upload
under a key of its own, and a file whose bytes are there already makes nothing.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO
from zipfile import ZipFile

from bson import ObjectId

from portfolio.documents import Evidence, EvidenceFile, Person, Unpacking
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import EntryOutcome, FileState, UnpackedEntry
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow, Refusal, Stale, TooLarge, TooMany
from portfolio.evidence import uploads
from portfolio.evidence.deposit import open_portfolio_of, refuse_full, touch
from portfolio.evidence.many_at_once.asked import still_arriving
from portfolio.evidence.quick_deposit import send_whole, withdraw_begun, withdraw_refused
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_ending import remove
from portfolio.evidence.upload_limits import refuse_beyond
from portfolio.files import archives
from portfolio.files.archives import PackedFile
from portfolio.files.recognition.names import stem
from portfolio.files.recognition.recognise import recognise
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import Nature
from portfolio.rules.texts.catalogue import UNSORTED
from portfolio.store import request_keys
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Insert, MovedMeanwhile, commit, portfolio_chain
from portfolio.store.outbox import DONE, UNPACK, ErrandOutcome, ErrandRow
from portfolio.store.stored_file import StoredFile

ONE_TURN_S = 30  # within the lease of a row
ITS_TURN = timedelta(seconds=20)  # until an archive that waits for the one before it looks again
IN_MEMORY = 8 << 20  # bytes of one file; a longer one goes to the disk

FATES = (Invalid, TooLarge, NotNow, Forbidden, NotFound)  # of a file, said on its line: never to be tried again


@dataclass
class _Turn:
    """A turn of the worker at an archive. entries: what is settled, stored with each piece and at the end of the turn.

    until: by the monotonic clock.
    """

    by: Actor
    unpacking: Unpacking
    file: EvidenceFile
    entries: list[UnpackedEntry]
    at: datetime
    until: float


def unpack(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Unpacks, for a while, the archive of an errand (payload: unpacking), and returns what becomes of it: done, or
    another errand for the rest, at once or when a limit or the archive before it lets it. Raises Unavailable (the
    store); InspectionBusy.
    """
    unpacking = Unpacking.objects(pk=row["payload"]["unpacking"]).first()
    if unpacking is None:
        return ErrandOutcome("gone", kept=False)
    if unpacking.done_at is None and _waits(unpacking, at):
        return _later(row, at + ITS_TURN)
    by, file = Actor(Person.objects.get(pk=unpacking.person), at=at), EvidenceFile.objects.get(pk=unpacking.file)
    if unpacking.done_at is None:
        try:
            unpacking = _take_turn(
                _Turn(by, unpacking, file, list(unpacking.entries), at, time.monotonic() + ONE_TURN_S)
            )
        except TooMany as limit:
            return _later(row, at + timedelta(seconds=int(str(limit.facts["retry_after"]))))
        except (MovedMeanwhile, Stale):  # another worker was first: looked at again
            return _later(row, None)
    if unpacking.done_at is None:
        return _later(row, None)
    with suppress(NotNow):  # its owner removed it, or submitted the portfolio
        _leave_nothing(by, file, at)
    return DONE


def _waits(unpacking: Unpacking, at: datetime) -> bool:
    """Returns whether an earlier archive of the candidate is not done: of two with the same files, the second finds
    those of the first.
    """
    return any(other.number < unpacking.number for other in still_arriving(unpacking.candidacy, at))


def _later(row: ErrandRow, due_at: datetime | None) -> ErrandOutcome:
    return ErrandOutcome("goes_on", then=Errand(UNPACK, row["payload"], due_at=due_at), kept=False)


def _leave_nothing(by: Actor, file: EvidenceFile, at: datetime) -> None:
    """Removes the archive itself, and the piece that was begun for it. Raises PortfolioSubmitted, Removed and what
    `remove` raises.
    """
    piece = Evidence.objects.get(pk=file.evidence)
    if file.removed_at is None and not withdraw_refused(by, piece, at):
        remove(by, EvidenceFile.objects.get(pk=file.id), at)


# --- one turn -------------------------------------------------------------------------------------


def _take_turn(turn: _Turn) -> Unpacking:
    """Settles files of the archive until the turn is over, and returns it as stored then. Raises TooMany, once what is
    settled is stored; Stale, MovedMeanwhile; Unavailable (the store).
    """
    size = int(turn.file.size)
    try:
        require(turn.by, Action.DEPOSIT, open_portfolio_of(turn.unpacking))
        with archives.opened(StoredFile(turn.file.key, size)) as archive:  # type: ignore[arg-type]
            files = archives.files_in(archive, size)
            turn.unpacking.count = len(files)
            over = _go_through(turn, archive, files)
    except TooMany:
        _store(turn, over=False)
        raise
    except FATES as refusal:
        return _store(turn, over=True, refusal=refusal)
    return _store(turn, over=over)


def _go_through(turn: _Turn, archive: ZipFile, files: list[PackedFile]) -> bool:
    """Settles the files that are not; returns whether all of them are. Raises what `_settle` raises."""
    known = {entry.rank: entry for entry in turn.entries}
    cut_short = _cut_short(turn.entries)
    for packed in files:
        if packed.rank in known and packed.rank not in cut_short:
            continue
        if time.monotonic() > turn.until:
            return False
        _settle(turn, archive, packed, known.get(packed.rank))
    return True


def _cut_short(entries: list[UnpackedEntry]) -> set[int]:
    """Returns the rank of each file that became a piece but was not verified in it: its turn was cut short."""
    made = {entry.piece: entry.rank for entry in entries if entry.outcome == EntryOutcome.MADE}
    sent = EvidenceFile.objects(evidence__in=list(made), state=FileState.VERIFIED).distinct("evidence")
    return {rank for piece, rank in made.items() if piece not in sent}


def _store(turn: _Turn, over: bool, refusal: Refusal | None = None) -> Unpacking:
    """Stores what is settled and, where the archive is over before its last file, why; returns it. Raises Stale."""
    values = {"entries": turn.entries, "count": turn.unpacking.count, "done_at": turn.at if over else None}
    if refusal is not None:
        values |= {"reason_code": refusal.code, "reason": refusal.message}
    name = EventName.UNPACKING_ENDED if over else EventName.UNPACKING_WENT_ON
    data = {outcome.value: sum(entry.outcome == outcome for entry in turn.entries) for outcome in EntryOutcome}
    event = event_by(turn.by, turn.at, portfolio_chain(turn.unpacking), name, turn.file, data)
    commit([Change(turn.unpacking, values)], event)
    return turn.unpacking


# --- one file -------------------------------------------------------------------------------------


def _settle(turn: _Turn, archive: ZipFile, packed: PackedFile, before: UnpackedEntry | None) -> None:
    """Adds to the entries of the turn what becomes of a file of the archive. before: its line, where a piece was made
    and its file did not get there. Raises TooMany, Stale, MovedMeanwhile; Unavailable (the store).
    """
    entry = before or UnpackedEntry(
        rank=packed.rank, folder=packed.folder, name=packed.name, outcome=EntryOutcome.LEFT_OUT
    )
    if before is not None or not packed.of_the_system:
        try:
            with SpooledTemporaryFile(max_size=IN_MEMORY) as content:
                piece = _piece_for(turn, archive, packed, entry, content)
                if piece is not None:
                    _send(turn, piece, packed, entry, content)
        except FATES as refusal:
            _refused(turn, entry, refusal.code, refusal.message)
    if not any(other is entry for other in turn.entries):
        turn.entries.append(entry)


def _piece_for(
    turn: _Turn, archive: ZipFile, packed: PackedFile, entry: UnpackedEntry, content: IO[bytes]
) -> Evidence | None:
    """Unpacks a file into `content`, and returns the piece to send it to; None where its bytes are in one already.
    Raises what recognises or limits a file that is deposited alone, and what `_add` raises.
    """
    if entry.piece is not None:
        archives.unpack(archive, packed, content)
        return Evidence.objects.get(pk=entry.piece)
    described = {"type_code": UNSORTED, "title": stem(packed.name), "nature": Nature.PRODUCTION}
    piece = Evidence(id=new_id(), created_at=turn.at, **place_of(turn.unpacking), **described)
    refuse_beyond(piece, [], packed.size, turn.at)  # before anything is inflated
    sha256 = archives.unpack(archive, packed, content)
    recognise(content, packed.name, packed.size)  # type: ignore[arg-type]
    there = _pieces_with(turn.unpacking, sha256=sha256)
    if there:
        entry.outcome, entry.piece = EntryOutcome.PRESENT, there[0]
        return None
    made = {settled.piece for settled in turn.entries}
    namesakes = [other for other in _pieces_with(turn.unpacking, name=packed.name) if other not in made]
    entry.outcome, entry.piece, entry.earlier = EntryOutcome.MADE, piece.id, next(iter(namesakes), None)
    turn.entries.append(entry)
    turn.unpacking = _add(turn.by, turn.unpacking, piece, turn.entries, turn.at)
    return piece


def _pieces_with(unpacking: Unpacking, **having: str) -> list[ObjectId]:
    """Returns the pieces of the portfolio that have a verified file with this digest or name, the oldest first."""
    verified = EvidenceFile.objects(candidacy=unpacking.candidacy, state=FileState.VERIFIED, removed_at=None)
    pieces = list(verified.filter(__raw__=having).order_by("id").scalar("evidence"))
    here = set(Evidence.objects(pk__in=pieces, withdrawn_at=None).scalar("id"))
    return [piece for piece in pieces if piece in here]


@runs_again_if_stale(as_seen=True)
def _add(by: Actor, unpacking: Unpacking, piece: Evidence, entries: list[UnpackedEntry], at: datetime) -> Unpacking:
    """Adds the piece and its line of the archive in one commit, and returns the archive as stored then. Raises Stale if
    another worker was first, PortfolioFull, PortfolioSubmitted, Eliminated.
    """
    portfolio = open_portfolio_of(unpacking)
    require(by, Action.DEPOSIT, portfolio)
    refuse_full(portfolio, Evidence)
    event = event_by(by, at, portfolio_chain(portfolio), EventName.EVIDENCE_ADDED, piece, {"type": piece.type_code})
    line = Change(unpacking, {"entries": entries, "count": unpacking.count})
    commit([touch(portfolio), Insert(piece), line], event)
    return unpacking


def _send(turn: _Turn, piece: Evidence, packed: PackedFile, entry: UnpackedEntry, content: IO[bytes]) -> None:
    """Sends the bytes of a file to its piece, once. Raises what `uploads.begin` and `send_whole` raise."""
    file = EvidenceFile.objects(evidence=piece.id).order_by("id").first()
    if file is None:
        key = hashlib.sha256(f"unpacked:{turn.unpacking.id}:{packed.rank}".encode()).hexdigest()
        try:
            with request_keys.once(key, fingerprint=str(piece.id)):
                file = uploads.begin(turn.by, piece, {"name": packed.name, "size": packed.size, "relay": True}, turn.at)
        except request_keys.AlreadyDone as done:  # by another worker, whose lease ended before its work
            file = EvidenceFile.objects.get(pk=done.thing)
    content.seek(0)
    sent = send_whole(turn.by, file, content, turn.at)
    if sent.state == FileState.QUARANTINED:
        _refused(turn, entry, sent.reason_code, sent.reason)


def _refused(turn: _Turn, entry: UnpackedEntry, code: str, reason: str) -> None:
    """Says why a file became no piece, and leaves none that was begun for it."""
    piece = Evidence.objects(pk=entry.piece).first() if entry.outcome == EntryOutcome.MADE else None
    if piece is not None:
        with suppress(NotNow):  # the portfolio was submitted meanwhile
            withdraw_begun(turn.by, piece, turn.at)
    entry.outcome, entry.piece, entry.earlier = EntryOutcome.REFUSED, None, None
    entry.reason_code, entry.reason = code, reason

"""Begins a piece from photos or files just captured, sends them whole, and describes a file afterwards."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from portfolio.documents import Evidence, EvidenceFile, Portfolio
from portfolio.documents.portfolios import FileState
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid, Refusal
from portfolio.evidence.deposit import Withdrawn, add_piece, earlier_version, open_portfolio_of, touch, withdraw_piece
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_ending import Removed, finish, remove
from portfolio.evidence.uploads import receive_part
from portfolio.files.recognition.names import extension, safe_name, stem
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.file_kinds import BY_EXTENSION
from portfolio.rules.terms import Nature
from portfolio.rules.texts.catalogue import UNSORTED
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit, portfolio_chain
from portfolio.store.objects.refusals import UploadGone


def begin_with(by: Actor, portfolio: Portfolio, file_name: str, at: datetime) -> Evidence:
    """Adds a piece for a file of this name, of type UNSORTED, and returns it: its owner sorts it later. Raises as
    `add_piece` does; NothingKept or Unavailable (the store), so that no piece waits for a file that cannot come.
    """
    require(by, Action.DEPOSIT, portfolio)
    storage().try_writing()
    zone = ZoneInfo(academy_of(portfolio.academy).timezone)
    title = provisional_title(file_name, at.astimezone(zone))
    return add_piece(by, portfolio, {"type_code": UNSORTED, "title": title, "nature": Nature.PRODUCTION}, at)


def send_whole(by: Actor, file: EvidenceFile, content: IO[bytes], at: datetime) -> EvidenceFile:
    """Sends a relayed file to the store, with one part at a time in memory, and returns it, verified or quarantined;
    one that was sent already comes back as it is. content: from its first byte. Raises what `receive_part` and `finish`
    raise.
    """
    if file.state != FileState.PENDING:
        return file
    with suppress(UploadGone):  # joined already, by a `finish` that was cut short or by another worker: `finish` tells
        for number in range(1, -(-file.declared_size // file.part_size) + 1):
            receive_part(by, file, number, io.BytesIO(content.read(file.part_size)), at)
    return finish(by, file, at)


def send_first_files(
    by: Actor, piece: Evidence, begun: Iterable[tuple[EvidenceFile, IO[bytes]]], at: datetime
) -> list[EvidenceFile]:
    """Sends the files for which a piece was begun, each as `begun` yields it with its content, and returns them. Raises
    Invalid on `files` if all of them are refused, and what `begun` and `send_whole` raise: then nothing is left of the
    piece, unless `withdraw_begun` raises.
    """
    try:
        files = [send_whole(by, file, content, at) for file, content in begun]
    except Refusal:
        withdraw_begun(by, piece, at)
        raise
    if all(file.state == FileState.QUARANTINED for file in files):
        withdraw_begun(by, piece, at)
        raise Invalid({"files": [f"« {file.name} » n'est pas déposé. {file.reason}" for file in files]})
    return files


def withdraw_begun(by: Actor, piece: Evidence, at: datetime) -> None:
    """Withdraws a piece that was begun for files, and removes them, unless one was accepted. Calling it again changes
    nothing. Raises PortfolioSubmitted, EnteredByTeacher, Stale, Eliminated; Removed or Withdrawn if another call did it
    meanwhile.
    """
    files = files_of([piece])[piece.id]
    if any(file.state == FileState.VERIFIED for file in files):
        return
    for file in files:
        remove(by, file, at)
    fresh = Evidence.objects.get(pk=piece.id)
    if fresh.withdrawn_at is None:
        withdraw_piece(by, fresh, at)


def withdraw_refused(by: Actor, piece: Evidence, at: datetime) -> bool:
    """Withdraws a piece that was begun for files, all of them refused or gone, unless somebody worked on it since.
    Returns True if it is withdrawn, by this call or an earlier one. Raises what `withdraw_begun` raises.
    """
    if piece.withdrawn_at is not None:
        return True
    worked_on = piece.activity or piece.competences or piece.links or any(piece.description.values())
    files = files_of([piece])[piece.id]
    if worked_on or piece.type_code != UNSORTED or any(file.state != FileState.QUARANTINED for file in files):
        return False
    withdraw_begun(by, piece, at)
    return True


def provisional_title(file_name: str, local: datetime) -> str:
    """Returns a title made of the moment for a photo, of the name for another file; pure. local: local time."""
    # Cameras name photos by numbers.
    name = safe_name(file_name)
    kind = BY_EXTENSION.get(extension(name))
    if kind is not None and kind.family == "picture":
        return f"Photo du {local:%d/%m/%Y à %H h %M}"
    return stem(name)


@runs_again_if_stale(as_seen=True)
def describe(by: Actor, file: EvidenceFile, alternative: str | None, at: datetime) -> EvidenceFile:
    """Sets the text alternative of a file (None or blank: none), for a reader who cannot see or hear it, and returns
    the file. It is part of what is signed off. Raises Removed, Withdrawn, PortfolioSubmitted, Stale, Eliminated.
    """
    require(by, Action.UPLOAD, file)
    portfolio = open_portfolio_of(file)
    if file.removed_at is not None:
        raise Removed()
    piece = Evidence.objects.get(pk=file.evidence)
    if piece.withdrawn_at is not None:
        raise Withdrawn()
    kept = earlier_version(piece, files_of([piece])[piece.id])
    edited = [Change(piece, {"state": piece.state})] if kept else []
    words = {"alternative": (alternative or "").strip() or None}
    event = event_by(by, at, portfolio_chain(file), EventName.FILE_DESCRIBED, file)
    commit([touch(portfolio), Change(file, words), *edited, *kept], event)
    return file

"""Plays a film or a sound inside a page, to those who may read it: by pieces of the bytes that were sealed."""

from __future__ import annotations

from portfolio.documents import EvidenceFile
from portfolio.files import sealed_files
from portfolio.files.previews.preview_spec import (
    FILMS,
    SOUNDS,
)
from portfolio.files.previews.show import NothingToShow, refuse_unseen
from portfolio.policy.relations import Actor
from portfolio.store.connections import storage
from portfolio.store.objects.bucket import Download


def recording(by: Actor, file: EvidenceFile, start: int, length: int) -> bytes:
    """Returns at most `length` bytes from offset `start` of a film or sound, none beyond its end. Raises NothingToShow,
    NotFound, Forbidden; NotAsSealed, ObjectGone, ObjectReplaced, Unavailable.
    """
    refuse_unplayable(by, file)
    return storage().read_range(file.key, start, length, sealed_files.refuse_replaced(file))


def whole_recording(by: Actor, file: EvidenceFile) -> Download:
    """Returns all bytes of a film or sound, as deposited. Raises as `recording` does."""
    refuse_unplayable(by, file)
    return storage().open(file.key, sealed_files.refuse_replaced(file))


def refuse_unplayable(by: Actor, file: EvidenceFile) -> None:
    """Requires the right to read the file, and that it is a film or sound, verified and not discarded. Raises NotFound,
    Forbidden, NothingToShow.
    """
    refuse_unseen(by, file)
    if file.kind not in FILMS | SOUNDS:
        raise NothingToShow()

"""Opens a stored file: by a short link of the store, and on record. Whoever calls asked the right to it."""

from __future__ import annotations

from datetime import datetime

from portfolio.files import sealed_files
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit

LINK_LASTS_S = 300


def recorded_link(by: Actor, file: sealed_files.Stored, at: datetime) -> str:
    """Returns a link valid LINK_LASTS_S seconds, as an attachment; records the opening in a chain that no candidate
    reads. Raises what `sealed_files.refuse_replaced` raises if the bytes are not the sealed ones, Unavailable.
    """
    sealed_files.refuse_replaced(file)
    event = event_by(by, at, f"access:{file.candidacy}", EventName.FILE_OPENED, file, {"sha256": file.sha256})
    commit([], event)
    return storage().presign_download(file.key, file.name, file.media_type, LINK_LASTS_S)

"""Opens a verified file: by a short link of the store, and on record."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow, RuleSource
from portfolio.files import sealed_files
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit

LINK_LASTS_S = 300


class NotVerified(NotNow):
    code = "file_not_verified"
    source = RuleSource.INTEGRITY
    detail = "Ce fichier n'est pas encore vérifié : il ne peut pas être ouvert."


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

"""Opens a verified file: by a short link of the store, and on record."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow, RuleSource
from portfolio.files import opening
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


class NotVerified(NotNow):
    code = "file_not_verified"
    source = RuleSource.INTEGRITY
    detail = "Ce fichier n'est pas encore vérifié : il ne peut pas être ouvert."


def download_link(by: Actor, file: EvidenceFile, at: datetime) -> str:
    """Returns a link to the bytes of a file, and records its opening, as `opening.recorded_link` does. Raises
    NotVerified and what that raises.
    """
    require(by, Action.READ_FILE, file)
    if file.state != FileState.VERIFIED:
        raise NotVerified()
    return opening.recorded_link(by, file, at)

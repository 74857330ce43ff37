"""Opens a verified file: by a short link of the store, and on record."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow, RuleSource
from portfolio.evidence.quarantine.held import is_held
from portfolio.files import opening
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor


class NotVerified(NotNow):
    code = "file_not_verified"
    source = RuleSource.INTEGRITY
    detail = "Ce fichier n'est pas encore vérifié : il ne peut pas être ouvert."


class InQuarantine(NotNow):
    code = "file_in_quarantine"
    source = RuleSource.INTEGRITY
    detail = (
        "L'antivirus reconnaît un programme nuisible dans ce fichier : il ne s'ouvre pas. Ses aperçus, redessinés par "
        "le service, restent lisibles ; le secrétariat peut lever la quarantaine si c'est une erreur."
    )


def download_link(by: Actor, file: EvidenceFile, at: datetime) -> str:
    """Returns a link to the bytes of a file, and records its opening, as `opening.recorded_link` does. Raises
    NotVerified, InQuarantine and what that raises.
    """
    require(by, Action.READ_FILE, file)
    if file.state != FileState.VERIFIED:
        raise NotVerified()
    if is_held(file):
        raise InQuarantine()
    return opening.recorded_link(by, file, at)

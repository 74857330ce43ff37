"""Finds the files that the antivirus holds: refused when they were deposited, or warned of since."""

from __future__ import annotations

from typing import Any, Final

from portfolio.documents import Candidacy, EvidenceFile
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

# MongoDB conditions of a held file whose bytes are still there
HELD: Final[dict[str, Any]] = {"held_at": {"$type": "date"}, "removed_at": None, "discarded_at": None}


def is_held(file: EvidenceFile) -> bool:
    """Returns whether the antivirus holds a file, and its bytes are still there."""
    return file.held_at is not None and file.removed_at is None and file.discarded_at is None


def held_of(by: Actor, candidacy: Candidacy) -> list[EvidenceFile]:
    """Returns the files of a candidate that are held, the first held first: for whoever may lift that."""
    require(by, Action.LIFT_QUARANTINE, candidacy)
    theirs = {"school": candidacy.school, "candidacy": candidacy.id, **HELD}
    return list(EvidenceFile.objects(__raw__=theirs).order_by("held_at"))

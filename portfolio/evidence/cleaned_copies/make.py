"""Makes the cleaned copy of a file of a piece, beside it: what was taken out is recorded by kind and count."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portfolio.documents import Evidence, EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow, RuleSource
from portfolio.evidence import upload_ending, uploads
from portfolio.evidence.deposit import open_portfolio_of, touch
from portfolio.evidence.quick_deposit import send_whole
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.evidence.upload_ending import Removed
from portfolio.files.confinement.bounds import CLEANING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews.drawing import Drawing
from portfolio.files.previews.places import PLACES
from portfolio.files.previews.render import ALL, render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.previews.searched_views import found_in
from portfolio.files.recognition.names import extension, stem
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit, portfolio_chain

CLEANER: Final = f"{ALL}.whose_data.cleaning"
# {kind: codes of warnings on what can be taken out of it}
TAKES_OUT: Final = {
    "jpeg": {"photo_gps"},
    "png": {"photo_gps"},
    "docx": {"tracked_changes", "comments"},
    "xlsx": {"pivot_cache", "hidden_sheets", "comments"},
}


class NothingToClean(NotNow):
    code = "nothing_to_clean"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier n'a rien que le service sache retirer. S'il montre des données de clients, masquez-les vous-même."
    )


class CannotBeCleaned(NotNow):
    code = "cannot_be_cleaned"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier ne peut pas être nettoyé sans risquer d'en changer le contenu. Nettoyez-le dans le logiciel "
        "qui l'a fait, puis déposez la copie."
    )


class CleaningTooLong(NotNow):
    code = "cleaning_too_long"
    source = RuleSource.LIMIT
    detail = (
        "Nettoyer ce fichier prend trop de temps ici. Réessayez plus tard, ou nettoyez-le dans le logiciel qui l'a "
        "fait, puis déposez la copie."
    )


@dataclass(frozen=True)
class CleanedCopy:
    """removed: {code of `cleaning.outcome.REMOVED_WORDS`: how many}. was_there: made before, of the same bytes."""

    file: EvidenceFile
    removed: dict[str, int]
    was_there: bool = False


def is_offered(file: EvidenceFile) -> bool:
    """Returns whether the file is known to hold what a copy would not. Raises Unavailable (the store)."""
    codes = TAKES_OUT.get(file.kind or "")
    if codes is None or file.state != FileState.VERIFIED:
        return False
    return bool(codes & set(file.warnings)) or any(row.place == "details" for row in found_in(file) or [])


def make(by: Actor, file: EvidenceFile, at: datetime) -> CleanedCopy:
    """Makes the copy, as a file of the same piece, and returns it; the one that is there already if it has the same
    bytes. The original stays until its candidate removes it. Raises Removed, NothingToClean, CannotBeCleaned,
    CleaningTooLong; what `uploads.begin` and `send_whole` raise; NotAsSealed, ObjectGone, Unavailable (TooManyViews, or
    the store).
    """
    require(by, Action.UPLOAD, file)
    open_portfolio_of(file)
    if file.removed_at is not None:
        raise Removed()
    if file.kind not in TAKES_OUT or file.state != FileState.VERIFIED:
        raise NothingToClean()
    removed, data = _cleaned(by, file)
    piece = Evidence.objects.get(pk=file.evidence)
    digest = hashlib.sha256(data).hexdigest()
    alike = [other for other in files_of([piece])[piece.id] if other.sha256 == digest]
    for there in alike:
        if there.state == FileState.VERIFIED:
            return CleanedCopy(there, removed, was_there=True)
    values = {"name": _name(file), "size": len(data), "alternative": file.alternative, "relay": True}
    copy = send_whole(by, uploads.begin(by, piece, values, at), io.BytesIO(data), at)
    if copy.state != FileState.VERIFIED:
        upload_ending.remove(by, copy, at)
        raise CannotBeCleaned()
    _record(by, file, copy, removed, at)
    return CleanedCopy(copy, removed)


def _cleaned(by: Actor, file: EvidenceFile) -> tuple[dict[str, int], bytes]:
    try:
        with PLACES.taken(by.journal_name), Drawing(file, CLEANING) as drawing:
            answer = render(drawing.original(), str(file.kind), "cleaned", CLEANING, renderer=CLEANER)
    except CannotShow:
        raise CannotBeCleaned() from None
    except OutOfTime:
        raise CleaningTooLong() from None
    head, _, data = answer.partition(b"\n")
    removed = json.loads(head)
    if not removed:
        raise NothingToClean()
    return removed, data


def _name(file: EvidenceFile) -> str:
    ending = extension(file.name)
    return f"{stem(file.name)[:150]} (copie nettoyée)" + (f".{ending}" if ending else "")


@runs_again_if_stale(as_seen=False)
def _record(by: Actor, file: EvidenceFile, copy: EvidenceFile, removed: dict[str, int], at: datetime) -> None:
    portfolio = open_portfolio_of(file)
    data = {"copy": str(copy.id), "removed": removed}
    commit([touch(portfolio)], event_by(by, at, portfolio_chain(file), EventName.FILE_CLEANED, file, data))

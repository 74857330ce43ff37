"""Shows a file inside a page, to whoever may read it. What was drawn once is kept beside the file in the store."""

from __future__ import annotations

import hashlib
import hmac
import json
from tempfile import TemporaryFile

from portfolio.documents import EvidenceFile
from portfolio.errors import NotFound
from portfolio.files import sealed_files
from portfolio.files.previews.preview_spec import (
    FILMS,
    MOST_PAGES,
    OUTLINE,
    PICTURE,
    SOUNDS,
    THUMBNAIL,
    View,
    page,
    shape_of,
)
from portfolio.files.previews.render import TooManyViews, render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.connections import current, storage
from portfolio.store.objects.bucket import Download, ObjectGone

KEPT_UNDER = "views"
VERSION = "2"  # of what renderers draw: another one draws everything anew
SEAL_BYTES = hashlib.sha256().digest_size  # what is kept begins with its seal
LARGEST_RENDERED = 200_000_000  # bytes copied beside the process that reads them

WHY = {
    "damaged": "Ce fichier ne se laisse pas lire en entier : aucun aperçu. Téléchargez-le pour l'ouvrir.",
    "locked": "Ce fichier est protégé par un mot de passe : aucun aperçu.",
    "too_large": "Ce fichier est trop lourd ou trop complexe pour un aperçu. Téléchargez-le pour l'ouvrir.",
}
NO_VIEW = "Pas d'aperçu pour ce type de fichier : téléchargez-le pour l'ouvrir."
PENDING = "Ce fichier n'est pas encore vérifié : son aperçu viendra ensuite."
QUARANTINED = "Ce fichier a été refusé à la vérification : il ne peut pas être montré."


class NothingToShow(NotFound):
    code = "nothing_to_show"
    detail = "Cet aperçu n'existe pas. Téléchargez le fichier pour l'ouvrir."


def look(by: Actor, file: EvidenceFile) -> View:
    """What a page shows of the file; of shape `nothing`, with the reason, where there is nothing to show."""
    require(by, Action.READ_FILE, file)
    if why := _unready(file):
        return View("nothing", [why])
    shape = shape_of(file.kind)
    if shape == "nothing":
        return View("nothing", [NO_VIEW])
    try:
        sealed_files.refuse_altered(file)
        if shape in ("film", "sound"):
            return View(shape)
        return View(**json.loads(_kept(file, OUTLINE)))
    except (sealed_files.NotAsSealed, ObjectGone) as refused:  # the page around it stays
        return View("nothing", [refused.message])
    except CannotShow as refusal:
        return View("nothing", [WHY[refusal.reason]])
    except TooManyViews as busy:
        return View("nothing", [busy.message])


def thumbnail(by: Actor, file: EvidenceFile) -> bytes:
    """WebP. Raises NothingToShow, as all that follow."""
    return _drawn(by, file, THUMBNAIL)


def picture(by: Actor, file: EvidenceFile) -> bytes:
    return _drawn(by, file, PICTURE)


def page_picture(by: Actor, file: EvidenceFile, number: int) -> bytes:
    """number: from 1."""
    if not 1 <= number <= MOST_PAGES:
        raise NothingToShow()
    return _drawn(by, file, page(number))


def refuse_unseen(by: Actor, file: EvidenceFile) -> None:
    """For whoever answers that nothing changed since it was last shown."""
    require(by, Action.READ_FILE, file)
    if _unready(file):
        raise NothingToShow()


def recording(by: Actor, file: EvidenceFile, start: int, length: int) -> bytes:
    """A piece of a film or a sound, as it was deposited."""
    refuse_unplayable(by, file)
    return storage().read_range(file.key, start, length, sealed_files.refuse_replaced(file))


def whole_recording(by: Actor, file: EvidenceFile) -> Download:
    refuse_unplayable(by, file)
    return storage().open(file.key, sealed_files.refuse_replaced(file))


def refuse_unplayable(by: Actor, file: EvidenceFile) -> None:
    refuse_unseen(by, file)
    if file.kind not in FILMS | SOUNDS:
        raise NothingToShow()


def _unready(file: EvidenceFile) -> str | None:
    if file.state != "verified":
        return PENDING if file.state == "pending" else QUARANTINED
    return ObjectGone.detail if file.discarded_at is not None else None


def _drawn(by: Actor, file: EvidenceFile, what: str) -> bytes:
    refuse_unseen(by, file)
    pictured = shape_of(file.kind) == "picture"
    paged = file.kind == "pdf" and what != PICTURE
    if not (pictured and what in (PICTURE, THUMBNAIL)) and not paged:
        raise NothingToShow()
    sealed_files.refuse_altered(file)
    try:
        return _kept(file, what)
    except CannotShow:
        raise NothingToShow() from None


def _kept(file: EvidenceFile, what: str) -> bytes:
    """Drawn at the first look. A refusal is not kept: reading the file again is what a mended renderer needs.

    It is kept behind a seal of ours that names the digest of what it was drawn from: anything else is drawn again.
    """
    key = f"{KEPT_UNDER}/{VERSION}/{file.key}/{what}"
    try:
        found = b"".join(storage().open(key))
    except ObjectGone:
        found = b""
    shown = found[SEAL_BYTES:]
    if any(hmac.compare_digest(found[:SEAL_BYTES], seal) for seal in _seals(key, file.sha256, shown)):
        return shown
    shown = _render(file, what)
    sealed = _seals(key, file.sha256, shown)[0] + shown
    storage().put(key, sealed, "application/octet-stream")
    return shown


def _seals(key: str, drawn_from: str, shown: bytes) -> list[bytes]:
    """By each key that is believed, the one in use first."""
    sealed = f"{key} {drawn_from} ".encode() + shown
    return [hmac.digest(secret, sealed, "sha256") for secret in current().keys_for("views")]


def _render(file: EvidenceFile, what: str) -> bytes:
    """Draws the bytes that it digested, no others. Raises NotAsSealed."""
    if file.size > LARGEST_RENDERED:
        raise CannotShow("too_large")
    measured = hashlib.sha256()
    with TemporaryFile() as copy:
        for chunk in storage().open(file.key):
            measured.update(chunk)
            copy.write(chunk)
        if measured.hexdigest() != file.sha256:
            sealed_files.refuse(file, "object")
        copy.flush()
        return render(copy, file.kind, what)

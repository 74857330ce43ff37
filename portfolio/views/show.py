"""Shows a file inside a page, to whoever may read it. What was drawn once is kept beside the file in the store."""

from __future__ import annotations

import json
from tempfile import TemporaryFile

from portfolio.connections import storage
from portfolio.documents import EvidenceFile
from portfolio.errors import NotFound
from portfolio.permissions import Action, require
from portfolio.relations import Actor
from portfolio.storage import Download, ObjectGone
from portfolio.views.confined import CannotShow
from portfolio.views.render import TooManyViews, render
from portfolio.views.shape import FILMS, MOST_PAGES, OUTLINE, PICTURE, SOUNDS, THUMBNAIL, WEBP, View, page, shape_of

KEPT_UNDER = "views"
VERSION = "1"  # of what renderers draw: another one draws everything anew
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
    if shape in ("film", "sound"):
        return View(shape)
    if shape == "nothing":
        return View("nothing", [NO_VIEW])
    try:
        return View(**json.loads(_kept(file, OUTLINE)))
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
    return storage().read_range(file.key, start, length)


def whole_recording(by: Actor, file: EvidenceFile) -> Download:
    refuse_unplayable(by, file)
    return storage().open(file.key)


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
    try:
        return _kept(file, what)
    except CannotShow:
        raise NothingToShow() from None


def _kept(file: EvidenceFile, what: str) -> bytes:
    """Drawn at the first look. A refusal is not kept: reading the file again is what a mended renderer needs."""
    key = f"{KEPT_UNDER}/{VERSION}/{file.key}/{what}"
    try:
        return b"".join(storage().open(key))
    except ObjectGone:
        shown = _render(file, what)
    storage().put(key, shown, "application/json" if what == OUTLINE else WEBP)
    return shown


def _render(file: EvidenceFile, what: str) -> bytes:
    if file.size > LARGEST_RENDERED:
        raise CannotShow("too_large")
    with TemporaryFile() as copy:
        for chunk in storage().open(file.key):
            copy.write(chunk)
        copy.flush()
        return render(copy, file.kind, what)

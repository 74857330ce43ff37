"""Shows a file inside a page, to those who may read it. What is drawn is kept beside the file in the store."""

from __future__ import annotations

import json
from dataclasses import replace

from portfolio.documents.portfolios import FileState, ViewedFile
from portfolio.errors import NotFound
from portfolio.files import sealed_files
from portfolio.files.confinement.bounds import PARSING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews import attached_files, kept_views
from portfolio.files.previews.attached_files import AttachedView
from portfolio.files.previews.drawing import Drawing
from portfolio.files.previews.places import PLACES, TooManyViews
from portfolio.files.previews.preview_spec import (
    LAID_OUT,
    LAYOUT,
    MOST_LAYOUTS,
    MOST_OPENED,
    MOST_PAGES,
    MOST_PRINTED,
    MOST_READ,
    OUTLINE,
    PICTURE,
    PRINT_PAGES,
    PRINT_THUMBNAIL,
    PRINTED_BY,
    READING,
    THUMBNAIL,
    WORDS_ONLY,
    Preview,
    attached,
    page,
    shape_of,
)
from portfolio.files.previews.sandbox import CannotShow
from portfolio.policy.permissions import require
from portfolio.policy.reading import READ
from portfolio.policy.relations import Actor
from portfolio.store.objects.refusals import ObjectGone

WHY = {
    "damaged": "Ce fichier ne se laisse pas lire en entier : aucun aperçu. Téléchargez-le pour l'ouvrir.",
    "locked": "Ce fichier est protégé par un mot de passe : aucun aperçu.",
    "too_large": "Ce fichier est trop lourd ou trop complexe pour un aperçu. Téléchargez-le pour l'ouvrir.",
}
NO_VIEW = "Pas d'aperçu pour ce type de fichier : téléchargez-le pour l'ouvrir."
FIRST_PAGES = f"Seules les {MOST_PRINTED} premières pages sont montrées : téléchargez le fichier pour voir les autres."
PENDING = "Ce fichier n'est pas encore vérifié : son aperçu viendra ensuite."
QUARANTINED = "Ce fichier a été refusé à la vérification : il ne peut pas être montré."


class NothingToShow(NotFound):
    code = "nothing_to_show"
    detail = "Cet aperçu n'existe pas. Téléchargez le fichier pour l'ouvrir."


def preview_of(by: Actor, file: ViewedFile) -> Preview:
    """Returns the preview of a file; of shape `nothing`, with the reason in French, if there is none now: not verified,
    altered, cannot be drawn, machine busy. Raises NotFound, Forbidden, Unavailable.
    """
    require(by, READ[type(file)], file)
    if why := _unready(file):
        return Preview("nothing", [why])
    shape = shape_of(file.kind)
    if shape == "nothing":
        return Preview("nothing", [NO_VIEW])
    try:
        sealed_files.refuse_altered(file)
        if shape in ("film", "sound"):
            return Preview(shape)
        return _with_words(file, _with_pages(file, Preview(**json.loads(_view(by, file, OUTLINE)))))
    except (sealed_files.NotAsSealed, ObjectGone) as refused:  # the page around it stays
        return Preview("nothing", [refused.message])
    except CannotShow as refusal:
        return Preview("nothing", [WHY[refusal.reason]])
    except TooManyViews as busy:
        return Preview("nothing", [busy.message])


def _with_pages(file: ViewedFile, preview: Preview) -> Preview:
    """Returns the preview with the pages of an office document, MOST_PRINTED at most; unchanged where the worker drew
    none.
    """
    if file.kind not in PRINTED_BY:
        return preview
    kept = kept_views.made(file, PRINT_PAGES)
    if kept is None:
        return preview
    pages = Preview(**json.loads(kept)).pages
    notes = [note for note in preview.notes if note != WORDS_ONLY]
    more = [FIRST_PAGES] if len(pages) > MOST_PRINTED else []
    pages = pages[:MOST_PRINTED]
    return replace(preview, notes=[*notes, *more], pages=pages, page_count=len(pages))


def _with_words(file: ViewedFile, preview: Preview) -> Preview:
    """Returns the preview with the words that were read off a picture, or off the pages of a PDF that have none;
    unchanged for another kind.
    """
    if preview.shape == "picture":
        text = (kept_views.made(file, f"{READING}1") or b"").decode()
        return replace(preview, text=text, recognised=bool(text))
    if file.kind == "pdf":
        for number, content in enumerate(preview.pages[:MOST_READ], 1):
            if not content["text"] and (text := (kept_views.made(file, f"{READING}{number}") or b"").decode()):
                content |= {"text": text, "recognised": True}
    return preview


def thumbnail(by: Actor, file: ViewedFile) -> bytes:
    """Returns a small picture in WebP. Raises NothingToShow where no file of this kind has one; CannotShow where that
    of this file cannot be drawn; NotAsSealed, ObjectGone, Unavailable (TooManyViews, or the store).
    """
    printed = _printed(by, file, PRINT_THUMBNAIL) if file.kind in PRINTED_BY else None
    return _drawn(by, file, THUMBNAIL) if printed is None else printed


def picture(by: Actor, file: ViewedFile) -> bytes:
    """Returns the picture in WebP. Raises as `thumbnail` does."""
    return _drawn(by, file, PICTURE)


def page_picture(by: Actor, file: ViewedFile, number: int) -> bytes:
    """Returns the picture of a page in WebP. number: from 1. Raises as `thumbnail` does; NothingToShow for a page that
    the file does not have, or beyond MOST_PAGES.
    """
    if not 1 <= number <= MOST_PAGES:
        raise NothingToShow()
    if file.kind in PRINTED_BY:
        return _printed(by, file, page(number)) or _of_print(by, file, number)
    return _drawn(by, file, page(number))


def mail_layout(by: Actor, file: ViewedFile, number: int) -> bytes:
    """Returns a mail as it looked: an HTML page for a frame that bars scripts and whatever is elsewhere. number: of the
    mail, from 1. Raises NothingToShow if it has no layout or cannot be drawn; NotAsSealed, ObjectGone, Unavailable
    (TooManyViews, or the store).
    """
    refuse_unseen(by, file)
    if file.kind not in LAID_OUT or not 1 <= number <= MOST_LAYOUTS:
        raise NothingToShow()
    sealed_files.refuse_altered(file)
    try:
        return _view(by, file, f"{LAYOUT}{number}")
    except CannotShow:
        raise NothingToShow() from None


def attached_preview(by: Actor, file: ViewedFile, number: int) -> AttachedView:
    """Returns what is shown of a file attached to a mail; a preview of shape `nothing`, with the reason, where it
    cannot be drawn. number: from 1, of all that are attached. Raises NothingToShow for a number that the mail does not
    have; NotAsSealed, ObjectGone, Unavailable (TooManyViews, InspectionBusy, or the store).
    """
    try:
        return AttachedView.from_json(_inside(by, file, number, OUTLINE))
    except CannotShow as refusal:
        return AttachedView(f"Pièce jointe {number}", "", Preview("nothing", [attached_files.WHY[refusal.reason]]))


def picture_inside(by: Actor, file: ViewedFile, number: int, page_number: int | None = None) -> bytes:
    """Returns the picture of a file attached to a mail, or of one of its pages, in WebP. Numbers are from 1. Raises as
    `attached_preview` does, NothingToShow beyond MOST_PAGES, and CannotShow where it cannot be drawn.
    """
    if page_number is not None and not 1 <= page_number <= MOST_PAGES:
        raise NothingToShow()
    return _inside(by, file, number, PICTURE if page_number is None else page(page_number))


def _inside(by: Actor, file: ViewedFile, number: int, what: str) -> bytes:
    refuse_unseen(by, file)
    if file.kind not in LAID_OUT or not 1 <= number <= MOST_OPENED:
        raise NothingToShow()
    sealed_files.refuse_altered(file)
    return _present_view(by, file, attached(number, what))


def refuse_unseen(by: Actor, file: ViewedFile) -> None:
    """Requires the right to read the file, and that it is verified and not discarded. Raises NotFound, Forbidden,
    NothingToShow.
    """
    require(by, READ[type(file)], file)
    if _unready(file):
        raise NothingToShow()


def _unready(file: ViewedFile) -> str | None:
    if file.state != FileState.VERIFIED:
        return PENDING if file.state == FileState.PENDING else QUARANTINED
    return ObjectGone.detail if file.discarded_at is not None else None


def _drawn(by: Actor, file: ViewedFile, what: str) -> bytes:
    refuse_unseen(by, file)
    of_its_kind = {"picture": (PICTURE, THUMBNAIL), "document": (THUMBNAIL,)}.get(shape_of(file.kind), ())
    if what not in of_its_kind and not (file.kind == "pdf" and what != PICTURE):
        raise NothingToShow()
    sealed_files.refuse_altered(file)
    return _present_view(by, file, what)


def _printed(by: Actor, file: ViewedFile, what: str) -> bytes | None:
    """Returns the picture (`what`) of an office document that the worker made, None if it made none. Raises NotFound,
    Forbidden, NothingToShow, NotAsSealed.
    """
    refuse_unseen(by, file)
    kept = kept_views.made(file, what)
    if kept is not None:
        sealed_files.refuse_altered(file)
    return kept


def _of_print(by: Actor, file: ViewedFile, number: int) -> bytes:
    """Draws a page of a document that the worker has printed, and whose pages it has not all drawn yet. Raises as
    `page_picture` does.
    """
    if number > MOST_PRINTED or kept_views.made(file, PRINT_PAGES) is None:
        raise NothingToShow()
    sealed_files.refuse_altered(file)
    return _present_view(by, file, page(number))


def _present_view(by: Actor, file: ViewedFile, what: str) -> bytes:
    try:
        return _view(by, file, what)
    except CannotShow as refusal:
        if refusal.reason == "absent":
            raise NothingToShow() from None
        raise


def _view(by: Actor, file: ViewedFile, what: str) -> bytes:
    """Returns the bytes of a view (`what`): kept, or made now while its reader waits. Raises CannotShow, NotAsSealed,
    ObjectGone, Unavailable (TooManyViews, InspectionBusy, or the store).
    """
    kept = kept_views.read(file, what)
    if kept is not None:
        return kept
    with PLACES.taken(by.journal_name):
        kept = kept_views.read(file, what)  # somebody may have looked meanwhile
        if kept is not None:
            return kept
        try:
            with Drawing(file, PARSING) as drawing:
                return drawing.made(what)
        except OutOfTime:  # nothing is kept: a machine at work says nothing of the file
            raise TooManyViews(retry_after=30) from None

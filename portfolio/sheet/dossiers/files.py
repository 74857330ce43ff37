"""What is printed of a file of a piece: its first pages as pictures, or its words; made ahead in the worker."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Final

from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.files import sealed_files
from portfolio.files.confinement.bounds import DRAWING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews import kept_views
from portfolio.files.previews.drawing import Drawing
from portfolio.files.previews.plain_words import plain_words
from portfolio.files.previews.prepare import MOST_TRIES, MachineBusy, go_on
from portfolio.files.previews.preview_spec import OUTLINE, PICTURE, PRINT_PAGES, PRINTED_BY, Preview, page, shape_of
from portfolio.files.previews.render import ALL, render
from portfolio.files.previews.renderers.for_paper import LENGTH
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.previews.show import WHY
from portfolio.sheet.dossiers.pictures import FilePrinted, Pictures
from portfolio.store.objects.refusals import ObjectGone

MOST_SIGNS = 4000  # of the words of a file: two pages
AT_A_TIME: Final = replace(DRAWING, output=32 << 20)
FOR_PAPER: Final = f"{ALL}.for_paper"  # the renderer of what is printed
ONLY_ON_THE_SERVICE = "À voir ou à écouter sur le service : un enregistrement ne s'imprime pas."
NO_VIEW = "Ce type de fichier n'a pas d'aperçu : il s'ouvre sur le service."
GONE = "Ce fichier n'est plus dans le portfolio."
OTHER_PAGES = "Une partie des pages seulement ({shown} sur {count}) : les autres se lisent sur le service."
CUT = "La suite se lit sur le service."
TOO_SLOW = "Ses pages n'ont pas pu être dessinées à temps : elles se lisent sur le service."


def make_ready(files: list[EvidenceFile], most: int, until: float, tries: int) -> bool:
    """Makes the views that a dossier needs and that nobody made yet, and returns True once all are kept; False where
    `until` (of `time.monotonic`) came first. most: pages of each file. tries: of the errand. Raises MachineBusy where
    the machine is too slow, until too many tries; Unavailable (the store).
    """
    for file in files:
        if not _readable(file):
            continue
        kept = kept_views.names(file)
        with Drawing(file, DRAWING) as drawing:
            for together in _wanted(file, drawing, most):
                waiting = [what for what in together if what not in kept]
                while waiting:
                    if time.monotonic() > until:
                        return False
                    try:
                        waiting = go_on(file, drawing, waiting, tries)
                    except (sealed_files.NotAsSealed, ObjectGone):
                        break  # said where it is printed
    return True


def _wanted(file: EvidenceFile, drawing: Drawing, most: int) -> Iterator[list[str]]:
    """Yields the views to make, those of a list by one process; no page is asked of a file without an outline."""
    shape = shape_of(file.kind)
    if shape == "picture":
        yield [PICTURE]
    elif shape == "document":
        yield [OUTLINE]
        yield [page(number) for number in range(1, min(len(drawing.pages()), most) + 1)]


def _readable(file: EvidenceFile) -> bool:
    return bool(file.state == FileState.VERIFIED and file.discarded_at is None and shape_of(file.kind) != "nothing")


def printed(
    file: EvidenceFile, name: str, alternative: str, *, most: int, tries: int, pictures: Pictures
) -> FilePrinted:
    """Returns what is printed of a file, of the views that are kept; adds its pictures to `pictures`. name,
    alternative: as frozen in the submission. most: pages. tries: of the errand. Raises MachineBusy where the machine is
    too slow, until MOST_TRIES tries: then the dossier says so of the file, and is made; Unavailable (the store).
    """
    plain: FilePrinted = {"name": name, "alternative": alternative, "words": [], "notes": [], "pictures": []}
    if file.state != FileState.VERIFIED or file.discarded_at is not None:
        return {**plain, "notes": [GONE]}
    shape = shape_of(file.kind)
    if shape in ("film", "sound", "nothing"):
        return {**plain, "notes": [NO_VIEW if shape == "nothing" else ONLY_ON_THE_SERVICE]}
    try:
        sealed_files.refuse_altered(file)
        return _of_views(file, plain, most, pictures)
    except (sealed_files.NotAsSealed, ObjectGone) as refused:
        return {**plain, "notes": [refused.message]}
    except CannotShow as refusal:
        return {**plain, "notes": [WHY.get(refusal.reason, NO_VIEW)]}
    except OutOfTime:
        if tries < MOST_TRIES:
            raise MachineBusy(retry_after=60) from None
        return {**plain, "notes": [TOO_SLOW]}


def _of_views(file: EvidenceFile, plain: FilePrinted, most: int, pictures: Pictures) -> FilePrinted:
    views, count, words = _views(file, most)
    drawn = dict(zip(views, _for_paper(list(views.values())), strict=False))  # all of them, or none
    placed = [
        pictures.add(*picture, f"{plain['name']}, page {number} sur {count}" if count > 1 else plain["name"])
        for number, picture in drawn.items()
    ]
    if not placed and not words.strip():
        return {**plain, "notes": [NO_VIEW]}
    others = [OTHER_PAGES.format(shown=len(placed), count=count)] if 0 < len(placed) < count else []
    return {
        **plain,
        "words": words[:MOST_SIGNS].splitlines(),
        "notes": others + ([CUT] if len(words) > MOST_SIGNS else []),
        "pictures": placed,
    }


def _views(file: EvidenceFile, most: int) -> tuple[dict[int, bytes], int, str]:
    """Returns the pictures of the first pages, {number from 1: WebP} without those that could not be made, how many
    pages there are, and the words: "" where a page is a picture. Raises CannotShow where the file cannot be shown.
    """
    if shape_of(file.kind) == "picture":
        picture = kept_views.read(file, PICTURE)
        return ({1: picture} if picture is not None else {}), 1, ""
    outline = _preview(kept_views.read(file, OUTLINE))
    laid_out = _preview(kept_views.made(file, PRINT_PAGES)) if file.kind in PRINTED_BY else outline
    numbers = range(1, min(len(laid_out.pages), most) + 1) if laid_out else range(0)
    pages = {number: view for number in numbers if (view := kept_views.made(file, page(number))) is not None}
    return pages, laid_out.page_count if laid_out else 0, plain_words(outline) if outline and not pages else ""


def _for_paper(views: list[bytes]) -> list[tuple[bytes, int, int]]:
    """Returns (JPEG, width, height) of each WebP, drawn in a confined process; [] where it cannot. Raises OutOfTime."""
    if not views:
        return []
    with TemporaryFile() as source:
        for view in views:
            source.write(len(view).to_bytes(LENGTH) + view)
        source.flush()
        try:
            answer = render(source, "webp", PICTURE, AT_A_TIME, renderer=FOR_PAPER)
        except CannotShow:
            return []
    drawn, place = list[tuple[bytes, int, int]](), 0
    while place < len(answer):
        width, height, length = (
            int.from_bytes(answer[place + rank * LENGTH : place + (rank + 1) * LENGTH]) for rank in range(3)
        )
        place += 3 * LENGTH
        drawn.append((answer[place : place + length], width, height))
        place += length
    return drawn


def _preview(kept: bytes | None) -> Preview | None:
    return None if kept is None else Preview(**json.loads(kept))

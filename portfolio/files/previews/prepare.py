"""Makes the views of a file after its deposit, in the worker: those that readers ask for first, and those that are made
nowhere else, the pages of office documents and the words read off pictures.

What is kept already is not made again: a worker that is killed is followed by one that goes on. Its views go with the
file even where both happen at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import structlog
from bson import ObjectId

from portfolio.documents import EvidenceFile
from portfolio.documents.portfolios import FileState
from portfolio.errors import Unavailable
from portfolio.files import sealed_files
from portfolio.files.confinement.bounds import DRAWING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews import kept_views
from portfolio.files.previews.drawing import DRAWN_ITSELF, PAGE, Drawing
from portfolio.files.previews.preview_spec import (
    FOUND,
    MOST_PRINTED,
    MOST_READ,
    OUTLINE,
    PICTURE,
    PRINT,
    PRINT_PAGES,
    PRINT_THUMBNAIL,
    PRINTED_BY,
    RENDERER,
    THUMBNAIL,
    page,
)
from portfolio.files.previews.programs import office, reading
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.shared_objects import named_elsewhere
from portfolio.store.connections import storage
from portfolio.store.journal import Errand
from portfolio.store.objects.refusals import ObjectGone
from portfolio.store.outbox import DRAW, ErrandOutcome, ErrandRow, ask_alone

MADE_AHEAD = 20  # pages of a PDF: who scrolls fast waits for none of them; others are drawn when somebody looks
ONE_TURN_S = 30  # with the longest view begun at its end, within the lease of a row
MOST_TRIES = 3  # of a view that the clock ended: the machine may be busy
MOST_ASKED = 5000  # errands of one turn of `ask_for_missing`
DONE_WITH: Final = f"done-{FOUND}-with-"  # before the programs that were there: nothing is left to make with them
log = structlog.get_logger()


class MachineBusy(Unavailable):
    code = "machine_busy"
    detail = "Cette vue n'a pas pu se faire à temps. Elle sera reprise dans {wait}."


def errand_of(file: EvidenceFile) -> Errand:
    """Returns the errand that makes the views of a verified file."""
    return Errand(DRAW, {"file": file.id}, key=f"{DRAW}:{file.id}")


def programs() -> str:
    """Returns the names of the programs that can be run here, as the end of a name of a view."""
    there = [name for name, is_there in (("print", office.available), ("read", reading.available)) if is_there()]
    return "-".join(there) or "nothing"


def draw(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Makes what the file of an errand lacks, for ONE_TURN_S seconds or so, and returns what becomes of the errand:
    done with, or another one for the rest. Does nothing for a file that is gone or not as it was sealed. Raises
    MachineBusy; Unavailable (the store).
    """
    file = _live(row["payload"]["file"])
    if file is None:
        return ErrandOutcome("gone", kept=False)
    try:
        sealed_files.refuse_altered(file)
        whole = _make(file, tries=row["attempts"])
    except (sealed_files.NotAsSealed, ObjectGone):
        return ErrandOutcome("altered", kept=False)
    if _live(file.id) is None and not named_elsewhere([file.key], file.candidacy):
        kept_views.erase(file.key)  # eliminated meanwhile: what came after its views were erased goes too
    return ErrandOutcome("drawn", kept=False) if whole else ErrandOutcome("goes_on", then=errand_of(file), kept=False)


def ask_for_missing(at: datetime) -> int:
    """Asks for the views of the live files that were not made by this version with the programs that are here: after an
    upgrade, or once a program was installed. Returns how many files, MOST_ASKED at most: call it again for the others.
    Raises Unavailable (the store).
    """
    done, asked = _done_keys(), 0
    live = EvidenceFile.objects(state=FileState.VERIFIED, discarded_at=None, removed_at=None)
    for file in live.only("id", "key").no_cache():
        if asked == MOST_ASKED:
            break
        if file.key not in done:
            ask_alone(errand_of(file), at)
            asked += 1
    return asked


def _done_keys() -> set[str]:
    """Returns the keys of the files of which nothing is left to make here."""
    end = f"/{kept_views.VERSION}/{DONE_WITH}{programs()}"
    stored = storage().list_keys(f"{kept_views.KEPT_UNDER}/")
    return {view.key.split("/")[1] for view in stored if view.key.endswith(end)}


def _live(file_id: ObjectId) -> EvidenceFile | None:
    file: EvidenceFile | None = EvidenceFile.objects(pk=file_id, state=FileState.VERIFIED, discarded_at=None).first()
    return file


def _make(file: EvidenceFile, tries: int) -> bool:
    """Makes the views that are lacking, and returns True if everything is made, as far as it can be here; False if
    ONE_TURN_S seconds were over first. tries: of the errand so far. Raises MachineBusy where the machine is too slow,
    until MOST_TRIES tries: then the view is kept as one that cannot be made.
    """
    kept, end = kept_views.names(file), time.monotonic() + ONE_TURN_S
    with Drawing(file, DRAWING) as drawing:
        for together in _wanted(file, drawing):
            waiting = [what for what in together if what not in kept]
            while waiting:
                if time.monotonic() > end:
                    return False
                waiting = go_on(file, drawing, waiting, tries)
    kept_views.keep(file, DONE_WITH + programs(), b"")
    return True


def go_on(file: EvidenceFile, drawing: Drawing, waiting: list[str], tries: int) -> list[str]:
    """Makes the first of these views and as many behind it as its process does, and returns those that are left: no
    page behind one that the file does not have, nor of one that gives no outline. Raises MachineBusy where the machine
    is too slow, until MOST_TRIES tries: then the first view is kept as one that cannot be made.
    """
    try:
        answers = drawing.made_together(waiting)
    except OutOfTime:
        if tries < MOST_TRIES:
            raise MachineBusy(retry_after=60) from None
        too_large = CannotShow("too_large")
        kept_views.keep_refusal(file, waiting[0], too_large)
        answers = [too_large]
    left, last = waiting[len(answers) :], waiting[len(answers) - 1]
    refusal = answers[-1]
    if not isinstance(refusal, CannotShow):
        return left
    if refusal.reason != "absent":
        log.info("view_refused", file=str(file.id), view=last)
    elsewhere = refusal.reason == "absent" or last in (OUTLINE, PRINT_PAGES)
    return [what for what in left if not (elsewhere and what.startswith(PAGE))]


def _wanted(file: EvidenceFile, drawing: Drawing) -> Iterator[list[str]]:
    """Yields the names of the views to make, in the order in which they are asked for: those of a list by one process.
    Each list is made before the next is asked for.
    """
    pages = [page(number) for number in range(1, (MADE_AHEAD if file.kind == "pdf" else MOST_PRINTED) + 1)]
    renderer = RENDERER.get(file.kind)
    if renderer in DRAWN_ITSELF:
        yield [OUTLINE, THUMBNAIL, *(pages if file.kind == "pdf" else [PICTURE])]
    elif renderer is not None:
        yield [OUTLINE]
        if file.kind in PRINTED_BY and office.available():
            yield [PRINT]
            yield [PRINT_PAGES, PRINT_THUMBNAIL, *pages]
        if not drawing.has(PRINT_THUMBNAIL):
            yield [THUMBNAIL]
    if reading.available():
        yield from ([what] for what in drawing.unread(MOST_READ))
    if renderer is not None:
        yield [FOUND]

"""Makes the views of one file from one copy of its bytes, and keeps each, or keeps that it cannot be made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Final, Self

from portfolio.documents.portfolios import ViewedFile
from portfolio.files import sealed_files
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.previews import attached_files, kept_views, searched_views
from portfolio.files.previews.preview_spec import (
    ATTACHED,
    FOUND,
    GATHERING,
    LEGIBLE,
    MOST_READ,
    OUTLINE,
    PICTURE,
    PRINT,
    PRINT_PAGES,
    PRINT_THUMBNAIL,
    PRINTED_BY,
    READING,
    RENDERER,
    THUMBNAIL,
    PageView,
    Preview,
    page,
)
from portfolio.files.previews.programs import office, reading
from portfolio.files.previews.render import ALL, render, render_together
from portfolio.files.previews.sandbox import CannotShow
from portfolio.store.connections import storage

PAGE: Final = page(0)[:-1]  # before its number
OF_PRINT: Final = {PRINT_PAGES: OUTLINE, PRINT_THUMBNAIL: THUMBNAIL}
DRAWN_ITSELF: Final = ("pictures", "pages")  # renderers that draw a small picture; others have a card
LEGIBLE_AT_ONCE = 4  # pages of a scan: 16 MiB of answers hold them
LARGEST_RENDERED = 200_000_000  # bytes copied beside the process that reads them


class Drawing:
    """The views of a file under way, within bounds for each. Its copies have no name: a kill leaves none."""

    def __init__(self, file: ViewedFile, bounds: Bounds) -> None:
        self._file = file
        self._bounds = bounds
        self._copies = ExitStack()
        self._original: BinaryIO | None = None
        self._print: BinaryIO | None = None
        self._to_read: dict[str, bytes | CannotShow] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._copies.close()

    def made(self, what: str) -> bytes:
        """Makes a view and keeps it beside the file, whether one was kept or not; returns it. what: its name. Raises
        CannotShow, which is kept too unless it is `absent`: its reader chose the number. OutOfTime, NotAsSealed,
        ObjectGone; Unavailable (the store, or no place to look into an attached PDF).
        """
        (answer,) = self.made_together([what])
        if isinstance(answer, CannotShow):
            raise answer
        return answer

    def made_together(self, wanted: Sequence[str]) -> list[bytes | CannotShow]:
        """Makes the first of these views and those behind it, as far as the process of the first one gets; keeps each
        as `made` does, and returns them in order: one at least, of which the last may be a refusal. wanted: names of
        views with one source and one renderer: the outline, the small picture and the pages of a PDF, or those of a
        print, or the views of a picture. Raises what `made` raises, but CannotShow.
        """
        try:
            answers = self._drawn(wanted)
        except CannotShow as refusal:
            answers = [refusal]
        for what, answer in zip(wanted, answers, strict=False):
            if not isinstance(answer, CannotShow):
                kept_views.keep(self._file, what, answer)
            elif answer.reason != "absent":
                kept_views.keep_refusal(self._file, what, answer)
        return answers

    def has(self, what: str) -> bool:
        """Returns whether a view is kept, not only that it cannot be made. what: its name. Raises Unavailable."""
        return kept_views.made(self._file, what) is not None

    def pages(self) -> list[PageView]:
        """Returns the pages of a PDF or of what was printed, as a kept outline has them; empty if none is kept."""
        what = OUTLINE if self._file.kind == "pdf" else PRINT_PAGES
        if self._file.kind != "pdf" and self._file.kind not in PRINTED_BY:
            return []
        kept = kept_views.made(self._file, what)
        return Preview(**json.loads(kept)).pages if kept is not None else []

    def unread(self, most: int) -> list[str]:
        """Returns the names of the views that are to hold the words of pictures: one for a picture; for a PDF, one for
        each of its first `most` pages that has no words; [] for another kind.
        """
        if RENDERER.get(self._file.kind) == "pictures":
            return [f"{READING}1"]
        if self._file.kind != "pdf":
            return []
        return [f"{READING}{number}" for number, content in enumerate(self.pages()[:most], 1) if not content["text"]]

    def _drawn(self, wanted: Sequence[str]) -> list[bytes | CannotShow]:
        kind, what = self._file.kind, wanted[0]
        if kind in PRINTED_BY and (what in OF_PRINT or what.startswith(PAGE)):
            names = [OF_PRINT.get(each, each) for each in wanted]
            return render_together(self._printed(), "pdf", names, self._bounds)
        if RENDERER.get(kind) in DRAWN_ITSELF and not what.startswith(READING) and what != FOUND:
            return self._with_legible(wanted)
        return [self._drawn_alone(what)]

    def _drawn_alone(self, what: str) -> bytes:
        kind = self._file.kind
        if what.startswith(ATTACHED):
            return attached_files.view_of(self.original(), kind, what, self._bounds)
        if what == FOUND:
            words = searched_views.words_of(self._file, self.original, self._bounds)
            return render(self._copy([words]), kind, what, self._bounds, renderer=GATHERING)
        if what == PRINT:
            return office.print_pages(self.original(), kind)
        if what.startswith(READING):
            return reading.read_words(self._copy([self._legible(what.removeprefix(READING))])).encode()
        if what == THUMBNAIL:  # a card: other kinds draw it themselves
            return render(self._copy([self._outline()]), kind, what, self._bounds, renderer=f"{ALL}.cards")
        return render(self.original(), kind, what, self._bounds)

    def _with_legible(self, wanted: Sequence[str]) -> list[bytes | CannotShow]:
        """Returns the views of a picture or of a PDF. Whoever asks for all those of a picture, where letters can be
        read, has it drawn in grey too by the same process: that waits here for its reader.
        """
        kind = self._file.kind
        to_read = len(wanted) > 1 and wanted[-1] == PICTURE and reading.available()
        more = [f"{LEGIBLE}1"] if to_read else []
        answers = render_together(self.original(), kind, [*wanted, *more], self._bounds)
        if len(answers) > len(wanted):
            self._to_read["1"] = answers.pop()
        return answers

    def _legible(self, number: str) -> bytes:
        """Returns a page in grey, for a reader of letters; one process draws it and those that are read next, and they
        wait here. number: of the page, from 1. Raises CannotShow, OutOfTime.
        """
        if number not in self._to_read:
            unread = [what.removeprefix(READING) for what in self.unread(MOST_READ)]
            together = [number, *(each for each in unread if int(each) > int(number))][:LEGIBLE_AT_ONCE]
            wanted = [LEGIBLE + each for each in together]
            answers = render_together(self.original(), self._file.kind, wanted, self._bounds)
            self._to_read = dict(zip(together, answers, strict=False))
        answer = self._to_read.pop(number)
        if isinstance(answer, CannotShow):
            raise answer
        return answer

    def _outline(self) -> bytes:
        kept = kept_views.read(self._file, OUTLINE)
        return self.made(OUTLINE) if kept is None else kept

    def _printed(self) -> BinaryIO:
        """Returns a copy of the document as it was printed, as PDF. Raises CannotShow: `absent` if it was not printed,
        else why it could not be.
        """
        if self._print is None:
            kept = kept_views.read(self._file, PRINT)
            if kept is None:
                raise CannotShow("absent")
            self._print = self._copy([kept])
        return self._print

    def _copy(self, chunks: Iterable[bytes]) -> BinaryIO:
        """Returns a real file with these bytes; it has no name, and goes with the others."""
        copy = self._copies.enter_context(TemporaryFile())  # noqa: SIM115  # closed with the others
        for chunk in chunks:
            copy.write(chunk)
        copy.flush()
        return copy

    def original(self) -> BinaryIO:
        """Returns a copy of the bytes as deposited, digested while they are read. Raises CannotShow (`too_large`)
        beyond LARGEST_RENDERED bytes, NotAsSealed, ObjectGone.
        """
        if self._original is None:
            if self._file.size > LARGEST_RENDERED:
                raise CannotShow("too_large")
            measured = hashlib.sha256()
            copy = self._copy(_measured(storage().open(self._file.key), measured))
            if measured.hexdigest() != self._file.sha256:
                sealed_files.refuse(self._file, "object")
            self._original = copy
        return self._original


def _measured(chunks: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk

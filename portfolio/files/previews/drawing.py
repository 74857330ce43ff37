"""Makes the views of one file from one copy of its bytes, and keeps each, or keeps that it cannot be made."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

from portfolio.documents import EvidenceFile
from portfolio.files import sealed_files
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.previews import attached_files, kept_views
from portfolio.files.previews.preview_spec import ATTACHED
from portfolio.files.previews.render import render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.store.connections import storage

LARGEST_RENDERED = 200_000_000  # bytes copied beside the process that reads them


class Drawing:
    """The views of a file under way, within bounds for each. Its copies have no name: a kill leaves none."""

    def __init__(self, file: EvidenceFile, bounds: Bounds) -> None:
        self._file = file
        self._bounds = bounds
        self._copies = ExitStack()
        self._original: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._copies.close()

    def made(self, what: str) -> bytes:
        """Returns a view that was not kept yet, and keeps it. Raises CannotShow, which is kept too; OutOfTime,
        NotAsSealed.
        """
        try:
            view = self._draw(what)
        except CannotShow as refusal:
            kept_views.keep_refusal(self._file, what, refusal)
            raise
        kept_views.keep(self._file, what, view)
        return view

    def _draw(self, what: str) -> bytes:
        if what.startswith(ATTACHED):
            return attached_files.view_of(self.original(), self._file.kind, what, self._bounds)
        return render(self.original(), self._file.kind, what, self._bounds)

    def original(self) -> BinaryIO:
        """Returns a copy of the bytes that were just digested, no others. Raises NotAsSealed, CannotShow."""
        if self._original is None:
            if self._file.size > LARGEST_RENDERED:
                raise CannotShow("too_large")
            measured = hashlib.sha256()
            copy = self._copies.enter_context(TemporaryFile())  # noqa: SIM115  # closed with the others
            for chunk in storage().open(self._file.key):
                measured.update(chunk)
                copy.write(chunk)
            if measured.hexdigest() != self._file.sha256:
                sealed_files.refuse(self._file, "object")
            copy.flush()
            self._original = copy
        return self._original

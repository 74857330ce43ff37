"""Tries to show a file as soon as it is received, so that its candidate can still send another form of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from portfolio.documents import EvidenceFile
from portfolio.files.confinement.bounds import FIRST_LOOK
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.outcomes import Outcomes
from portfolio.files.previews import attached_files
from portfolio.files.previews.drawing import Drawing
from portfolio.files.previews.hidden_in_view import SEARCHED, codes_in
from portfolio.files.previews.places import PLACES, TooManyViews
from portfolio.files.previews.preview_spec import LAID_OUT, OUTLINE, THUMBNAIL, MailView, Preview, shape_of
from portfolio.files.previews.render import render_together
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.pdfs.envelope import InspectionBusy
from portfolio.policy.relations import Actor

MOST_KEPT = 2_000
# A picture whose header is sound may still break off: the whole of it is read to draw its small picture.
_TRIED: Final = {"document": (OUTLINE,), "picture": (THUMBNAIL, OUTLINE)}
_OUTCOMES: Final = Outcomes[tuple[str, ...]](MOST_KEPT)


def warnings_of(by: Actor, file: EvidenceFile) -> tuple[str, ...]:
    """Returns codes of `file_warnings.WARNINGS`: why the file cannot be displayed, what its view shows to be hidden in
    it (`hidden_in_view`), or what is to be known of the files attached to a mail; none if there is nothing to say, or
    if the machine is too busy to tell: the view then says it.

    file: with the key, kind, size and sha256 that were just read. Nothing is kept in the store. Raises NotAsSealed if
    the bytes changed meanwhile, ObjectGone, Unavailable (the store).
    """
    tried = _TRIED.get(shape_of(file.kind))
    bytes_of_kind = f"{file.kind} {file.sha256}"
    codes = _OUTCOMES.get(bytes_of_kind)
    if codes is None and tried:
        try:
            codes = _codes(by, file, tried)
        except (TooManyViews, OutOfTime, InspectionBusy):
            return ()
        _OUTCOMES.keep(bytes_of_kind, codes)
    return codes or ()


def _codes(by: Actor, file: EvidenceFile, tried: Sequence[str]) -> tuple[str, ...]:
    """Returns the codes of file warnings that one look gives; `view_<reason>` alone if it cannot be shown. tried: the
    views, as `render` names them, the outline last. Raises TooManyViews, OutOfTime, NotAsSealed, ObjectGone.
    """
    try:
        with PLACES.taken(by.journal_name), Drawing(file, FIRST_LOOK) as drawing:
            original = drawing.original()
            first, *others = render_together(original, file.kind, tried, FIRST_LOOK)
            if isinstance(first, CannotShow):
                raise first
            view = _outline((first, *others), tried)
            codes = codes_in(view) if file.kind in SEARCHED and view is not None else set()
            if file.kind in LAID_OUT and view is not None and _has_attached(view.messages):
                codes |= attached_files.warnings_of(original, file.kind, FIRST_LOOK)
    except CannotShow as refusal:
        return (f"view_{refusal.reason}",)
    return tuple(codes)


def _outline(answers: Sequence[bytes | CannotShow], tried: Sequence[str]) -> Preview | None:
    """Returns the last of the views, None where one process did not get so far."""
    last = answers[-1]
    return Preview(**json.loads(last)) if len(answers) == len(tried) and isinstance(last, bytes) else None


def _has_attached(mails: Iterable[MailView]) -> bool:
    return any(mail["attached"] or _has_attached(mail["messages"]) for mail in mails)

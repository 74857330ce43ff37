"""Tries to show a file as soon as it is received, so that its candidate can still send another form of it."""

from __future__ import annotations

from typing import Final

from portfolio.documents import EvidenceFile
from portfolio.files.confinement.bounds import PARSING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.outcomes import Outcomes
from portfolio.files.previews.drawing import Drawing
from portfolio.files.previews.places import PLACES, TooManyViews
from portfolio.files.previews.preview_spec import OUTLINE, THUMBNAIL, shape_of
from portfolio.files.previews.render import render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.policy.relations import Actor

MOST_KEPT = 2_000
# A picture whose header is sound may still break off: the whole of it is read to draw its small picture.
_TRIED: Final = {"document": OUTLINE, "picture": THUMBNAIL}
_SHOWN = ""
_OUTCOMES: Final = Outcomes[str](MOST_KEPT)


def warnings_of(by: Actor, file: EvidenceFile) -> tuple[str, ...]:
    """Returns the code of `file_warnings.WARNINGS` that says why a file cannot be displayed; none if it can, or if the
    machine is too busy to tell: the view then says it.

    file: with the key, kind, size and sha256 that were just read. Nothing is kept in the store. Raises NotAsSealed if
    the bytes changed meanwhile, ObjectGone, Unavailable (the store).
    """
    tried = _TRIED.get(shape_of(file.kind))
    bytes_of_kind = f"{file.kind} {file.sha256}"
    reason = _OUTCOMES.get(bytes_of_kind)
    if reason is None and tried:
        try:
            reason = _reason(by, file, tried)
        except (TooManyViews, OutOfTime):
            return ()
        _OUTCOMES.keep(bytes_of_kind, reason)
    return (f"view_{reason}",) if reason else ()


def _reason(by: Actor, file: EvidenceFile, what: str) -> str:
    """Returns the reason of `CannotShow`, or _SHOWN. Raises TooManyViews, OutOfTime, NotAsSealed, ObjectGone."""
    try:
        with PLACES.taken(by.journal_name), Drawing(file, PARSING) as drawing:
            render(drawing.original(), file.kind, what, PARSING)
    except CannotShow as refusal:
        return refusal.reason
    return _SHOWN

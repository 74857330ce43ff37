"""Gathers all the words of a file, from the views that are kept and from what it keeps inside, to find in them other
people's data; and gives what was found, to those who read the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from typing import BinaryIO, Final

from portfolio.documents.portfolios import CertificateFile, FileState, ViewedFile
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.outcomes import Outcomes
from portfolio.files.personal_data.gathered import Gathered
from portfolio.files.previews import attached_files, kept_views
from portfolio.files.previews.attached_files import AttachedView
from portfolio.files.previews.preview_spec import FOUND, LAID_OUT, MOST_READ, OUTLINE, READING, MailView, attached
from portfolio.files.previews.render import ALL, render
from portfolio.files.previews.sandbox import CannotShow

MOST_ATTACHED: Final = 8  # files of a mail whose words are searched
KEEP_INSIDE: Final = frozenset({"xlsx", "xltx", "jpeg", "png", "webp", "heic"})
_KEPT_INSIDE: Final = f"{ALL}.whose_data.kept_inside"
_LAST_READ = Outcomes[list[Gathered]](5_000)


def words_of(file: ViewedFile, original: Callable[[], BinaryIO], bounds: Bounds) -> bytes:
    """Returns, as JSON, what `renderers.whose_data.gathering` searches. original: gives a copy of the bytes. Raises
    OutOfTime, NotAsSealed, ObjectGone, Unavailable.
    """
    outline = kept_views.made(file, OUTLINE)
    views = [outline.decode()] if outline is not None else []
    texts = [["read_off", name.removeprefix(READING), text, []] for name, text in _read_off(file)]
    if file.kind in KEEP_INSIDE:
        with suppress(CannotShow):  # the file's own view says that it cannot be read
            texts += json.loads(render(original(), str(file.kind), "kept-inside", bounds, renderer=_KEPT_INSIDE))
    inside = []
    if file.kind in LAID_OUT and views:
        for number in range(1, min(_attached_to(json.loads(views[0])["messages"]), MOST_ATTACHED) + 1):
            inside += _inside(original(), str(file.kind), number, bounds)
    return json.dumps({"outlines": views, "texts": texts, "attached": inside}).encode()


def _read_off(file: ViewedFile) -> Iterable[tuple[str, str]]:
    for name in sorted(kept_views.names(file)):
        if name.startswith(READING) and int(name.removeprefix(READING)) <= MOST_READ:
            text = kept_views.made(file, name)
            if text:
                yield name, text.decode()


def _attached_to(mails: Iterable[MailView]) -> int:
    return sum(len(mail["attached"]) + mail["more_attached"] + _attached_to(mail["messages"]) for mail in mails)


def _inside(mail: BinaryIO, kind: str, number: int, bounds: Bounds) -> list[tuple[str, str]]:
    try:
        view = AttachedView.from_json(attached_files.view_of(mail, kind, attached(number, OUTLINE), bounds))
    except CannotShow:
        return []
    return [(view.name, json.dumps(asdict(view.preview)))]


def found_in(file: ViewedFile) -> list[Gathered] | None:
    """Returns what was found in a file of a piece; None where it was not searched, or not yet. Raises Unavailable."""
    if isinstance(file, CertificateFile) or file.state != FileState.VERIFIED or file.discarded_at is not None:
        return None
    known = _LAST_READ.get(f"{file.key} {file.sha256}")
    if known is None:
        kept = kept_views.made(file, FOUND)
        if kept is None:
            return None
        known = [Gathered(*row) for row in json.loads(kept)]
        _LAST_READ.keep(f"{file.key} {file.sha256}", known)
    return known

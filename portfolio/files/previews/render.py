"""Asks the renderer of a kind, in a confined process of its own, for views of a file (side of the parent).

A reader that is exploited, loops or takes all memory fails alone. PDFium, unsafe with threads, runs there alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO, Final

from portfolio.files.confinement import start
from portfolio.files.confinement.bounds import PARSING, Bounds
from portfolio.files.previews.preview_spec import RENDERER
from portfolio.files.previews.sandbox import CannotShow, answers_in

ALL: Final = "portfolio.files.previews.renderers"


def render(source: BinaryIO, kind: str, what: str, bounds: Bounds = PARSING, renderer: str | None = None) -> bytes:
    """Returns the answer of the renderer of this kind: WebP, or a Preview as JSON. source: a real file. what: the view,
    as `preview_spec` names it. renderer: another module than that of the kind. Raises CannotShow, and OutOfTime, which
    says nothing of the file where the machine is busy.
    """
    (answer,) = render_together(source, kind, [what], bounds, renderer)
    if isinstance(answer, CannotShow):
        raise answer
    return answer


def render_together(
    source: BinaryIO, kind: str, wanted: Sequence[str], bounds: Bounds, renderer: str | None = None
) -> list[bytes | CannotShow]:
    """Returns the answers to the first of these views, one at least, as far as one process gets within bounds for all:
    call it again for the others. A crash, or the end of a bound, costs the view under way alone, and that only if it
    is the first. The last answer may be a refusal: of the first view, or `absent` of a page, behind which there is
    none. Takes what `render` takes. Raises OutOfTime where the clock ended it before the first view.
    """
    name = renderer or f"{ALL}.{RENDERER[kind]}"
    try:
        output = start.run(start.module(name, bounds, kind, *wanted), source, bounds).output
    except start.OutOfTime as out_of_time:
        answers = list(islice(answers_in(out_of_time.output), len(wanted)))
        if not answers:
            raise
        return answers
    return list(islice(answers_in(output), len(wanted))) or [CannotShow("too_large")]  # ended by a bound, or crashed

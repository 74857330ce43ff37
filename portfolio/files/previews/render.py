"""Asks the renderer of a kind, in a confined process of its own, for one view of a file (side of the parent).

A reader that is exploited, loops or takes all memory fails alone. PDFium, unsafe with threads, runs there alone.
"""

from __future__ import annotations

from typing import BinaryIO

from portfolio.files.confinement import start
from portfolio.files.confinement.bounds import PARSING, Bounds
from portfolio.files.previews.preview_spec import RENDERER
from portfolio.files.previews.sandbox import REFUSED, CannotShow


def render(source: BinaryIO, kind: str, what: str, bounds: Bounds = PARSING, renderer: str | None = None) -> bytes:
    """Returns the answer of the renderer of this kind: WebP, or a Preview as JSON. source: a real file. what: the view,
    as `preview_spec` names it. renderer: another than that of the kind. Raises CannotShow, and OutOfTime, which says
    nothing of the file where the machine is busy.
    """
    name = f"portfolio.files.previews.renderers.{renderer or RENDERER[kind]}"
    ended = start.run(start.module(name, bounds, kind, what), source, bounds)
    if ended.status == REFUSED:
        raise CannotShow(ended.output.decode())
    if ended.status != 0:  # ended by a bound, or crashed
        raise CannotShow("too_large")
    return ended.output

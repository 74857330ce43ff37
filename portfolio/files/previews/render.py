"""Runs one process per file to preview, without secrets in its environment (side of the parent).

A reader that is exploited, loops or takes all memory fails alone. PDFium, unsafe with threads, runs there alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import BinaryIO

from portfolio.errors import Unavailable
from portfolio.files.previews.preview_spec import RENDERER
from portfolio.files.previews.sandbox import LARGEST_ANSWER, REFUSED, CannotShow

AT_ONCE = 2  # per process of the application
LONGEST_WAIT_S = 10
LONGEST_RUN_S = 60  # wall clock: on a busy machine the limit of CPU time of the child comes later
_ROOT = Path(__file__).parents[3]
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"}
_PLACES = BoundedSemaphore(AT_ONCE)


class TooManyViews(Unavailable):
    code = "views_busy"
    detail = "Beaucoup d'aperçus se préparent en ce moment. Réessayez dans {wait}."


def render(source: BinaryIO, kind: str, what: str) -> bytes:
    """Returns the answer of the renderer of this kind: WebP, or a View as JSON. source: a real file.

    Raises CannotShow, TooManyViews.
    """
    if not _PLACES.acquire(timeout=LONGEST_WAIT_S):
        raise TooManyViews(retry_after=5)
    try:
        return _run(source, kind, what)
    finally:
        _PLACES.release()


def _run(source: BinaryIO, kind: str, what: str) -> bytes:
    command = [sys.executable, "-s", "-m", f"portfolio.files.previews.renderers.{RENDERER[kind]}", kind, what]
    source.seek(0)
    with TemporaryFile() as answer:
        try:
            ended = subprocess.run(  # noqa: S603  # our own module, arguments of our own tables
                command,
                stdin=source,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                cwd=_ROOT,
                timeout=LONGEST_RUN_S,
            )
        except subprocess.TimeoutExpired:
            raise CannotShow("too_large") from None
        answer.seek(0)
        output = answer.read(LARGEST_ANSWER)
    if ended.returncode == REFUSED:
        raise CannotShow(output.decode())
    if ended.returncode != 0:  # killed by a limit, or crashed
        raise CannotShow("too_large")
    return output

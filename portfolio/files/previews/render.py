"""The parent's side: one process per file to read, with no secret in its environment and nothing to lose.

A reader that is led astray, loops, or asks for all memory dies alone. PDFium, unsafe with threads, is alone there.
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
LONGEST_RUN_S = 60  # wall clock: on a busy machine the child's own limit of computing time comes later
_ROOT = Path(__file__).parents[3]
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"}
_PLACES = BoundedSemaphore(AT_ONCE)


class TooManyViews(Unavailable):
    code = "views_busy"
    detail = "Beaucoup d'aperçus se préparent en ce moment. Réessayez dans {retry_after} secondes."


def render(source: BinaryIO, kind: str, what: str) -> bytes:
    """The answer of the renderer of this kind: WebP, or a View as JSON. source: a real file.

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
        said = answer.read(LARGEST_ANSWER)
    if ended.returncode == REFUSED:
        raise CannotShow(said.decode())
    if ended.returncode != 0:  # killed by a limit, or by its own fault
        raise CannotShow("too_large")
    return said

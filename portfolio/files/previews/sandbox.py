"""Runs a renderer in its confined process, and words how it ended (side of the child)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import BinaryIO

from portfolio.files.confinement.give_up import confine
from portfolio.files.previews.preview_spec import Preview

REFUSED = 3  # exit status: a reason of `CannotShow` is on standard output

Show = Callable[[BinaryIO, str, str], bytes | Preview]


class CannotShow(Exception):
    """The file cannot be previewed. reason: damaged | locked | too_large; absent for a page that it does not have."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def run(show: Show) -> None:
    """Runs a renderer and exits. Standard input is the file, standard output the answer; both are real files."""
    *bounds, kind, what = sys.argv[1:]
    confine(bounds)
    sys.exit(_answer(show, kind, what))


def _answer(show: Show, kind: str, what: str) -> int:
    try:
        view = show(sys.stdin.buffer, kind, what)
    except CannotShow as refusal:
        return _refuse(refusal.reason)
    except MemoryError:
        return _refuse("too_large")
    except Exception:  # each reader has its own exceptions for a damaged file
        return _refuse("damaged")
    sys.stdout.buffer.write(view if isinstance(view, bytes) else json.dumps(asdict(view)).encode())
    return 0


def _refuse(reason: str) -> int:
    sys.stdout.write(reason)
    return REFUSED

"""Limits the memory, time and output of the process before it reads the first byte (side of the child)."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import BinaryIO

from portfolio.files.previews.preview_spec import Preview

MEMORY = 1536 << 20
SECONDS = 20
LARGEST_ANSWER = 16 << 20
REFUSED = 3  # exit status: a reason of `CannotShow` is on standard output

Show = Callable[[BinaryIO, str, str], bytes | Preview]


class CannotShow(Exception):
    """The file cannot be previewed. reason: damaged | locked | too_large."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def run(show: Show) -> None:
    """Runs a renderer and exits. Standard input is the file, standard output the answer; both are real files."""
    _, kind, what = sys.argv
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_ANSWER),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.prlimit(0, limit, (most, most))  # not setrlimit, which a hardened service may not call
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

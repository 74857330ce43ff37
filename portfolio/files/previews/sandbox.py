"""Runs a renderer in its confined process, and words what it answers (side of the child)."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from portfolio.files.confinement.give_up import confine
from portfolio.files.previews.preview_spec import Preview

REASONS: Final = ("damaged", "locked", "too_large", "absent")
_HEAD = struct.Struct(">?Q")  # before each answer: whether it is a refusal; how many bytes follow

Show = Callable[[BinaryIO, str, str], bytes | Preview]


class CannotShow(Exception):
    """The file cannot be previewed. reason: damaged | locked | too_large; absent for a page that it does not have."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def run(show: Show) -> None:
    """Makes the views that are asked for, one after the other, and exits. Standard input is the file, standard output
    the answers, each written as soon as it is there; both are real files.

    Only the first view may be refused. One after it that cannot be made ends the process, so that it is tried again as
    the first of another: the memory and the seconds that others took are no fault of its own. A page that the file
    does not have (`absent`) ends it too, with that answer: those behind it are not there either.
    """
    confine(sys.argv[1:4])
    kind, *wanted = sys.argv[4:]
    for place, what in enumerate(wanted):
        sys.stdin.buffer.seek(0)
        answer = _answer(show, kind, what)
        if isinstance(answer, CannotShow) and place and answer.reason != "absent":
            break
        _write(answer)
        if isinstance(answer, CannotShow):
            break
    sys.exit()


def _answer(show: Show, kind: str, what: str) -> bytes | CannotShow:
    try:
        view = show(sys.stdin.buffer, kind, what)
    except CannotShow as refusal:
        return refusal
    except MemoryError:
        return CannotShow("too_large")
    except Exception:  # each reader has its own exceptions for a damaged file
        return CannotShow("damaged")
    return view if isinstance(view, bytes) else json.dumps(vars(view)).encode()


def _write(answer: bytes | CannotShow) -> None:
    refused = isinstance(answer, CannotShow)
    content = answer.reason.encode() if isinstance(answer, CannotShow) else answer
    sys.stdout.buffer.write(_HEAD.pack(refused, len(content)) + content)
    sys.stdout.buffer.flush()


def answers_in(output: bytes) -> Iterator[bytes | CannotShow]:
    """Yields the answers that a process wrote, in the order in which they were asked for; what it was ended in the
    middle of is left out (side of the parent). output: as `run` writes it, or whatever an exploited reader wrote.
    """
    at = 0
    while at + _HEAD.size <= len(output):
        refused, length = _HEAD.unpack_from(output, at)
        at += _HEAD.size
        content = output[at : at + length]
        if len(content) < length:
            return
        at += length
        reason = content.decode(errors="replace") if refused else ""
        yield CannotShow(reason if reason in REASONS else "damaged") if refused else content
